"""Operations that Apple's GPU lacks or computes for some sizes only: done on the CPU, the result put back.

Untried on such a GPU: none was at hand. What is tested is that the way round the device changes no number.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

LACKING = frozenset({"mps"})
"""Kinds of devices without a singular value decomposition, and that average to sizes only which divide the old one."""


def singular_values(matrices: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """U, S and V^T of (B, n, n) matrices, on their device."""
    u, singular, vt = torch.linalg.svd(_capable(matrices))
    return u.to(matrices.device), singular.to(matrices.device), vt.to(matrices.device)


def averaged(pictures: Tensor, size_px: int) -> Tensor:
    """(B, C, S, S) -> (B, C, size_px, size_px), each pixel the mean of those it covers."""
    smaller = functional.interpolate(_capable(pictures), size=(size_px, size_px), mode="area")
    return smaller.to(pictures.device)


def _capable(values: Tensor) -> Tensor:
    return values.cpu() if values.device.type in LACKING else values
