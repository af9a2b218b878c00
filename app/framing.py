"""Shows an animator the square around a face, and says where it may be pasted back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.crop import CropTransform, Matrix
from app.resample import REFLECT, REPLICATE, D, Pixels, blurred, smoothstep, warped
from models.types import FloatArray, ImageArray, PortraitView

Inside = npt.NDArray[np.bool_]

SHARED_FEATHER = 0.3
"""How soft the border between two faces' squares is, in sides of a face's box."""

PASTE_FEATHER = 0.08
"""Width, in sides of the crop, over which the paste mask goes from 0 to 1 at the left, top and right."""

PASTE_FEATHER_BOTTOM = 0.16
"""The same at the bottom, where it has to hand over to shoulders that do not move."""


def framed_view(
    picture: ImageArray,
    foreground: FloatArray,
    background: ImageArray,
    crop: CropTransform,
    landmarks_px: FloatArray,
) -> PortraitView:
    """What an animator gets to see of a picture.

    Beyond the edge of the picture the background goes on mirrored, and the person goes on as the edge shows him
    and fades: a head cut by the edge must not come back upside down.

    Shapes:
        picture, background: (H, W, 3) uint8. foreground: (H, W) float32. landmarks_px: (478, 3), of the picture.
    """
    inside = _inside_picture(crop, picture.shape[0], picture.shape[1])
    matte = np.clip(_cut(foreground, crop, REPLICATE), 0.0, 1.0) * _fading(inside)
    behind = _cut(background, crop, REFLECT)
    seen = _cut(picture, crop, REPLICATE)
    if not inside.all():
        behind = _softer_outside(behind, inside)
        onward = behind + matte[..., None] * (_softer_outside(seen, inside).astype(np.float32) - behind)
        seen = np.where(inside[..., None], seen, onward.round()).astype(np.uint8)
    return PortraitView(seen, crop.to_unit(landmarks_px), matte, behind)


def framed_reference(picture: ImageArray, crop: CropTransform, landmarks_px: FloatArray) -> PortraitView:
    """A further picture of the person, framed like the portrait.

    Nobody is cut out of it, so it is known without the layers that take most of the time; beyond the picture's edge
    the edge goes on and blurs.

    Shapes:
        picture: (H, W, 3) uint8. landmarks_px: (478, 3), of the picture.
    """
    inside = _inside_picture(crop, picture.shape[0], picture.shape[1])
    seen = _cut(picture, crop, REPLICATE)
    return PortraitView(seen if inside.all() else _softer_outside(seen, inside), crop.to_unit(landmarks_px))


def _cut(values: Pixels[D], crop: CropTransform, border: int) -> Pixels[D]:
    cubic = values.dtype == np.uint8
    return warped(values, crop.crop_from_picture, (crop.out_px, crop.out_px), border=border, cubic=cubic)


def _softer_outside(square: ImageArray, inside: Inside) -> ImageArray:
    """What lies beyond the picture's edge blurred more the further out, so that nothing there looks real."""
    sigma = inside.shape[0] / 24.0
    near = blurred(inside.astype(np.float32), sigma / 2.0, border=REPLICATE)
    keep = np.where(inside, 1.0, np.clip(2.0 * near, 0.0, 1.0))[..., None]
    soft = blurred(square, sigma, border=REPLICATE).astype(np.float32)
    return np.asarray((soft + keep * (square - soft)).round(), np.uint8)


def _fading(inside: Inside) -> FloatArray:
    """1 in the picture; beyond it, to the sides and the top, the person fades out. Below, the body goes on."""
    side = inside.shape[0]
    rows = np.flatnonzero(inside.any(1))
    below = np.zeros_like(inside)
    if rows.size:
        below[rows[-1] + 1 :] = inside[rows[-1]]
    reach = blurred((inside | below).astype(np.float32), side / 40.0, border=REPLICATE)
    return np.where(inside | below, 1.0, np.clip(2.0 * reach, 0.0, 1.0)).astype(np.float32)


def paste_mask(crop: CropTransform, picture_size: tuple[int, int]) -> FloatArray:
    """Where an animated square replaces the picture: a soft, rounded square, 0 at its border and outside the picture.

    Shapes:
        result: (S, S) float32 in crop coordinates.
    """
    centres = (np.arange(crop.out_px) + 0.5) / crop.out_px
    left_right = np.minimum(centres, 1.0 - centres) / PASTE_FEATHER
    top_bottom = np.minimum(centres / PASTE_FEATHER, (1.0 - centres) / PASTE_FEATHER_BOTTOM)
    mask = np.outer(smoothstep(top_bottom), smoothstep(left_right))
    mask[0, :] = mask[-1, :] = mask[:, 0] = mask[:, -1] = 0.0
    return np.where(_inside_picture(crop, *picture_size), mask, 0.0).astype(np.float32)


def shared_mask(crop: CropTransform, own: FloatArray, others: Sequence[FloatArray]) -> FloatArray:
    """Which part of a square is its own face's, where others stand beside it: 1, softly to 0 half way to the next.

    Faces claim what is near them, measured in their own size. Without this an animated square would put the still face
    of a neighbour over the animated one.

    Shapes:
        own, others: (478, 3), pixels of the picture -> (S, S) float32 in crop coordinates.
    """
    centres = np.arange(crop.out_px) + 0.5
    x, y = np.meshgrid(centres, centres)
    places = crop.to_picture(np.stack([x.ravel(), y.ravel()], 1))
    mine = _distance(places, own)
    share = np.ones(len(places))
    for other in others:
        share = np.minimum(share, smoothstep((_distance(places, other) - mine) / SHARED_FEATHER + 0.5))
    return share.reshape(crop.out_px, crop.out_px).astype(np.float32)


def _distance(places: Matrix, landmarks_px: FloatArray) -> npt.NDArray[np.float64]:
    """Of every place (N, 2) from the middle of a face, in sides of the face's box."""
    low, high = landmarks_px[:468, :2].min(0), landmarks_px[:468, :2].max(0)
    return np.asarray(np.linalg.norm(places - (low + high) / 2.0, axis=1) / float(max(high - low)))


def _inside_picture(crop: CropTransform, height: int, width: int) -> Inside:
    """(S, S), True where a pixel of the crop lies in the picture."""
    centres = np.arange(crop.out_px) + 0.5
    x, y = np.meshgrid(centres, centres)
    points = crop.to_picture(np.stack([x.ravel(), y.ravel()], 1)).reshape(crop.out_px, crop.out_px, 2)
    inside = (points >= 0.0).all(-1) & (points[..., 0] <= width) & (points[..., 1] <= height)
    return np.asarray(inside)
