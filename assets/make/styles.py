"""Hairstyles: each grows the strands of one cut on one person's head (head straight)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from groom import (
    Strands,
    clump,
    curl,
    cut_below,
    frizz,
    grow,
    resample,
    scalp,
    spread_roots,
    taper,
    unit,
)  # fmt: skip
from person import Person
from topology import gradient

Style = Callable[[Person, int, np.random.Generator], Strands]


def vec(x: np.ndarray | float, y: np.ndarray | float, z: np.ndarray | float) -> np.ndarray:
    """Stack components into vectors."""
    return np.stack(np.broadcast_arrays(x, y, z), -1)


def smooth(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bob(person: Person, count: int, rng: np.random.Generator) -> Strands:
    """A chin-length bob with a side parting and a swept fringe."""
    root, normal = spread_roots(person, scalp(person, 0.66), count, rng).at(person.rest)
    part = 0.20 + rng.normal(0, 0.02, count)
    side = np.where(root[:, 0] > part, 1.0, -1.0)
    fringe = smooth(root[:, 2], -0.35, -0.1) * (root[:, 1] > 0.5) * (side < 0) * (root[:, 0] > -0.5)
    height = smooth(root[:, 1], -0.2, 1.1)
    near = smooth(np.abs(root[:, 0] - part), 0.0, 0.7)
    layer = 0.04 + (0.07 + 0.13 * height) * rng.uniform(0.25, 1, count) ** 0.8 * (0.15 + 0.85 * near)

    def flow(p: np.ndarray, t: np.ndarray) -> np.ndarray:
        top = smooth(p[:, 1], 0.15, 0.85)
        front = smooth(p[:, 2], -0.35, 0.05)
        over = fringe * smooth(p[:, 0], -0.72, -0.45) * smooth(p[:, 1], 0.18, 0.34)
        out = vec(side * 1.1, -0.42 * over, -0.30 + 0.45 * over)
        down = vec(side * (0.10 + 0.65 * front * (np.abs(p[:, 0]) < 0.9)), -1.0, -0.12 - 0.5 * front)
        inward = smooth(-p[:, 1], 0.55, 1.15)[:, None] * vec(-np.sign(p[:, 0]) * 0.55, 0, 0.10 - 0.35 * front)
        top = np.maximum(top, over)[:, None]
        return unit(out * top + (down + inward) * (1.05 - top))

    strands = grow(root, normal, flow, np.full(count, 3.3), layer, 34, 0.2, 0.62, 0.5, -0.35)
    end = -1.20 + 0.10 * smooth(strands[:, 12, 2], -0.3, 0.2) + rng.normal(0, 0.025, count)
    strands = resample(strands, cut_below(strands, end), 26)
    strands = clump(strands, 420, 0.55, rng, 1.0)
    return taper(frizz(strands, 0.012, rng, 1.0), 0.0062, 0.35)


def crop(person: Person, count: int, rng: np.random.Generator) -> Strands:
    """Short textured hair, longer and brushed up on top."""
    root, normal = spread_roots(person, scalp(person, 0.62), count, rng).at(person.rest)
    top = smooth(root[:, 1], 0.50, 0.86)
    front = smooth(root[:, 2], -0.6, 0.15)
    length = 0.11 + top * (0.30 + 0.20 * front) * rng.uniform(0.75, 1.1, count)
    layer = 0.012 + (0.03 + 0.10 * top) * rng.uniform(0.2, 1, count)

    def flow(p: np.ndarray, t: np.ndarray) -> np.ndarray:
        sides = vec(0.05 * np.sign(p[:, 0]), -0.9, -0.45)
        sweep = vec(0.55, 0.25 + 0.9 * front * (1 - t), 0.30 * front * (1 - 1.6 * t) - 0.45 * (1 - front))
        return unit(sides * (1 - top)[:, None] + sweep * top[:, None] + 0.25 * normal)

    strands = grow(root, normal, flow, length, layer, 14, 0.7, 0.5, 0.1)
    strands = clump(strands, 520, 0.72, rng, 0.9)
    return taper(frizz(strands, 0.012, rng, 0.8), 0.0062, 0.25)


def swept(person: Person, count: int, rng: np.random.Generator) -> Strands:
    """Long hair combed back behind the ears, with some locks over the shoulders."""
    root, normal = spread_roots(person, scalp(person, 0.63), count, rng).at(person.rest)
    side = np.where(root[:, 0] > -0.02 + rng.normal(0, 0.02, count), 1.0, -1.0)
    low = smooth(-root[:, 1], -0.45, 0.1)
    near = smooth(np.abs(root[:, 0] + 0.02), 0.0, 0.6)
    layer = 0.03 + (0.04 + 0.15 * (1 - low)) * rng.uniform(0.2, 1, count) * (0.15 + 0.85 * near)
    forward = rng.uniform(0, 1, count) < 0.5
    lock = (root[:, 2] > -0.42) & (np.abs(root[:, 0]) > 0.56) & (root[:, 1] < 0.50)
    lock &= rng.uniform(0, 1, count) < 0.55
    layer = np.where(lock, rng.uniform(0.04, 0.10, count), layer)

    def flow(p: np.ndarray, t: np.ndarray) -> np.ndarray:
        behind = smooth(-p[:, 2], 0.62, 1.05)
        low_down = smooth(-p[:, 1], 0.45, 1.0)
        comb = vec(side * 0.55, -0.22, -1.0)
        drop = vec(side * 0.02, -1.0, 0.02)
        bring = vec(side * (0.10 + 0.10 * forward), -1.0, 0.30 * forward)
        mix = (1 - low_down)[:, None] * drop + low_down[:, None] * bring
        wave = 0.16 * np.sin(5.0 * p[:, 1] + 2 * side)[:, None] * vec(side, 0, 0.5)
        back = comb * (1 - behind)[:, None] + (mix + wave) * behind[:, None]
        sway = 0.25 * np.sin(4.2 * p[:, 1] + 0.6)
        hang = vec(side * (0.10 + sway + 0.45 * smooth(p[:, 1], 0.1, 0.5)), -1.0, 0.10 - 0.3 * (p[:, 1] > 0))
        return unit(np.where(lock[:, None], hang, back))

    strands = grow(root, normal, flow, rng.uniform(3.6, 4.2, count), layer, 44, 0.15, 0.6, 0.5, -0.2)
    strands = resample(strands, cut_below(strands, np.where(lock, rng.normal(-1.45, 0.13, count), -2.85)), 34)
    strands = clump(strands, 300, 0.62, rng, 1.0)
    return taper(frizz(strands, 0.02, rng, 1.2), 0.0062, 0.35)


def curls(person: Person, count: int, rng: np.random.Generator) -> Strands:
    """A round cloud of tight curls."""
    root, normal = spread_roots(person, scalp(person, 0.62), count, rng).at(person.rest)
    high = smooth(root[:, 1], -0.5, 0.7)
    front = smooth(root[:, 2], -0.3, 0.2)
    length = (0.26 + 0.22 * high) * rng.uniform(0.55, 1.05, count)
    layer = np.zeros(count) + 0.03

    def flow(p: np.ndarray, t: np.ndarray) -> np.ndarray:
        away = vec(0.25 * np.sign(p[:, 0]) * front, 0.30 * front, -0.3 * front)
        return unit(gradient(p) + away + vec(0, -0.45 * t * (1 - high), 0))

    guides = max(count // 14, 300)
    strands = grow(root, normal, flow, length, layer, 12, 1.0, 0.5)
    strands = resample(strands, np.ones(count), 44)
    strands = frizz(strands, 0.03, rng, 0.5)
    turns = length / 0.115
    strands = curl(strands, 0.034, turns, rng)
    strands = clump(strands, guides, 0.86, rng, 0.35)
    return taper(frizz(strands, 0.006, rng, 2.0), 0.0055, 0.5)


def side_part(person: Person, count: int, rng: np.random.Generator) -> Strands:
    """Short, neatly combed hair with a side parting."""
    root, normal = spread_roots(person, scalp(person, 0.70), count, rng).at(person.rest)
    part = 0.33
    top = smooth(root[:, 1], 0.45, 0.8)
    side = np.where(root[:, 0] > part, 1.0, -1.0)
    length = 0.13 + top * 0.48 * rng.uniform(0.8, 1.1, count)
    layer = 0.012 + (0.03 + 0.12 * top * (side < 0)) * rng.uniform(0.3, 1, count)

    def flow(p: np.ndarray, t: np.ndarray) -> np.ndarray:
        sides = vec(0.05 * np.sign(p[:, 0]), -0.8, -0.6)
        comb = vec(side * 0.9, 0.1, -0.65)
        return unit(sides * (1 - top)[:, None] + comb * top[:, None])

    strands = grow(root, normal, flow, length, layer, 16, 0.6, 0.55, 0.4)
    strands = clump(strands, 420, 0.6, rng, 1.0)
    return taper(frizz(strands, 0.01, rng, 0.8), 0.0062, 0.3)


STYLES: dict[str, Style] = {"bob": bob, "crop": crop, "swept": swept, "curls": curls, "side_part": side_part}
