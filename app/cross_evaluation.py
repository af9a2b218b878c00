"""A portrait that follows another person: who it stays, whether it does what it should, and whether it flickers.

No true picture exists here, so everything is measured by landmarks, against the state that motion transfer asks for.
Nothing is cropped; motion is relative to the driver's first frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.clip_folder import ClipFile
from app.evaluation import (
    SIZE_PX,
    Clip,
    ClipScore,
    FramedLoader,
    FramedViews,
    Measures,
    find_landmarks,
    reference_frames,
    square_image,
)
from app.offline import DriverSquare, OfflineAnimator
from app.packets import FaceObservation
from app.settings import MotionSettings
from app.tracking.base import Tracker
from app.tracking.centred import smooth_centred
from models.metrics.compare import mean_of
from models.metrics.pictures import sharpness
from models.metrics.transfer import (
    TransferMeasures,
    band_change,
    flicker,
    identity_distance,
    opening_follows,
    tremble_px,
)
from models.motion.transfer import MotionTransfer
from models.types import Animator, FaceView, FloatArray, ImageArray, MotionState

RELATIVE = MotionSettings(relative=True, stitching=False, smoothing=0.0)
STITCHED = replace(RELATIVE, stitching=True)

NOISY_FRAMES, NOISE = 16, 3.0
"""A still head as a camera sees it: one frame so many times, with noise of that many steps of 255."""

OPENINGS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""How open eyes, and then lips, are asked to be while the driver does nothing."""


def pairs_of(clips: Sequence[ClipFile]) -> list[tuple[ClipFile, ClipFile]]:
    """Every clip as portrait with a driver who is somebody else, where there is one: the next from half way on."""
    pairs = []
    for index, portrait in enumerate(clips):
        start = index + max(1, len(clips) // 2)
        others = (clips[(start + step) % len(clips)] for step in range(len(clips)))
        driver = next((other for other in others if _is_another(portrait, other)), None)
        if driver is not None:
            pairs.append((portrait, driver))
    return pairs


def _is_another(first: ClipFile, second: ClipFile) -> bool:
    return first.path != second.path and (not first.identity or first.identity != second.identity)


def portrait_clip(
    name: str, frames: tuple[ImageArray, ...], references: Sequence[int], own: int, tracker: Tracker
) -> Clip:
    """A clip of which only the frames used as portrait or references are tracked, and `own` more, spread evenly."""
    used = {frame for count in references for frame in reference_frames(len(frames), count)}
    used |= set(reference_frames(len(frames), min(own, len(frames))))
    found = dict(zip(sorted(used), find_landmarks([frames[i] for i in sorted(used)], tracker), strict=True))
    return Clip(name, frames, tuple(found.get(i) for i in range(len(frames))))


class PairEvaluation:
    """Scores one portrait following one driver, both with a face in their first frame."""

    def __init__(
        self, portrait: Clip, driver: Clip, scored: Sequence[int], loader: FramedLoader, tracker: Tracker
    ) -> None:
        self._portrait, self._tracker = portrait, tracker
        self._views = FramedViews(portrait, loader)
        self._measures = TransferMeasures(SIZE_PX)
        observed = driver.driving()
        seen = [(driver.frames[i], observed[i]) for i in (0, *scored)]
        self._neutral, *self._driving = [_driver_view(image, face) for image, face in seen if face is not None]
        own_px = portrait.landmarks_px[0]
        assert own_px is not None
        self._own_px = own_px
        self._own = self._measures.state_of(own_px)
        self._wanted = self._wanted_states()
        self._still_head = self._noisy_head(driver.frames[0])
        self.score = ClipScore(pictures={"portrait": portrait.frames[0], "driver": self._middle_of_driver()})

    def score_baselines(self) -> None:
        """What bounds the figures: the unmoved portrait, other frames of its own person, the noisy camera picture."""
        still = self._portrait.frames[0]
        self.score.measures["still@1"] = self._following([still] * len(self._driving))
        own = [self._measures.state_of(points) for points in self._portrait.landmarks_px[1:] if points is not None]
        if own:
            distance = float(np.mean([identity_distance(state, self._own) for state in own]))
            self.score.measures["own_frames"] = {"identity": distance}
        if len(self._still_head) > 1:
            pictures = [view.image for view in self._still_head if view.image is not None]
            self.score.measures["driver"] = self._steadiness(pictures)

    def score_animator(self, animator: Animator[Any], references: int) -> None:
        """One animator with `references` pictures of the portrait's person, the portrait among them."""
        frames = reference_frames(len(self._portrait.frames), references)
        name = f"{animator.name}@{references}"
        free = self._outputs(animator, frames, RELATIVE, self._driving)
        held = self._outputs(animator, frames, STITCHED, self._driving)
        measures = self._following(free) | self._below_chin("chin_free", free) | self._below_chin("chin_held", held)
        measures |= self._opening(animator, frames)
        if len(self._still_head) > 1:
            measures |= self._steadiness(self._outputs(animator, frames, RELATIVE, self._still_head))
        self.score.measures[name] = measures
        self.score.pictures[name] = free[len(free) // 2]

    def _outputs(
        self, animator: Animator[Any], frames: Sequence[int], motion: MotionSettings, driving: Sequence[FaceView]
    ) -> list[ImageArray]:
        portrait, *others = self._views.of(frames)
        session = OfflineAnimator(animator, motion)
        session.prepare(portrait, others)
        session.step(self._neutral)  # the driver's first state is the neutral one
        return [square_image(session.step(view)) for view in driving]

    def _following(self, outputs: list[ImageArray]) -> Measures:
        """Identity kept, motion followed."""
        driver = self._measures.state_of(_pixels(self._neutral.landmarks))
        rows = []
        for output, found, wanted in zip(outputs, find_landmarks(outputs, self._tracker), self._wanted, strict=True):
            row = {"found": float(found is not None), "sharp": sharpness(self._portrait.frames[0], output)}
            if found is not None:
                state = self._measures.state_of(found)
                row["identity"] = identity_distance(state, self._own)
                row["identity_to_driver"] = identity_distance(state, driver)
                row |= self._measures.compare(found, wanted)
            rows.append(row)
        return mean_of(rows)

    def _below_chin(self, name: str, outputs: list[ImageArray]) -> Measures:
        changes = [band_change(self._portrait.frames[0], output, self._own_px) for output in outputs]
        return mean_of([{name: change} for change in changes if change is not None])

    def _opening(self, animator: Animator[Any], frames: Sequence[int]) -> Measures:
        """How well the eyes and the lips that are seen in the picture follow the manual controls."""
        measures: Measures = {}
        asked = {
            "eyes": [replace(RELATIVE, retarget_eyes=wanted) for wanted in OPENINGS],
            "lips": [replace(RELATIVE, retarget_lips=wanted) for wanted in OPENINGS],
        }
        for part, motions in asked.items():
            outputs = [self._outputs(animator, frames, motion, [self._neutral])[0] for motion in motions]
            points = find_landmarks(outputs, self._tracker)
            states = [None if found is None else self._measures.state_of(found) for found in points]
            follows = opening_follows(OPENINGS, states, part)
            if follows is not None:
                measures[f"{part}_follow"] = follows
        return measures

    def _steadiness(self, pictures: list[ImageArray]) -> Measures:
        found = [points for points in find_landmarks(pictures, self._tracker) if points is not None]
        trembling = {"tremble_px": tremble_px(found)} if len(found) > 1 else {}
        return {"flicker": flicker(pictures)} | trembling

    def _wanted_states(self) -> list[MotionState]:
        neutral, *driving = [self._measures.state_of(_pixels(v.landmarks)) for v in (self._neutral, *self._driving)]
        transfer = MotionTransfer(neutral)
        return [transfer.drive(self._own, state, RELATIVE.controls()) for state in driving]

    def _noisy_head(self, frame: ImageArray) -> list[FaceView]:
        noise = np.random.default_rng(0).normal(0.0, NOISE, (NOISY_FRAMES, *frame.shape))
        pictures = list(np.clip(np.rint(frame + noise), 0, 255).astype(np.uint8))
        found = find_landmarks(pictures, self._tracker)
        faces = (None if points is None else FaceObservation(points, (SIZE_PX, SIZE_PX)) for points in found)
        smooth = zip(pictures, smooth_centred(faces), strict=True)
        return [_driver_view(picture, face) for picture, face in smooth if face is not None]

    def _middle_of_driver(self) -> ImageArray:
        image = self._driving[len(self._driving) // 2].image
        assert image is not None
        return image


def _driver_view(image: ImageArray, face: FaceObservation) -> FaceView:
    return FaceView(DriverSquare(framed=True).unit_landmarks(face), image, framed=True)


def _pixels(unit: FloatArray) -> FloatArray:
    return np.asarray((unit + np.array([1.0, 1.0, 0.0], np.float32)) * (SIZE_PX / 2.0), np.float32)
