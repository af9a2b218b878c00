"""What a person may know of the governor's work, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from app.governor.levels import Level, QualityWish


@dataclass(frozen=True)
class QualityStatus:
    """One snapshot.

    place: the level in use, 0 is the best of `levels`. reason: why it is not the best one; None where it is, or where a
    person chose it. camera_note: what slows the camera down, if anything does.
    """

    wish: QualityWish = QualityWish.BEST
    place: int = 0
    levels: int = 1
    reason: str | None = None
    camera_note: str | None = None


def busy_sentence(best: Level, used: Level) -> str | None:
    """Why frames are not made as they could be: names what is seen of it. None at the best level."""
    if used == best:
        return None
    changes = []
    if used.model != best.model:
        changes.append(f"with {used.model}")
    elif used.references < best.references:
        changes.append("with one picture of the person")
    if used.portrait_px is not None and used.portrait_px != best.portrait_px:
        changes.append("in less detail")
    if used.fps is not None and used.fps != best.fps:
        changes.append(f"at {used.fps:g} fps")
    return f"Your machine is busy: showing {' '.join(changes)}."
