"""Meshes round the head surface: eyeballs, ears, teeth, tongue and clothes, as plain arrays.

Why: each is a small closed formula, so no sculpted file has to be kept, and each can be drawn to fit the
person it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from person import Eye
from scipy.interpolate import PchipInterpolator
from topology import gradient, project


@dataclass
class Mesh:
    """Points (n, 3), faces (m, 3 or 4), and per-point values for the material."""

    points: np.ndarray
    faces: np.ndarray
    values: dict[str, np.ndarray]


def grid_faces(rows: int, cols: int, closed: bool) -> np.ndarray:
    """Quads of a grid of points stored row by row; ``closed`` joins the last column to the first."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(cols if closed else cols - 1), indexing="ij")
    d = (c + 1) % cols
    quads = [r * cols + c, r * cols + d, (r + 1) * cols + d, (r + 1) * cols + c]
    return np.stack([q.ravel() for q in quads], 1)


def join(meshes: list[Mesh]) -> Mesh:
    """One mesh of several with the same values."""
    starts = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.points for m in meshes]),
        np.concatenate([m.faces + s for m, s in zip(meshes, starts, strict=True)]),
        {k: np.concatenate([m.values[k] for m in meshes]) for k in meshes[0].values},
    )


def ball(rows: int = 48, cols: int = 64) -> Mesh:
    """Unit sphere whose pole looks along z."""
    polar = np.linspace(0.001, np.pi - 0.001, rows)[:, None]
    around = np.arange(cols)[None] * 2 * np.pi / cols
    p = np.stack(
        [np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar) + 0 * around], -1
    ).reshape(-1, 3)
    return Mesh(p, grid_faces(rows, cols, True), {"local": p.copy()})


IRIS = 0.53


def eyeball(eye: Eye, gaze: tuple[float, float]) -> Mesh:
    """Eyeball with a slightly hollow iris."""
    m = ball(90, 72)
    p = m.points.copy()
    rho = np.linalg.norm(p[:, :2], axis=1)
    hollow = (p[:, 2] > 0) * np.clip(1 - (rho / IRIS) ** 2, 0, 1)
    p[:, 2] -= 0.10 * hollow
    return Mesh(_look(p, gaze) * eye.radius * 0.985 + eye.centre, m.faces, m.values)


def cornea(eye: Eye, gaze: tuple[float, float]) -> Mesh:
    """The clear shell in front, with the bulge that carries the highlight."""
    m = ball(90, 72)
    p = m.points.copy()
    rho = np.linalg.norm(p[:, :2], axis=1)
    bulge = (p[:, 2] > 0) * np.clip(1 - (rho / (IRIS * 1.12)) ** 2, 0, 1) ** 1.5
    p[:, 2] += 0.06 * bulge
    return Mesh(_look(p, gaze) * eye.radius + eye.centre, m.faces, m.values)


def _look(p: np.ndarray, gaze: tuple[float, float]) -> np.ndarray:
    yaw, pitch = np.radians(gaze[0]), -np.radians(gaze[1])
    ry = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    rx = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return p @ rx.T @ ry.T


def ear(side: int, size: float, point: float) -> Mesh:
    """One ear; ``side`` is -1 or 1, ``point`` draws the tip up and back (0 human, 1 elf)."""
    rows, cols = 40, 96
    rho = np.linspace(0, 1, rows)[:, None]
    a = np.arange(cols)[None] * 2 * np.pi / cols
    back, up = -np.cos(a), np.sin(a)
    wide = np.where(back > 0, 0.19 + 0.03 * up, 0.115)
    u, v = wide * -back, np.where(up > 0, 0.29, 0.27 - 0.05 * back) * up
    tip = np.exp(-(((a - 2.05) / 0.42) ** 2)) * point
    u, v = (u - 0.34 * tip) * rho, (v + 0.40 * tip) * rho
    rear = 1 / (1 + np.exp(-6 * (back + 0.35)))

    def bump(at: float, width: float) -> np.ndarray:
        return np.exp(-(((rho - at) / width) ** 2))

    tragus = np.exp(-((a / 0.5) ** 2)) + np.exp(-(((2 * np.pi - a) / 0.5) ** 2))
    height = 0.055 * bump(0.90, 0.11) * rear + 0.045 * bump(0.55, 0.10) * rear * (up > -0.75)
    height = height - 0.075 * bump(0.12, 0.27) + 0.05 * bump(0.5, 0.16) * tragus
    front = np.stack([u, v, height + 0.05 + 0 * rho * a], -1)
    swell = np.sqrt(np.clip(1 - rho**4, 0, 1))
    rear_side = np.stack([u * 0.97, v * 0.97, 0.0 - 0.10 * swell + 0.045 * (1 - swell) + 0 * a], -1)
    grid = np.concatenate([front, rear_side[::-1]])
    flare = np.radians(28 + 10 * point)
    p = grid.reshape(-1, 3) * size * [1 - 0.1 * point, 1, 1]
    # local: u to the front, v up, height outwards; the rear edge stands off the head
    x = p[:, 2] * np.cos(flare) - p[:, 0] * np.sin(flare)
    z = p[:, 0] * np.cos(flare) + p[:, 2] * np.sin(flare)
    tilt = np.radians(10)
    y, z = p[:, 1] * np.cos(tilt) + z * np.sin(tilt), z * np.cos(tilt) - p[:, 1] * np.sin(tilt)
    out = np.stack([side * (0.80 + x), -0.12 + y, -0.66 + z], 1)
    faces = grid_faces(2 * rows, cols, True)
    return Mesh(out, faces if side > 0 else faces[:, ::-1], {"rim": np.tile(rho, (2, cols)).ravel() ** 2})


def teeth(centre: np.ndarray, upper: bool, width: float = 0.28) -> Mesh:
    """A row of teeth on an arch; ``centre`` is the middle of the front edge."""
    shapes = [0.058, 0.046, 0.048, 0.044, 0.046] if upper else [0.040, 0.042, 0.046, 0.044, 0.046]
    tooth, parts, sign = ball(20, 24), [], 1 if upper else -1
    for side in (-1, 1):
        x = 0.0
        for i, w in enumerate(shapes):
            x += w / 2
            tall = 0.105 - 0.008 * (i == 1) - 0.006 * i
            q = np.sign(tooth.points) * np.abs(tooth.points) ** 0.55
            q = q * [w * 0.53, tall / 2, 0.028]
            t = x / width
            turn = side * np.arcsin(min(t, 0.98)) * 0.85
            cos, sin = np.cos(turn), np.sin(turn)
            q = q @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
            place = [side * width * np.sin(t), sign * tall / 2, -width * 1.15 * (1 - np.cos(1.25 * t))]
            parts.append(Mesh(q + place + centre, tooth.faces, {"local": tooth.points}))
            x += w / 2
    return join(parts)


def tongue(centre: np.ndarray) -> Mesh:
    """A soft tongue lying in the lower jaw."""
    m = ball(24, 32)
    p = m.points * [0.17, 0.06, 0.25]
    p[:, 1] -= 0.02 * np.exp(-((p[:, 0] / 0.03) ** 2))
    return Mesh(p + centre, m.faces, m.values)


def circlet() -> Mesh:
    """A thin gold band round the head with a leaf-shaped drop on the forehead."""
    a = np.arange(240) * 2 * np.pi / 240
    front = np.cos(a) > 0
    drop = 0.10 * np.exp(-((np.sin(a) / 0.10) ** 2)) * front
    height = 0.66 + 0.10 * (1 - np.cos(a)) - drop
    path = np.stack([0.8 * np.sin(a), height, 0.30 * np.cos(a) - 0.60 * (1 - np.cos(a))], 1)
    path = project(path, 0.045)
    for _ in range(3):
        path[:, [0, 2]] = (np.roll(path, 1, 0) + 2 * path + np.roll(path, -1, 0))[:, [0, 2]] / 4
    out = gradient(path)
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, out)
    b = np.arange(12) * 2 * np.pi / 12
    thick = 0.016 + 0.014 * np.exp(-((np.sin(a) / 0.06) ** 2)) * front
    ring = np.cos(b)[None, :, None] * across[:, None] + 0.7 * np.sin(b)[None, :, None] * out[:, None]
    points = path[:, None] + thick[:, None, None] * ring
    closed = np.concatenate([points, points[:1]]).reshape(-1, 3)
    return Mesh(closed, grid_faces(241, 12, True), {})


# collar profiles: (height, half width, half depth, centre depth, share of the collar's tilt)
RAISE = 0.34
SHOULDERS = [
    (-2.02, 0.86, 0.62, -0.93, 0.6), (-2.10, 1.15, 0.66, -0.92, 0.25), (-2.19, 1.52, 0.70, -0.90, 0.1),
    (-2.33, 1.86, 0.74, -0.88, 0.0), (-2.58, 2.07, 0.80, -0.86, 0.0), (-3.00, 2.16, 0.86, -0.84, 0.0),
    (-3.70, 2.16, 0.90, -0.84, 0.0),
]  # fmt: skip
COLLARS = {
    "crew": [
        (-2.15, 0.56, 0.54, -0.93, 1.0), (-1.90, 0.585, 0.565, -0.92, 1.0), (-1.84, 0.625, 0.60, -0.92, 1.0),
        (-1.87, 0.665, 0.635, -0.92, 1.0), (-1.965, 0.70, 0.645, -0.92, 1.0), (-1.985, 0.705, 0.64, -0.92, 1.0),
    ],
    "turtle": [
        (-2.0, 0.54, 0.53, -0.92, 0.8), (-1.66, 0.565, 0.555, -0.90, 0.9), (-1.60, 0.60, 0.59, -0.90, 0.9),
        (-1.64, 0.65, 0.635, -0.90, 0.9), (-1.85, 0.68, 0.65, -0.91, 0.9), (-1.91, 0.67, 0.635, -0.915, 0.9),
        (-1.95, 0.69, 0.64, -0.92, 0.8),
    ],
    "stand": [
        (-2.15, 0.56, 0.54, -0.93, 1.2), (-1.62, 0.70, 0.66, -0.93, 2.2), (-1.585, 0.725, 0.68, -0.93, 2.2),
        (-1.60, 0.745, 0.70, -0.93, 2.2), (-1.68, 0.735, 0.69, -0.93, 2.1), (-1.95, 0.71, 0.65, -0.92, 1.2),
    ],
}  # fmt: skip


def clothes(collar: str, shoulder: float, tilt: float = 0.16) -> Mesh:
    """A garment lofted from the collar over the shoulders; ``shoulder`` widens the body."""
    table = np.array(COLLARS[collar] + SHOULDERS)
    body = np.arange(len(table)) >= len(COLLARS[collar])
    table[body, 1] = 0.7 + (table[body, 1] - 0.7) * shoulder
    s = np.arange(len(table), dtype=float)
    fine = np.linspace(0, s[-1], 220)
    rows = PchipInterpolator(s, table)(fine)
    a = np.arange(192) * 2 * np.pi / 192
    cx, cz = np.sin(a), np.cos(a)
    y, w, d, c, share = (rows[:, [i]] for i in range(5))
    y = y + RAISE
    p = np.stack([w * cx, y - tilt * share * (cz + 0.15) + 0.0 * w, c + d * np.sign(cz) * np.abs(cz) ** 0.9], -1)
    row = np.repeat(fine / s[-1], len(a))
    seam = np.repeat(fine - len(COLLARS[collar]) + 1, len(a))
    uv = np.stack([np.tile(a / (2 * np.pi), len(fine)), row, seam], 1)
    return Mesh(p.reshape(-1, 3), grid_faces(len(fine), len(a), True)[:, ::-1], {"weave": uv})
