"""The retargeting networks R_eyes and R_lip (LivePortrait Sec. 3.3): a face with eyes or lips as open as wanted.

A network sees the region around an eye, or around the mouth, of the face as it is, and two conditions: how open it is
and how open it is to be. It answers with a displacement of that region's landmarks in the head's frame. Ours differ
from the paper's where our keypoints do: landmarks and implicit keypoints move together, because both are made from the
displaced shape; the displacement is added to what the driver does and does not replace it; nothing outside the region
moves, by construction; and the wanted openness being the present one means no displacement, exactly. One network
serves both eyes: it is trained on right eyes, and a left eye is the right one of the mirrored face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.motion.canonical import CanonicalFace, load_canonical
from models.motion.landmark_sets import LIPS, RIGHT_EYE_LOWER, RIGHT_EYE_UPPER, RIGHT_IRIS
from models.motion.openness import (
    LIPS_WIDE_OPEN,
    eye_openness,
    eye_target,
    lip_openness,
    open_eyes,
    open_lips,
)
from models.motion.perceptron import Perceptron, layer_shapes
from models.motion.small_weights import Arrays, load_small
from models.types import FloatArray

FORMAT = "retarget-weights-1"
CODE, STEPS, HIDDEN = 16, 12, 64
"""Numbers that describe a region, numbers that describe its displacement, width of a hidden layer."""

SIZES = (CODE + 2, HIDDEN, HIDDEN, STEPS)
CONDITION_GAIN = 5.0
"""Openness is a small number; the network's other inputs have a spread of about 1."""

EYE_REACH, LIP_REACH, SHARE_FROM = 0.22, 0.40, 0.03
"""How far around an eye or the lips the skin goes along (face half width 1), and which shares count as nothing."""

PASSES = 2
"""The second pass takes away what the first leaves of the difference to the wanted openness."""


@dataclass(frozen=True)
class Territory:
    """Which landmarks a network moves, and how much of its displacement each takes.

    Shapes:
        points: (N,) int64. share: (N,) float32 in (0, 1].
    """

    points: npt.NDArray[np.int64]
    share: FloatArray


def territory_of(face: CanonicalFace, name: str) -> Territory:
    """The region of "eyes" (the right eye) or "lips": 1 on it, falling off with the distance from it."""
    core = LIPS if name == "lips" else [*RIGHT_EYE_UPPER, *RIGHT_EYE_LOWER, *RIGHT_IRIS]
    reach = LIP_REACH if name == "lips" else EYE_REACH
    distance = np.linalg.norm(face.mean[:, None] - face.mean[core][None], axis=-1).min(1)
    share = np.exp(-((distance / reach) ** 2))
    points = np.flatnonzero(share > SHARE_FROM)
    return Territory(points.astype(np.int64), ((share[points] - SHARE_FROM) / (1.0 - SHARE_FROM)).astype(np.float32))


def network_shapes(face: CanonicalFace, name: str) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of one network in a weights file."""
    size = 3 * len(territory_of(face, name).points)
    arrays = {f"{name}.encode": (CODE, size), f"{name}.basis": (STEPS, size), f"{name}.direction": (size,)}
    return arrays | layer_shapes(name, SIZES)


@dataclass(frozen=True)
class OpeningNetwork:
    """One of the two networks.

    Shapes:
        mean: (N, 3), the region of the mean face. encode: (CODE, 3 N). direction: (3 N,), how the region moves when
        openness grows by 1. basis: (STEPS, 3 N).
    """

    territory: Territory
    mean: FloatArray
    encode: FloatArray
    direction: FloatArray
    basis: FloatArray
    perceptron: Perceptron

    @classmethod
    def of(cls, arrays: Arrays, face: CanonicalFace, name: str) -> OpeningNetwork:
        """Put together what a weights file holds."""
        territory = territory_of(face, name)
        encode, direction, basis = (arrays[f"{name}.{part}"] for part in ("encode", "direction", "basis"))
        perceptron = Perceptron.of(arrays, name, SIZES)
        return cls(territory, face.mean[territory.points], encode, direction, basis, perceptron)

    def opened(self, shape: FloatArray, measure: Callable[[FloatArray], float], wanted: float) -> FloatArray:
        """The shape (478, 3) with the region `wanted` open, as `measure` measures it."""
        for _ in range(PASSES):
            shape = self.displaced(shape, measure(shape), wanted)
        return shape

    def displaced(self, shape: FloatArray, now: float, wanted: float) -> FloatArray:
        """One pass."""
        points = self.territory.points
        code = self.encode @ (shape[points] - self.mean).reshape(-1)
        conditions = np.array([[now, now], [now, wanted]], np.float32) * CONDITION_GAIN
        rest, moved = self.perceptron(np.concatenate([np.stack([code, code]), conditions], axis=1))
        step = (wanted - now) * self.direction + (moved - rest) @ self.basis
        result = shape.copy()
        result[points] += step.reshape(-1, 3) * self.territory.share[:, None]
        return result


class Retargeter(Protocol):
    """Opens and shuts eyes and lips of a shape (478, 3) in the head's frame; 0 shut, 1 open."""

    def open_eyes(self, shape: FloatArray, own: FloatArray, wanted: float) -> FloatArray:
        """Both eyes; 1 is as open as in the portrait `own`, or as usual if those are shut."""
        ...

    def open_lips(self, shape: FloatArray, wanted: float) -> FloatArray:
        """The lips; 1 is wide open."""
        ...


@dataclass(frozen=True)
class AnalyticRetargeter:
    """Along the average direction in which faces open; needs no weights."""

    face: CanonicalFace

    def open_eyes(self, shape: FloatArray, own: FloatArray, wanted: float) -> FloatArray:
        return open_eyes(shape, own, wanted, self.face)

    def open_lips(self, shape: FloatArray, wanted: float) -> FloatArray:
        return open_lips(shape, wanted, self.face)


@dataclass(frozen=True)
class LearnedRetargeter:
    """The trained networks."""

    face: CanonicalFace
    eyes: OpeningNetwork
    lips: OpeningNetwork

    def open_eyes(self, shape: FloatArray, own: FloatArray, wanted: float) -> FloatArray:
        right, left = eye_target(own, wanted, self.face)
        shape = self.eyes.opened(shape, lambda s: eye_openness(s)[0], right)
        turned = self.eyes.opened(mirrored(shape, self.face), lambda s: eye_openness(s)[0], left)
        return mirrored(turned, self.face)

    def open_lips(self, shape: FloatArray, wanted: float) -> FloatArray:
        return self.lips.opened(shape, lip_openness, wanted * LIPS_WIDE_OPEN)


def mirrored(shape: FloatArray, face: CanonicalFace) -> FloatArray:
    """The shape of the mirror image: (478, 3) or (B, 478, 3), head frame; left and right change places."""
    return np.asarray(shape[..., face.mirror, :] * np.array([-1.0, 1.0, 1.0]), np.float32)


def load_retargeter(path: Path, sha256: str | None = None) -> LearnedRetargeter:
    """The networks of a weights file, checked.

    Raises:
        CheckpointError: the file is missing, wrong, truncated or changed; with name, reason and checksum.
    """
    face = load_canonical()
    arrays = load_small(path, FORMAT, network_shapes(face, "eyes") | network_shapes(face, "lips"), sha256)
    return LearnedRetargeter(face, OpeningNetwork.of(arrays, face, "eyes"), OpeningNetwork.of(arrays, face, "lips"))
