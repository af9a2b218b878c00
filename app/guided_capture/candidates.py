"""Keeps the best picture for each goal out of any number of pictures; all others are dropped at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.guided_capture.face_signs import FaceReader, FaceSigns
from app.guided_capture.goals import MISSED, Goal, Usual, reached
from app.guided_capture.private_picture import PrivatePicture
from app.guided_capture.scoring import PictureQuality, SpeedGauge, picture_quality
from models.types import FloatArray, ImageArray

REACHED_AT_LEAST = 0.4
QUALITY_AT_LEAST = 0.1
"""What a picture must have to be proposed at all."""

CLEARLY_BETTER = 1.05
"""A copy of the pixels is made only for what is better than the last best by so much."""


@dataclass(frozen=True)
class Candidate:
    """The best picture for one goal so far."""

    goal: Goal
    picture: PrivatePicture
    signs: FaceSigns
    quality: PictureQuality
    reached: float

    @property
    def score(self) -> float:
        return self.reached * self.quality.score


@dataclass(frozen=True)
class Miss:
    """A goal without a usable picture, and why."""

    goal: Goal
    why: str


class Candidates:
    """One person, one sitting. Not safe for threads by itself.

    goals: what is looked for in every picture that `see` is given no goal for.
    """

    def __init__(self) -> None:
        self._reader, self._speed = FaceReader(), SpeedGauge()
        self._best: dict[Goal, Candidate] = {}
        self._nearest: dict[Goal, tuple[float, PictureQuality]] = {}
        self._usual = Usual()

    def see(self, image: ImageArray, landmarks_px: FloatArray, t_ns: int, goals: Iterable[Goal] = tuple(Goal)) -> None:
        """Look at one picture, and keep a copy where it is the best yet for one of `goals`.

        Shapes:
            image: (H, W, 3) uint8. landmarks_px: (478, 3), pixels of the picture.
        """
        speed = self._speed.speed(landmarks_px, t_ns)
        signs = self._reader.read(landmarks_px)
        quality = picture_quality(image, landmarks_px, speed)
        for goal in goals:
            self._weigh(goal, image, signs, quality)

    def _weigh(self, goal: Goal, image: ImageArray, signs: FaceSigns, quality: PictureQuality) -> None:
        share = reached(goal, signs, self._usual)
        near = self._nearest.get(goal)
        if near is None or share * (quality.score + 0.01) > near[0] * (near[1].score + 0.01):
            self._nearest[goal] = (share, quality)
        if share < REACHED_AT_LEAST or quality.score < QUALITY_AT_LEAST:
            return
        best = self._best.get(goal)
        if best is not None and share * quality.score < CLEARLY_BETTER * best.score:
            return
        if best is not None:
            best.picture.forget()
        self._best[goal] = Candidate(goal, PrivatePicture(image), signs, quality, share)
        if goal is Goal.NEUTRAL:
            self._usual = Usual.of(signs)

    def has(self, goal: Goal) -> bool:
        return goal in self._best

    def best(self) -> tuple[Candidate, ...]:
        """What was found, in the order of the goals."""
        return tuple(self._best[goal] for goal in Goal if goal in self._best)

    def misses(self) -> tuple[Miss, ...]:
        """What was not found, and why."""
        return tuple(Miss(goal, self._why(goal)) for goal in Goal if goal not in self._best)

    def forget(self) -> None:
        """Throw every picture away."""
        for candidate in self._best.values():
            candidate.picture.forget()
        self._best.clear()

    def _why(self, goal: Goal) -> str:
        near = self._nearest.get(goal)
        if near is None:
            return "No face was seen."
        return MISSED[goal] if near[0] < REACHED_AT_LEAST else near[1].worst
