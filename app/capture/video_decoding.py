"""Decodes a video file nobody vouches for: bounded in size, limited to plain files, going on behind damage."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from app.capture.bounds import MAX_PIXELS, too_large
from app.capture.video_container import open_container
from app.capture.video_problems import (
    no_decoder,
    no_frames,
    no_picture,
    not_a_video,
    require_plain_file,
    too_large_video,
)
from app.clock import NS_PER_S
from models.types import ImageArray

log = logging.getLogger(__name__)

BOUNDED = {"max_pixels": str(MAX_PIXELS)}
"""Told to the decoder before it takes memory."""

USUAL_RATE = Fraction(30)
SANE_RATES = (Fraction(1), Fraction(240))
"""Files without a known rate claim none, or the ticks of their clock."""

DECODER_THREADS = 2

BT709, BT601 = 1, 5
KNOWN_MATRICES = frozenset((BT709, 4, BT601, 6, 7, 9))
"""Numbers of ITU-T H.273: BT.709, FCC, BT.601 (both), SMPTE 240M, BT.2020."""

HD_LINES = 720
"""Pictures without a known matrix are BT.709 from so many lines on, BT.601 below, as players have it."""

LIMITED_RANGE, FULL_RANGE = 1, 2


class VideoFile:
    """One opened video file.

    size: (h, w) of its pictures as they are to be seen. rate: pictures a second on average. frame_count: as the
    header claims, None where it does not.
    """

    def __init__(self, path: Path) -> None:
        """Open it and decode its first picture.

        Raises:
            UsageProblem: it is missing, empty, no video, without pictures, or too large.
        """
        require_plain_file(path)
        self.path = path
        self._container = _open_container(path)
        self._reformatter = VideoReformatter()  # one for all: it keeps its tables
        try:
            self._stream = _picture_stream(self._container, path)
            first = next(self.decoded(), None)
            if first is None:
                raise no_frames(path)
            self._turns = round(first.rotation / 90) % 4
            self._size = (first.height, first.width)
            self.rewind()
        except BaseException:
            self.close()
            raise
        self.size = self._size if self._turns % 2 == 0 else (self._size[1], self._size[0])
        self.rate = _rate(self._stream)
        self.frame_count: int | None = self._stream.frames or None
        self.has_audio = bool(self._container.streams.audio)

    def decoded(self) -> Iterator[VideoFrame]:
        """All pictures from here to the end; packets that cannot be decoded are left out."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except FFmpegError as error:
                log.info("%s cannot be read further: %s", self.path.name, error)
                return
            if packet is None:
                return
            with suppress(FFmpegError):  # damaged: the next one may be whole
                for frame in packet.decode():
                    if isinstance(frame, VideoFrame):
                        yield frame

    def rewind(self) -> None:
        """Back to the first picture."""
        try:
            self._container.seek(0, backward=True)
        except FFmpegError:  # formats without an index
            self._container.close()
            self._container = _open_container(self.path)
            self._stream = _picture_stream(self._container, self.path)

    def to_rgb(self, frame: VideoFrame) -> ImageArray:
        """The picture as it is to be seen: upright, of one size through the whole file.

        Shapes:
            returns: (h, w, 3) uint8 RGB, contiguous, read-only.
        """
        h, w = self._size
        matrix = _matrix(frame)
        rgb = self._reformatter.reformat(
            frame,
            w,
            h,
            "rgb24",
            src_colorspace=matrix,
            dst_colorspace=BT709 if matrix != BT709 else BT601,  # PyAV leaves the matrix alone where both are equal
            src_color_range=FULL_RANGE if _is_full_range(frame) else LIMITED_RANGE,
            dst_color_range=FULL_RANGE,
        ).to_ndarray()
        image: ImageArray = np.ascontiguousarray(np.rot90(rgb, self._turns), np.uint8)
        image.flags.writeable = False
        return image

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._container.close()


def time_ns(frame: VideoFrame) -> int | None:
    """The picture's own time stamp; None where the file has none."""
    if frame.pts is None or frame.time_base is None:
        return None
    return int(frame.pts * frame.time_base * NS_PER_S)


def _matrix(frame: VideoFrame) -> int:
    """How the picture's YUV was made from RGB; PyAV reads the tag and does not use it."""
    tagged = int(frame.colorspace)
    if tagged in KNOWN_MATRICES:
        return tagged
    return BT709 if frame.height >= HD_LINES else BT601


def _is_full_range(frame: VideoFrame) -> bool:
    return int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj")


def _open_container(path: Path) -> InputContainer:
    try:
        return open_container(path)
    except (FFmpegError, ValueError) as error:
        log.info("%s: %s", path.name, error)
        raise not_a_video(path) from None


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise no_picture(path)
    known = [s for s in streams if s.codec_context is not None]
    if not known:
        raise no_decoder(path)
    stream = max(known, key=lambda s: (s.width or 0) * (s.height or 0))
    if too_large((stream.height or 0, stream.width or 0)):
        raise too_large_video(path)
    stream.codec_context.options = BOUNDED  # also for pictures that grow later
    stream.codec_context.thread_count = DECODER_THREADS
    return stream


def _rate(stream: VideoStream) -> Fraction:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and SANE_RATES[0] <= rate <= SANE_RATES[1]:
            return Fraction(rate)
    return USUAL_RATE
