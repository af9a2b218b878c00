"""A faster runtime for as long as it works; PyTorch as it is from its first failure on, so that the picture goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from models.errors import CheckpointError
from models.synergy.runtime import RuntimeFrame, StepRuntime
from models.types import MotionState

log = logging.getLogger(__name__)

FAILURES = (CheckpointError, ImportError, MemoryError, OSError, RuntimeError, ValueError)
"""What a compiler or its kernels may raise: OpenVINO raises RuntimeErrors, and Python's own kind for some C++ ones."""


@dataclass
class GuardedBank:
    """A person as the runtime in use keeps them, and what another one needs to prepare them again."""

    pictures: tuple[Tensor, ...]
    states: tuple[MotionState, ...]
    made_by: StepRuntime
    bank: Any


class GuardedRuntime:
    """Compiling happens when a person is prepared and kernels are chosen in the first step, so failures come late.

    make_faster, make_eager: called when first needed; the second must not fail for reasons of the first.
    """

    def __init__(self, make_faster: Callable[[], StepRuntime], make_eager: Callable[[], StepRuntime]) -> None:
        self._make_eager = make_eager
        self._guarded = True
        try:
            self._used = make_faster()
        except FAILURES as error:
            self._fall_back(error)

    @property
    def name(self) -> str:
        """Of the runtime in use."""
        return self._used.name

    @property
    def dtype(self) -> str:
        """Of the runtime in use."""
        return self._used.dtype

    def prepare_bank(self, pictures: Sequence[Tensor], states: Sequence[MotionState]) -> GuardedBank:
        """With the runtime in use; with PyTorch where it fails."""
        try:
            bank = self._used.prepare_bank(pictures, states)
        except FAILURES as error:
            self._fall_back(error)
            bank = self._used.prepare_bank(pictures, states)
        return GuardedBank(tuple(pictures), tuple(states), self._used, bank)

    def run(self, bank: GuardedBank, driving: MotionState) -> RuntimeFrame:
        """Animate; where the runtime in use fails, PyTorch makes this frame and all that follow."""
        self._renew(bank)
        try:
            return self._used.run(bank.bank, driving)
        except FAILURES as error:
            self._fall_back(error)
        self._renew(bank)
        return self._used.run(bank.bank, driving)

    def run_in_pytorch(self, bank: GuardedBank, driving: MotionState) -> RuntimeFrame:
        self._renew(bank)
        return self._used.run_in_pytorch(bank.bank, driving)

    def _renew(self, bank: GuardedBank) -> None:
        """A person prepared before the failure is unknown to the runtime that came after it."""
        if bank.made_by is not self._used:
            bank.bank = self._used.prepare_bank(bank.pictures, bank.states)
            bank.made_by = self._used

    def _fall_back(self, error: Exception) -> None:
        """Say why, once; a failure of PyTorch itself is raised."""
        if not self._guarded:
            raise error
        self._guarded = False
        log.warning("OpenVINO cannot be used, PyTorch takes its place: %s", error)
        self._used = self._make_eager()
