"""The whole program with its window, in this process and on a screen of its own: for scripts that measure it."""

from __future__ import annotations

import functools
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from PySide6.QtWidgets import QApplication, QMainWindow

import main as program
from app.cli import run_command_line
from app.commands import window_run
from app.control import EngineConfig
from app.engine import Engine

SCREEN_TIMEOUT_S = 30.0
PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


@contextmanager
def screen_of_its_own() -> Iterator[dict[str, str]]:
    """An environment with a free screen (Xvfb) and empty folders for everything the program remembers."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL) as server,
    ):
        os.close(write_end)
        try:
            if not select.select([read_end], [], [], SCREEN_TIMEOUT_S)[0]:
                raise TimeoutError(f"Xvfb did not start within {SCREEN_TIMEOUT_S:g} s")
            places = {name: str(Path(folder) / name) for name in PLACES}
            Path(places["XDG_RUNTIME_DIR"]).mkdir(mode=0o700)
            hidden = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
            kept = {name: value for name, value in os.environ.items() if name not in hidden}
            yield {**kept, **places, "DISPLAY": f":{os.read(read_end, 16).decode().strip()}"}
        finally:
            os.close(read_end)
            server.terminate()


def run_window(arguments: Sequence[str], new_engine: Callable[[EngineConfig], Engine]) -> int:
    """`main.py run ARGUMENTS` with an engine of the caller's; `new_engine` is called when there is an application."""
    made = functools.partial(window_run.WindowRun, new_engine=new_engine)
    with mock.patch.object(window_run, "WindowRun", made):
        return run_command_line(["run", *arguments], program.show_window)


def measured_beside(
    module: str, arguments: Sequence[str], environment: dict[str, str], timeout_s: float
) -> dict[str, object]:
    """What `python -m MODULE ARGUMENTS`, a process of its own, says as JSON in the last line it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(f"the measured program ended with {done.returncode}")
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


def press(key: str) -> subprocess.Popen[bytes]:
    """A real key for the program's window (xdotool); without a window manager the focus has to be given first.

    Does not wait for it: the caller's thread is the one that has to take the key.
    """
    focus = ["search", "--onlyvisible", "--name", "Understudy", "windowfocus"]
    return subprocess.Popen(["xdotool", *focus, "key", key], stdout=subprocess.DEVNULL)


def main_window() -> QMainWindow:
    """The program's window in this process."""
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow))
