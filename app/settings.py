"""Settings: frozen values with defaults in one place, and the file that remembers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from models.motion.controls import Gaze as Gaze  # offered on to the window, which does not know models
from models.motion.controls import MotionControls
from models.motion.controls import Region as Region  # as above


class FitMode(Enum):
    """How a portrait that is not 16:9 meets the output."""

    FIT = "fit"  # all of it, bars filled with its own blurred picture
    FILL = "fill"  # no bars, edges cut


class BackgroundMode(Enum):
    """What is seen behind the person."""

    KEEP = "keep"
    BLUR = "blur"
    COLOUR = "colour"
    PICTURE = "picture"
    TRANSPARENT = "transparent"  # for the browser source; everything else shows `colour`


@dataclass(frozen=True)
class Background:
    """Background of the output; `colour` is RGB, `picture` a file."""

    mode: BackgroundMode = BackgroundMode.KEEP
    colour: tuple[int, int, int] = (0, 177, 64)
    picture: Path | None = None


@dataclass(frozen=True)
class MotionSettings:
    """How the driver's motion is carried over.

    relative: True moves the portrait by what changed since the neutral frame; False takes keypoints as they are.
    gain: 1 carries motion over as it is, 0 not at all.
    smoothing: 0 is most responsive, 1 is steadiest.
    retarget_eyes, retarget_lips: wanted openness, 0 closed, 1 as open as it gets; None follows the driver.
    gaze: whether the portrait looks where the driver does, half as far from the camera, or always at the camera.
    voice_mouth: where a microphone is heard, it moves the mouth while the camera does not see the driver's. Off at
        first: it follows real speech far too little yet (docs/measurements.md).
    """

    relative: bool = True
    region: Region = Region.ALL
    gain: float = 1.0
    smoothing: float = 0.4
    stitching: bool = True
    retarget_eyes: float | None = None
    retarget_lips: float | None = None
    gaze: Gaze = Gaze.FOLLOW
    voice_mouth: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.gain <= 3.0:
            raise ValueError(f"gain must be between 0 and 3, got {self.gain:g}")
        if not 0.0 <= self.smoothing <= 1.0:
            raise ValueError(f"smoothing must be between 0 and 1, got {self.smoothing:g}")

    def controls(self) -> MotionControls:
        """What motion transfer needs to know of this."""
        return MotionControls(self.relative, self.region, self.gain, self.retarget_eyes, self.retarget_lips, self.gaze)


SOUND_NONE, SOUND_AUTO, SOUND_CAMERA = "none", "auto", "camera"
"""What `SoundSettings` says beside the name of a device."""


@dataclass(frozen=True)
class SoundSettings:
    """Which sound is sent where. Devices by id or name, "auto" for the system's choice, "none" for none.

    microphone: also "camera", for the sound of the video file that is the camera; "auto" prefers that where it is.
    output: what the meeting listens to: a virtual cable. monitor: where the person hears the same.
    muted: silence is sent, and recorded. picture_waits: where sound takes longer than the picture, the virtual camera
        gets the picture that much later.
    """

    microphone: str = SOUND_NONE
    output: str = SOUND_NONE
    monitor: str = SOUND_NONE
    muted: bool = False
    picture_waits: bool = True


@dataclass(frozen=True)
class OutputSettings:
    """Size and rate of everything that leaves the program. Sides are multiples of 16.

    badge: a label in the corner says that an avatar is seen.
    """

    width: int = 1280
    height: int = 720
    fps: float = 30.0
    fit: FitMode = FitMode.FILL
    background: Background = field(default_factory=Background)
    badge: bool = False

    def __post_init__(self) -> None:
        if self.width % 16 or self.height % 16 or not (160 <= self.width <= 3840 and 160 <= self.height <= 2160):
            raise ValueError(
                f"output size must be multiples of 16 between 160x160 and 3840x2160, got {self.width}x{self.height}"
            )
        if not 1 <= self.fps <= 120:
            raise ValueError(f"frame rate must be between 1 and 120, got {self.fps:g}")
