"""A frame of LivePortrait for a GPU where there is none: nothing of it is on the host, and grids are float32."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import nn

from models.liveportrait.config import TINY
from models.liveportrait.frame_program import LivePortraitProgram, WantedFrame, join_middle
from models.liveportrait.layers import SpectralConv2d
from models.liveportrait.network import LivePortraitNetwork
from models.session.lanes import ONE_LANE
from tests.models.session.fake_gpu import Watched, fake_gpu, lowered

CONFIG = replace(TINY, middle_blocks=2)
SIDE = CONFIG.output_px


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    with fake_gpu(monkeypatch) as device:
        yield device


def network(gpu: torch.device, dtype: torch.dtype) -> LivePortraitNetwork:
    with gpu:
        made = LivePortraitNetwork(CONFIG).eval()
    made.fix()
    join_middle(made.spade_generator)
    for part in (made.warping_module, made.spade_generator):
        for module in part.modules():
            if isinstance(module, (nn.Conv2d, nn.Conv3d, SpectralConv2d)):
                lowered(module, dtype)
            if isinstance(module, SpectralConv2d):
                assert module.fixed is not None
                module.fixed = module.fixed.to(dtype)
    return made


def test_nothing_of_a_frame_is_on_the_host_and_grids_are_float32(gpu: torch.device) -> None:
    made = network(gpu, torch.float16)
    program = LivePortraitProgram(made, torch.float16, WantedFrame(stitching=True, put_back=True, foreground=True))
    picture = torch.empty(1, 3, CONFIG.input_px, CONFIG.input_px, device=gpu)
    keypoints = torch.empty(1, CONFIG.keypoints, 3, device=gpu)
    around, places = torch.empty(1, 3, SIDE, SIDE, device=gpu), torch.empty(1, SIDE, SIDE, 2, device=gpu)
    mask = (torch.empty(1, 1, SIDE, SIDE, device=gpu), torch.empty(2, 2, device=gpu))
    volume = made.appearance_feature_extractor(picture)
    kept = program.kept(volume, keypoints, (around, places, mask[0]), mask)

    with Watched() as watched:
        results = program.run(torch.empty(program.row_length, device=gpu), kept, ONE_LANE)

    assert watched.convolved == {torch.float16}
    assert watched.grids == {torch.float32}
    assert watched.of_the_host == []
    assert [(tuple(result.shape), result.dtype) for result in results] == [
        ((SIDE, SIDE, 3), torch.uint8),
        ((1,), torch.float32),
        ((SIDE, SIDE), torch.float32),
    ]
