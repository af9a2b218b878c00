"""A frame for a GPU where there is none: torch's fake tensors know devices, dtypes and shapes, and hold no numbers.

So it is seen that nothing of a frame is on the host by mistake, that nothing waits for a number, and what is float32.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from models.layers.joining import join_spades
from models.session.lanes import ONE_LANE
from models.synergy.config import TINY, Stages
from models.synergy.export import bank_tensors
from models.synergy.frame_program import MOTION_SHAPES, SynergyProgram, Wanted
from models.synergy.motion import MotionBatch
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import precision
from tests.models.session.fake_gpu import Watched, fake_gpu, lowered

SIDE = TINY.output_px


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    with fake_gpu(monkeypatch) as device:
        yield device


def frame(
    gpu: torch.device, dtype: torch.dtype, wanted: Wanted, pictures: int
) -> tuple[tuple[torch.Tensor, ...], Watched]:
    with gpu:
        network = SynergyWarpNet(TINY).eval()
    join_spades(network.decoder, "blocks")
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            lowered(module, dtype)
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
