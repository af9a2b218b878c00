"""From what a person calls a camera to a source of frames."""

from __future__ import annotations

import os
from pathlib import Path

from app.capture.base import CaptureFormat, FrameSource
from app.capture.playback import Playback
from app.capture.synthetic import SyntheticSource
from app.capture.video_file import VideoFileSource
from app.capture.video_problems import no_such_file
from app.clock import Clock

SYNTHETIC = "synthetic"

DEVICE_PREFIXES = ("/dev/", "\\\\?\\", "\\\\.\\")
"""Ids of cameras that look like paths: Linux's devices, Windows' device interfaces."""

VIDEO_SUFFIXES = frozenset(
    (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".flv", ".wmv", ".ogv", ".gif")
)


def open_source(
    camera: str, wanted: CaptureFormat, clock: Clock | None = None, playback: Playback | None = None
) -> FrameSource:
    """The source behind "synthetic", a path, or a camera's id, name or place in the list. It is not opened yet.

    playback: is told where a file is, for its sound.

    Raises:
        UsageProblem: it looks like a path and there is no such file.
        EnvironmentProblem: there is no such camera, or none at all.
    """
    if camera == SYNTHETIC:
        return SyntheticSource(wanted, clock)
    if is_file_name(camera):
        path = Path(camera).expanduser()
        if not _exists(path):
            raise no_such_file(camera)
        return VideoFileSource(path, clock, playback)
    from app.capture.devices import find_camera
    from app.capture.webcam import WebcamSource

    return WebcamSource(find_camera(camera), wanted)


def is_file_name(camera: str) -> bool:
    """Whether this names a file rather than a camera; a file that is there wins over a camera called alike."""
    if camera.startswith(DEVICE_PREFIXES):
        return False
    if Path(camera).suffix.lower() in VIDEO_SUFFIXES or "/" in camera or os.sep in camera:
        return True
    return not camera.isdigit() and _exists(Path(camera).expanduser())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False
