"""Shutting eyelids as fixed work on a device: what a frame's eyes are like in a row of numbers, and the painting.

The same pictures as `models.synergy.lids`, which cuts out boxes of changing size and asks the host about every eye.
Here both eyes are looked at together over the whole picture, and an eye that stays open counts nothing: the shapes of
all tensors, and so what a CUDA graph records, are the same in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.geometric.eyes import STRETCH_FROM, STRETCH_OVER
from models.geometric.opening import SHUT, SKIN_REACH, Edges
from models.layers.encoding import axis_positions
from models.sampling import sample, unit_grid
from models.synergy.lids import LIDS, MARGIN, WINDOW_FROM, WINDOW_OVER, Lidded, shutting
from models.types import FloatArray, MotionState

POINTS = len(LIDS[0].upper)
"""Along each edge of an eye."""

EDGE_ROWS = ("knots", "height", "source_along", "source_height", "lack_x", "lack_y", "x", "y")
"""Of every point of an edge: its place along the opening here, its height, the same of the portrait's edge, how far the
portrait's point is away, and where it is."""

EYE_NUMBERS = ("strength", "x", "y", "unit_x", "unit_y", "length", "scale", "shift_x", "shift_y")
SOURCE_NUMBERS = ("x", "y", "along_x", "along_y", "down_x", "down_y")
PER_EYE = len(EYE_NUMBERS) + len(SOURCE_NUMBERS) + 2 * len(EDGE_ROWS) * POINTS
ROW_LENGTH = len(LIDS) * PER_EYE

FARTHEST_TURN = (0.35, 0.12)
"""How far an iris is moved at most, along the opening and down; as in `models.geometric.eyes`."""


def lid_row(source: MotionState, driving: MotionState, side: int) -> FloatArray:
    """(ROW_LENGTH,): both eyes of a frame. side: of the picture, pixels."""
    points = (source.keypoints(), driving.keypoints())
    row = np.zeros((len(LIDS), PER_EYE), np.float32)
    row[:] = _open_eye()
    for outline, there, here, strength in shutting(points, (source.scale, driving.scale)):
        if not _seen(here, side):
            continue
        assert outline.iris is not None
        irises = tuple(landmarks[outline.iris, :2] for landmarks in points)
        row[LIDS.index(outline)] = _numbers(there, here, irises, strength)
    return row.reshape(-1)


def _open_eye() -> FloatArray:
    """An eye that changes nothing: numbers that divide by nothing, with no strength."""
    eye = np.zeros(len(EYE_NUMBERS), np.float32)
    eye[[3, 5, 6]] = 1.0  # unit_x, length, scale
    edges = np.zeros((2, len(EDGE_ROWS), POINTS), np.float32)
    edges[:, 0] = np.linspace(0.0, 1.0, POINTS)
    return np.asarray(np.concatenate([eye, np.zeros(len(SOURCE_NUMBERS), np.float32), edges.reshape(-1)]), np.float32)


def _seen(here: Edges, side: int) -> bool:
    """Whether the box that `models.synergy.lids` would cut out has any size."""
    points = np.concatenate([here.upper, here.lower])
    margin = MARGIN * here.scale
    low = np.clip(np.floor((points.min(0) - margin + 1.0) * side / 2.0), 0, side)
    high = np.clip(np.ceil((points.max(0) + margin + 1.0) * side / 2.0), 0, side)
    return bool((high - low >= 2).all())


def _numbers(there: Edges, here: Edges, irises: tuple[FloatArray, ...], strength: float) -> FloatArray:
    length = float(np.linalg.norm(here.axis))
    unit = here.axis / length
    shift = here.local(irises[1][None])[0] - there.local(irises[0][None])[0]
    turn = [float(np.clip(shift[i], -FARTHEST_TURN[i], FARTHEST_TURN[i])) for i in (0, 1)]
    eye = [strength, *here.upper[0], *unit, length, here.scale, *turn]
    axis = there.axis
    down = np.array([-axis[1], axis[0]]) / float(np.linalg.norm(axis)) * there.scale
    edges = [_edge(there, here, there.upper, here.upper), _edge(there, here, there.lower, here.lower)]
    return np.asarray(np.concatenate([eye, [*there.upper[0], *axis, *down], *edges]), np.float32)


def _edge(there: Edges, here: Edges, its_points: FloatArray, points: FloatArray) -> FloatArray:
    mine, its = here.local(points), there.local(its_points)
    knots = np.maximum.accumulate(mine[:, 0]) + np.arange(len(mine), dtype=np.float32) * 1e-4
    lack = its_points - points
    rows = (knots, mine[:, 1], its[:, 0], its[:, 1], lack[:, 0], lack[:, 1], points[:, 0], points[:, 1])
    return np.asarray(np.concatenate(rows), np.float32)


@dataclass(frozen=True)
class _Eyes:
    """Both eyes of a frame on the device; every number as (E, 1, 1), edges as (2, E, rows, POINTS), upper first."""

    numbers: dict[str, Tensor]
    source: dict[str, Tensor]
    edges: Tensor

    @classmethod
    def of(cls, row: Tensor) -> _Eyes:
        eyes = row.view(len(LIDS), PER_EYE)
        first, second = len(EYE_NUMBERS), len(EYE_NUMBERS) + len(SOURCE_NUMBERS)
        numbers = {name: eyes[:, i, None, None] for i, name in enumerate(EYE_NUMBERS)}
        source = {name: eyes[:, first + i, None, None] for i, name in enumerate(SOURCE_NUMBERS)}
        edges = eyes[:, second:].view(len(LIDS), 2, len(EDGE_ROWS), POINTS).transpose(0, 1)
        return cls(numbers, source, edges)


def paint_lids(image: Tensor, flow: Tensor, portrait: Tensor, row: Tensor) -> Lidded:
    """`models.synergy.lids.with_lids` on what `lid_row` made.

    Shapes:
        image, portrait: (1, 3, S, S) in [0, 1]. flow: (1, H, W, 2). row: (ROW_LENGTH,).
    """
    eyes, side = _Eyes.of(row), image.shape[-1]
    offsets = (flow - unit_grid(flow.shape[1:3], like=flow)).permute(0, 3, 1, 2)  # (1, 2, H, W)
    axis = axis_positions(side, image)
    at = eyes.numbers
    x, y = axis[None, None, :] - at["x"], axis[None, :, None] - at["y"]
    along = (x * at["unit_x"] + y * at["unit_y"]) / at["length"]  # (E, S, S)
    height = (y * at["unit_x"] - x * at["unit_y"]) / at["scale"]
    upper, lower = (_along_edge(along, eyes.edges[i], offsets) for i in (0, 1))  # (5, E, S, S)
    pixel = (2.0 / side) / at["scale"]
    grid = torch.stack([axis[None, :].expand(side, side), axis[:, None].expand(side, side)], -1)[None]
    smooth = sample(offsets, grid)[0].permute(1, 2, 0)  # (S, S, 2)
    skin = _skin(along, height, upper, lower, at["length"] / at["scale"])  # (E, S, S, 2)
    seen = _read(portrait, grid + smooth + skin)  # (E, 3, S, S)
    gap = (lower[0] - upper[0]).clamp_min(0.0)
    softened = _softened(seen, height, (upper[0] + lower[0]) / 2.0, gap, pixel)
    eyeball = _read(portrait, _eyeball_grid(eyes, along, height, upper, lower, gap, pixel))
    shown = torch.lerp(softened, eyeball, _inside(along, height, upper[0], lower[0], gap, pixel)[:, None])
    window = at["strength"] * _window(along, height, upper[0], lower[0], at["length"] / at["scale"])
    for eye in range(len(LIDS)):
        image = image + window[eye] * (shown[eye] - image)
    return Lidded(image, window.amax(0)[None, None])


def _read(portrait: Tensor, grids: Tensor) -> Tensor:
    """(1, 3, S, S) at (E, S, S, 2): (E, 3, S, S), without a copy of the portrait."""
    eyes, side = grids.shape[:2]
    found = sample(portrait, grids.reshape(1, eyes * side, side, 2))  # eyes below each other
    return torch.unflatten(found[0], 1, (eyes, side)).transpose(0, 1)


def _along_edge(along: Tensor, edge: Tensor, offsets: Tensor) -> Tensor:
    """(5, E, S, S): the edge's height, the source's place and height, the missing offset, at every pixel's place."""
    knots = edge[:, 0].contiguous()  # (E, N)
    read = sample(offsets, edge[None, :, 6:8].transpose(2, 3))[0]  # (2, E, N)
    values = torch.cat([edge[:, 1:4].transpose(0, 1), edge[:, 4:6].transpose(0, 1) - read])  # (5, E, N)
    eyes, side = along.shape[:2]
    at = along.flatten(1).clamp(knots[:, :1], knots[:, -1:]).contiguous()  # (E, S S)
    right = torch.searchsorted(knots, at).clamp(1, POINTS - 1)
    left_knot, right_knot = knots.gather(1, right - 1), knots.gather(1, right)
    share = (at - left_knot) / (right_knot - left_knot)
    wide = right.expand(len(values), -1, -1)
    before = values.gather(2, wide - 1)
    found: Tensor = before + share * (values.gather(2, wide) - before)
    return found.view(len(values), eyes, side, side)


def _skin(along: Tensor, height: Tensor, upper: Tensor, lower: Tensor, length: Tensor) -> Tensor:
    """(E, S, S, 2): what the skin's offsets lack to arrive at the edges exactly."""
    beyond = (along - along.clamp(0.0, 1.0)) * length
    is_upper = height < (upper[0] + lower[0]) / 2.0
    away = torch.where(is_upper, (upper[0] - height).clamp_min(0.0), (height - lower[0]).clamp_min(0.0))
    fade = torch.exp((away**2 + beyond**2) * (-1.0 / SKIN_REACH**2))
    least = float(np.exp(-4.0))
    edge = (fade - least).clamp_min(0.0) / (1.0 - least)
    return (torch.where(is_upper, upper[3:], lower[3:]) * edge).permute(1, 2, 3, 0)


def _softened(skin: Tensor, height: Tensor, middle: Tensor, gap: Tensor, pixel: Tensor) -> Tensor:
    both = functional.avg_pool2d(skin, (3, 1), 1, (1, 0), count_include_pad=False)
    near = (1.0 - (height - middle).abs() / (2.0 * pixel) - gap / (2.0 * pixel)).clamp(0.0, 1.0)
    return torch.lerp(skin, both, near[:, None])


def _inside(along: Tensor, height: Tensor, upper: Tensor, lower: Tensor, gap: Tensor, pixel: Tensor) -> Tensor:
    soft = 1.2 * pixel
    below = ((height - upper) / soft + 0.5).clamp(0.0, 1.0)
    above = ((lower - height) / soft + 0.5).clamp(0.0, 1.0)
    between = ((along > 0.0) & (along < 1.0)).float()
    return below * above * between * ((gap - SHUT) / soft).clamp(0.0, 1.0)


def _eyeball_grid(
    eyes: _Eyes, along: Tensor, height: Tensor, upper: Tensor, lower: Tensor, gap: Tensor, pixel: Tensor
) -> Tensor:
    """(E, S, S, 2): where the portrait's eyeball is read; see `models.geometric.eyes.eyeball_coordinates`."""
    held = 1.0 - (2.0 * along.clamp(0.0, 1.0) - 1.0) ** 4
    place = (upper[1] + lower[1]) / 2.0 - held * eyes.numbers["shift_x"]
    turned = height - held * eyes.numbers["shift_y"]
    low, high = upper[2], torch.maximum(lower[2], upper[2])
    covered = torch.minimum(torch.maximum(turned, low), high)
    stretched = low + ((height - upper[0]) / torch.maximum(gap, pixel)).clamp(0.0, 1.0) * (high - low)
    wider = gap / torch.maximum((lower[2] - upper[2]).clamp_min(0.0), pixel)
    deep = torch.lerp(covered, stretched, ((wider - STRETCH_FROM) / STRETCH_OVER).clamp(0.0, 1.0))
    there = eyes.source
    x = there["x"] + place * there["along_x"] + deep * there["down_x"]
    y = there["y"] + place * there["along_y"] + deep * there["down_y"]
    return torch.stack([x, y], -1)


def _window(along: Tensor, height: Tensor, upper: Tensor, lower: Tensor, length: Tensor) -> Tensor:
    beside = (along - along.clamp(0.0, 1.0)) * length
    away = torch.maximum(upper - height, height - lower).clamp_min(0.0)
    x = ((away.square() + beside.square()).sqrt() - WINDOW_FROM).div(WINDOW_OVER).clamp(0.0, 1.0)
    return 1.0 - x * x * (3.0 - 2.0 * x)
