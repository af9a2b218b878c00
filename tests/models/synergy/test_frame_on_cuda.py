"""A frame for a GPU where there is none: torch's fake tensors know devices, dtypes and shapes, and hold no numbers.

So it is seen that nothing of a frame is on the host by mistake, that nothing waits for a number, and what is float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from models.layers import constants
from models.layers.joining import join_spades
from models.session.lanes import ONE_LANE
from models.synergy.config import TINY, Stages
from models.synergy.export import bank_tensors
from models.synergy.frame_program import MOTION_SHAPES, SynergyProgram, Wanted
from models.synergy.motion import MotionBatch
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import precision

SIDE = TINY.output_px


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    monkeypatch.setattr("torch.cuda.amp.common.amp_definitely_not_available", lambda: False)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **kwargs: True)
    constants._placed.cache_clear()
    with FakeTensorMode(), torch.no_grad():
        yield torch.device("cuda:0")
    constants._placed.cache_clear()  # nobody else must get fake ones


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


def frame(
    gpu: torch.device, dtype: torch.dtype, wanted: Wanted, pictures: int
) -> tuple[tuple[torch.Tensor, ...], Watched]:
    with gpu:
        network = SynergyWarpNet(TINY).eval()
    join_spades(network.decoder, "blocks")
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):  # `to` does not work on fake parameters
            for name, value in list(module.named_parameters()):
                setattr(module, name, nn.Parameter(torch.empty_like(value, dtype=dtype)))
    motion = MotionBatch(*(torch.empty(1, *shape, device=gpu) for shape in MOTION_SHAPES))
    faces = [torch.empty(1, 3, SIDE, SIDE, device=gpu) for _ in range(pictures)]
    with precision(gpu, dtype):
        bank = network.bank([network.prepare(face, motion) for face in faces])
    program = SynergyProgram(network, dtype, Stages.SYNERGY, wanted)
    detail, mask = torch.empty(1, 3, 2 * SIDE, 2 * SIDE, device=gpu), torch.empty(1, 1, SIDE, SIDE, device=gpu)
    kept = program.kept(bank_tensors(bank), faces[0], detail, mask)
    row = torch.empty(program.row_length, device=gpu)
    program.run(row, kept, ONE_LANE)  # constants are made once
    with Watched() as watched:
        return program.run(row, kept, ONE_LANE), watched


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_filters_are_of_the_chosen_dtype_and_grids_of_float32_and_nothing_is_on_the_host(
    gpu: torch.device, dtype: torch.dtype
) -> None:
    results, watched = frame(gpu, dtype, Wanted(stitching=True, detail=True, foreground=True), pictures=3)

    assert watched.convolved == {dtype}
    assert watched.grids == {torch.float32}
    assert watched.of_the_host == []
    assert [(tuple(result.shape), result.dtype, result.device) for result in results] == [
        ((2 * SIDE, 2 * SIDE, 3), torch.uint8, gpu),
        ((1,), torch.float32, gpu),
        ((2 * SIDE, 2 * SIDE), torch.float32, gpu),
    ]


def test_a_number_of_the_host_is_seen(gpu: torch.device) -> None:
    with Watched() as watched:
        torch.ones(3, device=gpu) * torch.tensor(2.0)

    assert watched.of_the_host
