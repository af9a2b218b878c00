"""What `animate` and `evaluate` share: a driver's landmarks without jitter, and a portrait following them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.crop import CropTransform
from app.packets import FaceObservation
from app.settings import MotionSettings
from app.tracking.base import Tracker
from app.tracking.centred import smooth_centred
from app.tracking.lock import FaceLock
from models.types import (
    AnimatedFrame,
    Animator,
    FaceView,
    FloatArray,
    ImageArray,
    MotionState,
    PortraitView,
    StepOptions,
    Transfer,
)

NOMINAL_STEP_NS = 40_000_000
"""Time between two frames as told to a tracker that asks for it; a file has no clock of its own."""


def observe_frames(
    frames: Iterable[ImageArray], tracker: Tracker, *, framed: bool, pixels_px: int | None = None
) -> Iterator[FaceView | None]:
    """One and the same person in frame after frame, without jitter and without lag; None: no face.

    framed: the frames are square and all of them is meant. pixels_px: side of the pictures of the driver, for animators
        that need pixels; None: landmarks alone.
    """
    square = DriverSquare(framed=framed)
    pictures: deque[ImageArray | None] = deque()  # of the frames that are still being smoothed

    def observed() -> Iterator[FaceObservation | None]:
        lock = FaceLock()
        for index, frame in enumerate(frames):
            t_ns = (index + 1) * NOMINAL_STEP_NS
            seen = lock.choose(tracker.track(frame, t_ns), t_ns)
            if pixels_px is None or seen is None:
                pictures.append(None)
            else:
                pictures.append(frame if framed else square.picture(frame, seen, pixels_px))
            yield seen

    for seen in smooth_centred(observed()):
        picture = pictures.popleft()
        yield None if seen is None else FaceView(square.unit_landmarks(seen), picture, framed)


class DriverSquare:
    """The square a driver's landmarks are measured in: fixed by the first face, so that no motion is lost."""

    def __init__(self, *, framed: bool) -> None:
        self._framed = framed
        self._crop: CropTransform | None = None

    def unit_landmarks(self, observation: FaceObservation) -> FloatArray:
        """(478, 3) float32 in unit coordinates of the square."""
        return self._of(observation).to_unit(observation.landmarks_px)

    def picture(self, frame: ImageArray, observation: FaceObservation, side_px: int) -> ImageArray:
        """(side_px, side_px, 3) uint8, what `frame` shows in the square."""
        from app.resample import REPLICATE, warped

        crop = replace(self._of(observation), out_px=side_px)
        return warped(frame, crop.crop_from_picture, (side_px, side_px), border=REPLICATE)

    def _of(self, observation: FaceObservation) -> CropTransform:
        if self._crop is None:
            self._crop = self._choose(observation)
        return self._crop

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
        self._transfer: Transfer | None = None
        self._prepared: Any = None
        self._observed: tuple[FaceView, MotionState] | None = None  # what was looked at last

    def beside(self) -> OfflineAnimator:
        """One for another portrait that follows the same driver."""
        other = OfflineAnimator(self.animator, self._motion)
        other._options = self._options
        return other

    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> None:
        """Take a portrait; called again for every frame of a source video, the driver's neutral state stays."""
        self._prepared = self.animator.prepare(portrait, references)

    def step(self, view: FaceView, following: FaceView | None = None) -> AnimatedFrame:
        """Animate for one driver frame.

        following: the frame after it; the mean of their expressions is then used (LivePortrait eq. 8).
        """
        driver = self._state_of(view)
        if self._transfer is None:
            self._transfer = self.animator.transfer(driver)
        if following is not None:
            expression = 0.5 * (driver.expression + self._state_of(following).expression)
            driver = replace(driver, expression=expression.astype(np.float32))
        source = self.animator.motion_of(self._prepared)
        driving = self._transfer.drive(source, driver, self._motion.controls())
        frame = self.animator.step(self._prepared, driving, self._options)
        self.animator.improve()  # there is time between two frames here too
        return frame

    def _state_of(self, view: FaceView) -> MotionState:
        """Each view is looked at once, although it may be asked for twice in a row."""
        if self._observed is None or self._observed[0] is not view:
            self._observed = view, self.animator.observe(view)
        return self._observed[1]


def host_image(frame: AnimatedFrame) -> ImageArray:
    """The animated square as (S, S, 3) uint8 on the host."""
    return np.asarray(frame.image.cpu().numpy())
