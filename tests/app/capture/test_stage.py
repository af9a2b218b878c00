from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from app.capture.base import CameraLost
from app.capture.problems import CameraBusy, NoCameraFound, lost
from app.capture.stage import CaptureListeners, CaptureStage, RetryPolicy
from app.errors import EnvironmentProblem, UsageProblem
from app.packets import CapturedFrame
from app.slots import Closed, LatestSlot
from app.worker import Worker
from tests.helpers.fake_time import FakeClock

IMAGE = np.zeros((4, 4, 3), np.uint8)
BUSY = CameraBusy("Desk Camera")
UNPLUGGED = lost("Desk Camera", "It was unplugged.")
Event = CapturedFrame | Exception


class ScriptedSource:
    """Each `open` and each `grab` does what its script says next; an empty script succeeds."""

    name = "scripted"

    def __init__(self, openings: list[Exception | None], grabs: list[Exception | None]) -> None:
        self._openings, self._grabs = openings, grabs
        self.calls: list[str] = []
        self.interrupted = threading.Event()

    def open(self) -> None:
        self.calls.append("open")
        self._follow(self._openings)

    def grab(self, timeout_s: float) -> CapturedFrame:
        self._follow(self._grabs)
        return CapturedFrame(1, IMAGE, 1, self.name)

    def release(self) -> None:
        self.calls.append("release")

    def interrupt(self) -> None:
        self.interrupted.set()

    @staticmethod
    def _follow(script: list[Exception | None]) -> None:
        error = script.pop(0) if script else None
        if error is not None:
            raise error


class Heard:
    """Everything a stage told its listeners."""

    def __init__(self) -> None:
        self.lost: list[EnvironmentProblem] = []
        self.recovered = 0
        self.captured = 0
        self.listeners = CaptureListeners(self._count_frame, self.lost.append, self._count_recovery)

    def _count_frame(self, _: CapturedFrame) -> None:
        self.captured += 1

    def _count_recovery(self) -> None:
        self.recovered += 1


class Setup:
    """A stage around a scripted source, on a clock that never sleeps."""

    def __init__(
        self,
        openings: list[Exception | None] | None = None,
        grabs: list[Exception | None] | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self.source = ScriptedSource(openings or [], grabs or [])
        self.heard, self.clock = Heard(), FakeClock()
        self.outbox: LatestSlot[CapturedFrame] = LatestSlot("captured")
        self.stage = self.stage_of(lambda: self.source, policy)

    def stage_of(self, make: Callable[[], ScriptedSource], policy: RetryPolicy | None = None) -> CaptureStage:
        return CaptureStage(make, self.outbox, self.heard.listeners, policy or RetryPolicy(), clock=self.clock)


def test_every_picture_is_offered_to_the_slot_and_told() -> None:
    setup = Setup()
    setup.stage.open()
    setup.stage.step()
    setup.stage.step()

    assert (setup.heard.captured, setup.outbox.replaced) == (2, 1)
    assert setup.outbox.take() is not None
    assert setup.heard.recovered == 0


def test_a_picture_that_does_not_come_in_time_is_no_failure() -> None:
    setup = Setup(grabs=[TimeoutError("nothing yet")])
    setup.stage.open()
    setup.stage.step()

    assert setup.heard.lost == []
    assert setup.outbox.take() is None


def test_a_lost_camera_is_told_released_opened_again_and_told_to_be_back() -> None:
    setup = Setup(grabs=[None, UNPLUGGED])
    setup.stage.open()
    for _ in range(4):
        setup.stage.step()

    assert setup.heard.lost == [UNPLUGGED]
    assert setup.source.calls == ["open", "release", "open"]
    assert setup.clock.waits_s == [0.25]
    assert (setup.heard.recovered, setup.heard.captured) == (1, 2)


def test_pauses_between_attempts_grow_from_a_quarter_of_a_second_to_one_and_a_half() -> None:
    setup = Setup(openings=[None, BUSY, BUSY, BUSY, BUSY, None], grabs=[UNPLUGGED])
    setup.stage.open()
    for _ in range(7):
        setup.stage.step()

    assert setup.clock.waits_s == [0.25, 0.5, 1.0, 1.5, 1.5]
    assert setup.heard.recovered == 1


def test_the_same_reason_is_told_once_and_a_new_one_again() -> None:
    setup = Setup(openings=[None, BUSY, BUSY, NoCameraFound(), None], grabs=[UNPLUGGED])
    setup.stage.open()
    for _ in range(6):
        setup.stage.step()

    assert [type(problem) for problem in setup.heard.lost] == [CameraLost, CameraBusy, NoCameraFound]


def test_after_a_recovery_the_pauses_are_short_again() -> None:
    setup = Setup(openings=[None, BUSY, None, None], grabs=[UNPLUGGED, None, UNPLUGGED])
    setup.stage.open()
    for _ in range(6):
        setup.stage.step()

    assert setup.clock.waits_s == [0.25, 0.5, 0.25]


def test_a_camera_that_is_not_there_at_the_start_is_waited_for() -> None:
    setup = Setup()
    missing: list[Exception] = [NoCameraFound(), NoCameraFound()]

    def make() -> ScriptedSource:
        if missing:
            raise missing.pop()
        return setup.source

    stage = setup.stage_of(make)
    stage.open()
    stage.step()
    stage.step()
    stage.step()

    assert (len(setup.heard.lost), setup.heard.recovered, setup.heard.captured) == (1, 1, 1)


def test_a_file_that_cannot_be_used_fails_the_stage() -> None:
    broken = UsageProblem("No.", why="No.", fix="No.")

    with pytest.raises(UsageProblem):
        Setup(openings=[broken]).stage.open()


def test_release_gives_the_device_back_also_when_there_never_was_one() -> None:
    setup = Setup()
    setup.stage.release()
    setup.stage.open()
    setup.stage.release()

    assert setup.source.calls == ["open", "release"]


def test_unblock_ends_the_pause_before_the_next_attempt() -> None:
    setup = Setup(grabs=[UNPLUGGED])
    setup.stage.open()
    setup.stage.step()
    setup.stage.unblock()

    with pytest.raises(Closed):
        setup.stage.step()
    assert setup.clock.waits_s == []


def test_unblock_before_there_is_a_source_ends_the_opening() -> None:
    setup = Setup()
    setup.stage.unblock()

    with pytest.raises(Closed):
        setup.stage.open()
    assert setup.source.calls == []


def test_stop_ends_a_worker_whose_camera_waits_for_a_picture() -> None:
    setup = Setup()
    grabbing = threading.Event()

    class Waiting(ScriptedSource):
        def grab(self, timeout_s: float) -> CapturedFrame:
            grabbing.set()
            assert self.interrupted.wait(10.0)
            raise Closed(self.name)

    source = Waiting([], [])
    failures: list[Exception] = []
    worker = Worker(setup.stage_of(lambda: source), lambda _, error: failures.append(error))
    worker.start()
    assert grabbing.wait(5.0)
    worker.stop()

    assert failures == []
    assert source.calls == ["open", "release"]
