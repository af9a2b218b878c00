"""The virtual camera end to end: a real pyvirtualcam backend in a real keeper process writes down what it gets."""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Iterator
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.capture.base import CapturedFrame
from app.output.camera_messages import KeeperOptions
from app.output.camera_problems import VirtualCameraUnavailable
from app.output.frame_ring import FrameRing
from app.output.pixel_formats import converter_to
from app.output.virtual_camera import VirtualCamera, probe_virtual_camera
from app.packets import RenderedFrame
from tests.helpers.fake_camera import LOADER, frames_of, opening_of
from tests.helpers.frames import plain, quarters, rendered
from tests.helpers.waiting import pause, wait_for

RED, GREEN, BLUE, GREY, BLACK = (200, 0, 0), (0, 200, 0), (0, 0, 200), (90, 90, 90), (0, 0, 0)
SMALL = (64, 96)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "camera.log"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualCamera]:
    """A small open camera, shared by the tests that change nothing but what it shows."""
    camera = camera_on(tmp_path_factory.mktemp("camera") / "camera.log", SMALL)
    camera.open()
    yield camera
    camera.close()


@pytest.fixture
def shared_log(opened: VirtualCamera) -> Path:
    """The log of `opened`, which shows its red away card again."""
    log = Path(str(opened.device))
    opened.set_away_card(plain(RED, SMALL))
    wait_for(lambda: shows(log, RED), "the away card")
    return log


def camera_on(log: Path, size: tuple[int, int] = SMALL, backend: str = "register", **times: float) -> VirtualCamera:
    options = KeeperOptions(size, backend_loader=LOADER + backend, **times)
    return VirtualCamera(plain(RED, size), str(log), options)


def send_for_ever(camera: VirtualCamera) -> None:
    while True:
        camera.send(rendered(plain(BLUE, SMALL)))
        pause(0.01)


def shows(log: Path, colour: tuple[int, int, int]) -> bool:
    """Whether the newest frame in the log has this colour all over."""
    frames = frames_of(log)
    return bool(frames) and bool(np.abs(frames[-1].quarters.astype(int) - colour).max() <= 4)


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the shared memory taken while the test runs."""
    names: list[str] = []
    create = FrameRing.create

    def remember(size: tuple[int, int]) -> FrameRing:
        ring = create(size)
        names.append(ring.name)
        return ring

    monkeypatch.setattr(FrameRing, "create", remember)
    return names


def nothing_is_left(rings: list[str], processes_before: set[BaseProcess]) -> bool:
    for name in rings:
        with pytest.raises(FileNotFoundError):
            FrameRing.attach(name, SMALL)
    return bool(rings) and not set(active_children()) - processes_before


@pytest.mark.parametrize("animator_fps", [10, 60])
def test_thirty_frames_a_second_arrive_however_fast_the_animator_is(log: Path, animator_fps: int) -> None:
    camera = camera_on(log, (720, 1280))
    camera.open()
    # Three, because every second one of two that take turns is always the same one.
    pictures = [quarters([GREY, GREY, GREY, colour]) for colour in (GREEN, BLUE, BLACK)]
    start_s = time.monotonic()
    number = 0
    while time.monotonic() - start_s < 3.0:
        number += 1
        camera.send(rendered(pictures[number % 3], number))
        pause(max(0.0, start_s + number / animator_fps - time.monotonic()))
    camera.close()
    frames = [f for f in frames_of(log) if f.quarters[0].max() < 100]  # past the red card
    fps = (len(frames) - 1) / ((frames[-1].t_ns - frames[0].t_ns) / 1e9)
    assert fps == pytest.approx(30, abs=1)
    assert {f.size for f in frames} == {1280 * 720 * 3 // 2}
    arrived, whole = {f.crc for f in frames}, {zlib.crc32(converter_to("I420")(picture)) for picture in pictures}
    assert arrived <= whole, "nothing but the pictures that were sent, whole, arrives"
    assert len(arrived) >= 2


def test_no_frame_is_torn_however_fast_frames_are_handed_over(log: Path) -> None:
    camera = camera_on(log, (720, 1280))
    camera.open()
    two = [rendered(plain(colour, (720, 1280))) for colour in (GREEN, BLUE)]
    start_s, number = time.monotonic(), 0
    while time.monotonic() - start_s < 1.0:
        number += 1
        camera.send(two[number % 2])
    camera.close()
    frames = frames_of(log)
    assert {f.crc for f in frames} == {f.crc for f in frames if (f.quarters == f.quarters[0]).all()}
    assert 2 <= len({f.crc for f in frames}) <= 3, "the card and the two pictures, whole"


def test_the_picture_arrives_upright_and_in_its_colours(opened: VirtualCamera, shared_log: Path) -> None:
    image = quarters([(220, 30, 30), (30, 220, 30), (30, 30, 220), (240, 240, 240)], SMALL)
    opened.send(rendered(image))
    wanted = image[16::32, 24::48].reshape(4, 3).astype(int)

    def arrived() -> bool:
        frames = frames_of(shared_log)
        return bool(frames) and bool(np.abs(frames[-1].quarters - wanted).max() <= 6)

    wait_for(arrived, "the four quarters")


def test_the_away_card_is_there_from_the_start(opened: VirtualCamera) -> None:
    log = Path(str(opened.device))
    wait_for(lambda: len(frames_of(log)) > 0, "a frame without any frame having been sent")
    assert np.abs(frames_of(log)[0].quarters.astype(int) - RED).max() <= 4


def test_the_last_frame_is_repeated_and_after_a_second_the_away_card_shows(
    opened: VirtualCamera, shared_log: Path
) -> None:
    before = len(frames_of(shared_log))
    opened.send(rendered(plain(BLUE, SMALL)))
    wait_for(lambda: shows(shared_log, BLUE), "the frame")
    wait_for(lambda: shows(shared_log, RED), "the away card")
    blue = [f for f in frames_of(shared_log)[before:] if f.quarters[0, 2] > 150]
    shown_s = (blue[-1].t_ns - blue[0].t_ns) / 1e9
    assert shown_s == pytest.approx(1.0, abs=0.15)
    assert len(blue) == pytest.approx(30, abs=4)


def test_frames_after_the_away_card_are_live_again(opened: VirtualCamera, shared_log: Path) -> None:
    opened.send(rendered(plain(BLUE, SMALL), 1))
    wait_for(lambda: shows(shared_log, BLUE), "the first frame")
    wait_for(lambda: shows(shared_log, RED), "the away card")
    opened.send(rendered(plain(GREEN, SMALL), 2))
    wait_for(lambda: shows(shared_log, GREEN), "the second frame")


def test_the_away_card_can_be_replaced(opened: VirtualCamera, shared_log: Path) -> None:
    opened.set_away_card(plain(GREEN, SMALL))
    wait_for(lambda: shows(shared_log, GREEN), "the other card")
    opened.set_away_card(plain(GREY, (10, 15)))
    wait_for(lambda: shows(shared_log, GREY), "a card of another size")


def test_a_card_set_while_closed_is_the_one_shown(log: Path) -> None:
    camera = camera_on(log)
    camera.set_away_card(plain(GREEN, SMALL))
    camera.open()
    wait_for(lambda: shows(log, GREEN), "the card set before")
    camera.close()


def test_frames_are_told_when_the_camera_has_been_given_them(opened: VirtualCamera, shared_log: Path) -> None:
    opened.take_shown()
    told: list[tuple[RenderedFrame, int]] = []
    t_start_ns = time.monotonic_ns()

    def enough() -> bool:
        opened.send(rendered(plain(BLUE, SMALL), len(told) + 1))
        told.extend(opened.take_shown())
        return len(told) >= 3

    wait_for(enough, "three frames given to the camera")
    written = {f.t_ns for f in frames_of(shared_log)}
    for frame, t_ns in told:
        assert type(frame) is RenderedFrame
        assert t_start_ns < t_ns <= time.monotonic_ns()
        assert min(abs(t_ns - t) for t in written) < 50_000_000, "the time at which the backend got a frame"


def test_a_frame_of_another_size_is_fitted(opened: VirtualCamera, shared_log: Path) -> None:
    opened.send(rendered(plain(BLUE, (32, 48))))
    wait_for(lambda: shows(shared_log, BLUE), "the frame")


def test_a_camera_that_takes_only_rgb_gets_rgb(log: Path) -> None:
    camera = camera_on(log, backend="register_rgb_only")
    camera.open()
    wait_for(lambda: shows(log, RED), "the card")
    camera.close()
    assert frames_of(log)[-1].size == SMALL[0] * SMALL[1] * 3


def test_the_keeper_loads_neither_torch_nor_qt_nor_mediapipe(opened: VirtualCamera, shared_log: Path) -> None:
    modules = opening_of(shared_log)["modules"]
    assert isinstance(modules, list)
    packages = {name.split(".")[0] for name in modules}
    assert "pyvirtualcam" in packages
    assert not packages & {"torch", "PySide6", "mediapipe", "av"}
    assert "pyvirtualcam" not in sys.modules, "its licence keeps it out of this process"


def test_opening_twice_keeps_the_one_camera(opened: VirtualCamera, shared_log: Path) -> None:
    pid = opened.keeper_pid
    opened.open()
    assert opened.keeper_pid == pid
    assert opened.device == str(shared_log)


@pytest.mark.parametrize("wrong", [plain(BLUE, SMALL), None, CapturedFrame(1, plain(BLUE, SMALL), 0, "camera")])
def test_nothing_but_a_rendered_frame_is_accepted(opened: VirtualCamera, wrong: object) -> None:
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame"):
        opened.send(wrong)  # type: ignore[arg-type]


def test_a_closed_camera_refuses_frames(log: Path) -> None:
    with pytest.raises(ValueError, match="not open"):
        camera_on(log).send(rendered(plain(BLUE, SMALL)))


def test_closing_leaves_no_process_and_no_memory_and_it_opens_again(log: Path, rings: list[str]) -> None:
    before = set(active_children())
    camera = camera_on(log)
    for _ in range(2):
        camera.open()
        pid = camera.keeper_pid
        assert pid is not None
        camera.send(rendered(plain(BLUE, SMALL)))
        start_s = time.monotonic()
        camera.close()
        camera.close()
        assert time.monotonic() - start_s < 1.0
        assert not psutil.pid_exists(pid)
    assert len(rings) == 2
    assert nothing_is_left(rings, before)
    assert log.with_suffix(".log.closed").exists(), "the camera was closed in order, not killed"


def test_a_camera_in_use_is_said_in_words_and_leaves_nothing_behind(log: Path, rings: list[str]) -> None:
    before = set(active_children())
    camera = camera_on(log, backend="register_busy")
    with pytest.raises(VirtualCameraUnavailable) as problem:
        camera.open()
    assert problem.value.exit_code == 3
    assert problem.value.what == "The virtual camera could not be opened."
    assert "already" in problem.value.why
    assert (camera.device, camera.keeper_pid) == (None, None)
    assert nothing_is_left(rings, before)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the v4l2loopback backend")
def test_the_real_backend_is_asked_and_its_refusal_explained(tmp_path: Path, rings: list[str]) -> None:
    before = set(active_children())
    with pytest.raises(VirtualCameraUnavailable) as problem:
        probe_virtual_camera(str(tmp_path / "no-such-device"))
    assert problem.value.why == "There is no video device of that name."
    assert nothing_is_left(rings, before)


def test_probing_names_the_camera_and_closes_it(log: Path) -> None:
    options = KeeperOptions(SMALL, backend_loader=LOADER + "register")
    assert probe_virtual_camera(str(log), options) == str(log)
    assert log.with_suffix(".log.closed").exists()


def test_a_driver_that_hangs_is_killed_on_close(log: Path) -> None:
    camera = camera_on(log, backend="register_hanging")
    camera.open()
    pid = camera.keeper_pid
    assert pid is not None
    wait_for(lambda: len(frames_of(log)) == 1, "the frame in which it hangs")
    camera.send(rendered(plain(BLUE, SMALL)))
    start_s = time.monotonic()
    camera.close()
    assert time.monotonic() - start_s < 1.0
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        ("register_breaking", "no video device of that name"),
        ("register_crashing", r"ended unexpectedly \(exit code 9\)"),
    ],
)
def test_a_camera_that_fails_later_is_reported_and_closed(log: Path, backend: str, why: str) -> None:
    camera = camera_on(log, backend=backend)
    camera.open()
    with pytest.raises(VirtualCameraUnavailable, match=why) as problem:
        send_for_ever(camera)
    assert problem.value.what == "The virtual camera stopped working."
    assert (camera.device, camera.keeper_pid) == (None, None), "the next open starts a new keeper"
