"""OpenCV as the grabber process uses it. Nothing here imports it at the top: it reads its settings when imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.capture.grabber_messages import GrabberOptions
from models.types import ImageArray

if TYPE_CHECKING:
    import cv2

ENVIRONMENT = {
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # with them Windows takes tens of seconds to open (17687)
    "OPENCV_LOG_LEVEL": "SILENT",  # failures reach the person as sentences
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}


def prepare_opencv() -> None:
    """Import it with the settings that a camera needs; its own threads would only be in the way."""
    os.environ.update(ENVIRONMENT)
    import cv2

    cv2.setNumThreads(1)


class CaptureDevice(Protocol):
    """What `cv2.VideoCapture` does, as far as it is used here; pictures are BGR."""

    def is_open(self) -> bool: ...

    def read(self) -> tuple[bool, ImageArray | None]: ...

    def release(self) -> None: ...


class Opener(Protocol):
    """Makes a device from the options; what it raises means that the device refuses."""

    def __call__(self, options: GrabberOptions) -> CaptureDevice: ...


def open_with_opencv(options: GrabberOptions) -> CaptureDevice:
    """The camera through OpenCV, asked for compressed pictures of the wanted size, then for less and less.

    Everything is asked for at opening, because DirectShow ignores it afterwards; a backend that cannot do one of the
    things refuses altogether, and then has to be asked for fewer. Without MJPG most webcams give 5 pictures a second
    at 720p.
    """
    import cv2

    size = [cv2.CAP_PROP_FRAME_WIDTH, options.width, cv2.CAP_PROP_FRAME_HEIGHT, options.height]
    rate = [cv2.CAP_PROP_FPS, round(options.fps)]
    mjpg = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
    wishes: tuple[list[int], ...] = (mjpg + size + rate, mjpg + size, size, [])
    capture = cv2.VideoCapture()
    for wish in wishes:
        if capture.open(options.index, options.backend, wish):
            break
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # V4L2 keeps four otherwise; other backends say no, which is fine
    return _OpenCvDevice(capture)


class _OpenCvDevice:
    """`cv2.VideoCapture` with the types of this program."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    def is_open(self) -> bool:
        return self._capture.isOpened()

    def read(self) -> tuple[bool, ImageArray | None]:
        done, image = self._capture.read()
        return done, np.asarray(image, np.uint8) if done else None

    def release(self) -> None:
        self._capture.release()
