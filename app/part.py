"""One replaceable worker of the engine: what should run, what runs, and how often it may be tried again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from app.clock import NS_PER_S, Clock
from app.control import Problem
from app.errors import AppError
from app.worker import Stage, StopTimeout, Worker

log = logging.getLogger(__name__)

T = TypeVar("T")

STOP_TIMEOUT_S = 2.0
BACKOFF_S = 0.25
LONGEST_PAUSE_S = 8.0
"""Pause before the first new attempt; each further one waits twice as long, up to the longest."""

FORGIVE_AFTER_S = 30.0
"""A part that ran this long without a failure has all its attempts again."""


class LateStage:
    """Builds its stage on the worker's thread: imports of several parts run side by side, failures reach the part."""

    def __init__(self, name: str, make: Callable[[], Stage]) -> None:
        self.name = name
        self._make = make
        self._lock = threading.Lock()  # protects the two below
        self._stage: Stage | None = None
        self._unblocked = False

    def open(self) -> None:
        """Build and open it."""
        stage = self._make()
        with self._lock:
            self._stage, unblocked = stage, self._unblocked
        if unblocked:
            stage.unblock()
        stage.open()

    def step(self) -> None:
        assert self._stage is not None  # a worker steps only what was opened
        self._stage.step()

    def release(self) -> None:
        """Release it if it was built."""
        if self._stage is not None:
            self._stage.release()

    def unblock(self) -> None:
        """Wake it, or have it end as soon as it is built."""
        with self._lock:
            self._unblocked, stage = True, self._stage
        if stage is not None:
            stage.unblock()


class Part(Generic[T]):
    """Keeps one worker running for what is wanted. `want` and `status` are for any thread, the rest for the supervisor.

    name: as in `Problem.part`. make: builds the stage for what is wanted. attempts: how often it is started again
        after failures; None: for ever. fallback: builds what runs once they are used up; without one nothing runs.
        must_work_first: nothing that never worked is tried again: it was not there, rather than lost.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[T], Stage],
        clock: Clock,
        *,
        attempts: int | None = 0,
        fallback: Callable[[T], Stage] | None = None,
        must_work_first: bool = False,
    ) -> None:
        self.name = name
        self._must_work_first = must_work_first
        self._make, self._fallback, self._attempts, self._clock = make, fallback, attempts, clock
        self._lock = threading.Lock()  # protects everything down to the empty line
        self._wanted: T | None = None
        self._version = 0
        self._problem: Problem | None = None
        self._error: Exception | None = None
        self._failed = False
        self._failures = 0
        self._worked = False
        self._t_failed_ns = 0
        self._exhausted = False
        self._stage: Stage | None = None

        self._worker: Worker | None = None
        self._running_version = 0
        self.on_change: Callable[[], None] = lambda: None

    @property
    def problem(self) -> Problem | None:
        """What is wrong with this part now."""
        with self._lock:
            return self._problem

    @property
    def error(self) -> Exception | None:
        """The failure behind `problem`, for its exit code."""
        with self._lock:
            return self._error

    @property
    def wanted(self) -> T | None:
        """What should be running."""
        with self._lock:
            return self._wanted

    @property
    def exhausted(self) -> bool:
        """Whether all attempts were used up."""
        with self._lock:
            return self._exhausted

    def want(self, target: T | None) -> None:
        """Ask for another target, or for none; asking again for the same one starts it anew."""
        with self._lock:
            self._wanted = target
            self._version += 1
            self._forgive()
        self.on_change()

    def begin_anew(self) -> None:
        """Forget every failure; for the start of an engine whose parts are all stopped."""
        with self._lock:
            self._forgive()

    def report(self, error: Exception) -> None:
        """List a failure that the running stage deals with itself, such as a camera it tries to open again."""
        with self._lock:
            self._problem, self._error = Problem.of(self.name, error), error
        self.on_change()

    def working(self) -> None:
        """The part opened its device or produced something: what was wrong is over. Cheap enough for every frame."""
        if not self._worked and not self._exhausted:
            self._worked = True
        if self._problem is None:  # read without the lock: a problem set meanwhile is cleared by the next frame
            return
        with self._lock:
            if self._failed or self._exhausted:
                return
            self._problem = self._error = None
        self.on_change()

    def reconcile(self) -> None:
        """Make what runs match what is wanted; may wait for a worker to stop."""
        with self._lock:
            version, wanted, failed = self._version, self._wanted, self._failed
            due_ns = self._t_failed_ns + int(_pause_s(self._failures) * NS_PER_S)
            attempts = 0 if self._must_work_first and not self._worked else self._attempts
            give_up = failed and attempts is not None and self._failures > attempts
        restart = failed and wanted is not None and self._clock.now_ns() >= due_ns
        if version == self._running_version and give_up:
            self._give_up()
        elif version != self._running_version or restart:
            self.stop()
            self._running_version = version
            if wanted is not None:
                self._start(self._make, wanted)

    def unblock(self) -> None:
        """Ask the running stage to end soon, without waiting."""
        with self._lock:
            stage = self._stage
        if stage is not None:
            stage.unblock()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """End the running worker, waiting at most `timeout_s`; one that hangs is reported and left behind."""
        worker, self._worker = self._worker, None
        self._running_version = -1  # whatever is wanted now has to be started again
        with self._lock:
            self._stage, self._failed = None, False
        if worker is None:
            return
        try:
            worker.stop(timeout_s)
        except StopTimeout as error:
            log.error("%s", error)
            self.report(error)

    def _forgive(self) -> None:
        self._failures = 0
        self._worked = self._exhausted = False
        self._problem = self._error = None

    def _give_up(self) -> None:
        with self._lock:
            fallback = None if self._exhausted else self._fallback  # a fallback that fails is not tried again
            self._exhausted = True
            version, wanted = self._version, self._wanted
        self.stop()
        self._running_version = version
        if fallback is not None and wanted is not None:
            self._start(fallback, wanted)

    def _start(self, make: Callable[[T], Stage], wanted: T) -> None:
        stage = LateStage(self.name, lambda: make(wanted))
        worker = Worker(stage, lambda _, error: self._on_failure(stage, error))
        with self._lock:
            self._stage = stage
        self._worker = worker
        worker.start()

    def _on_failure(self, stage: Stage, error: Exception) -> None:
        """On the worker's thread, once."""
        expected = isinstance(error, AppError)
        log.log(logging.INFO if expected else logging.ERROR, "%s failed: %s", self.name, error, exc_info=not expected)
        now_ns = self._clock.now_ns()
        with self._lock:
            if stage is not self._stage:
                return  # already replaced: its end is of no interest
            if now_ns - self._t_failed_ns > FORGIVE_AFTER_S * NS_PER_S:
                self._failures = 0
            self._failures += 1
            self._t_failed_ns, self._failed = now_ns, True
            self._problem, self._error = Problem.of(self.name, error), error
        self.on_change()


def _pause_s(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    doublings = min(max(0, failures - 1), 30)
    return float(min(LONGEST_PAUSE_S, BACKOFF_S * 2**doublings))
