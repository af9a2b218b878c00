"""An animator that goes on when its device does not: with a smaller network, or on the CPU."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models.session.failures import Failure, failure_of
from models.types import AnimatedFrame, Animator, FaceView, MotionState, PortraitView, StepOptions, Transfer

log = logging.getLogger(__name__)

DEVICE_FAILURES = (ImportError, MemoryError, OSError, RuntimeError)
"""What devices raise. Weights that are missing are none of it (`CheckpointError`, a ValueError): they are named."""


@dataclass(frozen=True)
class Choice:
    """One animator that may serve.

    label: as people know it, "synergy:base on the GPU". make: called when it is needed. on_gpu: whether it is of no use
        once the GPU is lost.
    """

    label: str
    make: Callable[[], Animator[Any]]
    on_gpu: bool


@dataclass(frozen=True)
class GaveUp:
    """What failed, why, and what serves now.

    kind: says what a person can do about it.
    """

    failed: str
    serves: str
    kind: Failure
    error: Exception


@dataclass
class GuardedPortrait:
    """A person as the animator in use keeps them, and what another needs to prepare them again."""

    portrait: PortraitView
    references: tuple[PortraitView, ...]
    state: MotionState
    made_by: Animator[Any]
    prepared: Any


class GuardedAnimator(Animator[GuardedPortrait]):
    """The first of several animators that works, for as long as it does; a frame that fails is made by the next one.

    All must see the same motion in a face, since a driver's neutral face outlasts a failure. `listener` is told of
    every change, on the thread that met it; `gave_up` is the last one.

    Raises:
        the last animator's error, where none is left.
    """

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._choices = list(choices)
        self.listener: Callable[[GaveUp], None] | None = None
        self.gave_up: GaveUp | None = None
        self._used = self._made()

    @property
    def used(self) -> Animator[Any]:
        """The animator that serves now."""
        return self._used

    def observe(self, view: FaceView) -> MotionState:
        return self._used.observe(view)

    def transfer(self, neutral: MotionState) -> Transfer:
        return self._used.transfer(neutral)

    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> GuardedPortrait:
        prepared = self._tried(lambda: self._used.prepare(portrait, references))
        state = self._used.motion_of(prepared)
        return GuardedPortrait(portrait, tuple(references), state, self._used, prepared)

    def motion_of(self, prepared: GuardedPortrait) -> MotionState:
        return prepared.state

    def step(self, prepared: GuardedPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        def made() -> AnimatedFrame:
            self._renew(prepared)
            return self._used.step(prepared.prepared, driving, options)

        frame: AnimatedFrame = self._tried(made)
        self._name()
        return frame

    def improve(self) -> bool:
        return self._used.improve()

    def release(self) -> None:
        self._used.release()

    def step_in_pytorch(self, prepared: GuardedPortrait, driving: MotionState) -> None:
        self._renew(prepared)
        self._used.step_in_pytorch(prepared.prepared, driving)

    def _renew(self, prepared: GuardedPortrait) -> None:
        """A person prepared before the failure is unknown to the animator that came after it."""
        if prepared.made_by is not self._used:
            prepared.prepared = self._used.prepare(prepared.portrait, prepared.references)
            prepared.made_by = self._used

    def _tried(self, work: Callable[[], Any]) -> Any:
        while True:
            try:
                return work()
            except DEVICE_FAILURES as error:
                failed = error
            self._replace(failed)  # outside of the handler, which holds what the failed work had in hand

    def _replace(self, error: Exception) -> None:
        """Give the place to the next animator; the failure itself where there is none."""
        self._used.release()
        failed = self._choices[0].label
        self._drop(error)
        self._used = self._made()
        self._tell(failed, error)

    def _made(self) -> Animator[Any]:
        while True:
            choice = self._choices[0]
            try:
                self._used = choice.make()
                self._name()
                return self._used
            except DEVICE_FAILURES as error:
                failed = error
            self._drop(failed)
            self._tell(choice.label, failed)

    def _drop(self, error: Exception) -> None:
        """Leave out the animator that failed, and with a lost GPU all others on it."""
        error.__traceback__ = None  # it would keep the failed frame's memory
        lost = failure_of(error) is Failure.LOST
        left = [choice for choice in self._choices[1:] if not (lost and choice.on_gpu)]
        if not left:
            raise error
        self._choices = left

    def _tell(self, failed: str, error: Exception) -> None:
        self.gave_up = GaveUp(failed, self._choices[0].label, failure_of(error), error)
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        log.warning("%s cannot be used, %s takes its place: %s", failed, self.gave_up.serves, reason)
        if self.listener is not None:
            self.listener(self.gave_up)

    def _name(self) -> None:
        """What the animator in use is, to whoever asks this one."""
        for attribute in Animator.__annotations__:
            setattr(self, attribute, getattr(self._used, attribute))
        self.network = getattr(self._used, "network", None)
