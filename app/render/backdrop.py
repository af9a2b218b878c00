"""What is seen behind the person and beside the picture, made once per portrait and setting."""

from __future__ import annotations

import numpy as np

from app.picture_file import read_picture
from app.portrait import MAX_PICTURE_PX, LoadedPortrait
from app.render.layout import Placement
from app.resample import REFLECT, resized, smoothstep, strongly_blurred, warped
from app.settings import Background, BackgroundMode, FitMode
from models.types import FloatArray, ImageArray

BAR_BLUR = 0.045
"""Of the canvas width; what is beside the picture must not draw the eye."""

FILL_BLUR = 0.02
"""The same where the picture melts into it."""

DEPTH_BLUR = 0.018
"""Of the canvas width; about what a fast lens makes of a room."""

BAR_DIM = 0.82
"""Brightness of the bars against the picture."""

STUDIO_LIGHT, STUDIO_DARK = (158, 160, 165), (88, 90, 95)
"""Centre and corners of the neutral backdrop that a cut-out person gets who asked for none."""


def replaces_background(portrait: LoadedPortrait, background: Background) -> bool:
    """Whether the person is cut out; False shows the picture as it is."""
    return background.mode is not BackgroundMode.KEEP or portrait.alpha is not None


def behind_the_person(
    portrait: LoadedPortrait, background: Background, placement: Placement, size: tuple[int, int]
) -> ImageArray:
    """(h, w, 3) uint8 for a canvas of `size`; for modes that replace the background.

    Raises:
        UsageProblem: the background picture cannot be used.
    """
    if background.mode in (BackgroundMode.COLOUR, BackgroundMode.TRANSPARENT):
        return np.full((*size, 3), background.colour, np.uint8)
    if background.mode is BackgroundMode.PICTURE and background.picture is not None:
        return covering(read_picture(background.picture, limit_px=MAX_PICTURE_PX).rgb, size)
    if portrait.alpha is not None:
        return _studio(size)
    return strongly_blurred(_room(portrait, placement, size), DEPTH_BLUR * size[1])


def beside_the_picture(
    portrait: LoadedPortrait, placement: Placement, size: tuple[int, int], fit: FitMode
) -> ImageArray:
    """(h, w, 3) uint8: the room going on beyond the picture's edges, blurred; dimmed beside a fitted picture.

    The room, not the picture: a blurred face beside a face draws the eye.
    """
    room = _room(portrait, placement, size)
    if fit is FitMode.FILL:
        return strongly_blurred(room, FILL_BLUR * size[1])
    return (strongly_blurred(room, BAR_BLUR * size[1]) * BAR_DIM).astype(np.uint8)


def _room(portrait: LoadedPortrait, placement: Placement, size: tuple[int, int]) -> ImageArray:
    """The painted-out background on the canvas, mirrored where the picture does not reach."""
    return warped(portrait.background, placement.canvas_from_picture, size, border=REFLECT)


def covering(picture: ImageArray, size: tuple[int, int]) -> ImageArray:
    """The middle of the picture, as large as covers `size`."""
    (h, w), (canvas_h, canvas_w) = picture.shape[:2], size
    scale = max(canvas_h / h, canvas_w / w)
    kept_h, kept_w = min(h, round(canvas_h / scale)), min(w, round(canvas_w / scale))
    top, left = (h - kept_h) // 2, (w - kept_w) // 2
    return resized(np.ascontiguousarray(picture[top : top + kept_h, left : left + kept_w]), size)


def edge_mask(
    picture_size: tuple[int, int], placement: Placement, size: tuple[int, int], feather_px: float
) -> FloatArray:
    """(h, w) float32, 1 where the canvas shows the picture; soft over `feather_px` where an edge of it is seen.

    The bottom edge stays hard: a person does not fade out at the waist.
    """
    height, width = (placement.scale * side for side in picture_size)
    x, y = np.arange(size[1]) + 0.5 - placement.left, np.arange(size[0]) + 0.5 - placement.top
    across, down = np.ones_like(x), np.ones_like(y)
    if placement.left > 0.5:
        across *= smoothstep(x / feather_px)
    if placement.left + width < size[1] - 0.5:
        across *= smoothstep((width - x) / feather_px)
    if placement.top > 0.5:
        down *= smoothstep(y / feather_px)
    down *= y < height
    return np.outer(down, across).astype(np.float32)


def _studio(size: tuple[int, int]) -> ImageArray:
    h, w = size
    x, y = np.meshgrid((np.arange(w) + 0.5) / w - 0.5, (np.arange(h) + 0.5) / h - 0.42)
    shade = smoothstep(np.hypot(x * 1.1, y) / 0.8)[..., None]
    light, dark = np.array(STUDIO_LIGHT, np.float32), np.array(STUDIO_DARK, np.float32)
    grain = np.random.default_rng(0).uniform(-0.5, 0.5, (h, w, 1))  # dithering: a smooth gradient shows bands in H.264
    return np.clip(light + shade * (dark - light) + grain, 0, 255).round().astype(np.uint8)
