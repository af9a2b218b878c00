"""Made-up portraits and trackers for tests that need no real face."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.crop import CropTransform
from app.framing import framed_view, paste_mask
from app.packets import FaceObservation
from app.portrait import CROP_PX, LoadedPortrait
from models.types import FloatArray, ImageArray


def face_landmarks(centre: tuple[float, float], side: float) -> FloatArray:
    """(478, 3) on an oval of that height and 0.75 of that width, flat, with the named points where a face has them."""
    turn = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    oval = np.stack([0.375 * np.sin(turn), 0.5 * np.cos(turn), np.zeros(478)], 1)
    oval[0], oval[1], oval[2], oval[3] = (0, 0.5, 0), (0, -0.5, 0), (0.375, 0, 0), (-0.375, 0, 0)
    named = {
        33: (-0.25, -0.15),
        133: (-0.1, -0.15),
        159: (-0.175, -0.18),
        145: (-0.175, -0.12),
        263: (0.25, -0.15),
        362: (0.1, -0.15),
        386: (0.175, -0.18),
        374: (0.175, -0.12),
        13: (0.0, 0.2),
        14: (0.0, 0.205),
        78: (-0.12, 0.2),
        308: (0.12, 0.2),
    }
    for index, point in named.items():
        oval[index, :2] = point
    return (oval * side + [*centre, 0.0]).astype(np.float32)


class ScriptedFaces:
    """A tracker that finds the same landmarks in every picture, and counts the pictures."""

    def __init__(self, *faces: FloatArray) -> None:
        self.faces = faces
        self.pictures: list[ImageArray] = []

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        self.pictures.append(image)
        return [FaceObservation(face, (image.shape[0], image.shape[1])) for face in self.faces]

    def close(self) -> None:
        self.faces = ()


class EllipseSegmenter:
    """A segmenter that sees one upright ellipse of a person in the middle of whatever it is given."""

    def __init__(self) -> None:
        self.closed = False

    def segment(self, image: ImageArray) -> FloatArray:
        h, w = image.shape[:2]
        x, y = np.meshgrid((np.arange(w) + 0.5) / w - 0.5, (np.arange(h) + 0.5) / h - 0.5)
        return np.clip(6.0 * (1.0 - np.hypot(x / 0.25, y / 0.4)) + 0.5, 0, 1).astype(np.float32)

    def close(self) -> None:
        self.closed = True


def textured(size: tuple[int, int], seed: int = 0) -> ImageArray:
    """(h, w, 3) of soft colour blobs: enough structure to see a shift, no hard edges."""
    rng = np.random.default_rng(seed)
    h, w = size
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    layers = []
    for _ in range(3):
        (a, b), phase = rng.uniform(0.01, 0.05, 2), rng.uniform(0, 6)
        layers.append(128 + 60 * np.sin(a * x + phase) * np.cos(b * y))
    return np.stack(layers, -1).astype(np.uint8)


def made_up_portrait(size: tuple[int, int] = (600, 800), *, side: float = 180.0, alpha: bool = False) -> LoadedPortrait:
    """A red person (ellipse around the face) before a blue room, with a hard matte."""
    h, w = size
    centre = (w / 2.0, h / 2.0)
    landmarks = face_landmarks(centre, side)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) + 0.5
    person = (np.hypot((x - centre[0]) / 0.6, (y - centre[1]) / 0.85) < side).astype(np.float32)
    background = np.full((h, w, 3), (20, 40, 200), np.uint8)
    picture = np.where(person[..., None] > 0, np.array((210, 30, 30), np.uint8), background).astype(np.uint8)
    crop = CropTransform.around_face(landmarks, CROP_PX)
    return LoadedPortrait(
        path=Path("made-up.png"),
        name="made up",
        picture=picture,
        alpha=(person * 255).astype(np.uint8) if alpha else None,
        foreground=person,
        background=background,
        crop=crop,
        view=framed_view(picture, person, background, crop, landmarks),
        paste_mask=paste_mask(crop, size),
    )
