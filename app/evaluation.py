"""Self-reenactment on real clips: which frames are scored, and how one clip is scored (CONTRACT.md, `evaluate`).

The source is frame 0 of a clip, further references come from the same clip, every frame drives, and the driving frame
is the ground truth. Motion is absolute and nothing is cropped, so output and truth are framed alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import numpy as np

from app.offline import DriverSquare, OfflineAnimator, host_image
from app.packets import FaceObservation
from app.resample import enlarged, resized
from app.settings import MotionSettings
from app.tracking.base import Tracker
from app.tracking.centred import smooth_centred
from models.metrics.compare import compare_frames, mean_of
from models.metrics.confidence import ConfidenceRecord
from models.types import AnimatedFrame, Animator, FaceView, FloatArray, ImageArray, PortraitView

SIZE_PX = 256
REFERENCE_MARGIN = 8
"""A scored frame is at least this many frames away from every frame used as a reference."""

ABSOLUTE = MotionSettings(relative=False, stitching=False, smoothing=0.0)

Measures = dict[str, float]


class Scored(Enum):
    """Which frames of a clip are candidates for being scored."""

    APART = "apart"  # far from every reference (CONTRACT.md)
    AFTER_FIRST = "after-first"  # all but the source, also those just after it (the README of the clips)


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
    """What was found on one clip, by "NAME@R".

    confidence: of models that have one. pictures: of the frame in the middle, by caption, for the contact sheet.
    """

    measures: dict[str, Measures] = field(default_factory=dict)
    confidence: dict[str, ConfidenceRecord] = field(default_factory=dict)
    pictures: dict[str, ImageArray] = field(default_factory=dict)


def reference_frames(frame_count: int, references: int) -> list[int]:
    """Frames round(n k / R), k = 0 .. R-1: the source and the other references."""
    return [round(frame_count * k / references) for k in range(references)]


def scored_frames(frame_count: int, largest: int, wanted: int | None, scored: Scored = Scored.APART) -> list[int]:
    """All frames (or `wanted` of them, spread evenly) that may be scored when up to `largest` pictures are used."""
    candidates = list(range(1, frame_count))
    if scored is Scored.APART:
        used = reference_frames(frame_count, largest)
        candidates = [i for i in candidates if all(abs(i - frame) >= REFERENCE_MARGIN for frame in used)]
    if wanted is None or wanted >= len(candidates):
        return candidates
    return [candidates[i] for i in np.linspace(0, len(candidates) - 1, wanted).round().astype(int)]


def find_landmarks(frames: Sequence[ImageArray], tracker: Tracker) -> tuple[FloatArray | None, ...]:
    """Landmarks of each frame alone; None where no face is found."""
    found = (tracker.track(frame, (index + 1) * 1_000_000) for index, frame in enumerate(frames))
    return tuple(faces[0].landmarks_px if faces else None for faces in found)


class FramedViews:
    """The frames of a clip as portraits, each prepared once."""

    def __init__(self, clip: Clip, loader: FramedLoader) -> None:
        self._clip, self._loader = clip, loader
        self._views: dict[int, PortraitView] = {}

    def of(self, frames: Sequence[int]) -> list[PortraitView]:
        """The portrait and its references; a further frame without a face is left out."""
        source, *others = frames
        return [self._view(source), *(self._view(i) for i in others if self._clip.landmarks_px[i] is not None)]

    def _view(self, frame: int) -> PortraitView:
        if frame not in self._views:
            self._views[frame] = self._loader.load_framed(self._clip.frames[frame], SIZE_PX)
        return self._views[frame]


class ClipEvaluation:
    """Scores one clip with any number of animators."""

    def __init__(self, clip: Clip, scored: Sequence[int], loader: FramedLoader, tracker: Tracker) -> None:
        self._clip, self._scored, self._tracker = clip, scored, tracker
        self._driving = clip.driving()
        self._views = FramedViews(clip, loader)
        self.score = ClipScore()

    def score_still(self) -> None:
        """The unmoved source: what every animator must beat."""
        self._record("still@1", [self._clip.frames[0]] * len(self._scored))

    def score_animator(self, animator: Animator[Any], references: int) -> None:
        """One animator with `references` pictures, the source among them."""
        frames = reference_frames(len(self._clip.frames), references)
        self.score_pictures(animator, frames, f"{animator.name}@{references}")

    def pictures(self, frames: Sequence[int]) -> list[PortraitView]:
        """These frames of the clip as pictures of an animator; a further one without a face is left out."""
        return self._views.of(frames)

    def score_pictures(self, animator: Animator[Any], frames: Sequence[int], name: str) -> None:
        """One animator with these frames of the clip as its pictures, the source first."""
        portrait, *others = self._views.of(frames)
        session = OfflineAnimator(animator, ABSOLUTE, want_maps=True)
        session.prepare(portrait, others)
        made = [self._animated(session, frame) for frame in self._scored]
        self._record(name, [square_image(frame) for frame in made])
        self._check_confidence(name, made)

    def _animated(self, session: OfflineAnimator, frame: int) -> AnimatedFrame:
        """A frame without a face shows the last one that had one; the first frame of the clip always does."""
        seen = next(i for i in range(frame, -1, -1) if self._driving[i] is not None)
        observation = self._driving[seen]
        assert observation is not None
        points = DriverSquare(framed=True).unit_landmarks(observation)
        return session.step(FaceView(points, self._clip.frames[seen], framed=True))

    def _record(self, name: str, outputs: list[ImageArray]) -> None:
        landmarks = find_landmarks(outputs, self._tracker)
        rows = [
            compare_frames(self._clip.frames[frame], output, self._clip.landmarks_px[frame], found)
            for frame, output, found in zip(self._scored, outputs, landmarks, strict=True)
        ]
        self.score.measures[name] = mean_of(rows)
        self.score.pictures[name] = outputs[len(outputs) // 2]

    def _check_confidence(self, name: str, made: Sequence[AnimatedFrame]) -> None:
        record = ConfidenceRecord()
        for frame, animated in zip(self._scored, made, strict=True):
            if animated.maps is not None:
                record.add(animated.maps, self._clip.frames[0], self._clip.frames[frame])
        if not record.within:
            return
        self.score.confidence[name] = record
        middle = made[len(made) // 2].maps
        if middle is not None and name.endswith("@1"):
            self.score.pictures[f"confidence of {name}"] = confidence_image(middle.confidence)


def square_image(frame: AnimatedFrame) -> ImageArray:
    """The animated square on the host at 256 x 256."""
    return resized(host_image(frame), (SIZE_PX, SIZE_PX))


def confidence_image(confidence: FloatArray) -> ImageArray:
    """A confidence map as a picture: white is trusted, black is not."""
    grey = np.clip(enlarged(confidence, (SIZE_PX, SIZE_PX)), 0.0, 1.0) * 255.0
    return np.repeat(grey.round().astype(np.uint8)[..., None], 3, axis=2)
