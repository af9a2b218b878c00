"""One program with fixed shapes on a device: its tensors, and the fastest way known so far to run it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.errors import ModelError
from models.session.backend import Backend, Work
from models.session.compiling import CompiledStep, Compiling
from models.session.program import Person

log = logging.getLogger(__name__)

TIMED_RUNS = 5
"""Replays of each way that are compared before the compiled one is taken."""

LARGEST_LEVELS, LARGEST_SHARE = 2.0, 0.02
"""How far, on average, a faster way may be from the eager one: in bytes of pictures, and in other numbers."""


class Way(Enum):
    """How a step is run, from the slowest."""

    EAGER = "eager"
    RECORDED = "cuda graph"
    COMPILED = "compiled, cuda graph"


@dataclass(frozen=True)
class Part:
    """One result inside the bytes that are read back."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    begin: int
    end: int

    def of(self, answer: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, Any]:
        """The result, sharing memory with the bytes."""
        kind = {torch.uint8: np.uint8, torch.float32: np.float32}[self.dtype]
        return answer[self.begin : self.end].view(kind).reshape(self.shape)


class StepPlan:
    """Tensors at fixed places, between which a step is eager at first, then recorded, then compiled and recorded.

    Frames are the same in all ways: a faster one is compared with the eager one before it is taken.
    """

    def __init__(self, person: Person, backend: Backend, compiling: Compiling | None = None) -> None:
        self._program, self._backend, self._compiling = person.program, backend, compiling
        self._kept = tuple(tensor.clone() for tensor in person.kept)
        self._bound: Person | None = person
        self.row = torch.zeros(person.program.row_length, dtype=torch.float32, device=backend.device)
        self._replay: Work | None = None
        self.way = Way.EAGER
        self.parts: tuple[Part, ...] = ()
        self._answer: Tensor | None = None
        self._better = self._ways() if backend.records else iter(())
        self._improves = backend.records

    @property
    def answer(self) -> Tensor:
        """(N,) uint8: all results of the last step."""
        assert self._answer is not None  # the first step is eager and makes it
        return self._answer

    def bind(self, person: Person) -> None:
        """Let the steps that follow be of this person, of the same shapes."""
        if self._bound is person:
            return
        self._bound = None  # half copied is nobody
        for place, own in zip(self._kept, person.kept, strict=True):
            place.copy_(own)
        self._bound = person

    def step(self) -> None:
        """From `row` to `answer`, by the fastest way there is. To be called on the main lane."""
        if self._replay is None:
            self._eager()
        else:
            self._replay()

    def fall_back(self, error: Exception) -> None:
        """The way in use failed: go on eagerly, for good."""
        log.warning("The GPU goes on without %s: %s", self.way.value, _line(error))
        self.forget()

    def forget(self) -> None:
        """Go on eagerly, and give back what the faster ways hold."""
        self._replay, self.way, self._better, self._improves = None, Way.EAGER, iter(()), False
        if self._compiling is not None:
            self._compiling.cancel()

    def improve(self) -> bool:
        """Do a slice of the work on a faster way, between two frames; whether there is more to do."""
        if not self._improves or self._answer is None:
            return self._improves
        try:
            next(self._better)
        except StopIteration:
            self._improves = False
        except Exception as error:  # noqa: BLE001 - compilers fail in every way there is, and the frames go on
            self._improves = False
            log.warning("The GPU goes on with %s, a faster way failed: %s", self.way.value, _line(error))
            self._backend.give_back_memory()
        return self._improves

    def _ways(self) -> Iterator[None]:
        yield from self._recorded(self._run_eagerly, Way.RECORDED)
        if self._compiling is None:
            return
        self._compiling.begin(self._kept)
        while (compiled := self._compiling.poll()) is None:
            yield
        yield from self._recorded(self._run_compiled(compiled), Way.COMPILED)

    def _recorded(self, run: Callable[[], tuple[Tensor, ...]], way: Way) -> Iterator[None]:
        """Warm up, record, compare, take over where it is no slower; a slice each."""
        self._write(run())  # kernels are chosen and loaded in the first run, and must not be while recording
        yield
        replay = self._backend.record(lambda: self._write(run()))
        yield
        self._eager()
        wanted = self.answer.clone()
        self.answer.zero_()
        replay()
        self._require_same(wanted, self.answer, way)
        yield
        if self._replay is not None:
            times = [self._backend.milliseconds(candidate, TIMED_RUNS) for candidate in (replay, self._replay)]
            if times[0] > times[1]:
                log.info("%s takes %.2f ms, %.2f ms without", way.value, *times)
                return
        self._replay, self.way = replay, way

    def _eager(self) -> None:
        self._write(self._run_eagerly())

    def _run_eagerly(self) -> tuple[Tensor, ...]:
        return self._program.run(self.row, self._kept, self._backend.lanes)

    def _run_compiled(self, step: CompiledStep) -> Callable[[], tuple[Tensor, ...]]:
        weights = dict(self._program.weights())
        return lambda: step(self.row, self._kept, weights)

    def _write(self, results: tuple[Tensor, ...]) -> None:
        """Put the results side by side where they are read back from."""
        if self._answer is None:
            self.parts = _laid_out(results)
            self._answer = torch.zeros(
                max(part.end for part in self.parts), dtype=torch.uint8, device=self._backend.device
            )
        order = sorted(results, key=_rank)
        torch.cat([result.reshape(-1).contiguous().view(torch.uint8) for result in order], out=self._answer)

    def _require_same(self, wanted: Tensor, got: Tensor, way: Way) -> None:
        """Also refuses what is not a number."""
        expected, found = wanted.cpu().numpy(), got.cpu().numpy()
        for part in self.parts:
            apart = float(np.abs(part.of(found).astype(np.float64) - part.of(expected)).mean())
            if not apart <= (LARGEST_LEVELS if part.dtype is torch.uint8 else LARGEST_SHARE):
                raise ModelError(f"{way.value} makes other pictures ({apart:.2f} apart on average)")


def _rank(result: Tensor) -> int:
    """Wider numbers first, so that all lie at multiples of their size."""
    return -result.element_size()


def _laid_out(results: tuple[Tensor, ...]) -> tuple[Part, ...]:
    """In the order of the results."""
    begin, places = 0, {}
    for index in sorted(range(len(results)), key=lambda i: _rank(results[i])):
        result = results[index]
        end = begin + result.numel() * result.element_size()
        places[index] = Part(tuple(result.shape), result.dtype, begin, end)
        begin = end
    return tuple(places[index] for index in range(len(results)))


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
