"""A webcam that shows a clip, and can be taken away and given back from another process, by way of a file.

The file says "given", or how the camera fails from now on. A device that has failed stays dead, as OpenCV's do: what is
given back has to be opened anew.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import cv2
import numpy as np

from app.capture.base import CameraDescription
from app.capture.grabber_messages import GrabberOptions
from app.capture.problems import CameraGone
from models.types import ImageArray

CONTROL, CLIP = "UNDERSTUDY_TEST_WEBCAM", "UNDERSTUDY_TEST_WEBCAM_CLIP"
"""Environment variables: the file, and what the camera sees."""

GIVEN = "given"
BLOCKS, REPEATS, FAILS = "blocks", "repeats", "fails"
WAYS_TO_FAIL = (BLOCKS, REPEATS, FAILS)
OPENER = f"{__name__}:opened"
CAMERA = CameraDescription("usb-test", "Test Webcam", 0, 1)
FPS, PICTURES = 30, 120
HANG_S = 3600.0


def state() -> str:
    """What the file says."""
    return Path(os.environ[CONTROL]).read_text()


def tell(wish: str) -> None:
    """Take the camera away, or give it back; at once for whoever reads the file."""
    path = Path(os.environ[CONTROL])
    beside = path.with_suffix(".new")
    beside.write_text(wish)
    beside.replace(path)


def listed(camera: CameraDescription) -> list[CameraDescription]:
    """The ways to open it, as the system lists them.

    Raises:
        CameraGone: it is not there.
    """
    if state() != GIVEN:
        raise CameraGone(camera.name)
    return [camera]


def opened(options: GrabberOptions) -> ClipWebcam:
    """Called in the grabber's process."""
    if state() != GIVEN:
        raise OSError("no such device")
    return ClipWebcam()


class ClipWebcam:
    """The pictures of the clip there and back, at a webcam's rate."""

    def __init__(self) -> None:
        film = cv2.VideoCapture(os.environ[CLIP])
        read = (film.read() for _ in range(PICTURES))
        there = [np.asarray(image, np.uint8) for done, image in read if done]
        film.release()
        self._pictures, self._number, self._dead = [*there, *reversed(there)], 0, ""
        self._t_next_s = time.monotonic()

    def is_open(self) -> bool:
        return True

    def read(self) -> tuple[bool, ImageArray | None]:
        self._t_next_s = max(self._t_next_s + 1 / FPS, time.monotonic() - 1 / FPS)
        time.sleep(max(0.0, self._t_next_s - time.monotonic()))
        now = state()
        self._dead = self._dead or ("" if now == GIVEN else now)
        if self._dead == BLOCKS:
            time.sleep(HANG_S)
        if self._dead == FAILS:
            return False, None
        if self._dead != REPEATS:
            self._number += 1
        image = self._pictures[self._number % len(self._pictures)].copy()
        image[0, 0] = self._number % 256  # as a sensor's noise: no two pictures are the same
        return True, image

    def release(self) -> None:
        """Nothing to give back."""
