"""Loads portraits one after another with one tracker and one segmenter, made when first needed.

Everything heavy (mediapipe, OpenCV) is imported by the first load, on the thread that loads: opening the window
does not wait for it. All methods are called on that one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.avatars import Avatar, resolve_avatar
from app.portrait import LoadedPortrait

if TYPE_CHECKING:  # importing it loads OpenCV
    from app.portrait_loader import PortraitLoader
    from app.tracking.base import Tracker


class PortraitMaker:
    """From what a person chose to a `LoadedPortrait`; keeps its models between loads.

    with_references: False leaves further views of the person out, for models that make nothing of them; each view
        takes as long to prepare as the portrait.
    """

    def __init__(self, *, with_references: bool = True) -> None:
        self._with_references = with_references
        self._made: tuple[Tracker, PortraitLoader] | None = None

    def load(self, who: str, references: Sequence[Path] = ()) -> LoadedPortrait:
        """The portrait of an avatar (by key, name or folder) or in a picture file, with extra views of the person.

        Raises:
            UsageProblem: there is no such avatar or file, or no face in it.
        """
        found = resolve_avatar(who)
        if not isinstance(found, Avatar):
            return self._loader().load(found, self._wanted(references))
        portrait = self._loader().load(found.portrait, self._wanted((*found.references, *references)))
        return replace(portrait, name=found.name)

    def close(self) -> None:
        """Give the models back. Idempotent."""
        if self._made is not None:
            tracker, loader = self._made
            self._made = None
            loader.close()
            tracker.close()

    def _wanted(self, references: Sequence[Path]) -> tuple[Path, ...]:
        return tuple(references) if self._with_references else ()

    def _loader(self) -> PortraitLoader:
        if self._made is None:
            from app.portrait_loader import PortraitLoader
            from app.tracking.face_mesh import FaceMeshTracker

            tracker = FaceMeshTracker(static=True)
            self._made = (tracker, PortraitLoader(tracker))
        return self._made[1]
