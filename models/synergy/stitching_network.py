"""The stitching network S (LivePortrait Sec. 3.3): what to change about a motion so that the shoulders stay.

It sees where the portrait's keypoints are and where they are to go, and answers as the paper's does with a displacement
of every keypoint and a translation. Two things are ours. The displacement is spread over the landmarks, so that the
landmark field moves with the keypoints. And two more numbers say where below the face the neck begins to hand over
from head to shoulders and over which length (`models.synergy.stitching`). A motion that moves nothing is left alone,
exactly. It runs before the network, on the host, on the landmarks that keypoints start from: whatever runtime computes
the network, and however it moved its keypoints in training, S is asked the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from models.motion.canonical import load_canonical
from models.motion.perceptron import Perceptron, layer_shapes
from models.motion.small_weights import load_small
from models.synergy.config import ANCHORS
from models.synergy.stitching import NECK_FROM, Neck
from models.types import LANDMARK_COUNT, FloatArray, MotionState

FORMAT = "stitch-weights-1"
NAME = "stitch"
SIZES = (6 * len(ANCHORS), 128, 128, 64, 3 * len(ANCHORS) + 4)
"""The paper's layers, and two outputs more for the neck."""

FARTHEST = 0.2
"""How far a keypoint, or all of them together, can be displaced, in half widths of the face."""

BEGINS_BY, LENGTH_BY = 0.5, 0.7
"""How far the beginning of the neck (half widths of the face) and the logarithm of its length can be changed."""

SPREAD_SIGMA = 0.25
"""Width of the Gaussian that spreads a keypoint's displacement over the landmarks, half widths of the face."""


@dataclass(frozen=True)
class Stitched:
    """What the portrait is to do, and how its neck follows."""

    driving: MotionState
    neck: Neck


@dataclass(frozen=True)
class StitchingNetwork:
    """S with its weights."""

    perceptron: Perceptron

    def stitch(self, source: MotionState, driving: MotionState) -> Stitched:
        """The motion `driving` of the portrait `source`, changed so that the shoulders can stay."""
        rest, asked = self.perceptron(np.stack([_inputs(source, source), _inputs(source, driving)]))
        answer = np.tanh(asked - rest)
        count = 3 * len(ANCHORS)
        moved = FARTHEST * answer[:count].reshape(-1, 3) @ driving.camera_from_head  # into the head's frame
        shift = FARTHEST * source.scale * np.append(answer[count : count + 2], 0.0)
        changed = replace(
            driving,
            expression=(driving.expression + spread() @ moved).astype(np.float32),
            translation=(driving.translation + shift).astype(np.float32),
        )
        neck = Neck(NECK_FROM + BEGINS_BY * float(answer[-2]), math.exp(LENGTH_BY * float(answer[-1])))
        return Stitched(changed, neck)


@lru_cache(maxsize=1)
def spread() -> FloatArray:
    """(478, K): the share of every keypoint's displacement that a landmark takes; fades where no keypoint is near."""
    mean = load_canonical().mean
    distance = np.linalg.norm(mean[:, None] - mean[list(ANCHORS)][None], axis=-1)  # (478, K)
    near = np.exp(-0.5 * (distance / SPREAD_SIGMA) ** 2)
    shares: FloatArray = (near / np.maximum(near.sum(1, keepdims=True), 0.5)).astype(np.float32)
    assert len(shares) == LANDMARK_COUNT
    return shares


def stitching_shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of a weights file."""
    return layer_shapes(NAME, SIZES)


def load_stitching(path: Path, sha256: str | None = None) -> StitchingNetwork:
    """S from its weights file, checked.

    Raises:
        CheckpointError: the file is missing, wrong, truncated or changed; with name, reason and checksum.
    """
    return StitchingNetwork(Perceptron.of(load_small(path, FORMAT, stitching_shapes(), sha256), NAME, SIZES))


def _inputs(source: MotionState, driving: MotionState) -> FloatArray:
    """(6 K,): both sets of keypoints as seen from the portrait's head: its middle is 0, its half width 1."""
    anchors = list(ANCHORS)
    both = np.stack([source.keypoints()[anchors], driving.keypoints()[anchors]])
    return np.asarray((both - source.translation) / source.scale, np.float32).reshape(-1)
