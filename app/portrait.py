"""A portrait made ready off the live path: the picture, where the face is in it, and what preparation found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.crop import CropTransform
from models.types import FloatArray, ImageArray, PortraitView

CROP_PX = 512
"""Side of the square the face is cropped to; the pixel path works at this resolution."""

MAX_PICTURE_PX = 1920
"""Long side of the whole picture kept in memory and written by `animate`."""


@dataclass(frozen=True)
class QualityNote:
    """One thing about a picture that will show in the result, with the reason and what to do."""

    code: str  # "small", "dark", "bright", "blurred", "turned", "mouth-open", "eyes-closed", "several-faces", "edge"
    sentence: str


@dataclass(frozen=True)
class LoadedPortrait:
    """One person's picture, prepared once and swapped into the render thread between frames.

    Shapes:
        picture: (H, W, 3) uint8 RGB, at most MAX_PICTURE_PX on the long side, sides even; alpha already composed.
        alpha: (H, W) uint8 where the file had transparency, else None.
        foreground: (H, W) float32, 1 = person.
        background: (H, W, 3) uint8, the picture with the person painted out.
        paste_mask: (S, S) float32 in crop coordinates, soft, 0 at the border of the crop: where an animated
            square replaces the picture.
    """

    path: Path | None
    name: str
    picture: ImageArray
    alpha: ImageArray | None
    foreground: FloatArray
    background: ImageArray
    crop: CropTransform
    view: PortraitView
    paste_mask: FloatArray
    references: tuple[PortraitView, ...] = ()
    notes: tuple[QualityNote, ...] = field(default=())
