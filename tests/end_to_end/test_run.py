"""`main.py run` as a person runs it: a process of its own, real files, real exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image
from skimage.data import astronaut

from app.animators import default_model
from app.capture.devices import list_cameras
from tests.helpers.waiting import wait_for

MAIN = Path(__file__).resolve().parents[2] / "main.py"
TIMEOUT_S = 150.0
pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real face that may be used in tests."""
    path = tmp_path_factory.mktemp("portrait") / "astronaut.png"
    Image.fromarray(astronaut()).save(path)
    return path


def without_display() -> dict[str, str]:
    """This environment on a machine without a screen."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def understudy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end in `folder`."""
    command = [sys.executable, str(MAIN), "run", *arguments]
    return subprocess.run(
        command, cwd=folder, env=without_display(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def frames_in(movie: Path) -> int:
    with av.open(str(movie)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.slow
@pytest.mark.clips
def test_a_clip_drives_a_portrait_without_a_window(eval_clip: Path, picture: Path, tmp_path: Path) -> None:
    driven = ("--headless", "--camera", str(eval_clip), "--avatar", str(picture), "--virtual-camera", "none")
    done = understudy(tmp_path, *driven, "--duration", "3", "--stats", "s.json", "--record", "movie.mp4")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "s.json").read_text())
    assert report["frames"] > 3
    assert (report["model"], report["width"], report["height"]) == (default_model(), 1280, 720)
    assert report["first_frame_s"] > 0.5
    assert frames_in(tmp_path / "movie.mp4") > 3


@pytest.mark.slow
@pytest.mark.clips
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_ctrl_c_closes_the_recording_and_exits_with_130(eval_clip: Path, picture: Path, tmp_path: Path) -> None:
    driven = ("--headless", "--camera", str(eval_clip), "--avatar", str(picture), "--virtual-camera", "none")
    command = [sys.executable, str(MAIN), "run", *driven, "--record", "movie.mp4"]
    movie = tmp_path / "movie.mp4"
    with subprocess.Popen(command, cwd=tmp_path, env=without_display(), stderr=subprocess.PIPE, text=True) as running:
        try:
            wait_for(lambda: movie.exists() and movie.stat().st_size > 50_000, "a recording", timeout_s=TIMEOUT_S)
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == "Interrupted."
    assert frames_in(movie) > 3


@pytest.mark.slow
@pytest.mark.clips
def test_the_demo_without_a_display_writes_its_movie(eval_clip: Path, picture: Path, tmp_path: Path) -> None:
    chosen = ("--camera", str(eval_clip), "--avatar", str(picture), "--duration", "2")
    done = understudy(tmp_path, "--demo", *chosen)
    assert done.returncode == 0, done.stderr
    assert "The demo runs for 2 s without one and writes understudy-demo.mp4." in done.stderr
    assert frames_in(tmp_path / "understudy-demo.mp4") > 3


def test_a_run_without_a_display_is_refused_with_a_sentence(picture: Path, tmp_path: Path) -> None:
    done = understudy(tmp_path, "--avatar", str(picture))
    assert done.returncode == 3
    assert done.stderr.startswith("The window cannot be opened. ")
    assert len(done.stderr.splitlines()) == 1


def test_a_camera_file_that_is_missing_is_a_usage_problem(picture: Path, tmp_path: Path) -> None:
    done = understudy(tmp_path, "--headless", "--avatar", str(picture), "--camera", "nowhere.mp4")
    assert done.returncode == 2
    assert "nowhere.mp4" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(bool(list_cameras()), reason="this machine has a camera")
def test_a_machine_without_a_camera_says_so(picture: Path, tmp_path: Path) -> None:
    done = understudy(tmp_path, "--headless", "--avatar", str(picture))
    assert done.returncode == 3
    assert done.stderr == (
        "No camera was found. The system lists no camera that this program could read. "
        "Plug a camera in, or use a video file: --camera FILE.\n"
    )


def test_a_virtual_camera_asked_for_by_name_that_is_not_there_is_refused(picture: Path, tmp_path: Path) -> None:
    named = ("--virtual-camera", "no such camera", "--camera", "synthetic", "--duration", "1")
    done = understudy(tmp_path, "--headless", "--avatar", str(picture), *named)
    assert done.returncode == 3
    assert "The virtual camera could not be opened." in done.stderr
