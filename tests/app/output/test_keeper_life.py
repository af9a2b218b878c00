"""What the keeper does when the program around it dies or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.output import camera_keeper
from app.output.camera_keeper import CameraKeeper
from app.output.camera_messages import KeeperOptions
from app.output.camera_problems import VirtualCameraUnavailable
from tests.helpers.fake_camera import LOADER, frames_of
from tests.helpers.frames import plain
from tests.helpers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
SIZE = (64, 96)
RED, BLUE = (200, 0, 0), (0, 0, 200)

needs_posix = pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A running program with a camera, its keeper's pid and the camera's log."""
    log = tmp_path / "camera.log"
    arguments = [sys.executable, "-m", "tests.helpers.camera_parent", str(log), "1.5"]
    errors = (tmp_path / "stderr").open("w")
    with errors, subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        assert process.stdout is not None
        keeper_pid = int(process.stdout.readline())
        wait_for(lambda: is_blue(log), "live frames")
        yield process, keeper_pid, log
        process.kill()
    wait_for(lambda: not psutil.pid_exists(keeper_pid), "the end of the keeper")


def publish_for_ever(keeper: CameraKeeper) -> None:
    while True:
        keeper.publish(plain(BLUE, SIZE))


def is_blue(log: Path) -> bool:
    frames = frames_of(log)
    return bool(frames) and bool(frames[-1].quarters[0, 2] > 150)


def is_red(log: Path) -> bool:
    frames = frames_of(log)
    return bool(frames) and bool(frames[-1].quarters[0, 0] > 150)


@needs_posix
def test_a_killed_program_leaves_the_away_card_for_a_while(
    program: tuple[subprocess.Popen[str], int, Path], tmp_path: Path
) -> None:
    process, keeper_pid, log = program
    before = frames_of(log)[-1].t_ns
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: is_red(log), "the away card after the death of the program")
    wait_for(lambda: not psutil.pid_exists(keeper_pid), "the end of the keeper")
    shown_s = (frames_of(log)[-1].t_ns - before) / 1e9
    assert 1.3 < shown_s < 2.2, "the card stays as long as was asked for, here 1.5 s"
    assert Path(f"{log}.closed").exists(), "the camera was closed in order"
    assert (tmp_path / "stderr").read_text() == "", "no complaint about leaked shared memory"


@needs_posix
def test_ctrl_c_does_not_reach_the_keeper(program: tuple[subprocess.Popen[str], int, Path]) -> None:
    _, keeper_pid, log = program
    for signal_number in (signal.SIGINT, signal.SIGHUP):
        os.kill(keeper_pid, signal_number)
    seen = len(frames_of(log))
    wait_for(lambda: len(frames_of(log)) > seen + 5, "frames after Ctrl-C")


def test_a_hung_keeper_is_reported_and_never_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_keeper, "HUNG_AFTER_S", 0.5)
    log = tmp_path / "camera.log"
    options = KeeperOptions(SIZE, device=str(log), backend_loader=LOADER + "register_hanging")
    keeper = CameraKeeper(options)
    keeper.start(plain(RED, SIZE))
    wait_for(lambda: len(frames_of(log)) == 1, "the frame in which it hangs")
    with pytest.raises(VirtualCameraUnavailable, match=r"has not answered for 0\.5 s"):
        publish_for_ever(keeper)
    assert keeper.dropped > 0, "frames beyond the pipe's room are dropped"
    keeper.close()


@needs_posix
def test_a_keeper_is_not_taken_for_hung_after_the_whole_machine_was_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen_s = [0.0]
    real_s = time.monotonic
    monkeypatch.setattr("app.output.camera_keeper.time.monotonic", lambda: real_s() + frozen_s[0])
    log = tmp_path / "camera.log"
    keeper = CameraKeeper(KeeperOptions(SIZE, device=str(log), backend_loader=LOADER + "register"))
    keeper.start(plain(RED, SIZE))
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGSTOP)
    for _ in range(4):
        keeper.publish(plain(BLUE, SIZE))
        frozen_s[0] += 60.0
    os.kill(keeper.pid, signal.SIGCONT)
    wait_for(lambda: is_blue(log), "the frames")
    keeper.publish(plain(BLUE, SIZE))
    keeper.close()


def test_a_keeper_that_never_opens_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_keeper, "START_TIMEOUT_S", 0.0)
    keeper = CameraKeeper(KeeperOptions(SIZE, device=str(tmp_path / "log"), backend_loader=LOADER + "register"))
    with pytest.raises(VirtualCameraUnavailable, match=r"has not answered for 0 s"):
        keeper.start(plain(RED, SIZE))
    assert keeper.pid is None


def test_a_backend_that_cannot_be_loaded_is_reported(tmp_path: Path) -> None:
    keeper = CameraKeeper(KeeperOptions(SIZE, device=str(tmp_path / "log"), backend_loader="tests.nowhere:register"))
    with pytest.raises(VirtualCameraUnavailable, match=r"ModuleNotFoundError: No module named 'tests\.nowhere'"):
        keeper.start(plain(RED, SIZE))
