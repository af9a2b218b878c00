"""The live step as one function of named tensors, so that other runtimes than PyTorch can be given its graph.

The graph is traced with the weights among its inputs: it depends on the configuration and on this code, never on the
training, and a runtime fills in the weights that are installed. It holds the whole network (`Stages.SYNERGY`) for one
driver and any number of pictures.
"""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.synergy.dense_warp import View
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, SynergyOutput, SynergyWarpNet
from models.types import LANDMARK_COUNT, MotionState

DRIVING = ("canonical", "expression", "camera_from_head", "scale", "translation")
BANK = (
    "pixels",
    "view_cameras",
    "view_scales",
    "view_translations",
    "view_keypoints",
    "view_landmarks",
    "seen",
    "volume",
    "compressed",
    "memory",
)
RESULTS = ("image", "pixel_mask", "flow", "confidence", "visibility", "choice")
UNUSED = ("appearance.", "num_batches_tracked", "correction.attention.key.", "correction.attention.value.")
"""Parts of the names of weights that only `prepare` and `bank` read."""


def bank_tensors(bank: Bank) -> tuple[Tensor, ...]:
    """What the step reads of a bank, in the order of `BANK`."""
    views = bank.views
    motion = views.motion
    places = (motion.camera_from_head, motion.scale, motion.translation, views.keypoints, views.landmarks)
    return (bank.pixels, *places, bank.seen, bank.volume, bank.compressed, bank.memory)


def driving_arrays(driving: MotionState) -> tuple[np.ndarray[Any, np.dtype[np.float32]], ...]:
    """A driver's motion as the step reads it, in the order of `DRIVING`."""
    parts = (driving.canonical, driving.expression, driving.camera_from_head, driving.scale, driving.translation)
    return tuple(np.ascontiguousarray(np.asarray(part, np.float32)[None]) for part in parts)


def result_tensors(output: SynergyOutput) -> tuple[Tensor, ...]:
    """What the program wants of a step, in the order of `RESULTS`."""
    maps = (output.confidence, output.composition.visibility, output.choice)
    return (output.image, output.pixel_mask, output.flow, *maps)


def live_weights(network: SynergyWarpNet) -> dict[str, Tensor]:
    """The weights that the live step reads, by name, in the order the graph takes them."""
    named = network.state_dict()
    return {name: value for name, value in named.items() if not any(part in name for part in UNUSED)}


class LiveStep(nn.Module):
    """`SynergyWarpNet.animate` with everything it reads as an argument."""

    def __init__(self, network: SynergyWarpNet) -> None:
        super().__init__()
        self._network = [copy.deepcopy(network)]  # in a list: its weights are arguments here, not parts of this module
        self._names = tuple(live_weights(network))

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Tensors in the order of `DRIVING`, `BANK`, `live_weights` to those of `RESULTS`."""
        driving, rest = tensors[: len(DRIVING)], tensors[len(DRIVING) :]
        pixels, cameras, scales, translations, keypoints, landmarks, *cached = rest[: len(BANK)]
        seen, volume, compressed, memory = cached
        views = View(MotionBatch(landmarks, landmarks, cameras, scales, translations), keypoints, landmarks)
        bank = Bank(pixels, views, seen, volume, compressed, memory)
        self._fill(rest[len(BANK) :])
        return result_tensors(self._network[0].animate(bank, MotionBatch(*driving)))

    def _fill(self, weights: tuple[Tensor, ...]) -> None:
        """Put tensors in the place of weights; `functional_call` does the same, but not under the tracer."""
        for name, value in zip(self._names, weights, strict=True):
            path, _, leaf = name.rpartition(".")
            module = self._network[0].get_submodule(path)
            held = module._parameters if leaf in module._parameters else module._buffers
            held[leaf] = value  # type: ignore[assignment]  # no Parameter: the tracer has to see an input


@torch.no_grad()
def trace(network: SynergyWarpNet) -> tuple[Any, tuple[Tensor, ...]]:
    """The graph of the live step as TorchScript, and the example it was traced with.

    Args:
        network: its BatchNorms folded (`models.layers.folding`), so that rounding to bfloat16 comes after them.

    Warnings of the tracer about sizes that become constants are expected: one driver, one configuration.
    """
    generator = torch.Generator().manual_seed(0)
    side = network.config.output_px

    def motion() -> MotionBatch:
        face = 0.3 * torch.randn(1, LANDMARK_COUNT, 3, generator=generator)
        still = torch.zeros(1, LANDMARK_COUNT, 3)
        return MotionBatch(face, still, torch.eye(3)[None], torch.tensor([0.5]), torch.zeros(1, 3))

    pictures = [network.prepare(torch.rand(1, 3, side, side, generator=generator), motion()) for _ in range(2)]
    driver = motion()
    driving = (driver.canonical, driver.expression, driver.camera_from_head, driver.scale, driver.translation)
    example = (*driving, *bank_tensors(network.bank(pictures)), *live_weights(network).values())
    traced = torch.jit.trace(LiveStep(network), example, check_trace=False)  # type: ignore[no-untyped-call]
    return traced, example


def fingerprint(traced: Any) -> str:
    """SHA-256 of what a traced graph computes, whatever lines of code it came from."""
    text = re.sub(r"#.*", "", str(traced.inlined_graph))
    return hashlib.sha256(text.encode()).hexdigest()
