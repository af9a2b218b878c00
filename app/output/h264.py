"""Pictures for H.264: BT.709, limited range, 4:2:0, and tagged so, which is what every player assumes for video.

A player that meets an untagged file guesses BT.601 or BT.709 from its size, and faces turn green or pink.
"""

from __future__ import annotations

from fractions import Fraction

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from models.types import ImageArray

_BT709 = 1  # the same number for matrix, primaries and transfer (ITU-T H.273)


def add_h264(
    container: OutputContainer, size: tuple[int, int], rate: Fraction, options: dict[str, str], *, threads: int = 0
) -> VideoStream:
    """A BT.709 H.264 stream in `container`.

    Args:
        container: not yet started.
        size: (h, w), even.
        rate: frames a second.
        options: of libx264.
        threads: of the encoder; 0 takes as many as it likes, and delays that many frames.

    Raises:
        ValueError: a side is odd.
    """
    if size[0] % 2 or size[1] % 2:
        raise ValueError(f"H.264 needs even sides, got {size[1]}x{size[0]}")
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width = size
    stream.pix_fmt = "yuv420p"
    context: VideoCodecContext = stream.codec_context
    context.options = options
    context.thread_count = threads
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = ColorRange.MPEG
    return stream


class Bt709:
    """Converts RGB pictures; keeps the converter between frames, which is what makes it cheap."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def frame_of(self, image: ImageArray) -> VideoFrame:
        """`image` as yuv420p, colours within one level.

        Shapes:
            image: (h, w, 3) uint8 RGB, even sides.
        """
        return self._reformatter.reformat(
            VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation="AREA",  # averages the chroma of four pixels; the default rings at edges
        )
