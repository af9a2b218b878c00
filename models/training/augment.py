"""Single pictures made into pairs: the same head as if it had moved and bent, in front of what was there.

A still gives no second frame, so every frame of such a sample is the picture under a smooth displacement of its own:
a similarity with a little perspective around the head that fades out towards the border (a head moves, a wall does
not), and a gentle local warp. The displacement lives on a coarse grid and is read bilinearly for pixels and for
landmarks alike, so the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.sampling import sample, unit_grid

GRID = 32
INVERSION_STEPS = 24
FADE = 0.35
"""Width of the fall from head to still background, unit coordinates."""


@dataclass(frozen=True)
class WarpStrength:
    """Largest amounts. turn: radians in the picture's plane; shift, local: unit coordinates; perspective: per unit."""

    turn: float = 0.2
    growth: float = 0.12
    shift: float = 0.1
    perspective: float = 0.1
    local: float = 0.015


def random_displacement(landmarks: Tensor, rng: np.random.Generator, strength: WarpStrength) -> Tensor:
    """What to add to a position to find where it reads from: (B, 478, 3) -> (B, 2, GRID, GRID), unit coordinates."""
    batch, device = len(landmarks), landmarks.device

    def drawn(*shape: int, most: float) -> Tensor:
        return torch.from_numpy(rng.uniform(-most, most, (batch, *shape)).astype(np.float32)).to(device)

    low, high = landmarks[..., :2].amin(1), landmarks[..., :2].amax(1)
    middle, radius = (low + high) / 2, (high - low).amax(1) * 0.7
    here = unit_grid((GRID, GRID), like=landmarks).permute(0, 3, 1, 2)  # (1, 2, GRID, GRID)
    place = here - middle[..., None, None]
    turn, growth = drawn(1, most=strength.turn)[:, 0], 1 + drawn(1, most=strength.growth)[:, 0]
    cos, sin = growth * turn.cos(), growth * turn.sin()
    matrix = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], 1)
    tilt = 1 + (drawn(2, most=strength.perspective)[..., None, None] * place).sum(1, keepdim=True)
    moved = torch.einsum("bij,bjhw->bihw", matrix, place) / tilt + drawn(2, most=strength.shift)[..., None, None]
    distance = place.square().sum(1, keepdim=True).sqrt()
    inside = torch.sigmoid((radius[:, None, None, None] + FADE - distance) / (FADE / 4))
    local = functional.interpolate(drawn(2, 6, 6, most=strength.local), size=(GRID, GRID), mode="bicubic")
    return inside * (moved - place) + inside * local


def bend_pictures(pictures: Tensor, displacement: Tensor) -> Tensor:
    """Pictures (B, 3, S, S) as they look displaced."""
    size = pictures.shape[-1]
    wide = functional.interpolate(displacement, size=(size, size), mode="bilinear", align_corners=False)
    return sample(pictures, unit_grid((size, size), like=pictures) + wide.permute(0, 2, 3, 1), padding="reflection")


def bend_landmarks(landmarks: Tensor, displacement: Tensor) -> Tensor:
    """Where the landmarks of a picture are after `bend_pictures`: its displacement inverted by fixed point.

    Shapes:
        landmarks: (B, 478, 3) unit coordinates. Depth grows as the face does.
    """
    wanted = landmarks[..., :2]
    found = wanted
    for _ in range(INVERSION_STEPS):
        found = wanted - sample(displacement, found[:, None])[:, :, 0].transpose(1, 2)
    size = _spread(found) / _spread(wanted)
    return torch.cat([found, landmarks[..., 2:] * size[:, None, None]], dim=-1)


def shades(batch: int, most: float, rng: np.random.Generator) -> Tensor:
    """Colour gains close to 1: (B, 3, 1, 1)."""
    gains: npt.NDArray[np.float32] = rng.uniform(1 - most, 1 + most, (batch, 3, 1, 1)).astype(np.float32)
    return torch.from_numpy(gains)


def _spread(points: Tensor) -> Tensor:
    return (points - points.mean(1, keepdim=True)).square().sum((1, 2)).sqrt()
