"""Where people are in a picture: the interface, and the MediaPipe adapter behind it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from app.resample import resized
from app.tracking.chatter import import_mediapipe, without_chatter
from models.types import FloatArray, ImageArray

NETWORK_PX = 256
"""Side of the square the segmentation network sees whatever it is given."""


class Segmenter(Protocol):
    """Finds people in pictures. Made, used and closed on one thread; made once and kept."""

    def segment(self, image: ImageArray) -> FloatArray:
        """(H, W) float32 for a (H, W, 3) RGB picture: 1 where a person is sure, 0 where background is."""
        ...

    def close(self) -> None:
        """Give the model back. Idempotent."""
        ...


class SelfieSegmenter:
    """MediaPipe's selfie segmentation, the general model that its wheel brings along."""

    def __init__(self) -> None:
        solutions = import_mediapipe().solutions
        with without_chatter():
            self._network: Any = solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
            self.segment(np.zeros((NETWORK_PX, NETWORK_PX, 3), np.uint8))

    def segment(self, image: ImageArray) -> FloatArray:
        """See `Segmenter`; about 6 ms.

        Raises:
            ValueError: after `close`.
        """
        if self._network is None:
            raise ValueError("this segmenter was closed")
        small = resized(image, (NETWORK_PX, NETWORK_PX))
        mask = np.asarray(self._network.process(small).segmentation_mask, np.float32)
        return resized(mask, (image.shape[0], image.shape[1]))

    def close(self) -> None:
        if self._network is not None:
            self._network.close()
            self._network = None
