"""Keeps shoulders and the border of the square as the portrait has them, so that the square can be pasted back.

The flow fades out towards the border and below the chin, and where it is less than the network's own, the portrait's
pixels warped by it are shown in place of the network's picture: a continuous bend, no ghost of two pictures. A
stitching network (LivePortrait Sec. 3.3) acts before the network instead, on the keypoints, and leaves less for this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.layers.encoding import axis_positions, gaussian_map
from models.sampling import sample, unit_grid
from models.types import MotionState

RIM = 0.14
"""Width of the still rim of the square and of its fading, in half sides."""

NECK_FROM, NECK = 0.75, 0.75
"""Where the neck begins to hand over from head to shoulders, below the middle of the face, and over which length; in
half widths of the face, the length grows with how far the head travels."""

FACE_STEP, FACE_SIGMA = 6, 0.09
"""Every so many landmarks, with a Gaussian of that width around each, say where the face is."""

SHOWS_FROM = 0.7
"""Share of the network's flow from which its picture begins to be seen; below, picture and bend would differ."""


@dataclass(frozen=True)
class Neck:
    """How a neck follows; a stitching network chooses it, in training as tensors with gradients.

    begins: where it begins to hand over, half widths of the face below its middle. stretch: 1 hands over along the
        usual length, 2 along twice that.
    """

    begins: float | Tensor = NECK_FROM
    stretch: float | Tensor = 1.0


USUAL_NECK = Neck()


@dataclass(frozen=True)
class Held:
    """Shapes: image (1, 3, S, S); flow (1, H, W, 2); shown (1, 1, S, S), 1 where the network's picture is seen."""

    image: Tensor
    flow: Tensor
    shown: Tensor


def hold_border(
    image: Tensor,
    flow: Tensor,
    portrait: Tensor,
    source: MotionState,
    driving: MotionState,
    neck: Neck = USUAL_NECK,
) -> Held:
    """The network's picture where the head is, the portrait bent towards it around.

    Shapes:
        image, portrait: (1, 3, S, S) in [0, 1]. flow: (1, H, W, 2).
    """
    return hold_by(head_share(source, driving, flow, neck), image, flow, portrait)


def hold_by(share: Tensor, image: Tensor, flow: Tensor, portrait: Tensor) -> Held:
    """`hold_border` with the share (1, 1, H, W) of the head's motion that every position takes."""
    still = unit_grid(flow.shape[1:3], like=flow)
    bent = torch.lerp(still, flow, share.permute(0, 2, 3, 1))
    side = image.shape[-1]
    shown = enlarged(_smoothstep((share - SHOWS_FROM) / (1.0 - SHOWS_FROM)), side)
    around = sample(portrait, enlarged_grid(bent, side))
    return Held(torch.lerp(around, image, shown), bent, shown)


def head_share(source: MotionState, driving: MotionState, like: Tensor, neck: Neck = USUAL_NECK) -> Tensor:
    """How much of the head's motion every position takes: (1, 1, H, W); 1 in the face, 0 on the rim and the shoulders.

    Shapes:
        like: (1, H, W, 2), gives size, device and dtype.
    """
    points = torch.from_numpy(driving.keypoints()[:468:FACE_STEP]).to(like.device, like.dtype)[None]
    return share_of(HeadPose.of(source, driving, neck), points, like)


@dataclass(frozen=True)
class HeadPose:
    """Where a head is and how its neck follows, as numbers or as tensors of one element.

    x, y: its middle. down_x, down_y: its own upright, of length 1. begins, length: of the neck, half widths of the
        face.
    """

    x: float | Tensor
    y: float | Tensor
    scale: float | Tensor
    down_x: float | Tensor
    down_y: float | Tensor
    begins: float | Tensor
    length: float | Tensor

    @classmethod
    def of(cls, source: MotionState, driving: MotionState, neck: Neck) -> HeadPose:
        travel = float(np.linalg.norm(driving.translation[:2] - source.translation[:2])) / driving.scale
        upright = driving.camera_from_head[:2, 1]
        down = upright / max(float(np.linalg.norm(upright)), 1e-6)
        x, y = (float(place) for place in driving.translation[:2])
        length = (NECK + 0.8 * travel) * neck.stretch
        return cls(x, y, driving.scale, float(down[0]), float(down[1]), neck.begins, length)


def share_of(head: HeadPose, points: Tensor, like: Tensor) -> Tensor:
    """`head_share` of a head in tensors.

    Shapes:
        points: (1, N, 3), landmarks all over the face.
    """
    axis = axis_positions(like.shape[1], like)
    x, y = (axis - head.x) / head.scale, (axis - head.y) / head.scale
    below = x[None, :] * head.down_x + y[:, None] * head.down_y  # half widths below the middle of the face
    upper = 1.0 - _smoothstep((below - head.begins) / head.length)
    face = _smoothstep(gaussian_map(points, len(axis), FACE_SIGMA)[0].amax(0) * 1.6)
    rim = _smoothstep((1.0 - axis.abs()) / RIM - 0.3)
    return (torch.maximum(upper, face) * rim[None, :] * rim[:, None])[None, None]


def enlarged(values: Tensor, side: int) -> Tensor:
    """(1, C, h, w) -> (1, C, side, side)."""
    return functional.interpolate(values, size=(side, side), mode="bilinear", align_corners=False)


def enlarged_grid(grid: Tensor, side: int) -> Tensor:
    """A grid of positions at a finer size: (1, h, w, 2) -> (1, side, side, 2).

    What is enlarged are the offsets: enlarged positions would repeat the outermost ones along the border. x and y stay
    apart in memory, as they are here: on a CPU, side by side they would take three times as long to make and to read.
    """
    offsets = (grid - unit_grid(grid.shape[1:3], like=grid)).permute(0, 3, 1, 2)
    fine, axis = enlarged(offsets.contiguous(), side), axis_positions(side, grid)
    fine[:, 0].add_(axis)
    fine[:, 1].add_(axis[:, None])
    return fine.permute(0, 2, 3, 1)


def _smoothstep(x: Tensor) -> Tensor:
    x = x.clamp(0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
