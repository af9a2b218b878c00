"""The small parent starts the program again after crashes, and only then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.support import restarts
from app.support.restarts import is_crash, supervise

KILL_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

Spawn = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


def lives(told: list[list[str]], *codes: str) -> Spawn:
    """Children that run `codes`, one after the other."""
    left = list(codes)

    def spawn(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        told.append(list(arguments))
        return subprocess.Popen([sys.executable, "-c", left.pop(0)])

    return spawn


@pytest.mark.parametrize(
    ("code", "crash"),
    [(0, False), (1, True), (2, False), (3, False), (130, False), (-9, True), (-11, True), (-2, False), (-15, False)],
)
def test_what_the_program_says_itself_is_no_crash(code: int, crash: bool) -> None:
    assert is_crash(code) is crash
    assert is_crash(0xC0000005)


@pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")
def test_a_killed_program_is_started_again_with_the_away_card(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[list[str]] = []

    code = supervise(["run", "--restart-after-crash", "--demo"], lives(told, KILL_ITSELF, "import sys; sys.exit(3)"))

    assert code == 3
    assert told == [["run", "--demo"], ["run", "--demo", "--away"]]
    assert capsys.readouterr().err == f"{restarts.AGAIN}\n"


def test_without_a_window_nobody_could_come_back_so_it_goes_on() -> None:
    told: list[list[str]] = []

    supervise(["run", "--headless"], lives(told, "raise SystemExit(1)", ""))

    assert told == [["run", "--headless"]] * 2


def test_crashing_again_and_again_ends(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[list[str]] = []

    assert supervise(["run"], lives(told, *["raise SystemExit(1)"] * 5)) == 1
    assert len(told) == restarts.MOST_CRASHES
    assert (
        capsys.readouterr().err.splitlines()[-1].startswith("Understudy stopped unexpectedly 3 times within a minute")
    )


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_polite_end_of_the_parent_ends_the_program(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    child = f"import pathlib, signal; pathlib.Path({str(begun)!r}).touch(); signal.pause()"
    parent = (
        "import subprocess, sys; from app.support.restarts import supervise; "
        f"sys.exit(abs(supervise(['run'], lambda a: subprocess.Popen([sys.executable, '-c', {child!r}]))))"
    )
    from tests.helpers.waiting import wait_for

    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        wait_for(begun.exists, "the child", 60.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60.0) == signal.SIGTERM
