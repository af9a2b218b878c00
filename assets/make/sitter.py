"""A character assembled: skin colours, eyes, ears, hair and clothes for any expression, as arrays.

Why: the renderer needs only positions that change from picture to picture; shapes, colours and the
groom are computed once per character.
"""

from __future__ import annotations

import numpy as np
import parts
from characters import Character
from groom import (
    LIPS,
    Roots,
    Strands,
    brows,
    inside_polygon,
    lashes,
    scalp,
    spread_roots,
    taper,
    unit,
    whiskers,
)  # fmt: skip
from parts import Mesh
from person import SIDES, Expression, Person, turn
from scipy.interpolate import CubicSpline
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree
from styles import STYLES, smooth
from topology import Head

Colour = tuple[float, float, float]
# places behind the lips, from the middle of the mouth; the lower two move with the jaw
UPPER_TEETH = np.array([0, -0.052, -0.085])
LOWER_TEETH = np.array([0, -0.120, -0.15])
TONGUE = np.array([0, 0.055, -0.22])


def linear(colour: Colour) -> np.ndarray:
    """Linear light from sRGB."""
    c = np.asarray(colour, float)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def speckle(p: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Smooth random values in 0..1 over space."""
    grid = np.random.default_rng(seed).uniform(0, 1, (24, 24, 24))
    return map_coordinates(grid, (p / size).T, order=1, mode="grid-wrap")


def spot(p: np.ndarray, centre: Colour, radius: Colour, both: bool = True) -> np.ndarray:
    """Soft blob, on both sides of the face."""
    q = p.copy()
    if both:
        q[:, 0] = np.abs(q[:, 0])
    return np.exp(-(((q - centre) / radius) ** 2).sum(1))


def lip_mask(p: np.ndarray) -> np.ndarray:
    """1 on the lips, soft at the rim, per fine vertex."""
    ring = p[[*LIPS, LIPS[0]]][:, :2]
    curve = CubicSpline(np.arange(len(ring)), ring, bc_type="periodic")(np.linspace(0, len(ring) - 1, 400))
    inside = inside_polygon(p, curve[:-1])
    d = cKDTree(curve).query(p[:, :2])[0]
    return smooth(np.where(inside, d, -d), -0.012, 0.014) * (p[:, 2] > 0)


def paint(person: Person, c: Character) -> np.ndarray:
    """Skin colour (linear) and gloss, (n, 4), per fine vertex."""
    p, head = person.rest, person.head
    skin, blush, lips, hair = (linear(x) for x in (c.skin, c.blush, c.lips, c.hair))
    colour = np.tile(skin, (len(p), 1))

    def mix(target: np.ndarray, weight: np.ndarray) -> None:
        colour[:] += (target - colour) * np.clip(weight, 0, 1)[:, None]

    mix(skin * [0.90, 0.84, 0.80], 0.5 * speckle(p, 0.11, 1) * speckle(p, 0.3, 2))
    mix(blush, c.redness * 0.40 * spot(p, (0.50, -0.42, 0.12), (0.24, 0.20, 0.4)))
    mix(blush, c.redness * 0.42 * spot(p, (0, -0.38, 0.55), (0.16, 0.14, 0.25), False))
    mix(blush, c.redness * 0.22 * spot(p, (0, -1.18, 0.25), (0.25, 0.12, 0.3), False))
    mix(blush, c.redness * 0.25 * spot(p, (0.35, 0.13, 0.05), (0.22, 0.06, 0.3)))
    mix(blush * 0.8, 0.30 * spot(p, (0.33, -0.12, 0.05), (0.16, 0.05, 0.3)))
    if c.freckles:
        tree = cKDTree(np.random.default_rng(4).uniform((-0.6, -0.6, -0.1), (0.6, -0.05, 0.7), (2600, 3)))
        dots = smooth(-tree.query(p)[0], -0.016, -0.008)
        area = spot(p, (0.36, -0.32, 0.2), (0.26, 0.16, 0.5)) + spot(p, (0, -0.2, 0.4), (0.14, 0.16, 0.4), False)
        mix(skin * [0.62, 0.45, 0.36], c.freckles * dots * np.clip(area, 0, 1))
    mouth = lip_mask(p)
    mix(lips, 0.88 * mouth)
    rim = np.zeros(head.count)
    for side in SIDES:
        rim[head.first[side] :][:32] = 1
    rim = head.matrix @ rim
    mix(blush * 0.75, 0.75 * np.clip(rim * 1.6, 0, 1))
    liner = np.zeros(head.count)
    for i in (246, 161, 160, 159, 158, 157, 466, 388, 387, 386, 385, 384):
        liner[i] = 1
    mix(linear(c.brow) * 0.5, c.liner * smooth(head.matrix @ liner, 0.25, 0.75) * (p[:, 2] > -0.2))
    mix(np.array([0.05, 0.015, 0.012]), 0.9 * smooth(person.nostrils, 0.25, 0.9))
    seam = np.zeros(head.count)
    seam[head.mouth.verts] = 1
    mix(lips * 0.35, 0.7 * smooth(head.matrix @ seam, 0.15, 0.7))
    mix(blush * 0.5, 0.40 * person.crease())
    bag = np.zeros(head.count)
    bag[head.first["mouth"] + 20 :] = 1
    bag = smooth(head.matrix @ bag, 0.02, 0.5)
    mix(np.array([0.16, 0.03, 0.03]), bag)
    cover = 0.75 * smooth(scalp(person), 0.1, 1.0)
    mix(hair * 0.8, cover)
    if c.beard:
        mix(hair * 0.5 + skin * 0.2, 0.42 * whiskers(person))
    gloss = np.clip(0.55 - 0.14 * mouth - 0.05 * spot(p, (0, -0.3, 0.5), (0.2, 0.3, 0.4), False) - 0.2 * bag, 0.1, 1)
    return np.column_stack([colour, gloss])


class Sitter:
    """One character; :meth:`pose` gives every piece for an expression."""

    def __init__(self, character: Character, levels: int = 3, detail: float = 1.0) -> None:
        self.character = c = character
        self.head = Head(levels)
        self.person = Person(self.head, c.warps, age=c.age)
        self.colours = paint(self.person, c)
        rng = np.random.default_rng(c.seed)
        self.hair = STYLES[c.style](self.person, int(c.hair_count * detail), rng)
        self.hair.radius *= 1 / np.sqrt(detail)
        self.ears = parts.join([self._ear(s) for s in (-1, 1)])
        self.beard: tuple[Roots, np.ndarray, np.ndarray] | None = None
        if c.beard:
            n = int(c.beard[0] * detail)
            roots, noise = spread_roots(self.person, whiskers(self.person), n, rng), rng.normal(size=(n, 3))
            at = roots.at(self.person.rest)[0]
            moustache = (np.abs(at[:, 0]) < 0.26) & (at[:, 1] > -0.74)
            length = np.where(moustache, 0.65, 1.0) * (0.8 + 0.25 * np.abs(noise[:, 0]))
            self.beard = roots, noise, c.beard[1] * length
        self.clothes = parts.clothes(c.collar, c.shoulder)
        self.circlet = parts.circlet()

    def _ear(self, side: int) -> Mesh:
        c = self.character
        mesh = parts.ear(side, c.ear_size, c.ear_point)
        tint = 0.10 + 0.5 * mesh.values["rim"][:, None]
        colour = linear(c.skin) + (linear(c.blush) - linear(c.skin)) * tint * 0.6
        colour[len(colour) // 2 :] *= 0.5  # the rear side, where the rim light falls
        mesh.values = {"skin": np.column_stack([colour, np.full(len(colour), 0.45)])}
        return mesh

    def _whiskers(self, surface: np.ndarray) -> Strands:
        assert self.beard
        assert self.character.beard
        roots, noise, length = self.beard
        at, normal = roots.at(surface)
        d = unit(normal * 0.6 + np.array([0, -0.9, 0.25]) + 0.22 * noise)
        t = np.linspace(0, 1, 5)[None, :, None]
        own = length[:, None, None]
        bend = np.array([0, -0.35, 0]) * own * t**2
        return taper(at[:, None] - 0.004 * normal[:, None] + own * t * d[:, None] + bend, self.character.beard[2], 0.3)

    def meshes(self, e: Expression) -> dict[str, Mesh]:
        """Meshes by material name."""
        person = self.person
        surface = person.surface(e)
        colours = {"skin": self.colours}
        out = {"skin": Mesh(turn(surface, e), self.head.fine_tris, colours)}
        balls, shells = [], []
        for side in SIDES:
            balls.append(parts.eyeball(person.eyes[side], e.gaze))
            shells.append(parts.cornea(person.eyes[side], e.gaze))
        face, rest = surface, person.rest
        edge = rest[[13, 14]].mean(0)
        jaw = (face[17] - rest[17]) * 0.82
        up, low = edge + UPPER_TEETH, edge + LOWER_TEETH + jaw
        out["eye"] = parts.join(balls)
        out["cornea"] = parts.join(shells)
        out["teeth"] = parts.join([parts.teeth(up, True), parts.teeth(low, False)])
        out["tongue"] = parts.tongue(low + TONGUE)
        for mesh in list(out.values())[1:]:
            mesh.points = turn(mesh.points, e)
        out["ears"] = Mesh(turn(self.ears.points, e), self.ears.faces, self.ears.values)
        out["cloth"] = self.clothes
        if self.character.circlet:
            out["gold"] = Mesh(turn(self.circlet.points, e), self.circlet.faces, {})
        return out

    def strands(self, e: Expression) -> dict[str, Strands]:
        """Strands by material name."""
        c, person = self.character, self.person
        surface = person.surface(e)
        out = {
            "hair": self.hair,
            "brow": brows(person, surface, c.brow_thick, c.brow_count, c.seed, c.brow_raise),
            "lash": lashes(person, surface, c.lash, e.blink, c.seed),
        }
        if self.beard:
            out["beard"] = self._whiskers(surface)
        return {k: Strands(turn(s.points, e), s.radius) for k, s in out.items()}
