"""Hair, brows, lashes and beards as strands grown over the head.

Why: strands that follow a flow, keep off the skull and gather in locks read as hair from every side,
where a sculpted cap shows hard seams as soon as the head turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from person import Person
from scipy.spatial import cKDTree
from topology import EYE_CORNERS, EYE_LOWER, EYE_UPPER, gradient, head_distance

LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
BROWS = {
    "L": ([107, 66, 105, 63, 70], [55, 65, 52, 53, 46]),
    "R": ([336, 296, 334, 293, 300], [285, 295, 282, 283, 276]),
}
Flow = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass
class Strands:
    """Curves (n, k, 3) with radii (n, k)."""

    points: np.ndarray
    radius: np.ndarray


@dataclass
class Roots:
    """Points on triangles of the fine surface, which follow the expression."""

    tri: np.ndarray
    bary: np.ndarray

    def at(self, surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and outward normals on ``surface``."""
        p = surface[self.tri]
        n = unit(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]))
        return (p * self.bary[:, :, None]).sum(1), n


def unit(v: np.ndarray) -> np.ndarray:
    """Vectors of length one."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def spread_roots(person: Person, weight: np.ndarray, count: int, rng: np.random.Generator) -> Roots:
    """``count`` random roots; ``weight`` per fine vertex says where."""
    tris, p = person.head.fine_tris, person.rest
    area = np.linalg.norm(np.cross(p[tris[:, 1]] - p[tris[:, 0]], p[tris[:, 2]] - p[tris[:, 0]]), axis=1)
    share = area * weight[tris].mean(1)
    pick = rng.choice(len(tris), count, p=share / share.sum())
    bary = rng.dirichlet((1, 1, 1), count)
    return Roots(tris[pick], bary)


def outer_skin(person: Person) -> np.ndarray:
    """1 for fine vertices of the visible skin, 0 inside mouth and lids."""
    head = person.head
    inside = np.zeros(head.count)
    inside[head.first["L"] :] = 1
    return (head.matrix @ inside < 0.02).astype(float)


def scalp(person: Person, forehead: float = 0.60) -> np.ndarray:
    """Where hair grows, 0 to 1 per fine vertex."""
    p = person.rest
    z = [-2.0, -1.2, -0.86, -0.78, -0.62, -0.50, -0.40, -0.15, 0.05, 0.30]
    y = [-0.85, -0.80, -0.45, 0.02, 0.02, -0.05, 0.18, forehead - 0.16, forehead - 0.02, forehead]
    line = np.interp(p[:, 2], z, y) - 0.05 * np.cos(p[:, 0] * 9) * (p[:, 2] > -0.1)
    return np.clip((p[:, 1] - line) / 0.06, 0, 1) * outer_skin(person)


def inside_polygon(p: np.ndarray, corners: np.ndarray, grow: float = 0.0) -> np.ndarray:
    """Which points lie within a polygon in the picture plane (even-odd rule)."""
    middle = corners[:, :2].mean(0)
    edge = middle + (corners[:, :2] - middle) * (1 + grow)
    odd = np.zeros(len(p), bool)
    for a, b in zip(edge, np.roll(edge, -1, 0), strict=True):
        cross = (a[1] > p[:, 1]) != (b[1] > p[:, 1])
        at = a[0] + (p[:, 1] - a[1]) / (b[1] - a[1] + 1e-12) * (b[0] - a[0])
        odd ^= cross & (p[:, 0] < at)
    return odd


def whiskers(person: Person) -> np.ndarray:
    """Where a beard grows, 0 to 1 per fine vertex."""
    p = person.rest
    x = np.abs(p[:, 0])
    line = np.interp(x, [0, 0.07, 0.26, 0.40, 0.60, 0.74, 0.84], [-0.56, -0.545, -0.60, -0.84, -0.74, -0.40, 0.05])
    low = np.interp(p[:, 2], [-0.8, -0.2, 0.2], [-0.9, -1.33, -1.42])
    w = np.clip((line - p[:, 1]) / 0.07, 0, 1) * np.clip((p[:, 1] - low) / 0.12, 0, 1)
    w *= p[:, 2] > -0.55
    w *= ~inside_polygon(p, p[LIPS], 0.06)
    soul = np.clip((np.abs(p[:, 0]) - 0.05) / 0.05, 0, 1)
    near = (p[:, 1] > p[17, 1] - 0.10) & (p[:, 1] < p[17, 1]) & (x < 0.2)
    return w * np.where(near, 0.25 + 0.75 * soul, 1) * outer_skin(person)


def grow(
    root: np.ndarray, normal: np.ndarray, flow: Flow, length: np.ndarray, layer: np.ndarray,
    steps: int = 24, lift: float = 0.6, stiff: float = 0.55, hug: float = 0.0, hug_from: float = -0.2,
) -> np.ndarray:  # fmt: skip
    """Strands (n, steps + 1, 3) along ``flow``, kept ``layer`` off the head.

    ``hug`` draws strands that stand off back to their layer, above the height ``hug_from``.
    """
    p, out = root.copy(), [root]
    d = unit(normal * lift + flow(p, np.zeros(len(p))))
    for i in range(1, steps + 1):
        t = np.full(len(p), i / steps)
        d = unit(stiff * d + (1 - stiff) * flow(p, t))
        p = p + d * (length / steps)[:, None]
        for _ in range(2):
            gap = head_distance(p) - layer * np.minimum(1, 4 * t)
            hold = hug * np.clip((p[:, 1] - hug_from) / 0.4, 0, 1)
            p = p - gradient(p) * np.where(gap < 0, gap, hold * gap)[:, None]
        out.append(p)
    return np.stack(out, 1)


def resample(strands: np.ndarray, keep: np.ndarray, steps: int) -> np.ndarray:
    """Cut each strand after its first ``keep`` (n, fraction) share and space its points anew."""
    at = np.linspace(0, 1, steps)[None] * keep[:, None] * (strands.shape[1] - 1)
    low = np.minimum(at.astype(int), strands.shape[1] - 2)
    f = (at - low)[..., None]
    row = np.arange(len(strands))[:, None]
    return strands[row, low] * (1 - f) + strands[row, low + 1] * f


def cut_below(strands: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Share of each strand before it first falls below ``height``."""
    under = strands[:, :, 1] < height[:, None]
    first = np.where(under.any(1), under.argmax(1), strands.shape[1] - 1)
    return np.maximum(first, 2) / (strands.shape[1] - 1)


def clump(strands: np.ndarray, locks: int, pull: float, rng: np.random.Generator, power: float = 0.8) -> np.ndarray:
    """Gather strands towards the nearest of ``locks`` guides, more at the tips."""
    centres = strands[rng.choice(len(strands), locks, replace=False)]
    _, near = cKDTree(centres[:, 0]).query(strands[:, 0])
    t = np.linspace(0, 1, strands.shape[1])[None, :, None]
    own = pull * rng.uniform(0.7, 1.0, len(strands))[:, None, None]
    return strands + own * t**power * (centres[near] - strands)


def frizz(strands: np.ndarray, amount: float, rng: np.random.Generator, waves: float = 2.0) -> np.ndarray:
    """Smooth random wander, stronger towards the tips."""
    n, k, _ = strands.shape
    t = np.linspace(0, 1, k)[None, :, None]
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 3))
    speed = rng.uniform(0.5, 1.5, (n, 1, 3)) * waves * 2 * np.pi
    return strands + amount * t * np.sin(speed * t + phase)


def curl(strands: np.ndarray, radius: float, turns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wind each strand round its own path."""
    n, k, _ = strands.shape
    t = np.linspace(0, 1, k)[None]
    angle = turns[:, None] * 2 * np.pi * t + rng.uniform(0, 2 * np.pi, (n, 1))
    tangent = unit(np.gradient(strands, axis=1))
    a = unit(np.cross(tangent, np.array([0.31, 0.74, 0.59])))
    b = np.cross(tangent, a)
    r = radius * np.minimum(1, t * 5)
    return strands + (r * np.cos(angle))[..., None] * a + (r * np.sin(angle))[..., None] * b


def taper(strands: np.ndarray, width: float, tip: float = 0.25) -> Strands:
    """Give strands a radius that thins out."""
    t = np.linspace(0, 1, strands.shape[1])
    r = width * (tip + (1 - tip) * np.sqrt(np.clip(1 - t**3, 0, 1)))
    return Strands(strands, np.tile(r, (len(strands), 1)))


def brows(person: Person, surface: np.ndarray, thick: float, count: int, seed: int, raise_: float = 0.0) -> Strands:
    """Eyebrows that ride on the (moved) surface."""
    rng, out = np.random.default_rng(seed), []
    front = np.flatnonzero(outer_skin(person) * (person.rest[:, 2] > -0.4))
    tree = cKDTree(person.rest[front][:, :2])
    t = rng.uniform(0, 1, count)
    sparse = rng.uniform(0, 1, count) > np.clip((t + 0.03) / 0.16, 0, 1)
    t = np.where(sparse, t + 0.35 * rng.uniform(0, 1, count), t)
    across = rng.uniform(-1, 1, count)
    for side, sign in (("L", -1), ("R", 1)):
        up, low = (person.rest[i] for i in BROWS[side])
        s = np.linspace(0, 1, 5)
        middle = np.stack([np.interp(t, s, (0.6 * up + 0.4 * low)[:, i]) for i in range(2)], 1)
        half = thick * np.interp(t, [0, 0.10, 0.25, 0.5, 0.8, 1], [0.35, 0.8, 1.0, 0.95, 0.6, 0.2])
        xy = middle + np.stack([0 * across, across * half + raise_], 1)
        vert = front[tree.query(xy)[1]]
        root = surface[vert] + np.append(xy, np.zeros((count, 1)), 1) - [1, 1, 0] * person.rest[vert]
        angle = np.interp(t, [0, 0.15, 0.5, 1], [1.25, 0.75, 0.22, -0.30]) - 0.35 * across
        angle += rng.normal(0, 0.12, count)
        d = np.stack([sign * np.cos(angle), np.sin(angle), 0 * angle], 1)
        normal = unit(root - [0, root[:, 1].mean() - 0.1, -0.9])
        d = unit(d - normal * (d * normal).sum(1, keepdims=True))
        step = np.linspace(0, 1, 5)[None, :, None]
        size = rng.uniform(0.05, 0.085, count)[:, None, None]
        body = root[:, None] + size * (d[:, None] * step + normal[:, None] * (0.45 * step - 0.38 * step**2))
        out.append(body)
    return taper(np.concatenate(out), 0.0042, 0.15)


def lashes(person: Person, surface: np.ndarray, length: float, closed: float, seed: int) -> Strands:
    """Eyelashes along both lids of both eyes."""
    rng, out = np.random.default_rng(seed), []
    for side in ("L", "R"):
        outer, inner = EYE_CORNERS[side]
        for row, size, lift, count in (
            (EYE_UPPER[side], length, 0.45 * (1 - 1.5 * closed), 90), (EYE_LOWER[side], 0.32 * length, -0.55, 26),
        ):  # fmt: skip
            path = surface[[outer, *row, inner]]
            at = np.linspace(0.0, 0.93, count) + rng.normal(0, 0.006, count)
            s = np.linspace(0, 1, len(path))
            root = np.stack([np.interp(np.clip(at, 0, 1), s, path[:, i]) for i in range(3)], 1)
            fwd = unit(root - person.eyes[side].centre)
            sign = -1 if side == "L" else 1
            fan = sign * np.interp(at, [0, 0.5, 1], [0.95, 0.2, -0.25])
            d = unit(fwd + np.stack([fan, 0 * fan, 0 * fan], 1))
            step = np.linspace(0, 1, 6)[None, :, None]
            own = size * np.interp(at, [0, 0.15, 0.6, 1], [0.9, 1.1, 0.9, 0.5]) * rng.uniform(0.85, 1.1, count)
            up = np.array([0, lift, 0.0])
            bow = own[:, None, None] * (d[:, None] * step * 0.9 + up * step**2)
            out.append(root[:, None] + fwd[:, None] * 0.004 + bow)
    return taper(np.concatenate(out), 0.0027, 0.1)
