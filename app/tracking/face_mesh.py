"""MediaPipe FaceMesh with irises: 478 landmarks a face from one RGB picture, about 3 ms for 720p.

The graph is driven directly instead of through `solutions.FaceMesh` (same graph, same parameters, same landmarks)
because only so it also hands out the detector's score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.packets import FaceObservation
from app.tracking.chatter import import_mediapipe, without_chatter
from app.tracking.drawn_face import drawn_face
from app.tracking.regions import Box, Window, size_of
from app.tracking.small_faces import SmallFaceFinder
from models.types import LANDMARK_COUNT, FloatArray, ImageArray

GRAPH = "mediapipe/modules/face_landmark/face_landmark_front_cpu.binarypb"
DETECTION_THRESHOLD = (
    "facedetectionshortrangecpu__facedetectionshortrange__facedetection__TensorsToDetectionsCalculator.min_score_thresh"
)
TRACKING_THRESHOLD = "facelandmarkcpu__ThresholdingCalculator.threshold"

STATIC_CONFIDENCE = 0.4
"""For single pictures; every candidate is then confirmed by the landmark network."""

VIDEO_CONFIDENCE = 0.5
MESH_CONFIDENCE = 0.5
"""What the landmark network must reach; also the presence of a face that the detector did not see."""

FRAMED_PX = 512
"""Pictures up to this size are taken as framed faces: in them nothing is searched for small faces."""

SMALL_FACE_WINDOW = 2.2
"""Side of the piece around a small face in a still picture, over the detection's box."""

LIVE_WINDOW = 4.0
"""The same for video: room to move before the window has to follow."""

MISSES_BEFORE_SEARCH = 5
SEARCH_EVERY = 6
WINDOW_PATIENCE = 10
"""Frames without a face in the window before the whole picture is looked at again."""


@dataclass(frozen=True)
class _Sighting:
    observation: FaceObservation
    box: Box


class FaceMeshTracker:
    """Finds up to `max_faces` faces.

    static True: pictures are unrelated (portraits, evaluation); False: they are a video, and a face found once is
    followed without the detector. Small faces are found too: in stills by tiles, in video by a window that
    follows the face.

    everybody: stills are searched for small faces also where a large one was found.
    """

    def __init__(self, max_faces: int = 3, static: bool = False, *, everybody: bool = False) -> None:
        if max_faces < 1:
            raise ValueError(f"at least one face must be allowed, got {max_faces}")
        self._max_faces, self._static, self._everybody = max_faces, static, everybody
        self._finder = SmallFaceFinder()
        self._window: Window | None = None
        self._misses = 0
        import_mediapipe()
        with without_chatter():
            self._mesh: Any = _open_mesh(max_faces, static)
            self._warm_up()

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """All faces in an RGB picture; landmarks in pixels, z in pixels of x growing away from the viewer.

        MediaPipe counts its own time, so `t_capture_ns` is not used.
        """
        if self._mesh is None:
            raise ValueError("this tracker was closed")
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"a picture must be (H, W, 3) uint8, got {image.shape} {image.dtype}")
        found = self._track_still(image) if self._static else self._track_video(image)
        return [sighting.observation for sighting in found]

    def close(self) -> None:
        """Give the models back. Idempotent."""
        if self._mesh is not None:
            self._mesh.close()
            self._mesh = None
        self._finder.close()

    def _track_still(self, image: ImageArray) -> list[_Sighting]:
        size = size_of(image)
        found = self._look(image, Window.whole(image))
        if (found and not self._everybody) or max(size) <= FRAMED_PX:
            return found
        for box in self._finder.in_tiles(image)[: 2 * self._max_faces]:
            found += self._look(image, Window.around(box, SMALL_FACE_WINDOW, size))
        return _distinct(found)[: self._max_faces]

    def _track_video(self, image: ImageArray) -> list[_Sighting]:
        size = size_of(image)
        if self._window is not None and not self._window.fits(size):
            self._window = None  # the camera changed its format
        found = self._look(image, self._window or Window.whole(image))
        self._misses = 0 if found else self._misses + 1
        if self._window is not None:
            self._window = self._follow(self._window, found, size)
        elif self._misses >= MISSES_BEFORE_SEARCH and self._misses % SEARCH_EVERY == 0:
            boxes = self._finder.in_whole(image)
            self._window = Window.around(boxes[0], LIVE_WINDOW, size) if boxes else None
        return found

    def _follow(self, window: Window, found: list[_Sighting], size: tuple[int, int]) -> Window | None:
        """Keep the window until the face nears its border, has grown, or is gone: a still window means no jitter."""
        if not found:
            return window if self._misses < WINDOW_PATIENCE else None
        face = max(found, key=lambda sighting: sighting.box.size).box
        side = max(window.right - window.left, window.bottom - window.top)
        wanted = Window.around(face, LIVE_WINDOW, size)
        if face.size > 0.45 * side:
            return None  # big enough for the whole picture
        return wanted if wanted.box.distance(window.box) > 0.2 * side else window

    def _look(self, image: ImageArray, window: Window) -> list[_Sighting]:
        result = self._mesh.process({"image": window.cut(image)})
        detections = [(float(found.score[0]), found) for found in result.face_detections or []]
        sightings = []
        for face in result.multi_face_landmarks or []:
            landmarks_px = landmarks_in_pixels(face.landmark, window)
            if not np.isfinite(landmarks_px).all():
                continue
            box = Box.around(landmarks_px)
            presence = max((score for score, seen in detections if _is_in(seen, box, window)), default=MESH_CONFIDENCE)
            sightings.append(_Sighting(FaceObservation(landmarks_px, size_of(image), presence), box))
        return _distinct(sightings)

    def _warm_up(self) -> None:
        """Run both networks once, then forget the drawn face: the first real frame is as fast as the others."""
        face = drawn_face()
        self._mesh.process({"image": face})
        self._mesh.process({"image": np.zeros_like(face)})


def _open_mesh(max_faces: int, static: bool) -> Any:  # mediapipe has no types
    from mediapipe.python.solution_base import SolutionBase

    return SolutionBase(
        binary_graph_path=GRAPH,
        side_inputs={"num_faces": max_faces, "with_attention": True, "use_prev_landmarks": not static},
        calculator_params={
            DETECTION_THRESHOLD: STATIC_CONFIDENCE if static else VIDEO_CONFIDENCE,
            TRACKING_THRESHOLD: MESH_CONFIDENCE,
        },
        outputs=["multi_face_landmarks", "face_detections"],
    )


def _distinct(sightings: list[_Sighting]) -> list[_Sighting]:
    """Each face once, biggest first. The detector now and then sees a second, small face in a nose or a chin."""
    kept: list[_Sighting] = []
    for sighting in sorted(sightings, key=lambda seen: -seen.box.size):
        if not any(_repeats(sighting.box, other.box) for other in kept):
            kept.append(sighting)
    return kept


def _repeats(box: Box, bigger: Box) -> bool:
    x, y = box.centre
    inside = bigger.left <= x <= bigger.right and bigger.top <= y <= bigger.bottom
    return inside and (box.size < 0.6 * bigger.size or box.overlap(bigger) > 0.5)


def landmarks_in_pixels(points: Any, window: Window) -> FloatArray:  # points: a protobuf list
    """MediaPipe's shares of the picture as pixels; its z has the scale of x and is negative towards the camera."""
    w, h = window.right - window.left, window.bottom - window.top
    values = (value for point in points for value in (point.x, point.y, point.z))
    shares = np.fromiter(values, np.float32, LANDMARK_COUNT * 3).reshape(LANDMARK_COUNT, 3)
    return shares * np.array([w, h, w], np.float32) + np.array([window.left, window.top, 0], np.float32)


def _is_in(detection: Any, face: Box, window: Window) -> bool:
    area = detection.location_data.relative_bounding_box
    w, h = window.right - window.left, window.bottom - window.top
    x, y = window.left + (area.xmin + area.width / 2) * w, window.top + (area.ymin + area.height / 2) * h
    return bool(face.left <= x <= face.right and face.top <= y <= face.bottom)
