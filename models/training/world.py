"""One process or many: which device this process computes on, and how all of them stay in step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from models.training.problems import TrainingProblem


@dataclass(frozen=True)
class World:
    """The processes of a run. rank 0 alone writes files and measures."""

    device: torch.device
    rank: int = 0
    size: int = 1
    control: distributed.ProcessGroup | None = None

    @property
    def is_first(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def wrap(self, module: nn.Module) -> nn.Module:
        """The module whose gradients are averaged over all processes; itself where there is one.

        Unused parameters are looked for, because a step may leave stages out.
        """
        if self.size == 1:
            return module
        return DistributedDataParallel(module, find_unused_parameters=True)

    def agree(self, stop: bool, progress: float) -> tuple[bool, float]:
        """The same answer in every process: stop if anyone must, and be as far as the farthest."""
        if self.size == 1:
            return stop, progress
        both = torch.tensor([float(stop), progress], dtype=torch.float64)
        distributed.all_reduce(both, distributed.ReduceOp.MAX, group=self.control)
        return bool(both[0] > 0), float(both[1])

    def wait_for_all(self) -> None:
        """Go on when everybody is here."""
        if self.size > 1:
            distributed.barrier(group=self.control)


def is_first_process() -> bool:
    """Whether this process speaks for all that `torchrun` started; true where it started none."""
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def open_world(device: str) -> Iterator[World]:
    """Join the other processes that `torchrun` started, if it did.

    Raises:
        TrainingProblem: the device asked for does not exist.
    """
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    chosen = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    if size == 1:
        yield World(chosen)
        return
    distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield World(chosen, rank, size, distributed.new_group(backend="gloo"))
    finally:
        distributed.destroy_process_group()


def _device(name: str, local_rank: int) -> torch.device:
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        name = "cuda" if cuda else "mps" if mps else "cpu"
    if (name == "cuda" and not cuda) or (name == "mps" and not mps):
        raise TrainingProblem(
            f"The device {name} cannot be used.",
            why="PyTorch finds none on this machine.",
            fix="Use --device cpu, or install a driver and a PyTorch that fit the device.",
            machine=True,
        )
    return torch.device("cuda", local_rank) if name == "cuda" else torch.device(name)
