"""The people: proportions, colours, hair and clothes of each, and which pictures are taken of them."""

from __future__ import annotations

from dataclasses import dataclass

from person import Expression, Warp

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Character:
    """Everything that makes one person. Colours are sRGB, 0 to 1."""

    name: str
    style: str
    skin: Colour
    blush: Colour
    lips: Colour
    hair: Colour
    iris: Colour
    cloth: Colour
    trim: Colour
    wall: tuple[Colour, Colour]
    collar: str = "crew"
    warps: tuple[Warp, ...] = ()
    hair_tips: Colour | None = None
    brow: Colour = (0.2, 0.12, 0.08)
    brow_thick: float = 0.03
    brow_count: int = 420
    brow_raise: float = 0.0
    lash: float = 0.06
    liner: float = 0.8
    freckles: float = 0.0
    beard: tuple[int, float, float] | None = None
    shoulder: float = 1.0
    ear_size: float = 1.0
    ear_point: float = 0.0
    circlet: bool = False
    redness: float = 1.0
    age: float = 0.0
    hair_count: int = 26000
    seed: int = 1


def eyes(size: float) -> Warp:
    """Larger eyes."""
    return Warp((0.352, 0.0, 0.05), (0.24, 0.19, 0.6), (size, size * 1.04, 1.0))


def neck(width: float) -> Warp:
    """Slimmer or stronger neck."""
    return Warp((0, -1.95, -0.85), (2.0, 0.62, 2.0), (width, 1, width))


SOFT = (
    eyes(1.47),
    neck(0.84),
    Warp((0.62, -0.85, -0.15), (0.35, 0.40, 0.6), shift=(-0.07, 0.01, 0)),
    Warp((0, -1.22, 0.15), (0.35, 0.25, 0.4), (0.86, 1, 1), (0, 0.05, 0)),
    Warp((0, -0.37, 0.42), (0.20, 0.17, 0.35), (0.70, 0.86, 0.80), (0, 0.025, -0.045)),
    Warp((0, -0.10, 0.30), (0.15, 0.20, 0.35), (0.80, 1, 1), (0, 0, 0.03)),
    Warp((0, -0.79, 0.3), (0.30, 0.14, 0.4), (0.98, 1.14, 1.06), (0, 0, 0.01)),
    Warp((0, -0.95, 0.1), (0.8, 0.45, 0.8), shift=(0, 0.06, 0)),
)
STRONG = (
    eyes(1.24),
    neck(1.04),
    Warp((0.60, -0.92, -0.1), (0.30, 0.35, 0.6), shift=(0.05, -0.02, 0.02)),
    Warp((0, -1.24, 0.18), (0.35, 0.25, 0.4), (1.08, 1.05, 1.1), (0, -0.02, 0.03)),
    Warp((0, -0.36, 0.42), (0.22, 0.18, 0.35), (0.92, 0.95, 0.95)),
    Warp((0, -0.10, 0.30), (0.15, 0.20, 0.35), (0.88, 1, 1), (0, 0, 0.03)),
    Warp((0.33, 0.22, 0.15), (0.28, 0.10, 0.3), shift=(0, -0.015, 0.03)),
    Warp((0, -0.79, 0.3), (0.30, 0.13, 0.4), (1.04, 0.92, 1.0)),
)

CHARACTERS: dict[str, Character] = {
    "mira": Character(
        name="Mira", style="bob", skin=(0.95, 0.73, 0.61), blush=(0.90, 0.50, 0.43), lips=(0.80, 0.40, 0.40),
        hair=(0.40, 0.20, 0.11), hair_tips=(0.50, 0.27, 0.15), iris=(0.36, 0.46, 0.24), cloth=(0.10, 0.42, 0.45),
        trim=(0.10, 0.42, 0.45), wall=((0.94, 0.80, 0.70), (0.66, 0.50, 0.48)), collar="turtle", warps=SOFT,
        brow=(0.30, 0.16, 0.09),
        brow_thick=0.028, brow_count=420, brow_raise=-0.005, freckles=0.5, lash=0.066, shoulder=0.92,
        ear_size=0.55, seed=3,
    ),
    "tomas": Character(
        name="Tomas", style="crop", skin=(0.82, 0.60, 0.47), blush=(0.78, 0.42, 0.34), lips=(0.68, 0.40, 0.34),
        hair=(0.13, 0.09, 0.07), iris=(0.40, 0.24, 0.12), cloth=(0.16, 0.24, 0.42), trim=(0.16, 0.24, 0.42),
        wall=((0.62, 0.74, 0.80), (0.30, 0.40, 0.50)), warps=STRONG, brow=(0.10, 0.07, 0.05), brow_thick=0.040,
        brow_count=560, brow_raise=-0.02, lash=0.05, liner=0.35, beard=(10000, 0.034, 0.0042), shoulder=1.06, seed=5,
    ),
    "elowen": Character(
        name="Elowen", style="swept", skin=(0.95, 0.77, 0.68), blush=(0.88, 0.52, 0.52), lips=(0.74, 0.40, 0.46),
        hair=(0.66, 0.50, 0.76), hair_tips=(0.82, 0.52, 0.70), iris=(0.42, 0.34, 0.72), cloth=(0.13, 0.30, 0.22),
        trim=(0.80, 0.62, 0.26), wall=((0.66, 0.80, 0.66), (0.26, 0.42, 0.40)), collar="stand",
        warps=(
            *SOFT,
            Warp((0.62, -0.30, 0.0), (0.3, 0.22, 0.5), shift=(0.03, 0.04, 0.05)),
            Warp((0.55, -0.78, -0.05), (0.3, 0.3, 0.5), shift=(-0.05, 0, 0)),
            Warp((0.52, 0.06, 0.0), (0.16, 0.22, 0.4), shift=(0.005, 0.035, 0)),
        ),
        brow=(0.27, 0.15, 0.27), brow_thick=0.026, brow_count=420, brow_raise=-0.01, lash=0.07, shoulder=0.90,
        ear_size=0.95, ear_point=1.0, circlet=True, redness=0.7, seed=7,
    ),
    "amara": Character(
        name="Amara", style="curls", skin=(0.58, 0.38, 0.27), blush=(0.52, 0.24, 0.18), lips=(0.52, 0.25, 0.24),
        hair=(0.09, 0.055, 0.04), iris=(0.26, 0.14, 0.07), cloth=(0.86, 0.58, 0.16), trim=(0.86, 0.58, 0.16),
        wall=((0.72, 0.64, 0.80), (0.38, 0.32, 0.52)),
        warps=(eyes(1.38), *SOFT[1:4], SOFT[5], Warp((0, -0.38, 0.42), (0.22, 0.15, 0.35), (1.0, 0.85, 0.84)),
               Warp((0, -0.80, 0.3), (0.32, 0.15, 0.4), (1.03, 1.32, 1.2), (0, 0, 0.02))),
        brow=(0.08, 0.05, 0.04), brow_thick=0.036, brow_raise=-0.015, lash=0.066, shoulder=0.93,
        hair_count=24000, seed=9,
    ),
    "anselm": Character(
        name="Anselm", style="side_part", skin=(0.90, 0.68, 0.58), blush=(0.84, 0.44, 0.38), lips=(0.74, 0.45, 0.41),
        hair=(0.74, 0.73, 0.72), hair_tips=(0.86, 0.85, 0.84), iris=(0.30, 0.45, 0.60), cloth=(0.46, 0.13, 0.16),
        trim=(0.46, 0.13, 0.16), wall=((0.86, 0.80, 0.66), (0.52, 0.44, 0.36)), collar="turtle",
        warps=(*STRONG, Warp((0, -0.37, 0.42), (0.22, 0.20, 0.35), (1.10, 1.05, 1.06))), brow=(0.50, 0.48, 0.46),
        brow_thick=0.044, brow_count=620, brow_raise=-0.015, lash=0.04, liner=0.15, beard=(12000, 0.075, 0.0045),
        shoulder=1.02, age=1.0, seed=11,
    ),
}  # fmt: skip

AVATARS = ["mira", "tomas", "elowen", "anselm", "amara"]
DRIVER = "amara"

POSES: dict[str, Expression] = {
    "portrait": Expression(corner=0.038, wide=0.03, smile=0.2, blink=-0.08, gaze=(0, 0)),
    "left": Expression(corner=0.038, wide=0.03, smile=0.2, blink=-0.08, yaw=-27),
    "right": Expression(corner=0.038, wide=0.03, smile=0.2, blink=-0.08, yaw=27),
    "mouth_open": Expression(jaw=0.24, brow=0.02, wide=0.02),
    "smile": Expression(smile=1.0, jaw=0.06, brow=0.01),
    "eyes_closed": Expression(blink=1.0, corner=0.038, wide=0.03, smile=0.2),
}
