"""The proof that others see the virtual camera, with a real pyvirtualcam backend whose pictures can be read back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.capture.base import CameraLost
from app.capture.devices import ListedCamera
from app.output import camera_proof
from app.output.camera_messages import KeeperOptions
from app.output.camera_problems import explain_failure
from app.output.camera_proof import CameraProof, ProofVerdict, prove_virtual_camera, system_reader
from app.output.pixel_formats import converter_to
from app.packets import CapturedFrame
from tests.helpers.fake_camera import LOADER
from tests.helpers.waiting import pause

SIZE = (144, 256)
SYSTEMS = ("Linux", "Windows", "Darwin")
OF_OTHERS = {
    "Linux": ("OBS", "System Settings", "Privacy &"),
    "Windows": ("modprobe", "System Settings"),
    "Darwin": ("modprobe", "Settings, Privacy & security"),
}


class FileReader:
    """Reads what the fake camera was sent; `change` stands for what the system or another program makes of it."""

    name = "reader"

    def __init__(self, device: str, change: Callable[[np.ndarray], np.ndarray] | None = None) -> None:
        self._file, self._change = Path(device + ".frame"), change
        self.released = False

    def open(self) -> None:
        """Nothing to acquire."""

    def grab(self, timeout_s: float) -> CapturedFrame:
        deadline_s = time.monotonic() + timeout_s
        while True:
            data = self._file.read_bytes() if self._file.exists() else b""
            if len(data) == SIZE[0] * SIZE[1] * 3 // 2:
                break
            if time.monotonic() > deadline_s:
                raise TimeoutError("nothing yet")
            pause(0.005)
        planes = np.frombuffer(data, np.uint8).reshape(SIZE[0] * 3 // 2, SIZE[1])
        image = np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420))
        return CapturedFrame(1, self._change(image) if self._change else image, time.monotonic_ns(), self.name)

    def release(self) -> None:
        self.released = True

    def interrupt(self) -> None:
        """Nothing waits long."""


class SilentReader(FileReader):
    def grab(self, timeout_s: float) -> CapturedFrame:
        pause(timeout_s)
        raise TimeoutError("nothing")


class RefusingReader(FileReader):
    def open(self) -> None:
        raise CameraLost("The camera could not be opened.", why="Another program holds it.", fix="Close it.")


class PaperCamera:
    """Stands in for `VirtualCamera` where starting its process shows nothing new: writes what the backend would."""

    def __init__(self, away: np.ndarray, wanted: str, options: KeeperOptions) -> None:
        self.device = wanted

    def open(self) -> None:
        """Nothing to start."""

    def set_away_card(self, away: np.ndarray) -> None:
        Path(f"{self.device}.frame").write_bytes(converter_to("I420")(away).tobytes())

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_proof, "VirtualCamera", PaperCamera)


def prove(
    tmp_path: Path,
    reader: Callable[[str], FileReader | None] = FileReader,
    backend: str = "register",
    *,
    system: str = "Linux",
    timeout_s: float = 1.0,
) -> CameraProof:
    options = KeeperOptions(SIZE, backend_loader=LOADER + backend)
    return prove_virtual_camera(str(tmp_path / "camera.log"), options, reader, system, timeout_s)


def test_a_camera_that_shows_what_it_is_sent_is_proved(tmp_path: Path) -> None:
    proof = prove(tmp_path, timeout_s=20.0)
    assert (proof.verdict, proof.numbers, proof.mirrored, proof.fix) == (ProofVerdict.PROVED, 8, False, "")
    assert proof.delay_ms is not None
    assert proof.sentence == (
        f"Other programs see the pictures of “{tmp_path / 'camera.log'}”: 8 were read back, "
        f"{proof.delay_ms:.0f} ms after they were sent."
    )
    assert (tmp_path / "camera.log.closed").exists(), "it is given back"


def test_a_reader_may_scale_and_mirror(tmp_path: Path, paper: None) -> None:
    def change(image: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.asarray(cv2.resize(image, (320, 240)))[:, ::-1])

    proof = prove(tmp_path, lambda device: FileReader(device, change), timeout_s=20.0)
    assert (proof.verdict, proof.mirrored) == (ProofVerdict.PROVED, True)


def test_a_picture_that_stands_still_is_noticed(tmp_path: Path) -> None:
    first: list[np.ndarray] = []

    def freeze(image: np.ndarray) -> np.ndarray:
        first.append(image)
        return first[0]

    proof = prove(tmp_path, lambda device: FileReader(device, freeze))
    assert proof.verdict is ProofVerdict.FROZEN
    assert proof.sentence.endswith("camera.log” shows a picture that does not move.")
    assert proof.numbers == 1 < proof.pictures


def test_a_picture_that_freezes_after_a_while_is_noticed(tmp_path: Path, paper: None) -> None:
    seen: list[np.ndarray] = []

    def freeze(image: np.ndarray) -> np.ndarray:
        seen.append(image)
        return seen[min(3, len(seen) - 1)]

    assert prove(tmp_path, lambda device: FileReader(device, freeze)).verdict is ProofVerdict.FROZEN


def test_the_picture_of_another_program_is_noticed(tmp_path: Path) -> None:
    proof = prove(tmp_path, lambda device: FileReader(device, lambda image: np.full_like(image, 90)))
    assert proof.verdict is ProofVerdict.WRONG_PICTURE
    assert proof.sentence.endswith("shows another picture than the one that was sent to it.")


def test_the_pattern_of_another_proof_is_not_taken_for_ours(tmp_path: Path, paper: None) -> None:
    count = iter(range(1, 4000))

    def change(image: np.ndarray) -> np.ndarray:
        ours = camera_proof.read_code(image)
        assert ours is not None
        return camera_proof.draw_code((ours.series + 1) % camera_proof.SERIES, next(count), SIZE)

    assert prove(tmp_path, lambda device: FileReader(device, change)).verdict is ProofVerdict.WRONG_PICTURE


def test_a_camera_that_gives_no_pictures_is_noticed_and_the_reader_released(tmp_path: Path) -> None:
    readers: list[FileReader] = []

    def silent(device: str) -> FileReader:
        readers.append(SilentReader(device))
        return readers[0]

    proof = prove(tmp_path, silent)
    assert (proof.verdict, proof.pictures) == (ProofVerdict.NOTHING_READ, 0)
    assert readers[0].released


def test_a_reader_that_cannot_be_opened_says_why(tmp_path: Path, paper: None) -> None:
    proof = prove(tmp_path, RefusingReader)
    assert proof.verdict is ProofVerdict.NOTHING_READ
    assert proof.sentence.endswith("none could be read from it. Another program holds it.")


def test_a_camera_that_is_in_use_is_said(tmp_path: Path) -> None:
    busy = prove(tmp_path, backend="register_busy")
    assert busy.verdict is ProofVerdict.BUSY
    assert busy.sentence == (
        "The virtual camera could not be opened. Another program already sends to the video device."
    )
    assert busy.fix.startswith("Close the other program")


def test_a_camera_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing(PaperCamera):
        device = None  # type: ignore[assignment]

        def __init__(self, *_: object) -> None:
            """As one that was never opened."""

        def open(self) -> None:
            raise explain_failure("No v4l2 loopback device found", "Linux")

    monkeypatch.setattr(camera_proof, "VirtualCamera", Missing)
    missing = prove(tmp_path)
    assert (missing.verdict, missing.camera) == (ProofVerdict.UNAVAILABLE, None)
    assert missing.fix.endswith("card_label=Understudy")


def test_a_camera_that_no_program_could_choose_is_said(tmp_path: Path, paper: None) -> None:
    assert prove(tmp_path, lambda name: None).verdict is ProofVerdict.NOT_LISTED


@pytest.mark.parametrize("system", [*SYSTEMS, "FreeBSD"])
@pytest.mark.parametrize("verdict", list(camera_proof._FIXES))
def test_every_verdict_has_a_way_out_that_is_right_for_the_system(verdict: ProofVerdict, system: str) -> None:
    proof = camera_proof._judged(verdict, "cam", system)
    assert len(proof.fix) > 30
    assert not [other for other in OF_OTHERS.get(system, ("modprobe", "OBS")) if other in proof.fix]


def test_the_system_is_asked_for_the_camera_by_name_or_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path / "video10"
    device.touch()
    rows = [
        ListedCamera(0, "HD Webcam", "/dev/video0", 200),
        ListedCamera(3, "OBS Virtual Camera", str(device), 200),
    ]
    monkeypatch.setattr("app.capture.devices.system_list", lambda: rows)
    found = system_reader("obs virtual camera")
    assert found is not None
    assert found.name == "OBS Virtual Camera"
    assert system_reader("/dev/video9") is None
    assert system_reader("/dev/video0") is not None
