"""The sound thread: passes blocks on, and opens the microphone again and again when it was lost."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.audio.grid import frozen_block
from app.audio.level import LevelMeter
from app.audio.source import SoundSource
from app.capture.stage import RetryPolicy
from app.clock import NS_PER_S, Clock
from app.errors import EnvironmentProblem
from app.packets import AudioBlock
from app.slots import Closed

log = logging.getLogger(__name__)

READ_TIMEOUT_S = 0.5
"""Longest wait in one step; `unblock` ends it at once."""

POLICY = RetryPolicy(first_s=0.5, longest_s=2.0)


def _unheard(*_: object) -> None:
    """Nobody asked to be told."""


@dataclass(frozen=True)
class SoundListeners:
    """Who is told what, on the thread of the device; each returns at once.

    working: sound goes through it. lost: why it does not; told again only when the reason changes.
    opened: the device's name; None once it is given back.
    """

    working: Callable[[], None] = _unheard
    lost: Callable[[EnvironmentProblem], None] = _unheard
    opened: Callable[[str | None], None] = _unheard


class Reopening(ABC):
    """Keeps one device open: what a stage for sound has in common with the next one.

    An `EnvironmentProblem` in `use` or in opening is told and tried again, for ever; a `UsageProblem` ends the stage.
    """

    def __init__(self, name: str, listeners: SoundListeners, clock: Clock, policy: RetryPolicy = POLICY) -> None:
        self.name = name
        self._listeners, self._clock, self._policy = listeners, clock, policy
        self._stopping = threading.Event()
        self._is_open = False
        self._failures = 0  # in a row; 0 while all is well
        self._told: str | None = None
        self._t_retry_ns = 0

    @abstractmethod
    def begin(self) -> str:
        """Open the device and say its name."""

    @abstractmethod
    def use(self) -> bool:
        """Pass sound on, waiting for it a bounded time; whether any came."""

    @abstractmethod
    def end(self) -> None:
        """Give the device back. Idempotent."""

    @abstractmethod
    def wake(self) -> None:
        """Make a waiting `use` return; on the stopping thread."""

    def open(self) -> None:
        """Open it for the first time; a failure is tried again like a loss.

        Raises:
            UsageProblem: what cannot work.
        """
        try:
            self._begin()
        except EnvironmentProblem as problem:
            self._lose(problem)

    def step(self) -> None:
        """Pass sound on, or try once more."""
        try:
            if not self._is_open:
                if self._clock.wait_until_ns(self._t_retry_ns, self._stopping):
                    raise Closed(self.name)
                self._begin()
            elif self.use():
                self._failures, self._told = 0, None
                self._listeners.working()
        except EnvironmentProblem as problem:
            self._lose(problem)

    def release(self) -> None:
        """Give the device back."""
        self._is_open = False
        self._listeners.opened(None)
        self.end()

    def unblock(self) -> None:
        """End whatever is waited for."""
        self._stopping.set()
        self.wake()

    def _begin(self) -> None:
        if self._stopping.is_set():
            raise Closed(self.name)
        name = self.begin()
        self._is_open = True
        self._listeners.opened(name)

    def _lose(self, problem: EnvironmentProblem) -> None:
        self._is_open = False
        self.end()
        self._failures += 1
        self._t_retry_ns = self._clock.now_ns() + int(self._policy.pause_s(self._failures) * NS_PER_S)
        self._listeners.opened(None)
        if f"{problem}" != self._told:
            self._told = f"{problem}"
            log.info("%s: %s", self.name, problem)
            self._listeners.lost(problem)


class MicrophoneStage(Reopening):
    """Publishes every block of a source; run it in a `Worker`.

    make_source: called on the sound thread, once. publish: told of every block. muted: whether they are to be silent.
    """

    def __init__(
        self,
        make_source: Callable[[], SoundSource],
        publish: Callable[[AudioBlock], None],
        muted: Callable[[], bool],
        level: LevelMeter,
        listeners: SoundListeners,
        clock: Clock,
        policy: RetryPolicy = POLICY,
    ) -> None:
        super().__init__("microphone", listeners, clock, policy)
        self._make_source, self._publish = make_source, publish
        self._muted, self._level = muted, level
        self._source: SoundSource | None = None
        self._gain = 0.0  # it fades in, at the start and after a loss

    def begin(self) -> str:
        if self._source is None:
            self._source = self._make_source()
        self._source.open()
        self._gain = 0.0
        return self._source.name

    def use(self) -> bool:
        assert self._source is not None  # it is open
        blocks = self._source.read(READ_TIMEOUT_S)
        for block in blocks:
            heard = self._faded(block)
            self._level.add(heard.samples)
            self._publish(heard)
        return bool(blocks)

    def end(self) -> None:
        self._level.reset()
        if self._source is not None:
            self._source.release()

    def wake(self) -> None:
        source = self._source
        if source is not None:
            source.interrupt()

    def _faded(self, block: AudioBlock) -> AudioBlock:
        """The block, silent while muted; in between it takes one block to fade."""
        before, self._gain = self._gain, 0.0 if self._muted() else 1.0
        if before == self._gain == 1.0:
            return block
        gains = np.linspace(before, self._gain, len(block.samples), dtype=np.float32)[:, None]
        return frozen_block(block.samples * gains, block.t_first_sample_ns)
