"""What an engine runs for one portrait: a person for each wish that came up; and its answer as a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

import torch

from models.session.engine import Engine
from models.session.program import Finish, Person
from models.types import AnimatedFrame, FloatArray


class People:
    """The persons of one portrait, made when their wish first comes up."""

    def __init__(self) -> None:
        self._made: dict[tuple[Hashable, Finish | None], Person] = {}

    def wanted(self, wish: Hashable, finish: Finish | None, make: Callable[[], Person]) -> Person:
        """The one for `wish` and `finish`. make: called where there is none yet."""
        key = (wish, finish)
        if key not in self._made:
            for outdated in [old for old in self._made if old[1] is not None]:
                del self._made[outdated]  # another output is wished for now; its pictures are large
            self._made[key] = make()
        return self._made[key]

    def made(self) -> tuple[Person, ...]:
        """Everyone so far."""
        return tuple(self._made.values())


def engine_frame(engine: Engine, person: Person, row: FloatArray, finish: Finish | None) -> AnimatedFrame:
    """One frame of a program whose results are the square, the confidence, and the mask where it was asked for.

    Raises:
        RuntimeError, MemoryError: as `Engine.run`.
    """
    begin = time.perf_counter()
    square, confidence, *mask = engine.run(person, row)
    return AnimatedFrame(
        image=torch.from_numpy(square),
        foreground=torch.from_numpy(mask[0]) if mask else None,
        confidence=float(confidence[0]),
        stage_ms={"network": (time.perf_counter() - begin) * 1e3},
        finished=finish is not None,
    )
