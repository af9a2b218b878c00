"""A face for M to look at where there is no picture of the driver, only landmarks (motion clips).

M reads motion off pictures. So the training-free `geometric` animator first makes a portrait do what the landmarks do,
and M looks at that picture. What M gets to see of an expression is therefore what `geometric` can show: no teeth, and
no cheek that the portrait hides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from models.geometric.animator import GeometricAnimator, GeometricPortrait
from models.motion.controls import MotionControls
from models.motion.transfer import MotionTransfer
from models.types import FaceView, FloatArray, PortraitView, StepOptions

AS_THE_DRIVER = MotionControls(relative=False)
FREE = StepOptions(stitching=False)


@dataclass(frozen=True)
class Puppet:
    """One portrait that plays drivers who are not seen."""

    animator: GeometricAnimator
    portrait: GeometricPortrait
    framed: bool

    @classmethod
    def of(cls, view: PortraitView, device: torch.device) -> Puppet:
        """The person of a portrait as puppet."""
        animator = GeometricAnimator(device)
        return cls(animator, animator.prepare(view), view.framed)

    def playing(self, landmarks: FloatArray) -> FaceView:
        """The puppet with the driver's pose and expression; landmarks: (478, 3), unit coordinates."""
        driver = self.animator.observe(FaceView(landmarks))
        own = self.animator.motion_of(self.portrait)
        driving = MotionTransfer(neutral=driver).drive(own, driver, AS_THE_DRIVER)
        frame = self.animator.step(self.portrait, driving, FREE)
        return FaceView(landmarks, np.asarray(frame.image.cpu().numpy(), np.uint8), self.framed)
