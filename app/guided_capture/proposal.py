"""What guided capture found: pictures in memory for the person to look at, saved only when approved."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PIL import Image

from app.avatars import THUMBNAIL, Avatar, add_avatar, describe
from app.consent import Consent, How
from app.errors import UsageProblem
from app.guided_capture.candidates import Candidate, Candidates, Miss
from app.guided_capture.goals import Goal

THUMBNAIL_PX = 256


class Proposal:
    """Either `approve` or `reject` ends it; both throw the pictures in memory away.

    found: the pictures, best for each goal. misses: what is missing, and why.
    """

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self.found: tuple[Candidate, ...] = candidates.best()
        self.misses: tuple[Miss, ...] = candidates.misses()

    @property
    def can_be_approved(self) -> bool:
        """Without a face that looks at the camera there is nothing to animate."""
        return any(candidate.goal is Goal.NEUTRAL for candidate in self.found)

    def approve(self, name: str, leave_out: Collection[Goal] = ()) -> Avatar:
        """Save the pictures as an avatar of the person's own: the neutral face, and the others as its references.

        Raises:
            UsageProblem: there is no neutral picture.
            EnvironmentProblem: the avatar cannot be written; the proposal stays as it is then.
        """
        chosen = [candidate for candidate in self.found if candidate.goal not in leave_out]
        portrait = next((candidate for candidate in chosen if candidate.goal is Goal.NEUTRAL), None)
        if portrait is None:
            raise UsageProblem(
                "These pictures cannot be saved as an avatar.",
                why="None of them shows you looking at the camera with your lips together.",
                fix="Capture again, in good light and close to the camera.",
            )
        others = [candidate for candidate in chosen if candidate is not portrait]
        title = " ".join(name.split()) or "Me"
        avatar = add_avatar(title, lambda draft: _write(draft, title, portrait, others))
        self.reject()
        return avatar

    def reject(self) -> None:
        """Throw everything away. Idempotent."""
        self._candidates.forget()


def _write(draft: Path, title: str, portrait: Candidate, others: list[Candidate]) -> None:
    image = Image.fromarray(portrait.picture.reveal())
    image.save(draft / "portrait.png")
    names = []
    for candidate in others:
        names.append(f"{candidate.goal.value.replace(' ', '-')}.png")
        Image.fromarray(candidate.picture.reveal()).save(draft / names[-1])
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    image.save(draft / THUMBNAIL)
    describe(draft, title, "portrait.png", names, Consent.now(How.CAPTURED))
