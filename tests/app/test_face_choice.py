from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.face_choice import choose_face
from app.packets import FaceObservation
from tests.helpers.portraits import ScriptedFaces, face_landmarks

PICTURE = np.zeros((480, 640, 3), np.uint8)


def test_no_face_is_none() -> None:
    assert choose_face(ScriptedFaces(), PICTURE) is None


def test_the_larger_face_is_meant() -> None:
    small, large = face_landmarks((320, 240), 80), face_landmarks((150, 200), 160)
    chosen = choose_face(ScriptedFaces(small, large), PICTURE)
    assert chosen is not None
    assert chosen.landmarks_px is large
    assert chosen.faces == 2


def test_of_two_about_equal_faces_the_central_one_is_meant() -> None:
    central, aside = face_landmarks((330, 250), 100), face_landmarks((60, 60), 108)
    chosen = choose_face(ScriptedFaces(aside, central), PICTURE)
    assert chosen is not None
    assert chosen.landmarks_px is central


def test_what_is_hardly_a_face_is_none() -> None:
    class Unsure(ScriptedFaces):
        def track(self, image: np.ndarray, t_capture_ns: int) -> list[FaceObservation]:
            return [replace(face, presence=0.41) for face in super().track(image, t_capture_ns)]

    assert choose_face(Unsure(face_landmarks((320, 240), 80)), PICTURE) is None
