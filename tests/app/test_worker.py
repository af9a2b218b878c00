from __future__ import annotations

import queue
import threading

import pytest

from app.slots import LatestSlot
from app.worker import StopTimeout, ThreadEnded, Worker


class Reading:
    """A stage that waits for its input, as every stage does."""

    name = "reading"

    def __init__(self, failure: BaseException | None = None) -> None:
        self.inbox: LatestSlot[int] = LatestSlot("inbox")
        self.failure = failure
        self.opened_on = self.released_on = ""
        self.stepped = threading.Event()

    def open(self) -> None:
        self.opened_on = threading.current_thread().name

    def step(self) -> None:
        self.stepped.set()
        if self.failure:
            raise self.failure
        self.inbox.get(timeout_s=10.0)

    def release(self) -> None:
        self.released_on = threading.current_thread().name

    def unblock(self) -> None:
        self.inbox.close()


class Deaf(Reading):
    """A stage that cannot be woken, until the test lets it go."""

    name = "deaf"

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def step(self) -> None:
        self.stepped.set()
        self.let_go.wait(10.0)

    def unblock(self) -> None:
        pass


def no_failure(name: str, error: Exception) -> None:
    raise AssertionError(f"{name} failed: {error}")


def test_stop_ends_a_worker_that_is_waiting_for_input() -> None:
    stage = Reading()
    worker = Worker(stage, no_failure)
    worker.start()
    assert stage.stepped.wait(1.0)

    worker.stop(timeout_s=1.0)

    assert not worker.alive
    assert (stage.opened_on, stage.released_on) == ("reading", "reading")


def test_a_failing_step_is_reported_once_and_the_stage_is_released() -> None:
    stage, reports = Reading(ValueError("boom")), queue.SimpleQueue()  # type: ignore[var-annotated]
    worker = Worker(stage, on_failure=lambda *report: reports.put(report))
    worker.start()

    name, error = reports.get(timeout=1.0)
    worker.stop(timeout_s=1.0)

    assert (name, str(error)) == ("reading", "boom")
    assert stage.released_on == "reading"
    assert reports.empty()


def test_stop_before_start_and_twice_is_harmless() -> None:
    worker = Worker(Reading(), no_failure)

    worker.stop()
    worker.stop()

    assert not worker.alive


def test_a_stage_that_does_not_end_is_named() -> None:
    stage = Deaf()
    worker = Worker(stage, no_failure)
    worker.start()
    assert stage.stepped.wait(1.0)

    with pytest.raises(StopTimeout, match=r"'deaf' was still running 0\.05 s after it was told to stop"):
        worker.stop(timeout_s=0.05)

    stage.let_go.set()
    worker.stop()


def test_a_library_that_wants_the_program_to_end_is_a_failure_and_not_a_silent_thread() -> None:
    failures: queue.SimpleQueue[Exception] = queue.SimpleQueue()
    stage = Reading(SystemExit("no licence"))
    worker = Worker(stage, lambda name, error: failures.put(error))
    worker.start()

    error = failures.get(timeout=10.0)
    worker.stop()

    assert isinstance(error, ThreadEnded)
    assert str(error) == "SystemExit: no licence"
    assert stage.released_on == "reading"
