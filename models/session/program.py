"""What an engine runs: one frame's work on a device as a function of a row of numbers and of tensors that stay."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from models.session.lanes import Lanes


@dataclass(frozen=True)
class Recipe:
    """How another process makes the same program again, without weights: a function by name and what it takes.

    maker: "module:function" of this program, called with the JSON `arguments`; it returns an `nn.Module` whose forward
        takes (row, kept tensors, weights by name) and gives what `FrameProgram.run` gives.
    """

    maker: str
    arguments: Mapping[str, object]


class FrameProgram(Protocol):
    """All work of a frame between the one upload and the one read-back.

    It has fixed shapes, asks the host for nothing and takes nothing from it but the row: so a CUDA graph can record it.
    """

    @property
    def key(self) -> Hashable:
        """Programs of equal keys do the same to equal tensors."""
        ...

    @property
    def row_length(self) -> int:
        """Numbers of a frame, float32."""
        ...

    def run(self, row: Tensor, kept: tuple[Tensor, ...], lanes: Lanes) -> tuple[Tensor, ...]:
        """One frame; called under `torch.inference_mode`.

        Shapes:
            row: (row_length,) float32. kept: what was prepared about the person, on the device.

        Returns:
            What the host is to get; uint8 and float32.
        """
        ...

    def recipe(self) -> Recipe | None:
        """For compiling in another process; None: it cannot be compiled."""
        ...

    def weights(self) -> Mapping[str, Tensor]:
        """What the recipe's module is to be given."""
        ...


class Finish(Protocol):
    """More that is done with the square on the device before it is read back, such as placing it in the output."""

    @property
    def key(self) -> Hashable:
        """Equal keys: the same work on equal tensors."""
        ...

    @property
    def needs_foreground(self) -> bool:
        """Whether it reads the moved mask."""
        ...

    def kept(self, device: torch.device) -> tuple[Tensor, ...]:
        """What it reads, on the device; the same tensors at every call."""
        ...

    def run(self, square: Tensor, foreground: Tensor | None, kept: tuple[Tensor, ...]) -> Tensor:
        """Shapes: square (S, S, 3) uint8; foreground (S, S) in [0, 1] -> (h, w, 3) uint8."""
        ...


@dataclass(frozen=True, eq=False)
class Person:
    """A program and what it knows of one person; any number of them share an engine and its network."""

    program: FrameProgram
    kept: tuple[Tensor, ...]

    @property
    def shapes(self) -> tuple[tuple[tuple[int, ...], torch.dtype], ...]:
        """What a recorded step depends on besides the program."""
        return tuple((tuple(tensor.shape), tensor.dtype) for tensor in self.kept)
