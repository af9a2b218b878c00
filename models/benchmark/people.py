"""Made-up people, drivers and networks for measurements: nothing is read but the canonical face."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn

from models.motion.canonical import load_canonical
from models.motion.rotation import rotation_matrix
from models.synergy.config import SynergyConfig
from models.synergy.network import SynergyWarpNet
from models.types import MotionState, PortraitView

FACE_SCALE = 0.4
TURN_RAD, NOD_RAD = 0.35, 0.12
REFERENCE_TURN_RAD = 0.5


def face(turn: float = 0.0, nod: float = 0.0) -> MotionState:
    """The mean face without expression."""
    mean = load_canonical().mean
    rotation = rotation_matrix(np.array([nod, turn, 0.0], np.float32))
    return MotionState(mean, np.zeros_like(mean), rotation, FACE_SCALE, np.array([0.0, 0.05, 0.0], np.float32))


def person(pictures: int, side: int) -> list[PortraitView]:
    """A portrait and further views, random pictures as smooth as a photo."""
    return [_view(index, side) for index in range(pictures)]


def _view(index: int, side: int) -> PortraitView:
    generator = torch.Generator().manual_seed(index)
    coarse, fine = (torch.rand(1, 3, cells, cells, generator=generator) for cells in (12, side // 2))
    planes = [
        functional.interpolate(part, size=(side, side), mode="bilinear", align_corners=False) for part in (coarse, fine)
    ]
    image = ((0.8 * planes[0] + 0.2 * planes[1])[0].permute(1, 2, 0) * 255.0).round().to(torch.uint8).numpy()
    turn = REFERENCE_TURN_RAD * math.sin(1.7 * index)
    return PortraitView(image, face(turn).keypoints())


def drivers(portrait: MotionState, count: int) -> Iterator[MotionState]:
    """A head that turns and nods, with the portrait's own face."""
    for frame in range(count):
        phase = 2.0 * math.pi * frame / 50.0
        moved = face(TURN_RAD * math.sin(phase), NOD_RAD * math.sin(2.0 * phase))
        yield replace(portrait, camera_from_head=moved.camera_from_head, scale=portrait.scale * 1.02)


def drawn_network(config: SynergyConfig, seed: int = 5) -> SynergyWarpNet:
    """A network without training in which also the parts act that training starts at zero."""
    torch.manual_seed(seed)
    network = SynergyWarpNet(config)
    for parameter in network.parameters():
        if float(parameter.detach().abs().max()) == 0.0:
            nn.init.normal_(parameter, std=0.02)
    return network.eval()
