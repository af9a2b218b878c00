"""The sink stage in a real worker: delivery, reports, failure, end."""

from __future__ import annotations

import threading

import pytest

from app.errors import EnvironmentProblem
from app.output.null import NullSink
from app.output.sink_stage import SinkStage
from app.packets import RenderedFrame
from app.slots import LatestSlot
from app.worker import Worker
from tests.helpers.frames import plain, rendered

IMAGE = plain((1, 2, 3), (2, 2))


class FixedClock:
    """Always the same time; waits are not used here."""

    def __init__(self, now_ns: int) -> None:
        self._now_ns = now_ns

    def now_ns(self) -> int:
        return self._now_ns

    def wait_until_ns(self, deadline_ns: int, wake: threading.Event) -> bool:
        raise AssertionError("a sink never waits on the clock")


class BrokenSink(NullSink):
    """Fails when sent to, and once more when closed."""

    name = "broken"
    closed = 0

    def send(self, frame: RenderedFrame) -> None:
        raise EnvironmentProblem("It broke.", why="It is old.", fix="Buy another.")

    def close(self) -> None:
        self.closed += 1
        raise EnvironmentProblem("It cannot be closed.", why="It is old.", fix="Buy another.")


def test_a_delivery_is_reported_with_its_time() -> None:
    sink, inbox = NullSink(), LatestSlot[RenderedFrame]("null")
    reports, arrived = [], threading.Event()

    def on_delivered(name: str, frame: RenderedFrame, t_ns: int) -> None:
        reports.append((name, frame.frame_id, t_ns))
        arrived.set()

    worker = Worker(SinkStage(sink, inbox, on_delivered, clock=FixedClock(8_000_000)), pytest.fail)
    worker.start()
    inbox.put(rendered(IMAGE, 5, t_capture_ns=2_000_000))
    assert arrived.wait(5)
    worker.stop()
    assert reports == [("null", 5, 8_000_000)]
    assert sink.frames == 1


def test_stop_ends_a_sink_that_is_waiting_for_a_frame() -> None:
    worker = Worker(SinkStage(NullSink(), LatestSlot("null")), pytest.fail)
    worker.start()
    worker.stop(timeout_s=1.0)
    assert not worker.alive


def test_a_sink_that_fails_is_reported_once_and_its_close_is_logged(expected_log: pytest.LogCaptureFixture) -> None:
    sink, inbox = BrokenSink(), LatestSlot[RenderedFrame]("broken")
    failures, failed = [], threading.Event()

    def on_failure(name: str, error: Exception) -> None:
        failures.append((name, str(error)))
        failed.set()

    worker = Worker(SinkStage(sink, inbox), on_failure)
    worker.start()
    inbox.put(rendered(IMAGE))
    assert failed.wait(5)
    worker.stop()
    assert failures == [("sink broken", "It broke. It is old. Buy another.")]
    assert sink.closed == 1
    assert expected_log.messages == ["broken: It cannot be closed. It is old. Buy another."]


def test_a_sink_that_outlives_its_session_is_not_closed() -> None:
    sink = BrokenSink()
    worker = Worker(SinkStage(sink, LatestSlot("broken"), close_sink=False), pytest.fail)
    worker.start()
    worker.stop()
    assert sink.closed == 0


def test_the_null_sink_counts_frames_and_refuses_everything_else() -> None:
    sink = NullSink()
    sink.send(rendered(IMAGE, 1))
    sink.send(rendered(IMAGE, 2))
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame, got ndarray"):
        sink.send(IMAGE)  # type: ignore[arg-type]
    assert sink.frames == 2
