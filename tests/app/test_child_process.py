"""Children inherit file descriptor 2 for life, so none may be started while something else stands in for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from app.capture.grabber import Doorbell, Grabber
from app.capture.grabber_messages import GrabberOptions
from app.child_process import birth, stderr_lock
from app.output.camera_keeper import CameraKeeper
from app.output.camera_messages import KeeperOptions
from app.tracking.chatter import without_chatter
from tests.helpers.frames import plain

ROOT = Path(__file__).resolve().parents[2]
SIZE = (64, 96)


class StartedAt(Exception):
    """Ends the start of a child, which is all that is looked at."""


def grabber() -> object:
    return Grabber(GrabberOptions(index=0, backend=0), Doorbell())


def keeper() -> object:
    return CameraKeeper(KeeperOptions(SIZE)).start(plain((0, 0, 0), SIZE))


@pytest.mark.parametrize("start", [grabber, keeper])
def test_a_child_is_started_only_while_stderr_is_nobodys(
    start: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(process: SpawnProcess) -> None:
        raise StartedAt(stderr_lock.locked())

    monkeypatch.setattr(SpawnProcess, "start", note)
    with pytest.raises(StartedAt) as started:
        start()
    assert started.value.args == (True,)
    assert not stderr_lock.locked(), "a start that fails must not keep the lock"


def test_while_chatter_is_held_back_no_child_is_born() -> None:
    with without_chatter():
        assert not stderr_lock.acquire(blocking=False)
    with birth():
        assert not stderr_lock.acquire(blocking=False)
    assert not stderr_lock.locked()


def test_what_the_children_share_needs_the_standard_library_only() -> None:
    program = "import sys; before = set(sys.modules); import app.child_process; print(*set(sys.modules) - before)"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    packages = {name.split(".")[0] for name in result.stdout.decode().split()}
    assert "app" in packages
    assert packages <= {"app", "__mp_main__", *sys.stdlib_module_names}  # multiprocessing's name for the main module
