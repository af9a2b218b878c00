"""Who drives the portrait: whoever the camera sees, or a recorded motion clip in the camera's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.capture.base import CaptureFormat, FrameSource
from app.clock import Clock
from app.packets import FaceObservation
from models.types import ImageArray

if TYPE_CHECKING:
    from app.tracking.base import Tracker
    from app.tracking.scripted import ScriptedTracker

MOTION_SUFFIX = ".motion"

CLIP_FORMAT = CaptureFormat(width=512, height=512, fps=30.0)
"""A clip is played by time: only the pace of these pictures matters, nobody looks at them."""


def check_camera(camera: str) -> None:
    """Refuse a camera or file that is not there, or a motion clip that cannot be read, before anything is loaded.

    Raises:
        UsageProblem, EnvironmentProblem: as `open_source` and `load_motion`.
    """
    from app.capture.open import open_source

    if clip_of(camera) is None:
        open_source(camera, CaptureFormat())


def clip_of(camera: str) -> ScriptedTracker | None:
    """The clip played over and over, where `camera` names a motion clip.

    Raises:
        UsageProblem: the file is missing or broken.
    """
    if Path(camera).suffix.lower() != MOTION_SUFFIX:
        return None
    from app.tracking.motion_clip import load_motion
    from app.tracking.scripted import ScriptedTracker

    return ScriptedTracker(load_motion(Path(camera).expanduser()))


def clip_source(clock: Clock) -> FrameSource:
    """Empty pictures at a steady pace, for a clip to be played to."""
    from app.capture.synthetic import SyntheticSource

    return SyntheticSource(CLIP_FORMAT, clock)


class DriverTracker:
    """Looks at the pictures, or plays the chosen clip to their times."""

    def __init__(self, tracker: Tracker, clip: ScriptedTracker | None = None) -> None:
        self._tracker, self._clip = tracker, clip

    def choose(self, clip: ScriptedTracker | None) -> None:
        """Play `clip` from the next picture on; None looks at the pictures. Callable from any thread."""
        self._clip = clip

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """The faces of the picture, or the one of the clip."""
        return (self._clip or self._tracker).track(image, t_capture_ns)

    def close(self) -> None:
        """Give the tracker back."""
        self._tracker.close()
