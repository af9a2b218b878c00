"""Head topology: the tracked face grown into a whole head, lids and mouth, and its smooth surface.

Why: the mean FaceMesh face has human proportions and clean loops round eyes and lips, but ends at the
jaw. Here its outline is lofted over the skull to the neck as one surface (so there is no seam), the eye
and lip loops are turned inwards for thickness, and Loop subdivision is kept as one sparse matrix, so an
expression costs one product. Axes: x to the picture's right, y up, z to the camera; one unit is the
distance between the outer eye corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

BASE = Path(__file__).with_name("face_base.npz")
BACK_RINGS = 15
OVAL_TOP = 10
LIP_PAIRS = [
    (13, 14), (82, 87), (312, 317), (81, 178), (311, 402), (80, 88), (310, 318), (191, 95), (415, 324),
]  # fmt: skip
EYE_UPPER = {"L": [246, 161, 160, 159, 158, 157, 173], "R": [466, 388, 387, 386, 385, 384, 398]}
EYE_LOWER = {"L": [7, 163, 144, 145, 153, 154, 155], "R": [249, 390, 373, 374, 380, 381, 382]}
EYE_CORNERS = {"L": (33, 133), "R": (263, 362)}
DEPTH = 1.12
LIP_GAP = np.array([0, 0.002, 0])


@dataclass
class Ring:
    """A loop of boundary half-edges; ``verts[i]`` starts the half-edge to ``ends[i]``."""

    verts: np.ndarray
    ends: np.ndarray


def orient(tris: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Give all triangles the same winding, outwards."""
    by_edge: dict[tuple[int, int], list[int]] = {}
    for i, t in enumerate(tris):
        for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0])):
            by_edge.setdefault((min(a, b), max(a, b)), []).append(i)
    out, todo, seen = tris.copy(), [0], {0}
    while todo:
        i = todo.pop()
        for k in range(3):
            a, b = out[i][k], out[i][(k + 1) % 3]
            for j in by_edge[(min(a, b), max(a, b))]:
                if j in seen:
                    continue
                edges = {(out[j][m], out[j][(m + 1) % 3]) for m in range(3)}
                if (a, b) in edges:
                    out[j] = out[j][::-1]
                seen.add(j)
                todo.append(j)
    p = points[out]
    facing = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[:, 2].sum()
    return out if facing > 0 else out[:, ::-1].copy()


def boundary(tris: np.ndarray, start: int) -> Ring:
    """The boundary loop through vertex ``start``."""
    half = {(a, b) for t in tris.tolist() for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))}
    step = {a: b for a, b in half if (b, a) not in half}
    loop = [start]
    while step[loop[-1]] != start:
        loop.append(step[loop[-1]])
    verts = np.array(loop)
    return Ring(verts, np.roll(verts, -1))


def extrude(ring: Ring, first: int) -> tuple[np.ndarray, Ring]:
    """Triangles from ``ring`` to a new ring whose vertices start at index ``first``."""
    n = len(ring.verts)
    new = np.arange(first, first + n)
    nxt = np.roll(new, -1)
    tris = np.concatenate([np.stack([ring.ends, ring.verts, new], 1), np.stack([ring.ends, new, nxt], 1)])
    return tris, Ring(new, nxt)


def loop_matrix(tris: np.ndarray, n: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """One Loop subdivision step: (new vertices x old vertices), new triangles."""
    edges = np.sort(np.concatenate([tris[:, [0, 1]], tris[:, [1, 2]], tris[:, [2, 0]]]), 1)
    opposite = np.concatenate([tris[:, 2], tris[:, 0], tris[:, 1]])
    uniq, inverse, count = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    m, e = len(uniq), np.arange(len(uniq))
    inner = count == 2
    ends = np.where(inner, 3 / 8, 1 / 2)
    rows = np.concatenate([n + e, n + e, n + inverse[inner[inverse]]])
    cols = np.concatenate([uniq[:, 0], uniq[:, 1], opposite[inner[inverse]]])
    vals = np.concatenate([ends, ends, np.full(inner[inverse].sum(), 1 / 8)])
    edge_part = sparse.coo_matrix((vals, (rows, cols)), shape=(n + m, n))
    on_border = np.zeros(n, bool)
    on_border[uniq[~inner]] = True
    use_all = np.concatenate([uniq[inner], uniq[inner][:, ::-1]])
    use_all = use_all[~on_border[use_all[:, 0]]]
    valence = np.bincount(use_all[:, 0], minlength=n)
    beta = np.where(valence == 3, 3 / 16, 3 / (8 * np.maximum(valence, 1)))
    rim = np.concatenate([uniq[~inner], uniq[~inner][:, ::-1]])
    keep = np.where(on_border, 3 / 4, 1 - valence * beta)
    rows = np.concatenate([np.arange(n), use_all[:, 0], rim[:, 0]])
    cols = np.concatenate([np.arange(n), use_all[:, 1], rim[:, 1]])
    vals = np.concatenate([keep, beta[use_all[:, 0]], np.full(len(rim), 1 / 8)])
    matrix = (edge_part + sparse.coo_matrix((vals, (rows, cols)), shape=(n + m, n))).tocsr()
    t = len(tris)
    ab, bc, ca = n + inverse[:t], n + inverse[t : 2 * t], n + inverse[2 * t :]
    a, b, c = tris.T
    new = np.concatenate([np.stack(f, 1) for f in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))])
    return matrix, new


def smooth_min(distances: list[np.ndarray], k: float) -> np.ndarray:
    """Union of distances with rounded joints."""
    stack = np.stack(distances)
    low = stack.min(0)
    return low - k * np.log(np.exp(-(stack - low) / k).sum(0))


def ellipsoid(p: np.ndarray, centre: tuple[float, ...], radii: tuple[float, ...]) -> np.ndarray:
    """Approximate signed distance to an ellipsoid."""
    q = (p - centre) / radii
    k0 = np.linalg.norm(q, axis=-1)
    k1 = np.linalg.norm(q / radii, axis=-1)
    return k0 * (k0 - 1) / np.maximum(k1, 1e-9)


def head_distance(p: np.ndarray) -> np.ndarray:
    """Signed distance to a plain skull, jaw and neck."""
    skull = ellipsoid(p, (0, 0.26, -0.78), (0.825, 0.95, 1.06))
    jaw = ellipsoid(p, (0, -0.60, -0.22), (0.68, 0.70, 0.48))
    h = np.clip((-0.7 - p[..., 1]) / 1.8, 0, 1)
    axis = np.stack([0 * h, -0.7 - 1.8 * h, -0.80 - 0.18 * h], -1)
    flat = (p - axis) * [1.0, 1.0, 1.02]
    neck = np.linalg.norm(flat, axis=-1) - (0.50 + 0.10 * h**3)
    return smooth_min([skull, jaw, neck], 0.07)


def gradient(p: np.ndarray) -> np.ndarray:
    """Outward unit direction of :func:`head_distance`."""
    g = np.stack([head_distance(p + d) - head_distance(p - d) for d in np.eye(3) * 1e-3], -1)
    return g / np.maximum(np.linalg.norm(g, axis=-1, keepdims=True), 1e-9)


def project(p: np.ndarray, offset: float = 0.0) -> np.ndarray:
    """Onto the plain head's surface, or ``offset`` outside it."""
    for _ in range(3):
        p = p - gradient(p) * (head_distance(p) - offset)[..., None]
    return p


def loft_back(oval: np.ndarray) -> np.ndarray:
    """Rings (BACK_RINGS, n, 3) from the face outline over the skull down to the neck's foot."""
    side = np.arctan2(oval[:, 0], oval[:, 1] + 0.35)
    top = (1 + np.cos(side)) / 2
    foot = np.stack([0.6 * np.sin(side), np.full(len(oval), -2.5), -0.98 - 0.58 * np.cos(side)], 1)
    bend = (oval + foot) / 2 + top[:, None] * [0, 2.0, -1.8]
    bend[:, 0] += 0.5 * np.sin(side)
    t = (np.arange(1, BACK_RINGS + 1) / BACK_RINGS)[:, None, None]
    rings = (1 - t) ** 2 * oval + 2 * t * (1 - t) * bend + t**2 * foot
    fade = np.exp(-((np.arange(1, BACK_RINGS + 1) / 2.2) ** 2))[:, None, None]
    gap = oval - project(oval)
    for _ in range(80):
        full = np.concatenate([oval[None] - gap, rings])
        rings[:-1] = 0.3 * (full[:-2] + full[2:]) + 0.2 * (np.roll(rings, 1, 1) + np.roll(rings, -1, 1))[:-1]
        rings[:-1] = project(rings[:-1])
    return rings + gap * fade


class Head:
    """Coarse head mesh, its subdivision, and how its rings follow the face."""

    def __init__(self, levels: int) -> None:
        data = np.load(BASE)
        self.face = data["mean"].astype(float) * [1, 1, DEPTH]
        self.bases = data["bases"].astype(float) * [1, 1, DEPTH]
        self.names = [str(n) for n in data["features"]]
        for up, low in LIP_PAIRS:
            middle = (self.face[up] + self.face[low]) / 2
            self.face[up], self.face[low] = middle + LIP_GAP, middle - LIP_GAP
        tris = orient(data["faces"].astype(int), self.face)
        self.face_tris = tris
        self._soften_cheeks()
        loops = [boundary(tris, OVAL_TOP), boundary(tris, 33), boundary(tris, 263), boundary(tris, 13)]
        self.oval, self.eye = loops[0], {"L": loops[1], "R": loops[2]}
        self.mouth = loops[3]
        parts, n = [tris], len(self.face)
        self.first: dict[str, int] = {}
        for name, ring, count in (
            ("back", self.oval, BACK_RINGS),
            ("L", self.eye["L"], 2),
            ("R", self.eye["R"], 2),
            ("mouth", self.mouth, 3),
        ):
            self.first[name] = n
            for _ in range(count):
                new, ring = extrude(ring, n)
                parts.append(new)
                n += len(ring.verts)
        cap = np.stack([ring.ends, ring.verts, np.full(len(ring.verts), n)], 1)
        parts.append(cap)
        self.count = n + 1
        self.tris = np.concatenate(parts)
        self.back = loft_back(self.face[self.oval.verts])
        self._subdivide(levels)

    def _soften_cheeks(self) -> None:
        """Even out the folds beside nose and mouth, which the tracker places as hard ridges."""
        p, a = self.face, self.face_tris
        rows, cols = a[:, [0, 1, 2, 1, 2, 0]].ravel(), a[:, [1, 2, 0, 0, 1, 2]].ravel()
        near = sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(p), len(p))).tocsr()
        near.data[:] = 1
        mean = sparse.diags(1 / np.maximum(np.asarray(near.sum(1)).ravel(), 1)) @ near
        for _ in range(6):
            x, y = (np.abs(p[:, 0]) - 0.44) / 0.20, (p[:, 1] + 0.40) / 0.24
            weight = 0.6 * np.exp(-(x**2) - y**2)[:, None]
            p += weight * [0.3, 0.3, 1.0] * (mean @ p - p)

    def _subdivide(self, levels: int) -> None:
        matrix = sparse.identity(self.count, format="csr")
        tris, n = self.tris, self.count
        for _ in range(levels):
            step, tris = loop_matrix(tris, n)
            matrix, n = (step @ matrix).tocsr(), step.shape[0]
        self.matrix, self.fine_tris = matrix, tris

    def neighbours(self, seeds: list[int]) -> list[int]:
        """Face vertices that share an edge with one of ``seeds``."""
        hit = np.isin(self.face_tris, seeds).any(1)
        return sorted(set(self.face_tris[hit].ravel().tolist()) - set(seeds))
