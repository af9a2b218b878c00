"""Eyes and mouth of one animated picture: corrected skin before the warp, and what lies behind it after the warp."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from models.geometric.eyes import eyeball_coordinates, met_lids, open_part
from models.geometric.mouth import mouth_reading
from models.geometric.opening import BOX_MARGIN, Box, Edges, OpeningField, opening_field, portrait_positions
from models.motion.landmark_sets import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
)
from models.sampling import sample
from models.types import FloatArray


@dataclass(frozen=True)
class PartOutline:
    """Which landmarks bound an opening; `iris` is the centre of the eyeball's iris, None for the mouth."""

    upper: list[int]
    lower: list[int]
    iris: int | None


PARTS = (
    PartOutline(RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, 468),
    PartOutline(LEFT_EYE_UPPER, LEFT_EYE_LOWER, 473),
    PartOutline(INNER_LIP_UPPER, INNER_LIP_LOWER, None),
)


@dataclass(frozen=True)
class PlacedPart:
    """One opening in one frame: its box in the picture, the box of the opening alone, and the view from it."""

    outline: PartOutline
    box: Box
    inner: Box
    source: Edges
    driving: Edges
    field: OpeningField


def place_parts(
    source: FloatArray, driving: FloatArray, scales: tuple[float, float], flow: Tensor, grid: Tensor
) -> list[PlacedPart]:
    """The openings that lie in the picture.

    Shapes:
        source, driving: (478, 3) landmarks. scales: half width of the face in either. flow: (2, G, G).
        grid: (1, 2, S, S), every pixel's own place.
    """
    placed = []
    for outline in PARTS:
        there = Edges.of(source, outline.upper, outline.lower, scales[0])
        here = Edges.of(driving, outline.upper, outline.lower, scales[1])
        if outline.iris is not None:
            there, here = met_lids(there, here, open_part(there, here))
        box = Box.around(here, grid.shape[-1], BOX_MARGIN * here.scale)
        inner = Box.around(here, grid.shape[-1], 2.0 / grid.shape[-1])
        if box is not None and inner is not None:
            field = opening_field(there, here, flow, grid[0, :, box.rows, box.columns])
            placed.append(PlacedPart(outline, box, inner, there, here, field))
    return placed


def correct_skin(offsets: Tensor, placed: list[PlacedPart]) -> None:
    """Add to the offsets (1, 2, S, S), in place, what makes the skin arrive at the edges of the openings."""
    for part in placed:
        offsets[0, :, part.box.rows, part.box.columns] += part.field.skin


def fill_openings(
    image: Tensor, picture: Tensor, cavity: Tensor, placed: list[PlacedPart], landmarks: tuple[FloatArray, FloatArray]
) -> None:
    """Put eyeballs and the inside of the mouth into the warped image, in place.

    Shapes:
        image, picture: (1, 3, S, S), animated and portrait. cavity: (3,) colour. landmarks: (478, 3) of portrait
            and driving face.
    """
    for part in placed:
        view = part.field.cut(*part.inner.within(part.box))
        if part.outline.iris is None:
            behind = _mouth(part, view, picture, cavity)
        else:
            iris = part.outline.iris
            behind = _eyeball(part, view, picture, landmarks[0][iris, :2], landmarks[1][iris, :2])
        target = image[0, :, part.inner.rows, part.inner.columns]
        target += view.inside() * (behind - target)


def _mouth(part: PlacedPart, view: OpeningField, picture: Tensor, cavity: Tensor) -> Tensor:
    reading = mouth_reading(view)
    seen = sample(picture, portrait_positions(part.source, reading.along, reading.height))[0]
    return seen + reading.dark * (cavity[:, None, None] - seen)


def _eyeball(
    part: PlacedPart, view: OpeningField, picture: Tensor, source_iris: FloatArray, driving_iris: FloatArray
) -> Tensor:
    along, height = eyeball_coordinates(view, part.source, part.driving, source_iris, driving_iris)
    return sample(picture, portrait_positions(part.source, along, height))[0]
