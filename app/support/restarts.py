"""A small parent process that starts the program again when it crashed: `run --restart-after-crash`.

It imports nothing heavy and touches no device. Between the two lives of the program the keeper process of the virtual
camera shows the away card, and the new life takes that keeper over.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from app.cli_parser import print_line
from app.support.identity import PROGRAM

FLAG = "--restart-after-crash"
AWAY = "--away"
EXIT_BUG = 1
MOST_CRASHES, WITHIN_S = 3, 60.0
"""More crashes in so short a time would go on for ever."""

NATIVE_FAULTS = 0xC0000000
"""From here on Windows numbers the ends of processes by faults of native code."""

AGAIN = "Understudy stopped unexpectedly and is started again; meanwhile others see the away card."
ENOUGH = (
    "Understudy stopped unexpectedly {count} times within a minute and is not started again. "
    "Reports of it are beside the log. Run main.py doctor, which says where that is."
)

Spawn = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


def supervise(arguments: Sequence[str], spawn: Spawn | None = None) -> int:
    """Run the program with `arguments` (of the command line, `run` first) until it ends as it should; its exit code.

    Started again it begins with the away card in a window, where a person can come back; without one it goes on.
    """
    told = [argument for argument in arguments if argument != FLAG]
    crashes: list[float] = []
    while True:
        code = _run_once(told, spawn or _spawn)
        if not is_crash(code):
            return code
        now_s = time.monotonic()
        crashes = [*(t_s for t_s in crashes if now_s - t_s < WITHIN_S), now_s]
        if len(crashes) >= MOST_CRASHES:
            print_line(ENOUGH.format(count=len(crashes)))
            return EXIT_BUG
        print_line(AGAIN)
        if "--headless" not in told and AWAY not in told:
            told.append(AWAY)


def is_crash(code: int) -> bool:
    """Whether an exit code is none of those that the program gives by itself; a polite end by signal is no crash."""
    asked = {-getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
    return code == EXIT_BUG or (code < 0 and code not in asked) or code >= NATIVE_FAULTS


def _spawn(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(PROGRAM / "main.py"), *arguments])


def _run_once(arguments: Sequence[str], spawn: Spawn) -> int:
    with spawn(arguments) as child, _signals_for(child):
        return child.wait()


@contextmanager
def _signals_for(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ctrl-C reaches the child by itself, through the terminal; what is sent to this process alone is passed on."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(OSError):
            child.send_signal(number)

    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = getattr(signal, name)
            before[number] = signal.signal(number, pass_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
