"""Where the parts of a frame's work run: CUDA streams joined by events, or, on a CPU, one after the other.

The code of a step is the same on both. A tensor that one lane makes and another reads has to be held by the step until
its end: the allocator gives freed memory to the next tensor of the lane that made it, whoever still reads it. At the
end the main lane has waited for the others, and in the next frame they wait for it first.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Protocol

import torch
from torch.autograd.profiler import record_function


class Lane(Enum):
    """One row of work that goes on beside the others."""

    MAIN = "stage 1 and what follows"
    REFERENCES = "reference side of stage 2"
    ATTENTION = "global attention"
    UPLOAD = "upload"
    READ_BACK = "read-back"


class Lanes(Protocol):
    """The lanes of one device; used by one thread."""

    def fork(self, lane: Lane) -> None:
        """What `lane` is given from now on waits for everything the main lane was given so far."""
        ...

    def on(self, lane: Lane, name: str) -> AbstractContextManager[None]:
        """Work given inside runs on `lane`; traces call it `name`."""
        ...

    def join(self, lane: Lane) -> None:
        """What the main lane is given from now on waits for everything `lane` was given so far."""
        ...


class OneLane:
    """No streams: everything runs in the order it is given."""

    def fork(self, lane: Lane) -> None:
        """Nothing to wait for: it is done."""

    def on(self, lane: Lane, name: str) -> AbstractContextManager[None]:
        """Do it now."""
        return named(lane, name)

    def join(self, lane: Lane) -> None:
        """Nothing to wait for: it is done."""


def named(lane: Lane, name: str) -> AbstractContextManager[None]:
    """Where somebody profiles, the work given inside appears there under its name."""
    if torch._C._autograd._profiler_enabled():
        return record_function(f"{lane.name}: {name}")
    return nullcontext()


ONE_LANE = OneLane()
