"""The levels of quality a live run can be shown at, from the best to the lightest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

LIGHT_MODEL = "geometric"
"""What every other model is stepped down to: it is the cheapest, and needs no weights."""

SMALL_PORTRAIT_PX = 256
"""Side of the animated square once size is given up; the output keeps its own size."""

RATES = (25.0, 20.0, 15.0)
"""Pictures of the driver a second that are still followed, once the rate is given up too."""

EFFORTS = {"synergy": 3.0, "explicit": 2.6, "attention": 3.0}
"""Time of a frame against `geometric` on two cores, for a first guess; what is measured afterwards decides."""

REFERENCE_EFFORT = 0.3
SMALL_EFFORT = 0.6


class QualityWish(Enum):
    """What a person may ask for: the program's choice, or a level that stays whatever the machine does."""

    AUTO = "auto"
    BEST = "best"
    BALANCED = "balanced"
    LIGHT = "light"


@dataclass(frozen=True)
class Level:
    """How the live frames are made.

    model: as in `--model`. references: further pictures of the person that are looked at. portrait_px: side of the
    animated square; None is the portrait's own. fps: how many pictures of the driver are followed a second; None is
    every one. effort: time of a frame against the other levels, a guess.
    """

    model: str
    references: int = 1
    portrait_px: int | None = None
    fps: float | None = None
    effort: float = 1.0


def ladder(model: str, fps: float, *, references: int = 1) -> tuple[Level, ...]:
    """All levels below `model` at `fps`, the best first.

    What is seen least is given up first: further pictures of the person, then the network, then detail, then rate.
    """
    name = model.partition(":")[0]
    levels = [Level(model, references, effort=EFFORTS.get(name, 1.0) + (references and REFERENCE_EFFORT))]
    if name != LIGHT_MODEL:
        if references:
            levels.append(Level(model, 0, effort=EFFORTS.get(name, 1.0)))
        levels.append(Level(LIGHT_MODEL, 0))
    small = Level(LIGHT_MODEL, levels[-1].references, SMALL_PORTRAIT_PX, effort=SMALL_EFFORT)
    levels.append(small)
    levels += [replace(small, fps=rate) for rate in RATES if rate < fps]
    return tuple(levels)


def place_of(wish: QualityWish, levels: tuple[Level, ...]) -> int:
    """Where on the ladder a fixed wish is; AUTO begins at the top."""
    if wish is QualityWish.LIGHT:
        return len(levels) - 1
    if wish is QualityWish.BALANCED:
        whole = [place for place, level in enumerate(levels) if level.fps is None]
        return whole[-1]
    return 0
