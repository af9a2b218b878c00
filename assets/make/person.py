"""One person: proportions, expressions and head turns of the head mesh.

Why: portrait, references and every video frame are the same surface under other parameters, so that the
turned or talking head is certain to be the same person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from topology import EYE_CORNERS, EYE_LOWER, EYE_UPPER, LIP_PAIRS, Head

PIVOT = np.array([0.0, -1.05, -0.72])
LID = 0.018
SIDES = ("L", "R")


@dataclass(frozen=True)
class Warp:
    """A soft change of proportions round ``centre``, mirrored to the other side."""

    centre: tuple[float, float, float]
    radius: tuple[float, float, float]
    scale: tuple[float, float, float] = (1, 1, 1)
    shift: tuple[float, float, float] = (0, 0, 0)


@dataclass(frozen=True)
class Expression:
    """What the face does. Lengths in outer-eye-corner units, angles in degrees."""

    jaw: float = 0.0
    wide: float = 0.0
    pucker: float = 0.0
    brow: float = 0.0
    corner: float = 0.0
    smile: float = 0.0
    frown: float = 0.0
    blink: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass
class Eye:
    """An eyeball."""

    centre: np.ndarray
    radius: float


def warp_points(p: np.ndarray, warps: tuple[Warp, ...]) -> np.ndarray:
    """Apply soft changes of proportions."""
    out = p.copy()
    for w in warps:
        for side in (1, -1) if w.centre[0] else (1,):
            flip = np.array([side, 1, 1])
            rel = out - np.array(w.centre) * flip
            weight = np.exp(-((rel / w.radius) ** 2).sum(-1, keepdims=True))
            out = out + weight * (rel * (np.array(w.scale) - 1) + np.array(w.shift) * flip)
    return out


def rotate(p: np.ndarray, angles: tuple[float, float, float], weight: np.ndarray) -> np.ndarray:
    """Turn points by (pitch, yaw, roll) degrees, each point by its own share."""
    vector = np.radians(np.array(angles))
    angle = np.linalg.norm(vector)
    if angle < 1e-9:
        return p.copy()
    axis = vector / angle
    a = (angle * weight)[..., None]
    cross = np.cross(np.broadcast_to(axis, p.shape), p)
    dot = (p @ axis)[..., None]
    return p * np.cos(a) + cross * np.sin(a) + axis * dot * (1 - np.cos(a))


def turn(p: np.ndarray, e: Expression) -> np.ndarray:
    """Turn head points; the neck follows less and less towards its foot."""
    t = np.clip((p[..., 1] + 2.25) / (2.25 - 1.2), 0, 1)
    weight = t * t * (3 - 2 * t)
    return rotate(p - PIVOT, (-e.pitch, e.yaw, e.roll), weight) + PIVOT


class Person:
    """A head with one person's proportions."""

    def __init__(self, head: Head, warps: tuple[Warp, ...], eye_size: float = 1.0, age: float = 0.0) -> None:
        self.head = head
        self.face = warp_points(head.face, warps)
        self.back = warp_points(head.back, warps)
        self.eyes: dict[str, Eye] = {}
        self.lid_rows: dict[str, tuple[list[int], list[int]]] = {}
        for side in SIDES:
            self._fit_eye(side, eye_size)
        self.fix = np.zeros((head.count, 3))
        target = self.coarse(Expression())
        for _ in range(4):
            smooth = (head.matrix[: head.count] @ (target + self.fix)) - target
            smooth[head.first["back"] :] *= 0
            self.fix -= 0.7 * smooth
        self.detail = np.zeros(1)
        self.rest = self.surface(Expression())
        self.nostrils = self._nostrils()
        self.detail = self.nostrils[:, None] * [0, 0.06, -0.012] - self.crease()[:, None] * [0, 0, 0.016]
        self.detail = self.detail - age * self.wrinkles()[:, None] * [0, 0, 0.009]
        self.rest = self.surface(Expression())

    def _nostrils(self) -> np.ndarray:
        """1 in the nostrils, per fine vertex."""
        out = np.zeros(len(self.rest))
        for ids in ((60, 20, 75, 99), (290, 250, 305, 328)):
            centre = self.rest[list(ids)].mean(0)
            out += np.exp(-((((self.rest - centre) / (0.040, 0.035, 0.055)) ** 2).sum(1) ** 1.5))
        return out

    def wrinkles(self) -> np.ndarray:
        """Lines of age on the forehead, beside the eyes and under them, -1 to 1 per fine vertex."""
        p = self.rest
        x, y = np.abs(p[:, 0]), p[:, 1]
        lines = np.cos(2 * np.pi * (y - 0.03 * np.cos(4 * x)) / 0.085) ** 2
        out = lines * np.exp(-((x / 0.36) ** 4) - ((y - 0.44) / 0.11) ** 4)
        dx, dy = x - 0.50, y + 0.005
        fan = np.cos(7.0 * np.arctan2(dy, dx)) ** 2
        reach = np.hypot(dx, dy)
        out += 0.8 * fan * np.exp(-(((reach - 0.11) / 0.05) ** 2)) * (dx > 0.03)
        bag = np.exp(-(((x - 0.34) / 0.13) ** 2) - ((y + 0.155 - 0.5 * (x - 0.34) ** 2) / 0.016) ** 2)
        fold = np.exp(-(((x - 0.30 - 0.35 * (-0.5 - y)) / 0.022) ** 2) - ((y + 0.58) / 0.14) ** 2)
        return np.where(p[:, 2] > -0.35, out + 0.9 * bag + 1.4 * fold, 0)

    def crease(self) -> np.ndarray:
        """1 in the fold above the upper lids, per fine vertex."""
        out = np.zeros(self.head.count)
        for side in SIDES:
            out[self.lid_rows[side][0]] = 1
        return np.clip((self.head.matrix @ out - 0.25) / 0.55, 0, 1)

    def _fit_eye(self, side: str, size: float) -> None:
        upper, lower = EYE_UPPER[side], EYE_LOWER[side]
        outer, inner = (self.face[i] for i in EYE_CORNERS[side])
        radius = 0.56 * np.linalg.norm(outer[:2] - inner[:2]) * size
        ring = self.face[upper + lower]
        centre = np.append((ring[:, :2].mean(0) + (outer + inner)[:2] / 2) / 2, 0.0)
        mid = self.face[upper[2:5] + lower[2:5]]
        d = np.linalg.norm(mid[:, :2] - centre[:2], axis=1)
        centre[2] = (mid[:, 2] - np.sqrt((radius + LID) ** 2 - d**2)).mean()
        self.eyes[side] = Eye(centre, radius)
        near = self.head.neighbours(upper + lower + list(EYE_CORNERS[side]))
        far = self.head.neighbours(near + upper + lower + list(EYE_CORNERS[side]))
        top = self.face[upper][:, 1].mean()
        self.lid_rows[side] = (
            [i for i in near if self.face[i, 1] > top - 0.02],
            [i for i in far if self.face[i, 1] > top],
        )

    def _on_ball(self, p: np.ndarray, side: str, gap: float) -> np.ndarray:
        """Move points forward or back onto the eyeball (plus ``gap``)."""
        eye = self.eyes[side]
        d2 = ((p[:, :2] - eye.centre[:2]) ** 2).sum(1)
        r = eye.radius + gap
        z = eye.centre[2] + np.sqrt(np.maximum(r * r - d2, (0.5 * r) ** 2))
        return np.stack([p[:, 0], p[:, 1], z], 1)

    def _lids(self, face: np.ndarray, side: str, close: float, smile: float) -> None:
        """Close the lids by ``close`` and lay them on the eyeball (in place)."""
        upper, lower = EYE_UPPER[side], EYE_LOWER[side]
        drop = face[lower] - face[upper]
        c = float(np.clip(close, -0.35, 1.0))
        before = face[upper].copy()
        face[upper] += 0.93 * c * drop
        face[lower] -= (0.05 * max(c, 0) + 0.10 * smile * (1 - max(c, 0))) * drop
        shift = (face[upper] - before)[:, :2]
        for rows, share in zip(self.lid_rows[side], (0.5, 0.12), strict=True):
            for i in rows:
                k = np.exp(-(((face[i, 0] - before[:, 0]) / 0.05) ** 2)) + 1e-12
                face[i, :2] += share * (k[:, None] * shift).sum(0) / k.sum()
        face[upper + lower] = self._on_ball(face[upper + lower], side, LID)
        corners = list(EYE_CORNERS[side])
        face[corners] = 0.5 * face[corners] + 0.5 * self._on_ball(face[corners], side, LID)
        rows = self.lid_rows[side][0]
        floor = self._on_ball(face[rows], side, LID + 0.012)
        face[rows, 2] = np.maximum(face[rows, 2], floor[:, 2])

    def moved_face(self, e: Expression) -> np.ndarray:
        """Face vertices (468, 3) under an expression, head straight."""
        amounts = {
            "jaw": e.jaw, "wide": e.wide + 0.14 * e.smile, "pucker": e.pucker, "brow": e.brow,
            "corner": e.corner + 0.075 * e.smile,
        }  # fmt: skip
        face = self.face.copy()
        for name, basis in zip(self.head.names, self.head.bases, strict=True):
            face += amounts[name] * basis
        cheek = (np.abs(face[:, 0]) - 0.40) / 0.2, (face[:, 1] + 0.42) / 0.2
        weight = np.exp(-(cheek[0] ** 2) - cheek[1] ** 2)[:, None]
        face += e.smile * weight * [0, 0.045, 0.035]
        inner = np.exp(-((np.abs(face[:, 0]) - 0.14) ** 2) / 0.012 - (face[:, 1] - 0.22) ** 2 / 0.02)
        face += e.frown * inner[:, None] * [0, -0.05, 0.01]
        for side in SIDES:
            self._lids(face, side, e.blink + 0.03 * e.smile - 0.015 * e.gaze[1] - 0.7 * e.brow, e.smile)
        return face

    def coarse(self, e: Expression) -> np.ndarray:
        """All control vertices under an expression, head straight."""
        head, face = self.head, self.moved_face(e)
        out = np.zeros((head.count, 3))
        out[:468] = face
        delta = (face - self.face)[head.oval.verts]
        rings = len(self.back)
        fade = np.exp(-((np.arange(rings) / 2.5) ** 2))[:, None, None]
        back = self.back + delta * fade
        out[head.first["back"] : head.first["L"]] = back.reshape(-1, 3)
        for side in SIDES:
            eye, ring = self.eyes[side], face[head.eye[side].verts]
            rel = ring - eye.centre
            unit = rel / np.linalg.norm(rel, axis=1, keepdims=True)
            n, at = len(ring), head.first[side]
            out[at : at + n] = eye.centre + unit * (eye.radius - 0.002)
            out[at + n : at + 2 * n] = eye.centre + unit * (eye.radius * 0.8) - [0, 0, 0.06]
        self._mouth_bag(out, face)
        return out

    def _mouth_bag(self, out: np.ndarray, face: np.ndarray) -> None:
        verts = self.head.mouth.verts
        ring, n, at = face[verts], len(verts), self.head.first["mouth"]
        rest = self.face[verts]
        middle, half = ring.mean(0), np.ptp(rest[:, 0]) / 2
        arch = np.sqrt(np.clip(1 - ((rest[:, 0] - rest[:, 0].mean()) / half) ** 2, 0, 1))
        lower = {low for _, low in LIP_PAIRS}
        sign = np.array([-1.0 if v in lower else 1.0 for v in verts]) * arch
        up = np.stack([0 * sign, sign, 0 * sign], 1)
        out[at : at + n] = ring - [0, 0, 0.035] + up * 0.006
        out[at + n : at + 2 * n] = ring + up * 0.07 - [0, 0, 0.12]
        out[at + 2 * n : at + 3 * n] = middle + (ring - middle) * [0.9, 1, 0.3] + up * 0.16 - [0, 0, 0.45]
        out[at + 3 * n] = middle - [0, 0, 0.65]

    def surface(self, e: Expression) -> np.ndarray:
        """Fine surface under an expression, head straight."""
        return np.asarray(self.head.matrix @ (self.coarse(e) + self.fix)) + self.detail
