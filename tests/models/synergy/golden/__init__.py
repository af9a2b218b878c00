"""Stored inputs and outputs of networks, and what makes and compares them."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.motion.canonical import load_canonical
from models.motion.openness import open_lips
from models.motion.rotation import rotation_matrix
from models.synergy.config import Stages
from models.synergy.motion import MotionBatch
from models.synergy.network import SynergyWarpNet
from models.types import MotionState

COMPARED_PX = 64
"""Pictures are compared at this size at most: enough to see any change, small enough for the repository."""


def golden_state(turn: tuple[float, float, float], *, lips: float = 0.0) -> MotionState:
    """The mean face, turned by axis times angle, with its lips as open as wanted."""
    face = load_canonical()
    shape = open_lips(face.mean, lips, face)
    rotation = rotation_matrix(np.array(turn, np.float32))
    return MotionState(face.mean, shape - face.mean, rotation, 0.42, np.array([0.02, 0.06, 0.0], np.float32))


STATES = (golden_state((0.0, 0.0, 0.0)), golden_state((0.0, 0.35, 0.0), lips=0.4))
DRIVING = golden_state((0.1, 0.2, -0.05), lips=0.25)


def golden_picture(seed: int, side: int) -> Tensor:
    """(1, 3, S, S): soft coloured patches, the same on every machine."""
    coarse = torch.from_numpy(np.random.default_rng(seed).random((1, 3, 9, 9), np.float32))
    return functional.interpolate(coarse, size=(side, side), mode="bilinear", align_corners=False)


@torch.no_grad()
def animate_golden(network: SynergyWarpNet) -> dict[str, Tensor]:
    """What the network makes of the stored inputs, for every stage alone, with and without a reference."""
    device, side = torch.device("cpu"), network.config.output_px
    motions = [MotionBatch.of([state], device) for state in STATES]
    pictures = [network.prepare(golden_picture(seed, side), motion) for seed, motion in enumerate(motions)]
    outputs: dict[str, Tensor] = {}
    for stages in Stages:
        for count in (1, 2):
            output = network(pictures[:count], MotionBatch.of([DRIVING], device), stages)
            outputs[f"{stages.value}.{count}.image"] = _compared(output.image)
            outputs[f"{stages.value}.{count}.confidence"] = output.confidence
            outputs[f"{stages.value}.{count}.flow"] = output.flow
    return outputs


def write_golden(path: Path, network: SynergyWarpNet) -> None:
    """Store the outputs of a network, as float16."""
    outputs = {name: value.half().contiguous() for name, value in animate_golden(network).items()}
    save_file(outputs, path, metadata={"inputs": str(zlib.crc32(golden_picture(0, 8).numpy().tobytes()))})


def read_golden(path: Path) -> dict[str, Tensor]:
    """The stored outputs, float32."""
    return {name: value.float() for name, value in load_file(path).items()}


def _compared(image: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(image, min(COMPARED_PX, image.shape[-1]))
