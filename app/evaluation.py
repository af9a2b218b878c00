"""Self-reenactment on real clips: which frames are scored, and how one clip is scored (CONTRACT.md, `evaluate`).

The source is frame 0 of a clip, further references come from the same clip, every frame drives, and the driving frame
is the ground truth. Motion is absolute and nothing is cropped, so output and truth are framed alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from app.offline import DriverSquare, OfflineAnimator, host_image
from app.packets import FaceObservation
from app.settings import MotionSettings
from app.tracking.base import Tracker
from app.tracking.centred import smooth_centred
from models.metrics.compare import compare_frames, mean_of
from models.types import Animator, FloatArray, ImageArray, PortraitView

SIZE_PX = 256
REFERENCE_MARGIN = 8
"""A scored frame is at least this many frames away from every frame used as a reference."""

ABSOLUTE = MotionSettings(relative=False, stitching=False, smoothing=0.0)

Measures = dict[str, float]


class FramedLoader(Protocol):
    """Prepares a square picture that is already framed (app.portrait_loader)."""

    def load_framed(self, image: ImageArray, size_px: int) -> PortraitView:
        """The picture as a portrait; raises UsageProblem where there is no face."""
        ...


@dataclass(frozen=True)
class Clip:
    """A clip at 256 x 256 with the landmarks of every frame.

    Shapes:
        frames: each (256, 256, 3) uint8.
        landmarks_px: each (478, 3) float32 as the tracker saw that frame alone, or None without a face.
    """

    name: str
    frames: tuple[ImageArray, ...]
    landmarks_px: tuple[FloatArray | None, ...]

    def driving(self) -> tuple[FaceObservation | None, ...]:
        """What drives: the same landmarks without their jitter, as `animate` uses them."""
        seen = (None if points is None else FaceObservation(points, (SIZE_PX, SIZE_PX)) for points in self.landmarks_px)
        return tuple(smooth_centred(seen))


@dataclass
class ClipScore:
    """The measures of one clip by "NAME@R", and the pictures of the frame in the middle for the contact sheet."""

    measures: dict[str, Measures] = field(default_factory=dict)
    pictures: dict[str, ImageArray] = field(default_factory=dict)


def reference_frames(frame_count: int, references: int) -> list[int]:
    """Frames round(n k / R), k = 0 .. R-1: the source and the other references."""
    return [round(frame_count * k / references) for k in range(references)]


def scored_frames(frame_count: int, largest: int, wanted: int | None) -> list[int]:
    """All frames (or `wanted` of them, spread evenly) far enough from every reference of the largest set."""
    used = reference_frames(frame_count, largest)
    far = [i for i in range(1, frame_count) if all(abs(i - frame) >= REFERENCE_MARGIN for frame in used)]
    if wanted is None or wanted >= len(far):
        return far
    return [far[i] for i in np.linspace(0, len(far) - 1, wanted).round().astype(int)]


def find_landmarks(frames: Sequence[ImageArray], tracker: Tracker) -> tuple[FloatArray | None, ...]:
    """Landmarks of each frame alone; None where no face is found."""
    found = (tracker.track(frame, (index + 1) * 1_000_000) for index, frame in enumerate(frames))
    return tuple(faces[0].landmarks_px if faces else None for faces in found)


class ClipEvaluation:
    """Scores one clip with any number of animators."""

    def __init__(self, clip: Clip, scored: Sequence[int], loader: FramedLoader, tracker: Tracker) -> None:
        self._clip, self._scored, self._loader, self._tracker = clip, scored, loader, tracker
        self._driving = clip.driving()
        self._views: dict[int, PortraitView] = {}
        self.score = ClipScore()

    def score_still(self) -> None:
        """The unmoved source: what every animator must beat."""
        self._record("still@1", [self._clip.frames[0]] * len(self._scored))

    def score_animator(self, animator: Animator[Any], references: int) -> None:
        """One animator with `references` pictures, the source among them."""
        source, *others = reference_frames(len(self._clip.frames), references)
        session = OfflineAnimator(animator, ABSOLUTE)
        extra = [self._view(frame) for frame in others if self._clip.landmarks_px[frame] is not None]
        session.prepare(self._view(source), extra)
        self._record(f"{animator.name}@{references}", list(self._animate(session)))

    def copy(self, name: str, known: str) -> None:
        """Enter a result once more, for an animator that uses one picture however many there are."""
        self.score.measures[name] = self.score.measures[known]

    def _animate(self, session: OfflineAnimator) -> Iterator[ImageArray]:
        driver, last = DriverSquare(framed=True), self._clip.frames[0]
        for frame in self._scored:
            observation = self._driving[frame]
            if observation is not None:
                last = host_image(session.step(driver.unit_landmarks(observation), self._clip.frames[frame]))
            yield last

    def _view(self, frame: int) -> PortraitView:
        if frame not in self._views:
            self._views[frame] = self._loader.load_framed(self._clip.frames[frame], SIZE_PX)
        return self._views[frame]

    def _record(self, name: str, outputs: list[ImageArray]) -> None:
        landmarks = find_landmarks(outputs, self._tracker)
        rows = [
            compare_frames(self._clip.frames[frame], output, self._clip.landmarks_px[frame], found)
            for frame, output, found in zip(self._scored, outputs, landmarks, strict=True)
        ]
        self.score.measures[name] = mean_of(rows)
        self.score.pictures[name] = outputs[len(outputs) // 2]
