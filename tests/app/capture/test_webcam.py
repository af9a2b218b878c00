"""The webcam with a real grabber process, and cameras that misbehave in it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.capture import webcam
from app.capture.base import CameraDescription, CameraLost, CaptureFormat
from app.capture.problems import (
    CameraBusy,
    CameraDenied,
    CameraNotAnswering,
    GrabberEnded,
    NoFirstPicture,
    NoSharedMemory,
    PictureTooLarge,
)
from app.capture.stage import CaptureListeners, CaptureStage, RetryPolicy
from app.capture.webcam import WebcamPatience, WebcamSource
from app.errors import EnvironmentProblem
from app.packets import CapturedFrame
from app.slots import Closed, LatestSlot
from app.worker import Worker
from tests.helpers.waiting import wait_for

CAMERA = CameraDescription("usb-1", "Desk Camera", 0, 1)
SECOND_WAY = CameraDescription("usb-1", "Desk Camera", 3, 2)
IMPATIENT = WebcamPatience(open_s=0.5, first_picture_s=0.5, silent_s=0.5, frozen_s=0.3, failing_s=0.2)
SMALL = CaptureFormat(width=64, height=48)

MakeSource = Callable[..., WebcamSource]


@pytest.fixture
def source_of() -> Iterator[MakeSource]:
    """Makes a source around a fake of `tests.helpers.fake_webcams`, and releases it after the test."""
    made: list[WebcamSource] = []

    def make(fake: str, *ways: CameraDescription, patience: WebcamPatience = IMPATIENT) -> WebcamSource:
        opener = f"tests.helpers.fake_webcams:{fake}"
        source = WebcamSource(CAMERA, SMALL, patience, opener=opener, ways=lambda _: ways or (CAMERA,))
        made.append(source)
        return source

    yield make
    for source in made:
        source.release()


def is_running(process_id: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process_id, 0)
        return True
    return False


def grab_until_lost(source: WebcamSource, timeout_s: float = 10.0) -> CameraLost:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        try:
            source.grab(0.1)
        except TimeoutError:
            continue
        except CameraLost as error:
            return error
    raise AssertionError(f"the camera was not lost within {timeout_s:g} s")


def grab_many(source: WebcamSource, wanted: int) -> list[CapturedFrame]:
    frames: list[CapturedFrame] = []
    while len(frames) < wanted:
        with suppress(TimeoutError):
            frames.append(source.grab(2.0))
    return frames


def test_pictures_arrive_in_rgb_read_only_with_ids_and_stamps_that_grow(source_of: MakeSource) -> None:
    source = source_of("steady")
    source.open()
    t_before_ns = time.monotonic_ns()
    frames = grab_many(source, 20)

    last = frames[-1]
    assert last.image.shape == (48, 64, 3)
    assert last.image[5, 5].tolist() == [200, 20, last.frame_id % 256]
    assert not last.image.flags.writeable
    assert last.source == "Desk Camera"
    assert all(a.frame_id < b.frame_id and a.t_capture_ns < b.t_capture_ns for a, b in pairwise(frames))
    assert t_before_ns < last.t_capture_ns < time.monotonic_ns()


def test_a_slow_program_gets_the_newest_picture_and_not_the_next_one(source_of: MakeSource) -> None:
    source = source_of("steady")
    source.open()
    before = grab_many(source, 1)[0]
    wait_for(lambda: time.monotonic_ns() - before.t_capture_ns > 300_000_000, "0.3 s")
    after = grab_many(source, 1)[0]

    assert after.frame_id - before.frame_id > 10
    assert time.monotonic_ns() - after.t_capture_ns < 200_000_000


def test_after_release_no_process_is_left_and_the_camera_can_be_opened_again(source_of: MakeSource) -> None:
    source = source_of("steady")
    source.open()
    last_id = grab_many(source, 3)[-1].frame_id
    process_id = source.process_id
    assert process_id is not None
    source.release()
    source.release()

    assert not is_running(process_id)
    source.open()
    assert grab_many(source, 1)[0].frame_id > last_id


@pytest.mark.parametrize(
    ("fake", "why"),
    [
        ("hangs_in_read", "It has given no picture for 0.5 s."),
        ("repeats", "It has given the same picture for 0.3 s."),
        ("fails_after_a_while", "It was unplugged, or another program took it."),
        ("changes_size", "It changed the size of its pictures to 32x24."),
        ("crashes", "The process that reads it ended: RuntimeError: bad pointer."),
    ],
)
def test_a_camera_that_stops_is_lost_with_its_reason(source_of: MakeSource, fake: str, why: str) -> None:
    source = source_of(fake)
    source.open()

    error = grab_until_lost(source)

    assert error.exit_code == 3
    assert str(error) == (
        f"The camera Desk Camera stopped. {why} Check its cable; it is opened again by itself as soon as that works."
    )


def test_a_picture_that_only_repeats_is_not_handed_over_again(source_of: MakeSource) -> None:
    source = source_of("repeats")
    source.open()

    ids: list[int] = []

    def grab_for_ever() -> None:
        while True:
            with suppress(TimeoutError):
                ids.append(source.grab(0.1).frame_id)

    with pytest.raises(CameraLost):
        grab_for_ever()
    assert 1 <= ids[-1] <= 6, "five that move, and the one that stays"


def test_who_asks_for_it_gets_repeated_pictures_too(source_of: MakeSource) -> None:
    source = source_of("repeats", patience=replace(IMPATIENT, frozen_s=None))
    source.open()

    assert grab_many(source, 30)[-1].frame_id >= 30


def test_a_process_that_hangs_in_the_driver_is_killed_within_a_second_and_a_half(source_of: MakeSource) -> None:
    source = source_of("hangs_in_read")
    source.open()
    process_id = source.process_id
    assert process_id is not None
    begun_s = time.monotonic()
    source.release()

    assert time.monotonic() - begun_s < 1.5
    assert not is_running(process_id)


def test_a_process_that_dies_is_a_lost_camera(source_of: MakeSource) -> None:
    source = source_of("steady")
    source.open()
    assert source.process_id is not None
    os.kill(source.process_id, 9)

    assert "The process that reads it ended: exit code -9." in str(grab_until_lost(source))


@pytest.mark.parametrize(
    ("fake", "kind", "sentence"),
    [
        (
            "refuses",
            CameraBusy,
            "The camera Desk Camera could not be opened. Another program is probably using it. "
            "Close the other program, or choose another camera.",
        ),
        (
            "raises_on_open",
            CameraBusy,
            "The camera Desk Camera could not be opened. Another program is probably using it "
            "(device or resource busy). Close the other program, or choose another camera.",
        ),
        (
            "hangs_in_open",
            CameraNotAnswering,
            "The camera Desk Camera could not be opened. Its driver did not answer within 0.5 s. "
            "Plug it in again, or choose another camera.",
        ),
        (
            "hangs_at_once",
            NoFirstPicture,
            "The camera Desk Camera gives no picture. It was opened, but nothing came within 0.5 s. "
            "Plug it in again, or choose another camera.",
        ),
        (
            "never_a_picture",
            NoFirstPicture,
            "The camera Desk Camera gives no picture. It was opened, but nothing came within 0.2 s. "
            "Plug it in again, or choose another camera.",
        ),
        (
            "absurdly_large",
            PictureTooLarge,
            "The camera Desk Camera cannot be used. Its pictures of 9000x1 are too large. "
            "Choose a smaller size in its own settings, or another camera.",
        ),
        (
            "missing_in_the_module",
            GrabberEnded,
            "The camera Desk Camera could not be opened. The process that reads it ended: AttributeError: module "
            "'tests.helpers.fake_webcams' has no attribute 'missing_in_the_module'. "
            "Try again, or choose another camera.",
        ),
    ],
)
def test_a_camera_that_cannot_be_opened_says_why(
    source_of: MakeSource, fake: str, kind: type[EnvironmentProblem], sentence: str
) -> None:
    source = source_of(fake)

    with pytest.raises(kind) as raised:
        source.open()

    assert str(raised.value) == sentence
    assert raised.value.exit_code == 3
    assert source.process_id is None


def test_a_camera_that_may_not_be_read_says_how_to_get_permission(
    source_of: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webcam, "fix_for_denied", lambda index: "Ask for it.")

    with pytest.raises(CameraDenied) as raised:
        source_of("refuses").open()

    assert str(raised.value) == (
        "The camera Desk Camera may not be used. The system does not let this program read it. Ask for it."
    )


def test_the_next_backend_is_tried_when_the_first_gives_no_picture(source_of: MakeSource) -> None:
    source = source_of("only_backend_2", CAMERA, SECOND_WAY)
    source.open()

    assert grab_many(source, 1)[0].image.shape == (48, 64, 3)


def test_too_little_shared_memory_is_said_before_it_is_used(
    source_of: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.capture.grabber.free_shared_memory", lambda: 1000)

    with pytest.raises(NoSharedMemory) as raised:
        source_of("steady").open()

    assert str(raised.value) == (
        "The camera Desk Camera could not be opened. Its pictures need 1 MB of shared memory and 0 MB are free. "
        "Close other programs, or give the container more (docker run --shm-size=256m)."
    )


def test_the_grabber_process_imports_opencv_and_nothing_heavier(source_of: MakeSource) -> None:
    with pytest.raises(CameraBusy) as raised:
        source_of("tells_what_is_loaded").open()

    assert "(cv2 [])" in str(raised.value)


class Waiting:
    """Waits in `call` on a thread of its own until it is interrupted."""

    name = "waiting"

    def __init__(self, source: WebcamSource, call: Callable[[], object]) -> None:
        self._source, self._call = source, call

    def open(self) -> None:
        """Nothing to acquire."""

    def step(self) -> None:
        with suppress(TimeoutError):
            self._call()

    def release(self) -> None:
        self._source.release()

    def unblock(self) -> None:
        self._source.interrupt()


@pytest.mark.parametrize("fake", ["hangs_in_open", "hangs_in_read"])
def test_interrupt_ends_a_waiting_open_and_a_waiting_grab(source_of: MakeSource, fake: str) -> None:
    patient = WebcamPatience(open_s=60.0, silent_s=60.0)
    source = WebcamSource(CAMERA, SMALL, patient, opener=f"tests.helpers.fake_webcams:{fake}", ways=lambda _: (CAMERA,))
    failures: list[Exception] = []
    if fake == "hangs_in_read":
        source.open()
    call = source.open if fake == "hangs_in_open" else lambda: source.grab(60.0)
    worker = Worker(Waiting(source, call), lambda _, error: failures.append(error))
    worker.start()
    worker.stop(2.0)

    assert failures == []
    assert source.process_id is None


def test_the_stage_tells_of_the_loss_and_has_the_camera_back_by_itself(source_of: MakeSource) -> None:
    """From end to end: a process whose camera fails, its end, a pause, a new process, pictures again."""
    lost, recovered = threading.Event(), threading.Event()
    listeners = CaptureListeners(lost=lambda _: lost.set(), recovered=recovered.set)
    outbox: LatestSlot[CapturedFrame] = LatestSlot("captured")
    stage = CaptureStage(lambda: source_of("fails_after_a_while"), outbox, listeners, RetryPolicy(first_s=0.05))
    failures: list[Exception] = []
    worker = Worker(stage, lambda _, error: failures.append(error))
    worker.start()
    was_lost, was_recovered = lost.wait(30.0), recovered.wait(30.0)
    worker.stop()

    assert (was_lost, was_recovered, failures) == (True, True, [])


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts in /proc")
def test_opening_and_releasing_leaves_no_file_handle() -> None:
    def cycle() -> None:
        source = WebcamSource(CAMERA, SMALL, opener="tests.helpers.fake_webcams:steady", ways=lambda _: (CAMERA,))
        source.open()
        source.grab(5.0)
        source.release()

    cycle()  # the first one starts the process that keeps account of shared memory
    before = len(os.listdir("/proc/self/fd"))
    cycle()
    cycle()

    assert len(os.listdir("/proc/self/fd")) == before


def test_an_interrupted_source_stays_closed(source_of: MakeSource) -> None:
    source = source_of("steady")
    source.open()
    source.interrupt()
    source.interrupt()

    with pytest.raises(Closed):
        source.grab(1.0)


def test_a_source_that_is_not_open_cannot_be_grabbed_from(source_of: MakeSource) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        source_of("steady").grab(0.1)
