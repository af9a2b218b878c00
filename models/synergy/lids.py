"""Shutting eyelids: skin that covers the eyeball, read from the portrait, where the network's smooth flow cannot.

Where two lids meet, a smooth flow reads the average of both: the middle of the open eye. So eyes that are to be less
open than the portrait's are taken from `models.geometric.opening`, in which skin follows its own edge and the eyeball
is a layer behind it. Eyes as open as the portrait's, or wider, stay as the network made them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.geometric.eyes import eyeball_coordinates, met_lids, open_part
from models.geometric.opening import Box, Edges, OpeningField, opening_field, portrait_positions
from models.geometric.parts import PARTS, PartOutline
from models.layers.encoding import axis_positions
from models.sampling import sample, unit_grid
from models.types import FloatArray, MotionState

LIDS = tuple(part for part in PARTS if part.iris is not None)

SHUTS_FROM, SHUTS_OVER = 0.92, 0.3
"""Share of the portrait's openness below which the lids come from here, and over which they come in gradually."""

WINDOW_FROM, WINDOW_OVER = 0.06, 0.10
"""How far around an eye the skin comes from here, and over which distance it fades, in half widths of the face."""

MARGIN = WINDOW_FROM + WINDOW_OVER + 0.02


@dataclass(frozen=True)
class Lidded:
    """Shapes: image (1, 3, S, S); share (1, 1, S, S), 1 where the picture comes from here."""

    image: Tensor
    share: Tensor


def with_lids(
    image: Tensor, flow: Tensor, portrait: Tensor, source: MotionState, driving: MotionState
) -> Lidded | None:
    """The picture with the eyes that are to shut, shut; None where no eye is.

    Shapes:
        image, portrait: (1, 3, S, S) in [0, 1]. flow: (1, H, W, 2), where the portrait is read.
    """
    points = (source.keypoints(), driving.keypoints())
    wanted = shutting(points, (source.scale, driving.scale))
    if not wanted:
        return None
    offsets = (flow - unit_grid(flow.shape[1:3], like=flow))[0].permute(2, 0, 1)  # (2, H, W)
    image = image.clone()
    share = torch.zeros_like(image[:, :1])
    for outline, there, here, strength in wanted:
        box = Box.around(here, image.shape[-1], MARGIN * here.scale)
        if box is None:
            continue
        assert outline.iris is not None
        irises = tuple(landmarks[outline.iris, :2] for landmarks in points)
        seen, window = _eye(box, offsets, portrait, (there, here), irises)
        window = strength * window
        target = image[0, :, box.rows, box.columns]
        target += window * (seen - target)
        share[0, 0, box.rows, box.columns] = torch.maximum(share[0, 0, box.rows, box.columns], window)
    return Lidded(image, share)


def shutting(
    points: tuple[FloatArray, FloatArray], scales: tuple[float, float]
) -> list[tuple[PartOutline, Edges, Edges, float]]:
    """The eyes that are to be less open than the portrait's, with their edges there and here, and by how much."""
    found = []
    for outline in LIDS:
        there, here = (
            Edges.of(landmarks, outline.upper, outline.lower, scale)
            for landmarks, scale in zip(points, scales, strict=True)
        )
        part = open_part(there, here)
        strength = _strength(part)
        if strength > 0.0:
            found.append((outline, *met_lids(there, here, part), strength))
    return found


def _strength(part: float) -> float:
    """0 for an eye as open as the portrait's, 1 for one that is to be clearly less open."""
    missing = float(np.clip((SHUTS_FROM - part) / SHUTS_OVER, 0.0, 1.0))
    return missing * missing * (3.0 - 2.0 * missing)


def _eye(
    box: Box, offsets: Tensor, portrait: Tensor, edges: tuple[Edges, Edges], irises: tuple[FloatArray, ...]
) -> tuple[Tensor, Tensor]:
    """Skin and eyeball of a box: (3, h, w), and where they count: (h, w)."""
    there, here = edges
    axis = axis_positions(portrait.shape[-1], portrait)
    y, x = torch.meshgrid(axis[box.rows], axis[box.columns], indexing="ij")
    grid = torch.stack([x, y])
    field = opening_field(there, here, offsets, grid)
    flow = sample(offsets[None], grid.permute(1, 2, 0)[None])[0] + field.skin
    skin = sample(portrait, (grid + flow).permute(1, 2, 0)[None])[0]
    along, height = eyeball_coordinates(field, there, here, irises[0], irises[1])
    eyeball = sample(portrait, portrait_positions(there, along, height))[0]
    return torch.lerp(_softened(skin, field), eyeball, field.inside()), _window(field, here)


def _softened(skin: Tensor, field: OpeningField) -> Tensor:
    """The skin (3, h, w) without a jagged seam: where shut lids meet, a pixel shows some of both."""
    both = functional.avg_pool2d(skin[None], (3, 1), 1, (1, 0), count_include_pad=False)[0]
    middle = (field.upper + field.lower) / 2.0
    near = (1.0 - (field.height - middle).abs() / (2.0 * field.pixel) - field.gap / (2.0 * field.pixel)).clamp(0.0, 1.0)
    return torch.lerp(skin, both, near)


def _window(field: OpeningField, here: Edges) -> Tensor:
    """(h, w): 1 on the eye and its lids, 0 where the box ends."""
    length = float(np.linalg.norm(here.axis)) / here.scale
    beside = (field.along - field.along.clamp(0.0, 1.0)) * length
    away = torch.maximum(field.upper - field.height, field.height - field.lower).clamp_min(0.0)
    x = ((away.square() + beside.square()).sqrt() - WINDOW_FROM).div(WINDOW_OVER).clamp(0.0, 1.0)
    return 1.0 - x * x * (3.0 - 2.0 * x)
