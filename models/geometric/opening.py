"""Openings of the face - eyes and mouth - as the space between two curves, in the portrait and in the driving face.

A smooth flow cannot open or shut anything: where lids meet, it squashes the eyeball into a line. So an opening is
treated in its own frame, at full resolution and in a small box: skin follows its own edge and nothing else, and what
lies behind (eyeball, inside of the mouth) is another layer that the skin covers and uncovers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from models.geometric.field import read_at
from models.sampling import sample
from models.types import FloatArray

SKIN_REACH = 0.17
"""How far the edges of an opening pull the skin beside them along, in half widths of the face."""

BOX_MARGIN = 0.34
"""How far the box goes beyond the opening, in half widths of the face: beyond twice the reach nothing changes."""


SHUT = 0.012
"""Gap, in half widths of the face, up to which edges count as touching: FaceMesh never quite closes an eye."""

TABLE = 512
"""Even steps along an opening at which its edges are tabulated: more than it has pixels."""

PIXEL_FIELDS = ("along", "height", "upper", "lower", "source_along", "source_upper", "source_lower", "skin")


@dataclass(frozen=True)
class Edges:
    """An opening in one picture, in a frame whose x axis runs from its first corner to its second.

    Shapes:
        upper, lower: (N, 2) points along its edges, corner to corner, unit coordinates.
        scale: half width of the face in that picture, the unit of heights.
    """

    upper: FloatArray
    lower: FloatArray
    scale: float

    @classmethod
    def of(cls, landmarks: FloatArray, upper: list[int], lower: list[int], scale: float) -> Edges:
        return cls(landmarks[upper, :2], landmarks[lower, :2], scale)

    @cached_property
    def axis(self) -> FloatArray:
        """(2,) from corner to corner; never zero, not even for an eye seen from the side."""
        along = self.upper[-1] - self.upper[0]
        shortest = 0.02 * self.scale
        if math.hypot(*along.tolist()) > shortest:
            return np.asarray(along, np.float32)
        return np.array([shortest, 0.0], np.float32)

    def local(self, points: FloatArray) -> FloatArray:
        """(N, 2): share of the way between the corners, and height (down) in half widths of the face."""
        length = math.hypot(*self.axis.tolist())
        unit = self.axis / length
        offset = points - self.upper[0]
        across = offset @ np.array([-unit[1], unit[0]], np.float32)
        return np.asarray(np.stack([offset @ unit / length, across / self.scale], 1), np.float32)


@dataclass(frozen=True)
class Box:
    """Rows and columns of a picture around an opening."""

    rows: slice
    columns: slice

    @classmethod
    def around(cls, edges: Edges, side: int, margin: float) -> Box | None:
        """None where the opening lies outside the picture. margin: in unit coordinates."""
        points = np.concatenate([edges.upper, edges.lower])
        low = np.floor((points.min(0) - margin + 1.0) * side / 2.0)
        high = np.ceil((points.max(0) + margin + 1.0) * side / 2.0)
        (left, top), (right, bottom) = np.clip(low, 0, side).astype(int), np.clip(high, 0, side).astype(int)
        if right - left < 2 or bottom - top < 2:
            return None
        return cls(slice(int(top), int(bottom)), slice(int(left), int(right)))

    def within(self, outer: Box) -> tuple[slice, slice]:
        """Rows and columns of this box counted from the corner of a larger one."""
        top, left = outer.rows.start, outer.columns.start
        return (
            slice(max(self.rows.start - top, 0), self.rows.stop - top),
            slice(max(self.columns.start - left, 0), self.columns.stop - left),
        )


@dataclass(frozen=True)
class OpeningField:
    """Every pixel of a box, as seen from the edges of an opening.

    Shapes:
        all (h, w): along: share of the way from corner to corner. height: of the pixel, downwards.
        upper, lower: height of the edges here. source_along_upper, source_upper and so on: the same spots of the
            edges in the portrait.
        skin: (2, h, w), what the skin's offsets lack to arrive at the edges exactly.
        pixel: side of a pixel in the unit of heights.
    """

    along: Tensor
    height: Tensor
    upper: Tensor
    lower: Tensor
    source_along: Tensor
    source_upper: Tensor
    source_lower: Tensor
    skin: Tensor
    pixel: float

    @property
    def gap(self) -> Tensor:
        """How far the driving opening is open here."""
        return (self.lower - self.upper).clamp_min(0.0)

    @property
    def source_gap(self) -> Tensor:
        """How far the portrait's opening is open here."""
        return (self.source_lower - self.source_upper).clamp_min(0.0)

    def cut(self, rows: slice, columns: slice) -> OpeningField:
        """The same for a part of the box."""
        kept = {name: getattr(self, name)[..., rows, columns] for name in PIXEL_FIELDS}
        return replace(self, **kept)

    def inside(self) -> Tensor:
        """(h, w): 1 in the opening, 0 on the skin, soft over a pixel or so."""
        soft = 1.2 * self.pixel
        below = ((self.height - self.upper) / soft + 0.5).clamp(0.0, 1.0)
        above = ((self.lower - self.height) / soft + 0.5).clamp(0.0, 1.0)
        between = ((self.along > 0.0) & (self.along < 1.0)).float()
        return below * above * between * ((self.gap - SHUT) / soft).clamp(0.0, 1.0)


def opening_field(source: Edges, driving: Edges, flow: Tensor, grid: Tensor) -> OpeningField:
    """Look at a box of pixels from an opening.

    Shapes:
        flow: (2, G, G), the smooth offsets. grid: (2, h, w), the box's pixels in unit coordinates.
    """
    length = float(np.linalg.norm(driving.axis))
    unit = driving.axis / length
    x, y = grid[0] - float(driving.upper[0, 0]), grid[1] - float(driving.upper[0, 1])
    along = (x * float(unit[0]) + y * float(unit[1])) / length
    height = (y * float(unit[0]) - x * float(unit[1])) / driving.scale
    upper, lower = _edges_at(
        along, _Course.of(source, driving, flow, lower=False), _Course.of(source, driving, flow, lower=True)
    )
    pixel = float(grid[0, 0, 1] - grid[0, 0, 0]) / driving.scale
    return OpeningField(
        along=along,
        height=height,
        upper=upper[0],
        lower=lower[0],
        source_along=(upper[1] + lower[1]) / 2.0,
        source_upper=upper[2],
        source_lower=lower[2],
        skin=_skin(along, height, upper, lower, length / driving.scale),
        pixel=pixel,
    )


@dataclass(frozen=True)
class _Course:
    """What is known at the points of one edge.

    Shapes:
        places: (N,), shares of the way between the corners, increasing.
        values: (5, N): height, the source's place and height, and the offset (x, y) the smooth flow lacks.
    """

    places: FloatArray
    values: Tensor

    @classmethod
    def of(cls, source: Edges, driving: Edges, flow: Tensor, *, lower: bool) -> _Course:
        there, here = (source.lower, driving.lower) if lower else (source.upper, driving.upper)
        mine, its = driving.local(here), source.local(there)
        places = np.maximum.accumulate(mine[:, 0]) + np.arange(len(mine), dtype=np.float32) * 1e-4
        points = torch.from_numpy(np.ascontiguousarray(here)).to(flow.device)
        lack = torch.from_numpy(there - here).to(flow.device) - read_at(flow, points)
        known = torch.from_numpy(np.column_stack([mine[:, 1], its])).to(flow.device)
        return cls(places, torch.cat([known, lack], 1).T)

    def spread(self, low: float, high: float) -> Tensor:
        """(5, TABLE): between the points linearly, at even steps from `low` to `high`, held beyond the ends."""
        at = np.clip(np.linspace(low, high, TABLE, dtype=np.float32), self.places[0], self.places[-1])
        right = np.clip(np.searchsorted(self.places, at), 1, len(self.places) - 1)
        share = (at - self.places[right - 1]) / (self.places[right] - self.places[right - 1])
        after = torch.from_numpy(right).to(self.values.device)
        before = self.values[:, after - 1]
        return before + torch.from_numpy(share).to(self.values.device) * (self.values[:, after] - before)


def _edges_at(along: Tensor, upper: _Course, lower: _Course) -> tuple[Tensor, Tensor]:
    """Both edges' values, (5, h, w) each, at every pixel's place along the opening.

    Looked up in a table with even steps: finding the two neighbouring points anew for every pixel takes five times
    as long.
    """
    low = float(min(upper.places[0], lower.places[0]))
    high = float(max(upper.places[-1], lower.places[-1]))
    table = torch.cat([upper.spread(low, high), lower.spread(low, high)])[None, :, None]
    column = ((along - low) * ((TABLE - 1) / (high - low)) + 0.5) * (2.0 / TABLE) - 1.0
    values = sample(table, torch.stack([column, torch.zeros_like(column)], -1)[None])[0]
    return values[:5], values[5:]


def _skin(along: Tensor, height: Tensor, upper: Tensor, lower: Tensor, length: float) -> Tensor:
    beyond = (along - along.clamp(0.0, 1.0)) * length
    is_upper = height < (upper[0] + lower[0]) / 2.0
    away = torch.where(is_upper, (upper[0] - height).clamp_min(0.0), (height - lower[0]).clamp_min(0.0))
    fade = torch.exp((away**2 + beyond**2) * (-1.0 / SKIN_REACH**2))
    edge = (fade - np.exp(-4.0)).clamp_min(0.0) / (1.0 - np.exp(-4.0))
    return torch.where(is_upper, upper[3:], lower[3:]).mul_(edge)


def portrait_positions(source: Edges, along: Tensor, height: Tensor) -> Tensor:
    """(1, h, w, 2): places in the portrait's picture of coordinates in its opening's frame."""
    axis = source.axis
    down = np.array([-axis[1], axis[0]]) / float(np.linalg.norm(axis)) * source.scale
    x = float(source.upper[0, 0]) + along * float(axis[0]) + height * float(down[0])
    y = float(source.upper[0, 1]) + along * float(axis[1]) + height * float(down[1])
    return torch.stack([x, y], -1)[None]
