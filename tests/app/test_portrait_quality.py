from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.portrait_quality import head_turn_deg, quality_notes
from tests.helpers.portraits import face_landmarks

SIZE = (480, 640)


def sharp_picture(level: int = 128) -> np.ndarray:
    noise = np.random.default_rng(1).normal(level, 25, (*SIZE, 1)).clip(0, 255)
    return np.repeat(noise, 3, 2).astype(np.uint8)


def codes(picture: np.ndarray, landmarks_px: np.ndarray, faces: int = 1) -> list[str]:
    return [note.code for note in quality_notes(picture, landmarks_px, faces)]


def test_a_good_picture_gets_no_note() -> None:
    assert codes(sharp_picture(), face_landmarks((320, 240), 200)) == []


def test_a_small_face_is_noted_with_its_size() -> None:
    (note,) = quality_notes(sharp_picture(), face_landmarks((320, 240), 80), 1)
    assert note.code == "small"
    assert note.sentence == ("The face is only 80 pixels high, so it will look soft. Use a closer or larger picture.")
    assert codes(sharp_picture(), face_landmarks((320, 240), 97)) == []


@pytest.mark.parametrize("centre", [(60, 240), (600, 240), (320, 80), (320, 420)])
def test_a_face_cut_by_any_edge_is_noted(centre: tuple[float, float]) -> None:
    assert codes(sharp_picture(), face_landmarks(centre, 200)) == ["edge"]


@pytest.mark.parametrize(("level", "code"), [(20, "dark"), (250, "bright")])
def test_bad_light_is_noted(level: int, code: str) -> None:
    assert codes(sharp_picture(level), face_landmarks((320, 240), 200)) == [code]


def test_blur_is_noted() -> None:
    hard = np.where(np.indices(SIZE).sum(0) // 24 % 2, 190, 60).astype(np.uint8)[..., None].repeat(3, 2)
    assert codes(hard, face_landmarks((320, 240), 200)) == []
    assert codes(cv2.GaussianBlur(hard, (0, 0), 6), face_landmarks((320, 240), 200)) == ["blurred"]


@pytest.mark.parametrize("degrees", [-40.0, 30.0])
def test_a_turned_head_is_noted_with_the_angle(degrees: float) -> None:
    landmarks = face_landmarks((320, 240), 200)
    turn = np.radians(degrees)
    landmarks[:, 2] = (landmarks[:, 0] - 320) * np.sin(turn)
    landmarks[:, 0] = 320 + (landmarks[:, 0] - 320) * np.cos(turn)
    assert head_turn_deg(landmarks) == pytest.approx(degrees, abs=0.1)
    (note,) = quality_notes(sharp_picture(), landmarks, 1)
    assert note.code == "turned"
    assert f"turned {abs(degrees):.0f} degrees" in note.sentence


def test_a_slightly_turned_head_is_not_noted() -> None:
    landmarks = face_landmarks((320, 240), 200)
    landmarks[:, 2] = (landmarks[:, 0] - 320) * np.tan(np.radians(20))
    assert codes(sharp_picture(), landmarks) == []


def test_an_open_mouth_is_noted() -> None:
    landmarks = face_landmarks((320, 240), 200)
    landmarks[14, 1] += 25
    assert codes(sharp_picture(), landmarks) == ["mouth-open"]


def test_closed_eyes_are_noted_but_a_wink_is_not() -> None:
    landmarks = face_landmarks((320, 240), 200)
    landmarks[159] = landmarks[145]
    assert codes(sharp_picture(), landmarks) == []
    landmarks[386] = landmarks[374]
    assert codes(sharp_picture(), landmarks) == ["eyes-closed"]


def test_several_faces_are_noted_with_their_number() -> None:
    (note,) = quality_notes(sharp_picture(), face_landmarks((320, 240), 200), 3)
    assert note.code == "several-faces"
    assert note.sentence == (
        "3 faces were found; the largest one near the middle is used. "
        "Crop the picture to one person to choose yourself."
    )


def test_a_face_far_outside_the_picture_does_not_break_the_report() -> None:
    assert "edge" in codes(sharp_picture(), face_landmarks((-500, -500), 200))
