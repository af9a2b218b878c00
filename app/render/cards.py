"""The AWAY card: what others see when there is nobody to show. Never made from a camera picture.

Only Pillow and numpy are imported, because the process that keeps the virtual camera open draws it too.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from models.types import FloatArray, ImageArray

TITLE = "Away"
SUBTITLE = "Back in a moment"

TOP, BOTTOM = (38, 41, 48), (22, 24, 29)
"""A dark neutral slope, so that the card rests the eye and does not flash when it appears."""

PORTRAIT_SHARE = 0.30
"""How much of the blurred portrait shines through at most."""

BLUR_SHARE = 0.05
"""Of the card's width."""

TITLE_COLOUR, SUBTITLE_COLOUR = (236, 238, 242), (158, 164, 175)
TITLE_SHARE, SUBTITLE_SHARE = 0.095, 0.042
"""Height of the letters, of the card's shorter side."""


def draw_away_card(size: tuple[int, int], portrait: ImageArray | None = None) -> ImageArray:
    """One card of `size` (h, w), read-only; about 40 ms at 720p."""
    ground = _slope(size)
    if portrait is not None:
        strength = PORTRAIT_SHARE * _vignette(size)[..., None]
        ground = ground + strength * (_blurred_cover(portrait, size) - ground)
    card = Image.fromarray(np.clip(ground + _dither(size), 0, 255).round().astype(np.uint8))
    _write(card)
    pixels = np.array(card)
    pixels.flags.writeable = False
    return pixels


def _slope(size: tuple[int, int]) -> FloatArray:
    h, w = size
    share = np.linspace(0.0, 1.0, h, dtype=np.float32)[:, None, None]
    top, bottom = np.array(TOP, np.float32), np.array(BOTTOM, np.float32)
    slope = np.asarray(top + share * (bottom - top), np.float32)
    return np.repeat(slope, w, axis=1)


def _blurred_cover(portrait: ImageArray, size: tuple[int, int]) -> FloatArray:
    """The portrait covering the card, blurred on a small copy."""
    h, w = size
    scale = max(h / portrait.shape[0], w / portrait.shape[1])
    small = (max(2, w // 8), max(2, h // 8))
    width, height = w / scale, h / scale
    left, top = (portrait.shape[1] - width) / 2, (portrait.shape[0] - height) / 2
    box = (max(0.0, left), max(0.0, top), min(portrait.shape[1], left + width), min(portrait.shape[0], top + height))
    cover = Image.fromarray(portrait).resize(small, Image.Resampling.BOX, box=box)
    soft = cover.filter(ImageFilter.GaussianBlur(BLUR_SHARE * small[0]))
    return np.asarray(soft.resize((w, h), Image.Resampling.BICUBIC), np.float32)


def _vignette(size: tuple[int, int]) -> FloatArray:
    """1 in the middle, 0.35 in the corners."""
    h, w = size
    x, y = np.meshgrid((np.arange(w) + 0.5) / w * 2 - 1, (np.arange(h) + 0.5) / h * 2 - 1)
    return np.asarray(1.0 - 0.65 * np.clip(x * x + y * y, 0.0, 2.0) / 2.0, np.float32)


def _dither(size: tuple[int, int]) -> FloatArray:
    """Half a grey level of noise: the slope would show bands, above all after video coding."""
    return np.random.default_rng(0).uniform(-0.5, 0.5, (*size, 1)).astype(np.float32)


def _write(card: Image.Image) -> None:
    """Title and subtitle in the middle; smaller on a card too narrow for them."""
    short = min(card.size[1], round(card.size[0] * 0.75))
    title = ImageFont.load_default(size=max(8.0, TITLE_SHARE * short))
    subtitle = ImageFont.load_default(size=max(6.0, SUBTITLE_SHARE * short))
    draw = ImageDraw.Draw(card)
    middle_x, middle_y = card.size[0] / 2, card.size[1] / 2
    draw.text((middle_x, middle_y), TITLE, fill=TITLE_COLOUR, font=title, anchor="ms")
    draw.text((middle_x, middle_y + 0.035 * short), SUBTITLE, fill=SUBTITLE_COLOUR, font=subtitle, anchor="mt")
