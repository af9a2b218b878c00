"""The label in the corner that tells who looks at the picture that it shows no camera's picture.

In the corner at the top on the left: meeting programs write names at the bottom and put their signs on the right.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.types import FloatArray, ImageArray

TEXT = "AI avatar"

LETTERS_SHARE, INSET_SHARE = 0.036, 0.025
"""Height of the letters, and distance from the edges, of the picture's shorter side."""

INK, GROUND = (240, 242, 246), (20, 22, 27)
GROUND_ALPHA = 0.78
"""Dark enough behind light letters for any picture: at least 4.5 : 1 even on white."""


class Badge:
    """One label for pictures of one size (h, w); drawn once, put on every frame."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._label, self._alpha = _drawn(size)
        inset = max(2, round(INSET_SHARE * min(size)))
        h, w = self._alpha.shape
        self._place = (slice(inset, min(inset + h, size[0])), slice(inset, min(inset + w, size[1])))
        rows, columns = (place.stop - place.start for place in self._place)
        self._label, self._alpha = self._label[:rows, :columns].copy(), self._alpha[:rows, :columns].copy()
        self._rest = 1.0 - self._alpha

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns of the picture it covers."""
        return self._place

    def put_on(self, picture: ImageArray) -> None:
        """Draw it into (h, w, 3) uint8, in place."""
        before = np.ascontiguousarray(picture[self._place])
        picture[self._place] = cv2.blendLinear(self._label, before, self._alpha, self._rest)

    def put_on_alpha(self, alpha: ImageArray) -> None:
        """Make (h, w) uint8 as opaque as the label, in place: a transparent background does not hide it."""
        label = (self._alpha * 255.0).round().astype(np.uint8)
        alpha[self._place] = np.maximum(alpha[self._place], label)


def _drawn(size: tuple[int, int]) -> tuple[ImageArray, FloatArray]:
    """Colours (rows, columns, 3) and opacity (rows, columns) of the label."""
    font = ImageFont.load_default(size=max(8.0, LETTERS_SHARE * min(size)))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(TEXT))
    pad_x, pad_y = round(0.6 * (bottom - top)), round(0.45 * (bottom - top))
    w, h = right - left + 2 * pad_x, bottom - top + 2 * pad_y
    ground, letters = Image.new("L", (w, h)), Image.new("L", (w, h))
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, w - 1, h - 1), radius=h * 0.28, fill=255)
    ImageDraw.Draw(letters).text((pad_x - left, pad_y - top), TEXT, fill=255, font=font)
    ink = np.asarray(letters, np.float32)[..., None] / 255.0
    colours = np.array(GROUND, np.float32) * (1.0 - ink) + np.array(INK, np.float32) * ink
    alpha = np.maximum(np.asarray(ground, np.float32) / 255.0 * GROUND_ALPHA, ink[..., 0])
    return colours.round().astype(np.uint8), alpha.astype(np.float32)
