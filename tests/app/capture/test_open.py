from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.capture import devices
from app.capture.base import CaptureFormat
from app.capture.devices import ListedCamera
from app.capture.open import open_source
from app.capture.problems import NoCameraFound
from app.capture.synthetic import SyntheticSource
from app.capture.video_file import VideoFileSource
from app.capture.webcam import WebcamSource
from app.errors import UsageProblem
from tests.helpers.videos import write_video

FORMAT = CaptureFormat()


@pytest.fixture
def one_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "system_list", lambda: [ListedCamera(0, "Desk Camera", "/dev/video0", 200)])


@pytest.fixture
def no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "system_list", lambda: [])


def test_the_word_synthetic_is_the_test_source() -> None:
    assert isinstance(open_source("synthetic", FORMAT), SyntheticSource)


def test_a_file_that_exists_is_a_video(tmp_path: Path) -> None:
    source = open_source(str(write_video(tmp_path / "clip.mp4")), FORMAT)

    assert isinstance(source, VideoFileSource)
    assert source.name == "clip.mp4"


def test_a_file_without_a_suffix_is_a_video_when_it_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "clip.mp4").rename(tmp_path / "clip")
    monkeypatch.chdir(tmp_path)

    assert isinstance(open_source("clip", FORMAT), VideoFileSource)


@pytest.mark.usefixtures("one_camera")
@pytest.mark.parametrize("text", ["0", "Desk Camera", "/dev/video0"])
def test_anything_else_is_a_camera(text: str) -> None:
    source = open_source(text, FORMAT)

    assert isinstance(source, WebcamSource)
    assert source.name == "Desk Camera"


@pytest.mark.usefixtures("one_camera")
@pytest.mark.parametrize("text", ["nosuch.mp4", "folder/clip", "./clip", "NOSUCH.MKV", "a\0b.mp4", "x" * 5000 + ".mp4"])
def test_what_looks_like_a_path_and_is_not_there_is_a_missing_file(text: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        open_source(text, FORMAT)

    assert raised.value.exit_code == 2
    assert str(raised.value) == (
        f"There is no file {text}. Nothing is found at this path. Check its spelling and folder."
    )


@pytest.mark.usefixtures("no_camera")
@pytest.mark.parametrize("text", ["0", "/dev/v4l/by-id/usb-046d_C920-video-index0", r"\\?\usb#vid_046d"])
def test_the_id_of_a_camera_that_is_gone_is_no_missing_file(text: str) -> None:
    with pytest.raises(NoCameraFound):
        open_source(text, FORMAT)


@pytest.mark.parametrize("module", ["app.capture.base", "app.capture.open", "app.capture.stage", "app.capture.webcam"])
def test_importing_capture_loads_neither_opencv_nor_pyav(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('cv2', 'av', 'torch', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
