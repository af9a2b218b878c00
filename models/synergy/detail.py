"""The fine detail of a portrait, beyond what the network's picture can show, carried along by the same flow."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from models.sampling import sample
from models.synergy.stitching import enlarged, enlarged_grid

LARGEST_OUTPUT_PX = 512
"""Finer pixels of a portrait than that cost time in every frame and are not seen in a call."""

STRIP_PX = 64
"""Rows that go through the operations of `with_detail` together: as many as stay in a core's cache."""


def at_size(planes: Tensor, side: int) -> Tensor:
    """(1, C, S, S) -> (1, C, side, side); smaller by averaging, larger smoothly."""
    if planes.shape[-1] == side:
        return planes
    if planes.shape[-1] > side:
        return functional.interpolate(planes, size=(side, side), mode="area")
    larger = functional.interpolate(planes, size=(side, side), mode="bicubic", align_corners=False)
    return larger.clamp(0.0, 1.0)


def detail_of(whole: Tensor, picture: Tensor) -> Tensor | None:
    """What a portrait shows beyond its smaller `picture`; None where it is no larger.

    Shapes:
        whole: (1, 3, W, W); picture: (1, 3, S, S), both in [0, 1] -> (1, 3, F, F), in [-1, 1].
    """
    fine = min(whole.shape[-1], LARGEST_OUTPUT_PX)
    if fine <= picture.shape[-1]:
        return None
    return at_size(whole, fine) - enlarged(picture, fine)


def with_detail(image: Tensor, flow: Tensor, detail: Tensor, share: Tensor) -> Tensor:
    """The picture at the detail's size, with the detail moved by the flow wherever the portrait itself is shown.

    Shapes:
        image: (1, 3, S, S) in [0, 1]; flow: (1, H, W, 2); detail: (1, 3, F, F); share: (1, 1, S, S)
        -> (F, F, 3) uint8.
    """
    side = detail.shape[-1]
    grid = enlarged_grid(flow, side)
    if image.device.type != "cpu":
        return as_bytes(enlarged(image, side).addcmul_(sample(detail, grid), enlarged(share, side)))
    small = _rounded(torch.cat([image, share], dim=1).mul_(255.0)).contiguous(memory_format=torch.channels_last)
    large = enlarged(small, side)  # bytes take a tenth of the time of floats and are as exact as the result
    strips = []
    for top in range(0, side, STRIP_PX):
        rows = slice(top, top + STRIP_PX)
        part = large[:, :, rows].contiguous()
        strips.append(_side_by_side(sample(detail, grid[:, rows]).mul_(part[:, 3:]).add_(part[:, :3])))
    return torch.cat(strips)


def as_bytes(image: Tensor) -> Tensor:
    """(1, 3, S, S) in [0, 1] -> (S, S, 3) uint8."""
    return _side_by_side(image.mul(255.0))


def _side_by_side(levels: Tensor) -> Tensor:
    """(1, 3, S, S) in [0, 255] -> (S, S, 3) uint8. `levels` are used up."""
    return torch.stack(_rounded(levels)[0].unbind(), dim=-1)


def _rounded(levels: Tensor) -> Tensor:
    """uint8; `levels` are used up."""
    return levels.add_(0.5).clamp_(0.0, 255.0).to(torch.uint8)
