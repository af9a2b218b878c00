"""The one way a video file nobody vouches for is opened: it may hold pictures and sound, and name no other file."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

CONTAINERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,gif,apng,y4m,yuv4mpegpipe,h264,hevc,m4v,mjpeg,dv,ivf,nut"
)
"""Formats that hold their pictures themselves; play lists and the like would read other files and addresses."""

MAX_STREAMS = 64


def open_container(path: Path) -> InputContainer:
    """Open the file at `path`, and nothing else.

    Raises:
        FFmpegError, OSError, ValueError: it is missing, damaged or of a format that is not in `CONTAINERS`.
    """
    # As `container_options`: with the other kinds of options, PyAV 15 writes behind an array when a damaged file turns
    # out to have more streams while FFmpeg looks into it, and the program dies.
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS, "max_streams": str(MAX_STREAMS)}
    # The absolute path, because FFmpeg takes what stands before a colon for a protocol.
    return av.open(str(path.absolute()), container_options=options)
