"""Finds out that a camera repeats one picture, as drivers do after a cable was pulled (OpenCV issue 5221)."""

from __future__ import annotations

import zlib

from app.clock import NS_PER_S
from models.types import ImageArray

EVERY_NTH_LINE = 8
"""The noise of a sensor is everywhere; every eighth line is enough to see it, in a third of a millisecond."""

SHUTTER_PATIENCE = 10
"""A picture of a single colour is a closed shutter rather than a hung driver: it may last so many times longer."""


class FreezeDetector:
    """Told every picture, says when one has repeated exactly for too long.

    repeated: the latest picture is the one before it once more, and not a closed shutter: nothing new was seen.
    """

    def __init__(self, frozen_after_s: float) -> None:
        self.repeated = False
        self._frozen_after_ns = int(frozen_after_s * NS_PER_S)
        self._digest: int | None = None
        self._t_changed_ns = 0

    def is_frozen(self, image: ImageArray, t_ns: int) -> bool:
        """Whether this picture, grabbed at `t_ns`, has been the same for longer than it may.

        Shapes:
            image: (H, W, 3) uint8.
        """
        digest = zlib.crc32(image[::EVERY_NTH_LINE].tobytes())
        if digest != self._digest:
            self._digest, self._t_changed_ns, self.repeated = digest, t_ns, False
            return False
        same_ns = t_ns - self._t_changed_ns
        self.repeated = not _one_colour(image)
        return same_ns > self._frozen_after_ns * (1 if self.repeated else SHUTTER_PATIENCE)


def _one_colour(image: ImageArray) -> bool:
    return bool((image[::EVERY_NTH_LINE, ::EVERY_NTH_LINE] == image[0, 0]).all())
