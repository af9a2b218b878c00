"""The typed hand-offs between motion, animators and the program around them.

Everything here is plain data: frozen dataclasses of numpy arrays (what comes from a tracker or a file) or of
tensors (what a network made, on its own device).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # torch takes seconds to import, and the window shows before it is needed
    import torch

    from models.motion.controls import MotionControls
    from models.motion.retarget import Retargeter
    from models.session.program import Finish

FloatArray = npt.NDArray[np.float32]
ImageArray = npt.NDArray[np.uint8]

LANDMARK_COUNT = 478
"""MediaPipe FaceMesh with irises: 468 points of the face, then 5 of each iris."""


@dataclass(frozen=True)
class MotionState:
    """What one face does, apart from whose face it is (LivePortrait eq. 2, with d in the head's frame).

    `keypoints = scale * (canonical + expression) @ camera_from_head.T + translation`. The paper adds the
    expression after the rotation; here it turns with the head, so that expressions measured at different head
    poses can be compared and subtracted (eq. 7) without the pose leaking into them.

    Shapes:
        canonical: (K, 3) float32, the neutral face of this person, head frame, unitless.
        expression: (K, 3) float32, displacement from it, head frame.
        camera_from_head: (3, 3) float32 rotation.
        translation: (3,) float32, unit coordinates of the picture the face was seen in.
    """

    canonical: FloatArray
    expression: FloatArray
    camera_from_head: FloatArray
    scale: float
    translation: FloatArray

    def keypoints(self) -> FloatArray:
        """(K, 3) float32 in unit coordinates."""
        shape = self.canonical + self.expression
        return (self.scale * shape @ self.camera_from_head.T + self.translation).astype(np.float32)


@dataclass(frozen=True)
class FaceView:
    """One square, framed picture of a face as a motion encoder sees it.

    framed: a person framed it, and all of it is meant; False: the program laid the square around the face.

    Shapes:
        landmarks: (478, 3) float32 in unit coordinates of the square.
        image: (S, S, 3) uint8 RGB, or None where only landmarks exist (motion clips, landmark animators).
    """

    landmarks: FloatArray
    image: ImageArray | None = None
    framed: bool = False


@dataclass(frozen=True)
class PortraitView:
    """One square, framed picture of the person who is shown, with what preparation found out about it.

    framed: as in `FaceView`.

    Shapes:
        image: (S, S, 3) uint8 RGB.
        landmarks: (478, 3) float32 in unit coordinates of the square.
        foreground: (S, S) float32; 1 where the person is, 0 where the background is. None: unknown.
        background: (S, S, 3) uint8, the picture with the person painted out. None: not made.
    """

    image: ImageArray
    landmarks: FloatArray
    foreground: FloatArray | None = None
    background: ImageArray | None = None
    framed: bool = False


@dataclass(frozen=True)
class StepOptions:
    """How one frame is to be made.

    stitching: True keeps shoulders and the border of the square where they are in the portrait, so that the
        square can be pasted back into the whole picture; False lets everything follow the driver.
    want_foreground: True asks for the moved foreground mask as well (background replacement needs it).
    want_maps: True asks for what led to the picture, to be shown to a person.
    finish: more that may be done with the square on the device before it comes to the host (`AnimatedFrame.finished`);
        animators without a device of their own leave it to the caller.
    """

    stitching: bool = True
    want_foreground: bool = False
    want_maps: bool = False
    finish: Finish | None = None


@dataclass(frozen=True)
class StageMaps:
    """What the stages of a network decided, position by position.

    Shapes:
        flow: (H, W, 2) float32, where each position reads the portrait, unit coordinates.
        visibility: (H, W) float32; 1 where the portrait shows what is needed, 0 where it is hidden.
        picture: (H, W) uint8, which picture counts most there: 0 the portrait, 1 the first reference, ...
        confidence: (H, W) float32; 1 where the warp is trusted, 0 where its correction is.
    """

    flow: FloatArray
    visibility: FloatArray
    picture: ImageArray
    confidence: FloatArray


@dataclass(frozen=True)
class AnimatedFrame:
    """One animated square.

    Shapes:
        image: (S, S, 3) uint8 RGB tensor on the animator's device, or on the host already.
        foreground: (S, S) float32 tensor in [0, 1], the person's soft mask after the motion; None if not asked for.
        confidence: mean confidence in [0, 1]; 1 where there is no correction stage.
        stage_ms: milliseconds spent by stage, for display.
        maps: None if not asked for, or where the model has no stages.
    finished: `image` is what `StepOptions.finish` made of the square, on the host.
    """

    image: torch.Tensor
    foreground: torch.Tensor | None = None
    confidence: float = 1.0
    stage_ms: dict[str, float] = field(default_factory=dict)
    maps: StageMaps | None = None
    finished: bool = False


P = TypeVar("P")


class Transfer(Protocol):
    """Makes one driver's motion that of a portrait, measured against the driver's neutral state."""

    def drive(self, source: MotionState, driver: MotionState, controls: MotionControls) -> MotionState:
        """What the portrait with state `source` has to do when the driver does `driver`."""
        ...


class Animator(ABC, Generic[P]):
    """Makes one portrait follow a driver. Every model of this program is one of these.

    `P` is whatever `prepare` wants to keep about a portrait (cached features, reference bank, masks); it is made
    once per portrait off the live path and is never changed by `step`.
    """

    name: str
    device: torch.device
    input_size: int
    """Side in pixels of the square `prepare` works best with."""
    framed_size: int = 256
    """Side of the square for pictures that come framed already and are not cropped; 512 for full-size networks."""
    made_size: int | None = None
    """Side of the square that is made of such a picture; None: the same."""
    needs_pixels: bool = False
    """Whether `observe` reads `FaceView.image`."""
    uses_references: bool = False
    dtype: str = "float32"
    runtime: str = "eager"
    """What executes a step: "eager" is PyTorch as it is."""
    """What the live step computes in, for reports."""
    retargeter: Retargeter | None = None
    """How `models.motion.transfer` opens and shuts eyes and lips for this animator; None is the analytic way."""

    @abstractmethod
    def observe(self, view: FaceView) -> MotionState:
        """The motion state of one face, portrait or driver."""

    def transfer(self, neutral: MotionState) -> Transfer:
        """How this animator's portraits follow a driver whose neutral state is `neutral`."""
        from models.motion.transfer import MotionTransfer

        return MotionTransfer(neutral, retargeter=self.retargeter)

    @abstractmethod
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> P:
        """Everything about a portrait that does not depend on the driver."""

    @abstractmethod
    def motion_of(self, prepared: P) -> MotionState:
        """The portrait's own motion state, the `s` of the papers' formulas."""

    @abstractmethod
    def step(self, prepared: P, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        """Animate `prepared` so that its keypoints become those of `driving`.

        `driving` is already expressed for this portrait (`models.motion`): its `canonical` is the portrait's.
        """

    def improve(self) -> bool:
        """Do a slice of work that makes later steps faster, between two frames; whether there is more of it."""
        return False

    def release(self) -> None:
        """Give back what can be had again: recorded steps, memory kept for reuse, helper processes. Idempotent."""

    def step_in_pytorch(self, prepared: P, driving: MotionState) -> None:
        """The work of one step, done by PyTorch also where `step` leaves it to something else: to be counted."""
        self.step(prepared, driving, StepOptions())
