"""Small constant tensors that are made once a device: made anew, each would be an upload in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor


def constant(values: Sequence[float], like: Tensor) -> Tensor:
    """(N,) numbers on the device and in the dtype of `like`; not to be changed in place."""
    if _tracing():  # the graph holds the numbers themselves
        return like.new_tensor(values)
    return _placed(tuple(values), like.device, like.dtype)


def indices(places: Sequence[int], like: Tensor) -> Tensor | list[int]:
    """What `like` is to be indexed with, on its device."""
    if _tracing():
        return list(places)
    return _placed(tuple(places), like.device, torch.int64)


def _tracing() -> bool:
    return bool(torch.jit.is_tracing())  # type: ignore[attr-defined, no-untyped-call]  # missing in torch's own types


@lru_cache(maxsize=256)
def _placed(values: tuple[float, ...], device: torch.device, dtype: torch.dtype) -> Tensor:
    with torch.inference_mode(False), torch.no_grad():  # it may be used in training later
        return torch.tensor(values, dtype=dtype, device=device)
