"""A camera that is none: test pictures that move, the same ones every time."""

from __future__ import annotations

import threading
from enum import Enum

import numpy as np

from app.capture.base import CaptureFormat
from app.clock import NS_PER_S, Clock, SystemClock
from app.packets import CapturedFrame
from app.slots import Closed
from models.types import ImageArray

BARS = ((235, 235, 235), (225, 215, 30), (30, 205, 220), (40, 190, 50), (205, 45, 200), (205, 40, 45), (40, 50, 200))
SQUARE_PX = 16
MARKER_COLOURS = ((255, 0, 255), (0, 255, 0))
"""Colours no portrait, card or background of this program has; only compression could blur them."""

MARKER_TOLERANCE = 40

WASH_COLOUR = MARKER_COLOURS[0]
WASH_STRENGTH = 24
"""By how much both red and blue exceed green where a pixel counts as washed: a tenth of `WASH_COLOUR` mixed in."""


class Pattern(Enum):
    """What the synthetic camera shows."""

    CARD = "card"  # colour bars with a sweeping line: for a person who wants to see that something runs
    MARKER = "marker"  # a checkerboard in colours that nothing else has: for proving that no camera pixel gets out
    WASH = "wash"  # one such colour all over: the checkerboard, blurred or made small, is grey, and this stays itself


def synthetic_image(pattern: Pattern, size: tuple[int, int], frame_id: int) -> ImageArray:
    """The picture numbered `frame_id`, always the same for the same arguments.

    Shapes:
        size: (h, w). returns: (h, w, 3) uint8 RGB, read-only.
    """
    image = _DRAW[pattern](size, frame_id)
    image.flags.writeable = False
    return image


def marker_share(image: ImageArray) -> float:
    """Which part of a picture is in a colour of the marker pattern: 0 none of it, 1 all.

    Shapes:
        image: (H, W, 3) uint8 RGB.
    """
    found = np.zeros(image.shape[:2], bool)
    for colour in MARKER_COLOURS:
        found |= (np.abs(image.astype(np.int16) - np.array(colour, np.int16)) <= MARKER_TOLERANCE).all(axis=2)
    return float(found.mean())


def wash_share(image: ImageArray) -> float:
    """Which part of a picture is clearly of the wash pattern's hue, also blurred, made small or mixed with others.

    Shapes:
        image: (H, W, 3) uint8 RGB.
    """
    red, green, blue = np.moveaxis(image.astype(np.int16), 2, 0)
    return float((np.minimum(red, blue) - green >= WASH_STRENGTH).mean())


class SyntheticSource:
    """Gives the picture due now, at a steady rate; frame ids count what was due, so late ones are missing."""

    name = "synthetic"

    def __init__(
        self, wanted: CaptureFormat | None = None, clock: Clock | None = None, *, pattern: Pattern = Pattern.CARD
    ) -> None:
        self._wanted, self._clock, self._pattern = wanted or CaptureFormat(), clock or SystemClock(), pattern
        self._interrupted = threading.Event()
        self._t_start_ns: int | None = None
        self._last_id = 0

    def open(self) -> None:
        """Nothing to acquire."""
        self._t_start_ns = None

    def grab(self, timeout_s: float) -> CapturedFrame:
        """See `FrameSource`."""
        now_ns = self._clock.now_ns()
        step_ns = NS_PER_S / self._wanted.fps
        if self._t_start_ns is None:
            self._t_start_ns = now_ns - int((self._last_id + 1) * step_ns)
        t_due_ns = self._t_start_ns + int((self._last_id + 1) * step_ns)
        t_deadline_ns = now_ns + int(timeout_s * NS_PER_S)
        if self._clock.wait_until_ns(min(t_due_ns, t_deadline_ns), self._interrupted):
            raise Closed(self.name)
        if t_deadline_ns < t_due_ns:
            raise TimeoutError("the next test picture is not due yet")
        due = int((self._clock.now_ns() - self._t_start_ns) / step_ns)
        self._last_id = max(due, self._last_id + 1)
        image = synthetic_image(self._pattern, (self._wanted.height, self._wanted.width), self._last_id)
        return CapturedFrame(self._last_id, image, self._clock.now_ns(), self.name)

    def release(self) -> None:
        """Nothing to give back."""

    def interrupt(self) -> None:
        """End a waiting `grab`; for good."""
        self._interrupted.set()


def _card(size: tuple[int, int], frame_id: int) -> ImageArray:
    h, w = size
    bars = np.array(BARS, np.uint8)[np.arange(w) * len(BARS) // w]
    image = np.ascontiguousarray(np.broadcast_to(bars, (h, w, 3)))
    image[h * 3 // 4 :] = np.linspace(0, 255, w).astype(np.uint8)[:, None]
    line = max(2, w // 80)
    left = frame_id * line % max(1, w - line)
    image[:, left : left + line] = 255 - image[:, left : left + line]
    return image


def _marker(size: tuple[int, int], frame_id: int) -> ImageArray:
    rows = np.arange(size[0])[:, None] // SQUARE_PX
    columns = (np.arange(size[1])[None, :] + frame_id) // SQUARE_PX
    image: ImageArray = np.array(MARKER_COLOURS, np.uint8)[(rows + columns) % 2]
    return image


def _wash(size: tuple[int, int], frame_id: int) -> ImageArray:
    """A little brighter and darker from one picture to the next, so that no two in a row are the same."""
    level = np.uint8(255 - 8 * (frame_id % 2))
    image: ImageArray = np.full((*size, 3), np.array(WASH_COLOUR, np.uint8) // 255 * level, np.uint8)
    return image


_DRAW = {Pattern.CARD: _card, Pattern.MARKER: _marker, Pattern.WASH: _wash}
