from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from app.clock import NS_PER_MS, NS_PER_S
from app.packets import CapturedFrame, FaceObservation, TrackedFrame
from app.slots import Closed, LatestSlot
from app.tracking.stage import MAX_ERRORS_IN_A_ROW, TrackingFailed, TrackingStage
from app.worker import Worker
from models.types import ImageArray
from tests.helpers.faces import seen_at

PICTURE = np.zeros((720, 1280, 3), np.uint8)


class SetClock:
    """Shows what it is set to."""

    t_ns = 10 * NS_PER_S

    def now_ns(self) -> int:
        return self.t_ns

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        raise AssertionError("tracking waits on its inbox only")


@dataclass
class ToldTracker:
    """Says what it is told to; `broken` makes it fail."""

    faces: list[FaceObservation] = field(default_factory=list)
    times_ns: list[int] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    broken: bool = False
    closed: int = 0

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        self.times_ns.append(t_capture_ns)
        self.threads.add(threading.current_thread().name)
        if self.broken:
            raise RuntimeError("graph has errors")
        return self.faces

    def close(self) -> None:
        self.closed += 1
        self.threads.add(threading.current_thread().name)


class Bench:
    """A stage with its slots, stepped by hand."""

    def __init__(self, tracker: ToldTracker, crop_px: int | None = None) -> None:
        self.inbox: LatestSlot[CapturedFrame] = LatestSlot("captured")
        self.outbox: LatestSlot[TrackedFrame] = LatestSlot("tracked")
        self.clock = SetClock()
        self.stage = TrackingStage(self.inbox, self.outbox, lambda: tracker, self.clock, lambda: crop_px)

    def step(self, frame_id: int, t_ns: int, image: ImageArray = PICTURE) -> TrackedFrame:
        self.inbox.put(CapturedFrame(frame_id, image, t_ns, "test"))
        self.stage.step()
        return self.outbox.get(timeout_s=1)


def test_a_tracked_frame_carries_the_face_and_both_times() -> None:
    face = seen_at((640, 360))
    bench = Bench(ToldTracker([face]))
    bench.stage.open()
    tracked = bench.step(7, 11 * NS_PER_S)
    assert tracked == TrackedFrame(7, 11 * NS_PER_S, face, t_tracked_ns=bench.clock.t_ns, face_crop=None)


def test_no_face_is_a_tracked_frame_too() -> None:
    bench = Bench(ToldTracker())
    bench.stage.open()
    assert bench.step(1, 11 * NS_PER_S).observation is None


def test_the_tracker_is_run_once_before_the_first_frame() -> None:
    tracker = ToldTracker([seen_at((100, 100), 400)])
    bench = Bench(tracker)
    bench.stage.open()
    assert len(tracker.times_ns) == 1
    tracker.faces = [seen_at((900, 300), 120)]
    assert bench.step(1, 11 * NS_PER_S).observation is tracker.faces[0]  # the warm-up bound the lock to nobody


def test_the_trackers_time_rises_strictly_even_if_the_source_begins_anew() -> None:
    tracker = ToldTracker()
    bench = Bench(tracker)
    bench.stage.open()
    stamps = [11 * NS_PER_S, 11 * NS_PER_S, 3, 12 * NS_PER_S]
    tracked = [bench.step(k, t_ns).t_capture_ns for k, t_ns in enumerate(stamps)]
    assert (np.diff(tracker.times_ns) > 0).all()
    assert tracked == stamps


def test_the_same_person_is_followed_until_told_otherwise() -> None:
    mine, bigger = seen_at((300, 300), 150), seen_at((900, 300), 300)
    tracker = ToldTracker([mine])
    bench = Bench(tracker)
    bench.stage.open()
    bench.step(1, 11 * NS_PER_S)
    tracker.faces = [bigger, mine]
    assert bench.step(2, 11 * NS_PER_S + 33 * NS_PER_MS).observation is mine
    bench.stage.choose_again()
    assert bench.step(3, 11 * NS_PER_S + 66 * NS_PER_MS).observation is bigger


def test_the_drivers_pixels_are_cropped_only_when_asked_for() -> None:
    picture = PICTURE.copy()
    picture[300:400, 600:700] = 200
    face = seen_at((650, 350), 200)
    assert Bench(ToldTracker([face])).stage is not None
    bench = Bench(ToldTracker([face]), crop_px=128)
    bench.stage.open()
    crop = bench.step(1, 11 * NS_PER_S, picture).face_crop
    assert crop is not None
    assert crop.image.shape == (128, 128, 3)
    assert crop.image[68, 64].tolist() == [200, 200, 200]
    assert crop.image[5, 5].tolist() == [0, 0, 0]


def test_the_square_of_the_crop_stays_until_another_person_is_chosen() -> None:
    tracker = ToldTracker([seen_at((650, 350), 200)])
    bench = Bench(tracker, crop_px=64)
    bench.stage.open()
    first = bench.step(1, 11 * NS_PER_S).face_crop
    tracker.faces = [seen_at((670, 340), 220)]
    second = bench.step(2, 11 * NS_PER_S + 40 * NS_PER_MS).face_crop
    bench.stage.choose_again()
    third = bench.step(3, 11 * NS_PER_S + 80 * NS_PER_MS).face_crop
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.square == second.square  # one that followed the face would hide its motion
    assert third.square != second.square


def test_one_failure_is_a_frame_without_a_face(expected_log: pytest.LogCaptureFixture) -> None:
    tracker = ToldTracker([seen_at((640, 360))])
    bench = Bench(tracker)
    bench.stage.open()
    tracker.broken = True
    assert bench.step(1, 11 * NS_PER_S).observation is None
    tracker.broken = False
    assert bench.step(2, 12 * NS_PER_S).observation is not None
    assert bench.stage.errors == 1
    assert expected_log.messages == ["the tracker failed on a picture: RuntimeError: graph has errors"]


def test_failures_in_a_row_end_the_stage_with_a_sentence(expected_log: pytest.LogCaptureFixture) -> None:
    tracker = ToldTracker()
    bench = Bench(tracker)
    bench.stage.open()
    tracker.broken = True
    for k in range(MAX_ERRORS_IN_A_ROW - 1):
        bench.step(k, (11 + k) * NS_PER_S)
    with pytest.raises(TrackingFailed) as caught:
        bench.step(99, 99 * NS_PER_S)
    assert str(caught.value) == (
        "Face tracking stopped. It failed on 30 pictures in a row (RuntimeError: graph has errors). "
        "Restart Understudy; if it happens again, please report it with the log."
    )
    assert len(expected_log.messages) == 2  # the first and the tenth


def run_in_worker(bench: Bench, during: Callable[[], None]) -> list[Exception]:
    failures: list[Exception] = []
    worker = Worker(bench.stage, lambda name, error: failures.append(error))
    worker.start()
    try:
        during()
    finally:
        worker.stop()
    return failures


def test_the_tracker_lives_on_the_tracking_thread_alone() -> None:
    tracker = ToldTracker([seen_at((640, 360))])
    bench = Bench(tracker)

    def during() -> None:
        bench.inbox.put(CapturedFrame(1, PICTURE, 11 * NS_PER_S, "test"))
        assert bench.outbox.get(timeout_s=5).observation is not None

    assert run_in_worker(bench, during) == []
    assert tracker.threads == {"tracking"}
    assert tracker.closed == 1


def test_stopping_ends_a_stage_that_waits_for_pictures() -> None:
    bench = Bench(ToldTracker())
    assert run_in_worker(bench, lambda: None) == []
    with pytest.raises(Closed):
        bench.inbox.get()


def test_a_tracker_that_cannot_be_made_fails_the_stage_once() -> None:
    bench, called = Bench(ToldTracker()), threading.Event()

    def refuse() -> ToldTracker:
        called.set()
        raise OSError("no model")

    bench.stage = TrackingStage(bench.inbox, bench.outbox, refuse, bench.clock)
    failures = run_in_worker(bench, lambda: called.wait(5) and None)
    assert [str(error) for error in failures] == ["no model"]


@pytest.mark.parametrize(("camera_fps", "wanted_fps", "looked_at"), [(30, 25.0, 250), (30, 15.0, 150), (24, 25.0, 240)])
def test_with_fewer_pictures_wanted_than_come_so_many_are_looked_at(
    camera_fps: int, wanted_fps: float, looked_at: int
) -> None:
    bench, tracker = Bench(ToldTracker()), ToldTracker([seen_at((640, 360))])
    stage = TrackingStage(bench.inbox, bench.outbox, lambda: tracker, bench.clock, most_fps=lambda: wanted_fps)
    stage.open()
    tracker.times_ns.clear()
    for number in range(10 * camera_fps):
        bench.inbox.put(CapturedFrame(number, PICTURE, 20 * NS_PER_S + number * NS_PER_S // camera_fps, "test"))
        stage.step()
    assert abs(len(tracker.times_ns) - looked_at) <= 2
    gaps = np.diff(tracker.times_ns)
    assert gaps.max() <= 2 * NS_PER_S / camera_fps + NS_PER_MS
