"""Decides which pictures help an avatar as further views of the same person, and says why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.guided_capture.face_signs import FaceSigns
from app.guided_capture.goals import Goal
from app.guided_capture.private_picture import PrivatePicture
from app.guided_capture.scoring import PictureQuality
from models.metrics.transfer import identity_distance

ANOTHER_PERSON = 4.0
"""Distance of the shapes of two faces (`identity_distance`) from which on they are likely of two people.

On 240 faces of training clips, four a clip: of pairs of one person 1 % lie above it (mostly from one clip, so photos
taken years apart will more often), of pairs of two people 58 %. A shape is no fingerprint."""

FARTHEST_DEG = 50.0
GOOD_ENOUGH = 0.05
ALIKE_DEG, ALIKE_LIPS, ALIKE_EYES = 6.0, 0.08, 0.3
"""A photo that differs by less than this in pose, lips and eyes shows nothing new."""

NOTHING_NEW = "It shows nothing that the other pictures do not show."

MOST_AT_ONCE = 6
"""So many are picked of however many there are: each takes as long to prepare as the portrait."""


@dataclass(frozen=True)
class SeenView:
    """A picture with a face that was looked at. goal: what it shows, where that was looked for.

    name: of its file. picture: reads it, or hands it over.
    """

    name: str
    signs: FaceSigns
    quality: PictureQuality
    picture: Callable[[], PrivatePicture]
    goal: Goal | None = None


@dataclass(frozen=True)
class Refusal:
    """A picture, or a whole video, that is not taken, and why."""

    name: str
    why: str


class ViewChoice:
    """Compares pictures with the portrait and with the further views it has.

    Raises:
        ValueError: `known` has not even the portrait.
    """

    def __init__(self, known: Sequence[FaceSigns]) -> None:
        if not known:
            raise ValueError("there is no portrait to compare with")
        self._portrait, self._known = known[0], tuple(known)

    def is_same_person(self, signs: FaceSigns) -> bool:
        """Whether it may well be the person of the portrait."""
        return identity_distance(signs.state, self._portrait.state) <= ANOTHER_PERSON

    def pick(self, seen: Sequence[SeenView], most: int = MOST_AT_ONCE) -> tuple[list[SeenView], list[Refusal]]:
        """The pictures that together show most that is new, and are good; in the order they came."""
        refused = {place: why for place, view in enumerate(seen) if (why := self._unusable(view)) is not None}
        left = [place for place in range(len(seen)) if place not in refused]
        known, picked = list(self._known), list[int]()
        while left:
            news = {place: min(_difference(seen[place].signs, each) for each in known) for place in left}
            refused.update((place, NOTHING_NEW) for place in left if news[place] < 1.0)
            left = [place for place in left if news[place] >= 1.0]
            if len(picked) >= most:
                refused.update((place, f"Others show more that is new; {most} are taken at once.") for place in left)
                break
            if left:
                picked.append(max(left, key=lambda place: news[place] * seen[place].quality.score))
                known.append(seen[picked[-1]].signs)
                left.remove(picked[-1])
        chosen = [seen[place] for place in sorted(picked)]
        return chosen, [Refusal(seen[place].name, refused[place]) for place in sorted(refused)]

    def _unusable(self, view: SeenView) -> str | None:
        if view.signs.aside_deg > FARTHEST_DEG:
            return f"The head is turned {view.signs.aside_deg:.0f} degrees away, more than can be followed."
        if not self.is_same_person(view.signs):
            return "The face is shaped differently: it seems to be another person."
        return view.quality.worst if view.quality.score < GOOD_ENOUGH else None


def _difference(first: FaceSigns, second: FaceSigns) -> float:
    """How much two pictures differ in what they show; below 1 they are alike."""
    turned = max(abs(first.yaw_deg - second.yaw_deg), abs(first.pitch_deg - second.pitch_deg))
    eyes = abs(first.eyes - second.eyes) / max(first.eyes, second.eyes, 1e-6)
    return max(turned / ALIKE_DEG, abs(first.lips - second.lips) / ALIKE_LIPS, eyes / ALIKE_EYES)
