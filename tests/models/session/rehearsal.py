"""A CPU that goes through everything a GPU would, and fails where a test wants it to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from models.session.backend import DONE, HostBackend, Mark, Work
from models.session.lanes import Lane, Lanes
from models.session.program import Person, Recipe

OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
LOST = RuntimeError("CUDA error: an illegal memory access was encountered")


class WatchedLanes:
    """Notes what is asked of streams: that nothing is read before it is waited for can be seen from it."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Lane]] = []

    def fork(self, lane: Lane) -> None:
        self.log.append(("fork", lane))

    def on(self, lane: Lane, name: str) -> AbstractContextManager[None]:
        self.log.append(("on", lane))
        return nullcontext()

    def join(self, lane: Lane) -> None:
        self.log.append(("join", lane))


class Rehearsal(HostBackend):
    """Records by calling again.

    failing: place ("record", "replay", "host bytes", "mark") -> how often it fails, with `error`.
    """

    def __init__(self, failing: dict[str, int] | None = None, error: Exception = OUT_OF_MEMORY) -> None:
        self.watched = WatchedLanes()
        super().__init__(self.watched)
        self.records = True
        self.failing, self.error = failing or {}, error
        self.recorded = self.replayed = self.given_back = 0
        self.takes_ms: Callable[[Work], float] = lambda work: 1.0

    def fail_at(self, place: str) -> None:
        if self.failing.get(place, 0) > 0:
            self.failing[place] -= 1
            raise self.error

    def host_bytes(self, count: int) -> Tensor:
        self.fail_at("host bytes")
        return super().host_bytes(count)

    def mark(self, lane: Lane) -> Mark:
        backend = self

        class Failing:
            def wait(self) -> None:
                backend.fail_at("wait")

        return Failing() if "wait" in self.failing else DONE

    def record(self, work: Work) -> Work:
        self.fail_at("record")
        self.recorded += 1

        def replay() -> None:
            self.fail_at("replay")
            self.replayed += 1
            work()

        return replay

    def give_back_memory(self) -> None:
        self.given_back += 1

    def milliseconds(self, work: Work, times: int) -> float:
        return self.takes_ms(work)


class Adding:
    """A program that any number can be checked by hand: bytes of the row plus what is kept, and the row's mean.

    fails: how often `run` fails, with `error`.
    """

    row_length = 6

    def __init__(self, name: str = "adding", fails: int = 0, error: Exception = OUT_OF_MEMORY) -> None:
        self.key: Hashable = name
        self.fails, self.error, self.runs = fails, error, 0

    def run(self, row: Tensor, kept: tuple[Tensor, ...], lanes: Lanes) -> tuple[Tensor, ...]:
        if self.fails > 0:
            self.fails -= 1
            raise self.error
        self.runs += 1
        lanes.fork(Lane.REFERENCES)
        with lanes.on(Lane.REFERENCES, "mean"):
            mean = row.mean().reshape(1)
        picture = (row[:, None] + kept[0]).clamp(0, 255).to(torch.uint8)
        lanes.join(Lane.REFERENCES)
        return picture, mean

    def recipe(self) -> Recipe | None:
        return None

    def weights(self) -> Mapping[str, Tensor]:
        return {}


def adding_person(program: Adding, value: float, columns: int = 3) -> Person:
    return Person(program, (torch.full((6, columns), value),))
