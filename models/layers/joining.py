"""Convolutions that read the same input, done as one: the input is read once, and the device gets one large task.

Computed from the trained weights when a network is loaded: every filter stays what it was, so the numbers are those of
the separate convolutions. It is for networks with many SPADE layers, which all look at the same condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.layers.spade import Spade


@dataclass(frozen=True)
class _Kind:
    """What convolutions must have in common."""

    inputs: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    has_bias: bool

    @classmethod
    def of(cls, conv: nn.Conv2d) -> _Kind:
        if conv.groups != 1:
            raise ModelError("convolutions in groups cannot be joined")
        places = (conv.kernel_size, conv.stride, conv.padding, conv.dilation)
        return cls(conv.in_channels, *places, conv.bias is not None)


class JoinedConvolution(nn.Module):
    """One convolution with the filters of several; its answer to an input is kept until every part has been taken.

    Raises:
        ModelError: they do not read the same kind of input in the same way.
    """

    def __init__(self, convs: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        kinds = {_Kind.of(conv) for conv in convs}
        if len(kinds) != 1:
            raise ModelError("only convolutions of one kind can be joined")
        first = convs[0]
        self.widths = [conv.out_channels for conv in convs]
        self.conv = nn.Conv2d(
            first.in_channels,
            sum(self.widths),
            first.kernel_size,  # type: ignore[arg-type]  # torch types it as of any length
            first.stride,  # type: ignore[arg-type]
            first.padding,  # type: ignore[arg-type]
            first.dilation,  # type: ignore[arg-type]
            bias=first.bias is not None,
            device=first.weight.device,
            dtype=first.weight.dtype,
        )
        with torch.no_grad():
            self.conv.weight.copy_(torch.cat([conv.weight for conv in convs]))
            if self.conv.bias is not None:
                self.conv.bias.copy_(torch.cat([conv.bias for conv in convs if conv.bias is not None]))
        self._input: Tensor | None = None
        self._parts: dict[int, Tensor] = {}

    def take(self, features: Tensor, part: int) -> Tensor:
        """What convolution `part` makes of `features`."""
        if self._input is not features or part not in self._parts:
            self._input = features
            self._parts = dict(enumerate(self.conv(features).split(self.widths, dim=1)))
        taken = self._parts.pop(part)
        if not self._parts:
            self._input = None  # nothing is kept from one frame to the next
        return taken


class Part(nn.Module):
    """Stands where one of the joined convolutions stood. Shapes: as there."""

    def __init__(self, joined: JoinedConvolution, index: int) -> None:
        super().__init__()
        self._joined = [joined]  # in a list: it is a part of the network at one place, not at every one
        self._index = index

    def forward(self, features: Tensor) -> Tensor:
        return self._joined[0].take(features, self._index)


def join_convolutions(owner: nn.Module, name: str, paths: Sequence[str]) -> None:
    """Put `Part`s where the convolutions called `paths` are in `owner`, and what they share at `owner.name`.

    They must be asked with the very same tensor, each once a step.

    Raises:
        ModelError: they are not of one kind.
    """
    convs = [owner.get_submodule(path) for path in paths]
    if not all(isinstance(conv, nn.Conv2d) for conv in convs):
        raise ModelError("only convolutions can be joined")
    joined = JoinedConvolution([conv for conv in convs if isinstance(conv, nn.Conv2d)])
    for index, path in enumerate(paths):
        parent, _, leaf = path.rpartition(".")
        setattr(owner.get_submodule(parent), leaf, Part(joined, index))
    owner.add_module(name, joined)


def join_spades(owner: nn.Module, blocks: str) -> None:
    """The first convolutions of all `Spade` layers in `owner.blocks` as one; nothing where there are fewer than two."""
    paths = [
        f"{blocks}.{path}.read.0"
        for path, module in owner.get_submodule(blocks).named_modules()
        if isinstance(module, Spade)
    ]
    if len(paths) > 1:
        join_convolutions(owner, f"{blocks}_reading", paths)
