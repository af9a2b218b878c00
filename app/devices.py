"""Which device the model runs on, and how many threads torch may take from the rest of the program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.errors import EnvironmentProblem
from app.torch_import import import_torch

if TYPE_CHECKING:  # torch takes seconds to import, and only the render thread needs it
    import torch


MOST_THREADS = 8
"""Pictures of 512 pixels give no more than this something to do."""


class DeviceUnavailable(EnvironmentProblem):
    """A device was asked for by name that this machine, or this build of torch, does not have."""

    def __init__(self, wanted: str) -> None:
        names = {"cuda": "an NVIDIA GPU with its driver", "mps": "an Apple GPU"}
        super().__init__(
            f"The device '{wanted}' cannot be used.",
            why=f"Torch does not find {names.get(wanted, 'such a device')} on this machine.",
            fix="Use --device cpu, or --device auto to take the best there is.",
        )


def choose_device(wanted: str) -> torch.device:
    """The torch device behind "auto", "cpu", "cuda" or "mps".

    Raises:
        DeviceUnavailable: for a device asked for by name that is not there.
    """
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available.get(wanted, False):
        raise DeviceUnavailable(wanted)
    return torch.device(wanted)


def torch_thread_count(cores: int) -> int:
    """How many threads a live model may use: one core stays free for capture, tracking and the window.

    The threads of one operation wait for each other at its end, so a single one that has to share its core holds up
    all: on two busy cores a step of `geometric` took 25 ms with one thread and 475 ms with two.
    """
    return min(max(1, cores - 1), MOST_THREADS)


def usable_cores() -> int:
    """Cores this process may run on, which is fewer than the machine has inside a container."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_torch_threads() -> None:
    """Import torch and apply `torch_thread_count` to this process."""
    import_torch()
    import torch

    torch.set_num_threads(torch_thread_count(usable_cores()))
