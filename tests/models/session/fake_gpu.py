"""A GPU where there is none: torch's fake tensors know devices, dtypes and shapes, and hold no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from models.layers import constants


@contextmanager
def fake_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """Tensors made inside may be on the device that is given."""
    monkeypatch.setattr("torch.cuda.amp.common.amp_definitely_not_available", lambda: False)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **kwargs: True)
    constants._placed.cache_clear()
    with FakeTensorMode(), torch.no_grad():
        yield torch.device("cuda:0")
    constants._placed.cache_clear()  # nobody else must get fake ones


def lowered(module: nn.Module, dtype: torch.dtype) -> None:
    """Fake parameters in another dtype: `to` does not work on them."""
    for name, value in list(module.named_parameters(recurse=False)):
        setattr(module, name, nn.Parameter(torch.empty_like(value, dtype=dtype)))


class Watched(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes dtypes of convolutions and grids, and what of the host is mixed in."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.convolved: set[torch.dtype] = set()
        self.grids: set[torch.dtype] = set()
        self.of_the_host: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if "convolution" in str(func) or "conv2d" in str(func):
            self.convolved.add(args[0].dtype)
        if "grid_sampler" in str(func):
            self.grids.add(args[1].dtype)
        for value in (*args, found):
            if isinstance(value, torch.Tensor) and value.device.type == "cpu":
                self.of_the_host.append(str(func))
        return found
