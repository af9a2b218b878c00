"""The frozen hand-offs between the threads of the live pipeline (DESIGN: the way of one frame).

    capture -> CapturedFrame -> tracking -> TrackedFrame -> render -> RenderedFrame -> every sink
    microphone -> AudioBlock -> listeners, delay line, recorder

A `RenderedFrame` holds no camera pixel and no reference to one, and sinks accept nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from app.crop import CropTransform
from models.types import FloatArray, ImageArray


@dataclass(frozen=True)
class CapturedFrame:
    """One picture from a camera, a video file or a test source.

    Shapes:
        image: (H, W, 3) uint8 RGB, read-only.
    """

    frame_id: int
    image: ImageArray
    t_capture_ns: int
    source: str


@dataclass(frozen=True)
class FaceObservation:
    """One face found in one picture: numbers only, no pixels.

    Shapes:
        landmarks_px: (478, 3) float32, pixels of the whole picture; z in pixels of x, growing away from the viewer.
        picture_size: (h, w) of that picture.
        presence: confidence in [0, 1] that this is a face; 1 is certain.
        recorded: it comes from a motion clip, so the picture it came with does not show it.
    """

    landmarks_px: FloatArray
    picture_size: tuple[int, int]
    presence: float = 1.0
    recorded: bool = False


@dataclass(frozen=True)
class FaceCrop:
    """The driver's own pixels, for animators that need them (`Animator.needs_pixels`).

    square: where it was cut out; the same for all frames of one driver, since one that followed would hide motion.

    Shapes:
        image: (S, S, 3) uint8 RGB.
    """

    image: ImageArray
    square: CropTransform


@dataclass(frozen=True)
class TrackedFrame:
    """What tracking says about one captured frame.

    observation is None when no face was found; face_crop is set only for models that need the driver's pixels
    (`Animator.needs_pixels`) and never goes further than the render thread.
    """

    frame_id: int
    t_capture_ns: int
    observation: FaceObservation | None
    t_tracked_ns: int = 0
    face_crop: FaceCrop | None = None

    @property
    def lacks_pixels(self) -> bool:
        """There is a face that was seen, and no picture of it."""
        return self.observation is not None and not self.observation.recorded and self.face_crop is None


class FrameStatus(Enum):
    """What the viewer sees."""

    LIVE = "live"  # the portrait follows the driver
    HELD = "held"  # the face was just lost: the last animated frame stays
    IDLE = "idle"  # no face: the portrait breathes and blinks by itself
    AWAY = "away"  # the away card


@dataclass(frozen=True)
class Cutout:
    """What of a picture is the person and what is nothing, for outputs that can show what lies under them.

    behind: the colour, RGB, that stands for nothing in the picture itself, for outputs that cannot.

    Shapes:
        alpha: (h, w) uint8, read-only; 255 is the person, 0 is nothing.
    """

    alpha: ImageArray
    behind: tuple[int, int, int]


@dataclass(frozen=True)
class RenderedFrame:
    """One finished picture, ready to be seen by others.

    cutout: set where the background is transparent; `image` then shows the person before one colour.

    Shapes:
        image: (h, w, 3) uint8 RGB, read-only, made from portrait, card and background alone.
    """

    frame_id: int
    image: ImageArray
    t_capture_ns: int
    t_rendered_ns: int
    status: FrameStatus
    confidence: float = 1.0
    stage_ms: dict[str, float] = field(default_factory=dict)
    cutout: Cutout | None = None


@dataclass(frozen=True)
class AudioBlock:
    """A piece of sound from the microphone, or from the file that is the camera.

    t_first_sample_ns: when the first sample was sound in the air, on the clock of `CapturedFrame.t_capture_ns`: what is
        heard and what is seen at one moment carry one time. Blocks come in order and do not overlap; a gap between the
        end of one and the start of the next is sound that was lost.

    Shapes:
        samples: (n, channels) float32, read-only, full scale is 1; one or two channels.
    """

    samples: FloatArray
    rate: int
    t_first_sample_ns: int
