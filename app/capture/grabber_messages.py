"""What the program and the grabber process say to each other through their pipe.

One picture at a time: the program asks for one, the grabber writes the newest into the shared memory and says so,
and does not touch the memory again before it is asked again. So no picture is ever torn, nothing piles up, and a
program that is slow just gets newer pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

OPENCV_OPENER = "app.capture.opencv_device:open_with_opencv"


@dataclass(frozen=True)
class GrabberOptions:
    """What the grabber process opens, and when it gives up.

    opener: "package.module:function", called in the process with these options; returns a `CaptureDevice`.
    frozen_after_s: a picture that repeats exactly for so long is a hung driver; repetitions are not handed over, so
        that who waits for something new learns at once that there is nothing. None hands everything over, for ever.
    failing_after_s: reads that fail one after the other for so long are a lost camera.
    """

    index: int
    backend: int
    width: int = 1280
    height: int = 720
    fps: float = 30.0
    opener: str = OPENCV_OPENER
    frozen_after_s: float | None = 1.5
    failing_after_s: float = 1.0


class Failure(Enum):
    """Why a grabber gave up."""

    REFUSED = "refused"  # the driver did not open the device
    READS_FAIL = "reads fail"  # it was opened and reading says no
    FROZEN = "frozen"
    SIZE_CHANGED = "size changed"
    TOO_LARGE = "too large"
    CRASHED = "crashed"  # anything unexpected; the text says what


@dataclass(frozen=True)
class GrabberStarted:
    """Grabber -> program: alive, everything imported, about to open the device."""


@dataclass(frozen=True)
class DeviceOpened:
    """Grabber -> program: the driver has opened the device; no picture yet."""


@dataclass(frozen=True)
class FirstPicture:
    """Grabber -> program: a first picture of `size` (h, w) is there; memory is needed for such ones."""

    size: tuple[int, int]


@dataclass(frozen=True)
class PictureReady:
    """Grabber -> program: picture `number` (counted from 1, also those nobody asked for) is in the memory."""

    number: int
    t_capture_ns: int


@dataclass(frozen=True)
class GrabberFailed:
    """Grabber -> program: last words before the process ends."""

    failure: Failure
    text: str = ""


@dataclass(frozen=True)
class UseMemory:
    """Program -> grabber: put pictures of `size` (h, w) into the shared memory of this name."""

    name: str
    size: tuple[int, int]


@dataclass(frozen=True)
class WantPicture:
    """Program -> grabber: the memory is free; fill it with the newest picture that I have not had."""


@dataclass(frozen=True)
class CloseDevice:
    """Program -> grabber: release the device and end."""


FromGrabber = GrabberStarted | DeviceOpened | FirstPicture | PictureReady | GrabberFailed
