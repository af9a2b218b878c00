from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.capture.grabber_messages import OPENCV_OPENER, GrabberOptions
from app.capture.opencv_device import open_with_opencv

OPTIONS = GrabberOptions(index=3, backend=200, width=640, height=480, fps=29.97)
MJPG = cv2.VideoWriter.fourcc(*"MJPG")
SIZE = [cv2.CAP_PROP_FRAME_WIDTH, 640, cv2.CAP_PROP_FRAME_HEIGHT, 480]
EVERYTHING = [cv2.CAP_PROP_FOURCC, MJPG, *SIZE, cv2.CAP_PROP_FPS, 30]


class FakeCapture:
    """Opens if `accepts` says so of what it is asked for."""

    def __init__(self, accepts: Callable[[list[int]], bool]) -> None:
        self._accepts = accepts
        self.asked: list[tuple[int, int, list[int]]] = []
        self.settings: list[tuple[int, float]] = []
        self.opened = False

    def open(self, index: int, backend: int, wishes: list[int]) -> bool:
        self.asked.append((index, backend, wishes))
        self.opened = self._accepts(wishes)
        return self.opened

    def set(self, prop: int, value: float) -> bool:
        self.settings.append((prop, value))
        return False

    def isOpened(self) -> bool:
        return self.opened

    def read(self) -> tuple[bool, np.ndarray | None]:
        return (True, np.zeros((4, 4, 3), np.uint8)) if self.opened else (False, None)

    def release(self) -> None:
        self.opened = False


@pytest.fixture
def capture_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[list[int]], bool]], FakeCapture]:
    def install(accepts: Callable[[list[int]], bool]) -> FakeCapture:
        capture = FakeCapture(accepts)
        monkeypatch.setattr(cv2, "VideoCapture", lambda: capture)
        return capture

    return install


Install = Callable[[Callable[[list[int]], bool]], FakeCapture]


def test_compressed_pictures_size_and_rate_are_asked_for_at_opening(capture_that: Install) -> None:
    capture = capture_that(lambda wishes: True)
    device = open_with_opencv(OPTIONS)

    assert capture.asked == [(3, 200, EVERYTHING)]
    assert capture.settings == [(cv2.CAP_PROP_BUFFERSIZE, 1)]
    assert device.is_open()
    assert device.read()[0]


@pytest.mark.parametrize(
    ("refused", "last_asked"),
    [(cv2.CAP_PROP_FPS, [cv2.CAP_PROP_FOURCC, MJPG, *SIZE]), (cv2.CAP_PROP_FOURCC, SIZE), (640, [])],
)
def test_a_camera_that_cannot_do_a_thing_is_asked_for_fewer(
    capture_that: Install, refused: int, last_asked: list[int]
) -> None:
    capture = capture_that(lambda wishes: refused not in wishes)

    assert open_with_opencv(OPTIONS).is_open()
    assert capture.asked[-1] == (3, 200, last_asked)


def test_a_camera_that_refuses_everything_is_not_open(capture_that: Install) -> None:
    capture_that(lambda wishes: False)
    device = open_with_opencv(OPTIONS)

    assert not device.is_open()
    assert device.read() == (False, None)
    device.release()


def test_the_opener_is_where_its_name_says() -> None:
    assert f"{open_with_opencv.__module__}:{open_with_opencv.__name__}" == OPENCV_OPENER
