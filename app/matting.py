"""From the segmentation network's coarse answer to a mask of one person, with soft edges that follow the picture."""

from __future__ import annotations

import cv2
import numpy as np

from app.crop import CropTransform
from app.resample import REFLECT, blurred, dilated, limited, resized, smoothstep, warped
from app.segmentation import NETWORK_PX, Segmenter
from models.types import FloatArray, ImageArray

GUIDE_PX = 768
"""Long side at which the edge-aware refinement solves; its linear model is then applied at full resolution."""

SMALLEST_CONTRAST = 0.014
"""Contrast, of 1, under which the picture's own structure does not move the mask's edge."""

FRINGE_REACH = 0.016
"""How far hair may stand out beyond the mask, of the picture's long side."""

FRINGE_PX = 1024
"""Long side at which it is looked for."""

LEAST_CONTRAST = 16.0
"""Grey levels between person and room from which on, in a perfectly plain room, mixtures of them can be told."""

UNKNOWN_BUSYNESS = 20.0


def person_mask(segmenter: Segmenter, picture: ImageArray, crop: CropTransform, landmarks_px: FloatArray) -> FloatArray:
    """The shown person alone, with soft edges that follow the picture.

    The network looks twice, at the whole picture and at the square around the face, because hair needs more
    than the few of its 256 pixels that the head takes in a whole picture.

    Shapes:
        picture: (H, W, 3) uint8; the result is (H, W) float32 in [0, 1].
    """
    coarse = _two_looks(segmenter, picture, crop)
    cleaned = _connected_to_face(coarse, landmarks_px)
    return _firm(_follow_edges(cleaned, picture), cleaned)


def with_fringe(mask: FloatArray, picture: ImageArray, background: ImageArray) -> FloatArray:
    """The mask with the tips of hair it missed: left behind, they would draw the old outline of a head that moved.

    Just outside the outline a pixel is a mixture of the person's colour nearby and of the painted-out background;
    its share of the first is its opacity, as far as the two differ by more than the room's own structure.

    Shapes:
        picture, background: (H, W, 3) uint8. mask and result: (H, W) float32 in [0, 1].
    """
    size = (mask.shape[0], mask.shape[1])
    small = limited(size, FRINGE_PX)
    tips = _fringe(resized(mask, small), resized(picture, small), resized(background, small))
    return np.maximum(mask, resized(tips, size))


def _fringe(mask: FloatArray, picture: ImageArray, background: ImageArray) -> FloatArray:
    reach = max(3, round(FRINGE_REACH * max(mask.shape))) | 1
    near = blurred(dilated((mask > 0.3).astype(np.float32), reach), reach / 6.0)
    behind = background.astype(np.float32)
    contrast = _colour_nearby(picture, mask, reach) - behind
    strength = (contrast**2).sum(-1)
    opacity = ((picture - behind) * contrast).sum(-1) / np.maximum(strength, 1.0)
    needed = LEAST_CONTRAST + 6.0 * _busyness(picture, mask, reach)
    telling = smoothstep((np.sqrt(strength / 3.0) - needed) / 24.0)
    return np.asarray(near * telling * np.clip(opacity, 0.0, 1.0), np.float32)


def _colour_nearby(picture: ImageArray, mask: FloatArray, reach: int) -> FloatArray:
    """(H, W, 3) float32: the mean colour of the sure person around each place; zero far away from him."""
    sure = (mask > 0.98).astype(np.float32)
    side = (2 * reach + 1, 2 * reach + 1)
    found = np.asarray(cv2.blur(picture * sure[..., None], side), np.float32)
    share = np.asarray(cv2.blur(sure, side), np.float32)
    return np.asarray(found / np.maximum(share, 0.01)[..., None], np.float32)


def _busyness(picture: ImageArray, mask: FloatArray, reach: int) -> FloatArray:
    """(H, W) float32: mean contrast of fine structure in the room next to each place, in grey levels."""
    room = 1.0 - dilated((mask > 0.02).astype(np.float32), 2 * reach + 1)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    structure = np.abs(grey - blurred(grey, reach / 2.0))
    side = (6 * reach, 6 * reach)
    found = np.asarray(cv2.blur(structure * room, side), np.float32)
    share = np.asarray(cv2.blur(room, side), np.float32)
    return np.where(share > 0.01, found / np.maximum(share, 0.01), UNKNOWN_BUSYNESS).astype(np.float32)


def _two_looks(segmenter: Segmenter, picture: ImageArray, crop: CropTransform) -> FloatArray:
    size = (picture.shape[0], picture.shape[1])
    square = CropTransform(crop.centre_px, crop.side_px, crop.angle, NETWORK_PX)
    view = warped(picture, square.crop_from_picture, (NETWORK_PX, NETWORK_PX), border=REFLECT)
    close_up = warped(segmenter.segment(view), square.picture_from_crop, size)
    trust = warped(_window(NETWORK_PX), square.picture_from_crop, size)
    whole = segmenter.segment(picture)
    return whole + trust * (close_up - whole)


def _window(side: int) -> FloatArray:
    """1 in the middle of the square, falling to 0 over the outer 15 % of it."""
    ramp = (np.arange(side) + 0.5) / (0.15 * side)
    line = smoothstep(np.minimum(ramp, ramp[::-1]))
    return np.outer(line, line).astype(np.float32)


def _connected_to_face(mask: FloatArray, landmarks_px: FloatArray) -> FloatArray:
    """Without other people and stray patches, without holes, and with the whole face in."""
    face = _face_area(mask.shape[0], mask.shape[1], landmarks_px)
    solid = np.maximum((mask > 0.5).astype(np.uint8), face)
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    votes = np.bincount(np.asarray(labels)[face > 0], minlength=2)
    person = (np.asarray(labels) == int(votes.argmax())).astype(np.uint8) if votes.any() else solid
    filled = _without_holes(person)
    near = dilated(filled, max(3, round(0.02 * max(mask.shape))) | 1)
    sure = np.asarray(cv2.erode(filled, np.ones((3, 3), np.uint8)), np.float32)
    return np.maximum(np.where(near > 0, mask, 0.0), sure).astype(np.float32)


def _face_area(height: int, width: int, landmarks_px: FloatArray) -> ImageArray:
    """(H, W) uint8, 1 inside the outline of the face."""
    area = np.zeros((height, width), np.uint8)
    hull = cv2.convexHull(np.round(landmarks_px[:468, :2]).astype(np.int32))
    cv2.fillConvexPoly(area, hull, (1,))
    return area


def _without_holes(person: ImageArray) -> ImageArray:
    """Small holes closed. A large one is left: seen between arm and body, it is background."""
    outlines, tree = cv2.findContours(person, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    filled = person.copy()
    largest = 0.01 * float(person.sum())
    for index, outline in enumerate(outlines):
        if tree[0][index][3] >= 0 and cv2.contourArea(outline) < largest:
            cv2.drawContours(filled, outlines, index, (1,), cv2.FILLED)
    return filled


def _follow_edges(mask: FloatArray, picture: ImageArray) -> FloatArray:
    """Move the mask's edge onto the picture's: fast guided filter with a grey guide (He and Sun 2015)."""
    size = (mask.shape[0], mask.shape[1])
    small = limited(size, GUIDE_PX)
    grey = (np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) / 255.0).astype(np.float32)
    radius = max(2, round(0.012 * max(small)))
    slope, offset = _guided_model(resized(grey, small), resized(mask, small), radius)
    return resized(slope, size) * grey + resized(offset, size)


def _guided_model(guide: FloatArray, target: FloatArray, radius: int) -> tuple[FloatArray, FloatArray]:
    """Slope and offset, per pixel, of the line that best predicts `target` from `guide` around it."""

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)), np.float32)

    mean_guide, mean_target = mean(guide), mean(target)
    variance = mean(guide * guide) - mean_guide**2
    slope = (mean(guide * target) - mean_guide * mean_target) / (variance + SMALLEST_CONTRAST**2)
    return mean(slope), mean(mean_target - slope * mean_guide)


def _firm(mask: FloatArray, coarse: FloatArray) -> FloatArray:
    """What is nearly person is person, what is nearly nothing is nothing; the outline stays soft.

    Well inside the coarse mask the person is solid, whatever pattern the clothes have.
    """
    reach = max(3, round(0.015 * max(mask.shape))) | 1
    solid = 1.0 - dilated((coarse < 0.9).astype(np.float32), reach)
    return np.maximum(np.clip((mask - 0.12) / 0.76, 0.0, 1.0), solid).astype(np.float32)
