"""What `animate` and `evaluate` share: a driver's landmarks without jitter, and a portrait following them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from app.crop import CropTransform
from app.packets import FaceObservation
from app.settings import MotionSettings
from app.tracking.base import Tracker
from app.tracking.centred import smooth_centred
from app.tracking.lock import FaceLock
from models.motion.transfer import MotionTransfer
from models.types import AnimatedFrame, Animator, FaceView, FloatArray, ImageArray, PortraitView, StepOptions

NOMINAL_STEP_NS = 40_000_000
"""Time between two frames as told to a tracker that asks for it; a file has no clock of its own."""


def observe_frames(frames: Iterable[ImageArray], tracker: Tracker) -> Iterator[FaceObservation | None]:
    """One observation per frame, of one and the same person, without jitter and without lag; None: no face."""
    return smooth_centred(_observe(frames, tracker))


def _observe(frames: Iterable[ImageArray], tracker: Tracker) -> Iterator[FaceObservation | None]:
    lock = FaceLock()
    for index, frame in enumerate(frames):
        t_ns = (index + 1) * NOMINAL_STEP_NS
        yield lock.choose(tracker.track(frame, t_ns), t_ns)


class DriverSquare:
    """The square a driver's landmarks are measured in: fixed by the first face, so that no motion is lost."""

    def __init__(self, *, framed: bool) -> None:
        self._framed = framed
        self._crop: CropTransform | None = None

    def unit_landmarks(self, observation: FaceObservation) -> FloatArray:
        """(478, 3) float32 in unit coordinates of the square."""
        if self._crop is None:
            self._crop = self._choose(observation)
        return self._crop.to_unit(observation.landmarks_px)

    def _choose(self, observation: FaceObservation) -> CropTransform:
        if self._framed:
            return CropTransform.whole(observation.picture_size, 256)
        return CropTransform.around_face(observation.landmarks_px, 256)


class OfflineAnimator:
    """One portrait following one driver; the driver's first state is the neutral one."""

    def __init__(self, animator: Animator[Any], motion: MotionSettings, *, want_maps: bool = False) -> None:
        self.animator = animator
        self._motion = motion
        self._options = StepOptions(stitching=motion.stitching, want_maps=want_maps)
        self._transfer: MotionTransfer | None = None
        self._prepared: Any = None

    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> None:
        """Take a portrait; called again for every frame of a source video, the driver's neutral state stays."""
        self._prepared = self.animator.prepare(portrait, references)

    def step(self, landmarks: FloatArray, image: ImageArray | None = None) -> AnimatedFrame:
        """Animate for one driver frame.

        Shapes:
            landmarks: (478, 3) float32 in unit coordinates of the driver's square.
            image: (S, S, 3) uint8, that square, for animators that need pixels.
        """
        driver = self.animator.observe(FaceView(landmarks, image))
        if self._transfer is None:
            self._transfer = MotionTransfer(neutral=driver, retargeter=self.animator.retargeter)
        source = self.animator.motion_of(self._prepared)
        driving = self._transfer.drive(source, driver, self._motion.controls())
        return self.animator.step(self._prepared, driving, self._options)


def host_image(frame: AnimatedFrame) -> ImageArray:
    """The animated square as (S, S, 3) uint8 on the host."""
    return np.asarray(frame.image.cpu().numpy())
