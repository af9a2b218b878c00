"""Turns what the tracker saw of a driver into the motion of one portrait. Render thread only."""

from __future__ import annotations

from typing import Any

from app.crop import CropTransform
from app.packets import FaceCrop, FaceObservation
from app.render.neutral import NeutralFace
from app.settings import MotionSettings
from app.tracking.hidden_lips import HiddenLips
from app.tracking.smoothing import LandmarkSmoother
from models.types import Animator, FaceView, ImageArray, MotionState, Transfer

DRIVER_CROP_PX = 256
"""Side of the square the driver's landmarks are measured in; only its framing matters, points have no pixels."""


class DriverMotion:
    """One driver in front of one camera: smoothing, a fixed square, the neutral face, and the transfer.

    The square is fixed by the first face after `begin`: one that followed the face would hide its motion.
    """

    def __init__(self, animator: Animator[Any]) -> None:
        self._animator = animator
        self._smoother = LandmarkSmoother()
        self._hidden_lips = HiddenLips()
        self.begin(settle=True)

    @property
    def calibrated(self) -> bool:
        """Whether the neutral face is final."""
        return self._neutral.settled

    @property
    def lips_hidden(self) -> bool:
        """Whether something seems to cover the driver's mouth."""
        return self._hidden_lips.hidden

    def begin(self, *, settle: bool) -> None:
        """Forget square and neutral face. settle: see `NeutralFace`."""
        self._crop: CropTransform | None = None
        self._transfer: Transfer | None = None
        self._neutral = NeutralFace(settle=settle)
        if settle:
            self._smoother.reset()
            self._hidden_lips.reset()

    def use(self, animator: Animator[Any]) -> None:
        """Go on with another animator: same driver, same square, and the same neutral face if it sees landmarks alone.

        One that looks at pixels has to see a neutral face anew.
        """
        self._animator = animator
        if animator.needs_pixels:
            self._transfer, self._neutral = None, NeutralFace(settle=True)
        elif self._transfer is not None:
            self._take_neutral(None)

    def drive(
        self, seen: FaceObservation, crop: FaceCrop | None, t_ns: int, source: MotionState, motion: MotionSettings
    ) -> MotionState:
        """The motion of the portrait `source` for one face.

        crop: the driver's pixels, for animators that need them; landmarks are then measured in its square.
        """
        self._hidden_lips.update(seen.landmarks_px, t_ns)
        self._smoother.strength = motion.smoothing
        landmarks_px = self._smoother.update(seen.landmarks_px, t_ns)
        pixels = crop.image if crop else None
        if crop is not None:
            self._crop = crop.square
        elif self._crop is None:
            self._crop = CropTransform.around_face(landmarks_px, DRIVER_CROP_PX)
        landmarks = self._crop.to_unit(landmarks_px)
        driver = self._animator.observe(FaceView(landmarks, pixels))
        if self._neutral.add(landmarks, driver, t_ns):
            self._take_neutral(pixels)
        assert self._transfer is not None  # the first face always changes the neutral one
        return self._transfer.drive(source, driver, motion.controls())

    def _take_neutral(self, pixels: ImageArray | None) -> None:
        """With pixels the calmest face that was really seen: the mean of landmarks has no picture."""
        neutral = (
            self._neutral.state if pixels is not None else self._animator.observe(FaceView(self._neutral.landmarks))
        )
        self._transfer = self._animator.transfer(neutral)
