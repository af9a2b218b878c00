"""How the process ends, each time in a new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BEGIN = """
import atexit, sys, threading
from app.leaving import leave
atexit.register(lambda: print("farewell"))
print("said", end=" ")
"""

STUCK = """
from app.worker import Worker

class Stuck:
    name = "stuck"
    def open(self): begun.set()
    def step(self): threading.Event().wait()
    def release(self): pass
    def unblock(self): pass

begun = threading.Event()
Worker(Stuck(), lambda name, error: None).start()
begun.wait()
"""


def ended(code: str) -> tuple[int, str]:
    command = [sys.executable, "-c", BEGIN + code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_a_thread_that_cannot_be_stopped_does_not_meet_pythons_farewell() -> None:
    assert ended(STUCK + "leave(3)") == (3, "said")


def test_without_one_the_process_ends_as_any_other() -> None:
    assert ended("leave(3)") == (3, "said farewell")


def test_a_thread_of_a_library_that_called_python_once_is_none_of_ours() -> None:
    code = """
import _thread
done = threading.Event()
_thread.start_new_thread(lambda: (threading.current_thread(), done.set()), ())
done.wait()
leave(4)
"""
    assert ended(code) == (4, "said farewell")
