"""Where the eyes look, from the irises between the corners of their eyes; both eyes look at one place."""

from __future__ import annotations

import numpy as np

from models.motion.controls import Gaze
from models.motion.landmark_sets import LEFT_IRIS, RIGHT_IRIS
from models.types import FloatArray

EYES = ((RIGHT_IRIS, (33, 133)), (LEFT_IRIS, (362, 263)))
MOST_DIVERGENCE = 0.04
"""How much the two eyes' movements may differ, in eye widths; more is noise and looks like a squint."""

FARTHEST = 0.30
"""How far from its eye's middle an iris may come, in eye widths."""

EYEBALL_RADIUS = 0.4
"""In eye widths: 12 of 30 mm in adults."""

TO_CAMERA = np.array([0.0, 0.0, -1.0], np.float32)
"""From the head to the camera, camera frame."""

CAMERA_SHARE = {Gaze.FOLLOW: 0.0, Gaze.SOFTEN: 0.5, Gaze.CAMERA: 1.0}


def gaze_offsets(shape: FloatArray) -> FloatArray:
    """(2, 2): x, y of the right and left iris from the middle of its eye, in eye widths, head frame."""
    offsets = []
    for iris, corners in EYES:
        width, middle = _frame(shape, corners)
        offsets.append((shape[iris[0], :2] - middle) / width)
    return np.asarray(np.stack(offsets), np.float32)


def at_camera(portrait: FloatArray, now: FloatArray) -> FloatArray:
    """(2,): how far irises move in a head that turns, to go on looking at the camera as they do in the portrait.

    In eye widths, head frame. portrait, now: (3, 3) rotations, camera from head.
    """
    turned = now.T @ TO_CAMERA - portrait.T @ TO_CAMERA
    return np.asarray(EYEBALL_RADIUS * turned[:2], np.float32)


def with_gaze(shape: FloatArray, own: FloatArray, gaze: Gaze, to_camera: FloatArray) -> FloatArray:
    """The shape with irises that differ from the portrait's `own` by nearly the same in both eyes.

    A portrait may squint; what is kept alike is the movement: the shape's own, that to the camera, or one half way
    between the two.

    Shapes:
        shape, own: (478, 3), head frame. to_camera: (2,), of `at_camera`.
    """
    start = gaze_offsets(own)
    moved = gaze_offsets(shape) - start
    shared = moved.mean(0)
    apart = np.clip(moved - shared, -MOST_DIVERGENCE / 2.0, MOST_DIVERGENCE / 2.0)
    share = CAMERA_SHARE[gaze]
    reach = np.maximum(np.abs(start), np.array([FARTHEST, FARTHEST / 2.0], np.float32))
    wanted = np.clip(start + (1.0 - share) * (shared + apart) + share * to_camera, -reach, reach)
    result = shape.copy()
    for (iris, corners), offset in zip(EYES, wanted, strict=True):
        width, middle = _frame(shape, corners)
        result[iris, :2] += middle + offset * width - shape[iris[0], :2]
    return result


def _frame(shape: FloatArray, corners: tuple[int, int]) -> tuple[float, FloatArray]:
    start, end = shape[corners[0], :2], shape[corners[1], :2]
    return max(float(np.linalg.norm(end - start)), 1e-6), (start + end) / 2.0
