"""Finds faces that are too small for FaceMesh's own detector, which needs about a fifth of the picture.

MediaPipe's full-range detector (in the wheel) reaches a tenth of the picture it is given; still pictures are
therefore searched once more in overlapping tiles, so that one face of a group photo is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from app.tracking.chatter import import_mediapipe, without_chatter
from app.tracking.regions import Box, Window, size_of
from models.types import ImageArray

FULL_RANGE_MODEL = 1
MIN_CONFIDENCE = 0.5
TILE_SHARES = (0.5, 0.25)
"""Sides of the tiles over the short side of the picture, coarse first; the first level with a face is enough."""

MIN_TILE_PX = 300
"""Smaller tiles would find faces of under 30 pixels, which nobody wants to animate, and cost most of the time."""

DETECTOR_PX = 384
"""Larger pieces are scaled down to this: the network reads 192."""

SAME_FACE_OVERLAP = 0.3


class SmallFaceFinder:
    """One full-range detector, loaded on first use (most sessions never need it)."""

    def __init__(self) -> None:
        self._detector: Any = None

    def in_whole(self, image: ImageArray) -> list[Box]:
        """One look at the whole picture, biggest face first; about 3 ms."""
        return _distinct(self._detect(image, Window.whole(image)))

    def in_tiles(self, image: ImageArray) -> list[Box]:
        """A search for still pictures, biggest face first; some hundred milliseconds when there is none."""
        found = self.in_whole(image)
        for share in TILE_SHARES:
            if found or share * min(image.shape[:2]) < MIN_TILE_PX:
                break
            tiles = _tiles(size_of(image), share)
            found = _distinct([seen for tile in tiles for seen in self._detect(image, tile)])
        return found

    def close(self) -> None:
        """Idempotent."""
        if self._detector is not None:
            self._detector.close()
            self._detector = None

    def _detect(self, image: ImageArray, window: Window) -> list[tuple[float, Box]]:
        if self._detector is None:
            self._detector = _open_detector()
        w, h = window.right - window.left, window.bottom - window.top
        result = self._detector.process(_at_most(window.cut(image), DETECTOR_PX))
        found = []
        for detection in result.detections or []:
            area = detection.location_data.relative_bounding_box
            left, top = window.left + area.xmin * w, window.top + area.ymin * h
            found.append((float(detection.score[0]), Box(left, top, left + area.width * w, top + area.height * h)))
        return found


def _open_detector() -> Any:  # mediapipe has no types
    solutions = import_mediapipe().solutions
    with without_chatter():
        detector = solutions.face_detection.FaceDetection(
            model_selection=FULL_RANGE_MODEL, min_detection_confidence=MIN_CONFIDENCE
        )
        detector.process(np.zeros((DETECTOR_PX, DETECTOR_PX, 3), np.uint8))
    return detector


def _at_most(image: ImageArray, longest_px: int) -> ImageArray:
    h, w = image.shape[:2]
    scale = longest_px / max(h, w)
    if scale >= 1.0:
        return image
    size = max(1, round(w * scale)), max(1, round(h * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tiles(size: tuple[int, int], share: float) -> Iterator[Window]:
    """Squares that overlap by at least a half, so that every face up to that size lies whole in one of them."""
    h, w = size
    side = max(2, round(share * min(h, w)))
    for top in _starts(h, side):
        for left in _starts(w, side):
            yield Window(left, top, left + side, top + side)


def _starts(length: int, side: int) -> list[int]:
    count = 1 + int(np.ceil(2 * (length - side) / side))
    return [round(start) for start in np.linspace(0, length - side, count)]


def _distinct(found: list[tuple[float, Box]]) -> list[Box]:
    """Each face once (the most certain sighting wins), biggest first."""
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda seen: -seen[0]):
        if all(box.overlap(other) < SAME_FACE_OVERLAP for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda box: -box.size)
