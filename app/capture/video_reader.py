"""Videos and pictures frame by frame, for commands that work through a whole file as fast as they can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from app.capture.bounds import too_large
from app.capture.video_problems import require_plain_file, too_large_video
from models.types import ImageArray

PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"))
"""Files that are read as a video of one frame."""

STILL_RATE = Fraction(25)


@dataclass
class VideoReader:
    """What is known about a video, and its frames.

    size: (h, w) as it is to be seen (rotated as the file says). rate: frames a second, on average where it varies.
    frame_count: as the file claims, which may be wrong; None where it does not.
    """

    size: tuple[int, int]
    rate: Fraction
    frame_count: int | None
    has_audio: bool
    _read: Callable[[], Iterator[ImageArray]]
    _reading: list[Iterator[ImageArray]] = field(default_factory=list)

    def frames(self) -> Iterator[ImageArray]:
        """Every decoded frame once, in order, from the first; may be called again.

        A file of varying rate gives its frames as they are, none doubled and none left out. Damaged parts are
        left out.

        Shapes:
            yields: (h, w, 3) uint8 RGB, read-only, all of one size.
        """
        frames = self._read()
        self._reading.append(frames)
        return frames

    def close(self) -> None:
        """Close the file, also where `frames` was not read to its end. Idempotent."""
        for frames in self._reading:
            close = getattr(frames, "close", None)
            if close is not None:
                close()
        self._reading.clear()


def open_video(path: Path) -> VideoReader:
    """A video, or a picture as a video of one frame.

    Raises:
        UsageProblem: it is missing, empty, no video, without pictures, or too large.
    """
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return _open_picture(path)
    from app.capture.video_decoding import VideoFile

    video = VideoFile(path)
    video.close()
    return VideoReader(video.size, video.rate, video.frame_count, video.has_audio, lambda: _decode(path))


def _decode(path: Path) -> Iterator[ImageArray]:
    from app.capture.video_decoding import VideoFile

    video = VideoFile(path)
    try:
        for frame in video.decoded():
            yield video.to_rgb(frame)
    finally:
        video.close()


def _open_picture(path: Path) -> VideoReader:
    from app.picture_file import read_picture

    require_plain_file(path)
    image = read_picture(path).rgb
    if too_large((image.shape[0], image.shape[1])):
        raise too_large_video(path)
    image.flags.writeable = False
    return VideoReader((image.shape[0], image.shape[1]), STILL_RATE, 1, False, lambda: iter((image,)))
