"""Who drives an offline animation: a video, a picture, or a recorded motion clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from app.capture.video_reader import VideoReader, open_video
from app.errors import UsageProblem
from app.offline import observe_frames
from app.resample import resized
from app.tracking.base import Tracker
from app.tracking.motion_clip import MotionClip, load_motion
from models.types import FaceView, ImageArray

MOTION_SUFFIX = ".motion"


@dataclass(frozen=True)
class FilmedDriver:
    """A person in a video or picture.

    framed_px: the frames are square and framed like the portrait, and are looked at with this side; None: a square
        is laid around the first face that is seen.
    """

    path: Path
    video: VideoReader
    framed_px: int | None

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.video.rate

    @property
    def sound(self) -> Path | None:
        """The file to take sound from, if it has any."""
        return self.path if self.video.has_audio else None

    @property
    def count(self) -> int | None:
        """Frames, as far as the file tells."""
        return self.video.frame_count

    def faces(self, tracker: Tracker, limit: int | None, pixels_px: int | None = None) -> Iterator[FaceView | None]:
        """The driver in his square, frame by frame; None without a face. pixels_px: see `observe_frames`.

        Raises:
            UsageProblem: frames that should be square are not.
        """
        frames = (self._as_seen(frame) for frame in islice(self.video.frames(), limit))
        return observe_frames(frames, tracker, framed=self.framed_px is not None, pixels_px=pixels_px)

    def close(self) -> None:
        """Close the file."""
        self.video.close()

    def _as_seen(self, frame: ImageArray) -> ImageArray:
        if self.framed_px is None:
            return frame
        h, w = frame.shape[:2]
        if h != w:
            raise UsageProblem(
                f"The driving video {self.path.name} cannot be used without cropping.",
                why=f"It is {w} x {h} pixels, not square.",
                fix="Crop it to a square around the face, or leave --no-crop out.",
            )
        if h == self.framed_px:
            return frame
        return resized(frame, (self.framed_px, self.framed_px))


@dataclass(frozen=True)
class RecordedDriver:
    """A motion clip: landmarks only, already in unit coordinates."""

    clip: MotionClip

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.clip.fps).limit_denominator(1001)

    @property
    def sound(self) -> Path | None:
        """Motion clips have none."""
        return None

    @property
    def count(self) -> int | None:
        """Frames."""
        return len(self.clip.landmarks)

    def faces(self, tracker: Tracker, limit: int | None, pixels_px: int | None = None) -> Iterator[FaceView | None]:
        """As `FilmedDriver.faces`; nothing is tracked, and there are no pixels."""
        del tracker, pixels_px
        yield from (FaceView(landmarks) for landmarks in self.clip.landmarks[:limit])

    def close(self) -> None:
        """Nothing is open."""


Driver = FilmedDriver | RecordedDriver


def open_driver(path: Path, *, framed_px: int | None) -> Driver:
    """The driver in a file.

    Raises:
        UsageProblem: the file is missing or cannot be used.
    """
    if path.suffix.lower() == MOTION_SUFFIX:
        return RecordedDriver(load_motion(path))
    return FilmedDriver(path, open_video(path), framed_px)
