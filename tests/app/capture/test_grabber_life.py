"""The grabber process and the death of the program it works for; a real program, killed in several ways."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
SHARED_MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc and /dev/shm")

Start = Callable[[str], "Program"]


class Program:
    """A running `tests.helpers.webcam_parent`."""

    def __init__(self, fake: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.webcam_parent", fake],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.grabber_id = int(self.process.stdout.readline())
        self.memories = mapped_memories(self.process.pid)
        assert len(self.memories) == 1

    def end(self) -> str:
        """What it wrote to stderr, once it and its children have ended."""
        _, errors = self.process.communicate(timeout=20)
        return errors

    def left_memories(self) -> list[Path]:
        return [path for path in self.memories if path.exists()]


def mapped_memories(process_id: int) -> set[Path]:
    """The shared memory that a process uses."""
    lines = Path(f"/proc/{process_id}/maps").read_text().splitlines()
    return {Path(line.split()[-1]) for line in lines if f"{SHARED_MEMORY}/psm_" in line}


def is_running(process_id: int) -> bool:
    """Whether it lives; one that has ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def start() -> Iterator[Start]:
    programs: list[Program] = []

    def run(fake: str) -> Program:
        programs.append(Program(fake))
        return programs[-1]

    yield run
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


@pytest.mark.parametrize("fake", ["steady", "hangs_in_read"])
def test_the_grabber_ends_and_the_memory_is_removed_when_the_program_is_killed(start: Start, fake: str) -> None:
    program = start(fake)
    assert is_running(program.grabber_id)
    os.kill(program.process.pid, signal.SIGKILL)
    errors = program.end()

    wait_for(lambda: not is_running(program.grabber_id), "the end of the grabber")
    assert program.left_memories() == []
    assert errors == ""


def test_ctrl_c_in_the_terminal_prints_nothing_from_the_grabber(start: Start) -> None:
    program = start("steady")
    os.killpg(program.process.pid, signal.SIGINT)  # a terminal sends it to every process of the group
    errors = program.end()

    assert errors.count("Traceback") == 1  # the program's own, which this small one does not catch
    assert "Process understudy-grabber" not in errors
    assert "grabber_process.py" not in errors
    assert "resource_tracker" not in errors
    assert not is_running(program.grabber_id)
    assert program.left_memories() == []
