from __future__ import annotations

import numpy as np
import pytest

from app.crop import CropTransform
from app.matting import person_mask, with_fringe
from models.types import FloatArray, ImageArray
from tests.helpers.portraits import face_landmarks

SIZE = (480, 640)
CENTRE = (320.0, 240.0)


class PaintedSegmenter:
    """Reads the mask off the picture: what is bright is person. So it sees the same person in every look."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def segment(self, image: ImageArray) -> FloatArray:
        self.sizes.append(image.shape[:2])
        return (image[..., 0] / 255.0).astype(np.float32)

    def close(self) -> None:
        self.sizes.clear()


def disc(centre: tuple[float, float], radius: float) -> np.ndarray:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]] + 0.5
    return np.hypot(x - centre[0], y - centre[1]) < radius


def mask_of(people: np.ndarray) -> FloatArray:
    picture = np.repeat((people * 255).astype(np.uint8)[..., None], 3, 2)
    landmarks = face_landmarks(CENTRE, 100)
    return person_mask(PaintedSegmenter(), picture, CropTransform.around_face(landmarks, 512), landmarks)


def test_the_mask_lies_on_the_person_and_is_soft_only_at_the_outline() -> None:
    person = disc(CENTRE, 130)
    mask = mask_of(person)
    assert mask.shape == SIZE
    assert mask.dtype == np.float32
    assert mask.min() >= 0.0
    assert mask.max() <= 1.0
    assert (mask[disc(CENTRE, 122)] == 1.0).all()
    assert (mask[~disc(CENTRE, 140)] < 0.02).all()
    assert ((mask > 0.5) ^ person).mean() < 0.002


def test_other_people_and_stray_patches_are_left_out() -> None:
    mask = mask_of(disc(CENTRE, 130) | disc((580, 100), 50))
    assert mask[100, 580] == 0.0
    assert mask[240, 320] == 1.0


def test_a_small_hole_is_closed_and_a_large_one_is_background() -> None:
    small = mask_of(disc(CENTRE, 180) & ~disc((320, 110), 8))
    assert small[110, 320] == 1.0
    large = mask_of(disc(CENTRE, 180) & ~disc((320, 110), 40))
    assert large[110, 320] < 0.05


def test_a_face_the_network_missed_is_still_foreground() -> None:
    mask = mask_of(np.zeros(SIZE, bool))
    assert mask[240, 320] == 1.0
    assert mask[20, 20] == 0.0


def test_the_network_looks_at_the_whole_picture_and_at_the_head() -> None:
    segmenter = PaintedSegmenter()
    landmarks = face_landmarks(CENTRE, 100)
    crop = CropTransform.around_face(landmarks, 512)
    person_mask(segmenter, np.zeros((*SIZE, 3), np.uint8), crop, landmarks)
    assert sorted(segmenter.sizes) == [(256, 256), SIZE]


@pytest.mark.parametrize("centre", [(-400.0, 240.0), (320.0, 470.0)])
def test_a_face_at_or_beyond_the_edge_is_no_special_case(centre: tuple[float, float]) -> None:
    landmarks = face_landmarks(centre, 100)
    picture = np.zeros((*SIZE, 3), np.uint8)
    mask = person_mask(PaintedSegmenter(), picture, CropTransform.around_face(landmarks, 512), landmarks)
    assert np.isfinite(mask).all()


def fringe_of(room: np.ndarray, missed_px: int) -> tuple[FloatArray, np.ndarray]:
    """What is added to a mask that is too narrow by `missed_px`, and where the person really is."""
    person = disc(CENTRE, 130)
    picture = np.where(person[..., None], np.array((40, 30, 20), np.uint8), room).astype(np.uint8)
    narrow = disc(CENTRE, 130 - missed_px).astype(np.float32)
    return with_fringe(narrow, picture, room), person


def test_hair_that_the_mask_missed_before_a_plain_wall_is_added() -> None:
    mask, person = fringe_of(np.full((*SIZE, 3), 190, np.uint8), 3)
    assert mask[person].min() > 0.8
    assert (mask[~person] == 0.0).all()


def test_a_pixel_half_hair_half_wall_is_half_opaque() -> None:
    picture = np.full((*SIZE, 3), 190, np.uint8)
    person = disc(CENTRE, 130)
    picture[person] = 40
    picture[disc(CENTRE, 133) & ~person] = 115
    mask = with_fringe(person.astype(np.float32), picture, np.full((*SIZE, 3), 190, np.uint8))
    assert mask[240, 320 + 131] == pytest.approx(0.5, abs=0.05)


def test_before_a_busy_room_nothing_is_guessed() -> None:
    room = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), np.uint8)
    mask, _ = fringe_of(room, 4)
    assert (mask == disc(CENTRE, 126)).all()
