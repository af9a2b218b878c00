"""Faces made of numbers for tests: the canonical face, posed, and a picture for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.motion.canonical import load_canonical
from models.motion.openness import open_eyes, open_lips
from models.motion.rotation import rotation_matrix
from models.types import FloatArray, MotionState, PortraitView


def face_state(turn: tuple[float, float, float] = (0.0, 0.0, 0.0), *, scale: float = 0.4) -> MotionState:
    """The mean face without expression, turned by an axis times angle."""
    mean = load_canonical().mean
    rotation = rotation_matrix(np.array(turn, np.float32))
    return MotionState(mean, np.zeros_like(mean), rotation, scale, np.array([0.02, 0.05, 0.0], np.float32))


def with_openness(state: MotionState, *, eyes: float | None = None, lips: float | None = None) -> MotionState:
    """The same head with eyes and lips as open as wanted."""
    face = load_canonical()
    shape = state.canonical + state.expression
    if eyes is not None:
        shape = open_eyes(shape, face.mean, eyes, face)
    if lips is not None:
        shape = open_lips(shape, lips, face)
    return replace(state, expression=shape - state.canonical)


def pixel_grid(side: int) -> tuple[FloatArray, FloatArray]:
    """x and y of every pixel in unit coordinates."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) * (2.0 / side) - 1.0
    return np.meshgrid(axis, axis, indexing="xy")  # type: ignore[return-value]


def painted_portrait(state: MotionState, side: int = 128, *, layers: bool = True) -> PortraitView:
    """Smooth colours inside an oval head and body, others behind; with or without mask and background."""
    x, y = pixel_grid(side)
    head = np.hypot((x - state.translation[0]) / 0.5, (y - state.translation[1]) / 0.65)
    body = np.where(y > 0.4, np.abs(x) / 0.8, 9.0)
    mask = np.clip((1.0 - np.minimum(head, body)) * 12.0 + 0.5, 0.0, 1.0).astype(np.float32)
    person = np.stack([180 + 40 * x, 140 + 40 * y, 110 + 30 * np.sin(4 * x)], -1)
    behind = np.stack([60 + 30 * y, 90 + 30 * x, 150 + 20 * x * y], -1)
    image = (behind + mask[..., None] * (person - behind)).round().astype(np.uint8)
    background = behind.round().astype(np.uint8)
    return PortraitView(image, state.keypoints(), mask if layers else None, background if layers else None)
