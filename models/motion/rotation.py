"""Rotations as axis times angle, so that motion can be scaled."""

from __future__ import annotations

import numpy as np

from models.types import FloatArray


def rotation_vector(rotation: FloatArray) -> FloatArray:
    """(3,) axis times angle in radians of a (3, 3) rotation; the angle is at most pi."""
    matrix = rotation.astype(np.float64)
    skew = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2.0
    sine = float(np.linalg.norm(skew))
    angle = float(np.arctan2(sine, (np.trace(matrix) - 1.0) / 2.0))
    if sine > 1e-6:
        return np.asarray(skew * (angle / sine), np.float32)
    if angle < 1.0:
        return np.asarray(skew, np.float32)
    axis = matrix[:, int(np.argmax(np.diag(matrix)))] + np.eye(3)[int(np.argmax(np.diag(matrix)))]  # half a turn
    return np.asarray(axis / np.linalg.norm(axis) * angle, np.float32)


def rotation_matrix(vector: FloatArray) -> FloatArray:
    """(3, 3) rotation by |vector| radians about the vector (Rodrigues)."""
    x, y, z = vector.astype(np.float64)
    angle = float(np.sqrt(x * x + y * y + z * z))
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    linear = np.sinc(angle / np.pi)
    quadratic = 0.5 * np.sinc(angle / (2.0 * np.pi)) ** 2
    return np.asarray(np.eye(3) + linear * cross + quadratic * cross @ cross, np.float32)


def scaled_rotation(rotation: FloatArray, gain: float) -> FloatArray:
    """The same turn, `gain` times as far."""
    return rotation if gain == 1.0 else rotation_matrix(rotation_vector(rotation) * np.float32(gain))
