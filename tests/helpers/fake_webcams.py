"""Webcams for the grabber process: called there by name, each misbehaving in one way."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from app.capture.grabber_messages import GrabberOptions
from models.types import ImageArray

Reading = tuple[bool, ImageArray | None]
FRAME_S = 0.005
HEAVY = ("torch", "PySide6", "mediapipe", "av", "matplotlib", "scipy", "skimage")


class FakeWebcam:
    """Gives what an iterator gives, one reading per frame's time."""

    def __init__(self, readings: Iterator[Reading], *, opened: bool = True) -> None:
        self._readings, self._opened = readings, opened

    def is_open(self) -> bool:
        return self._opened

    def read(self) -> Reading:
        time.sleep(FRAME_S)
        return next(self._readings)

    def release(self) -> None:
        self._opened = False


def picture(number: int, size: tuple[int, int] = (48, 64)) -> ImageArray:
    """BGR: blue is the number, green 20, red 200; one red pixel moves."""
    image = np.empty((*size, 3), np.uint8)
    image[:] = (number % 256, 20, 200)
    image[0, number % size[1]] = 255
    return image


def steady(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam((True, picture(number)) for number in count(1))


def hangs_in_read(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(_then(5, _hang))


def hangs_at_once(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(_then(0, _hang))


def hangs_in_open(options: GrabberOptions) -> FakeWebcam:
    _hang()
    raise AssertionError("a hang has no end")


def repeats(options: GrabberOptions) -> FakeWebcam:
    still = picture(5)
    still[16:32] = 90  # not of one colour, as a closed shutter is
    return FakeWebcam(_then(5, lambda: (True, still)))


def fails_after_a_while(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(_then(5, lambda: (False, None)))


def never_a_picture(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(_then(0, lambda: (False, None)))


def changes_size(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(_then(5, lambda: (True, picture(1, (24, 32)))))


def crashes(options: GrabberOptions) -> FakeWebcam:
    def broken() -> Reading:
        raise RuntimeError("bad pointer")

    return FakeWebcam(_then(5, broken))


def refuses(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam(iter(()), opened=False)


def raises_on_open(options: GrabberOptions) -> FakeWebcam:
    raise OSError("device or resource busy")


def absurdly_large(options: GrabberOptions) -> FakeWebcam:
    return FakeWebcam((True, np.empty((1, 9000, 3), np.uint8)) for _ in count())


def only_backend_2(options: GrabberOptions) -> FakeWebcam:
    return steady(options) if options.backend == 2 else hangs_at_once(options)


def tells_what_is_loaded(options: GrabberOptions) -> FakeWebcam:
    """Refuses, and says which heavy packages this process has imported."""
    import cv2

    raise OSError(f"{cv2.__name__} {[name for name in HEAVY if name in sys.modules]}")


def _then(pictures: int, rest: Callable[[], Reading]) -> Iterator[Reading]:
    for number in range(1, pictures + 1):
        yield True, picture(number)
    while True:
        yield rest()


def _hang() -> Reading:
    threading.Event().wait()
    raise AssertionError("unreachable")
