from __future__ import annotations

import numpy as np
import pytest

from app.crop import CropTransform
from app.framing import framed_reference, framed_view, paste_mask
from tests.helpers.portraits import face_landmarks, textured

SIZE = (600, 800)


def view_of(crop: CropTransform, foreground: np.ndarray, picture: np.ndarray | None = None):  # type: ignore[no-untyped-def]
    picture = textured(SIZE) if picture is None else picture
    landmarks = face_landmarks(crop.centre_px, crop.side_px / 2.3)
    return framed_view(picture, foreground, textured(SIZE, 5), crop, landmarks)


def test_a_crop_at_the_pictures_own_scale_shows_its_pixels() -> None:
    picture = textured(SIZE)
    view = view_of(CropTransform((400, 300), 256, 0.0, 256), np.ones(SIZE, np.float32), picture)
    assert (view.image == picture[172:428, 272:528]).all()


def test_a_reference_is_framed_like_the_portrait_and_nobody_is_cut_out_of_it() -> None:
    picture, crop = textured(SIZE), CropTransform((400, 300), 256, 0.0, 256)
    portrait = view_of(crop, np.ones(SIZE, np.float32), picture)

    reference = framed_reference(picture, crop, face_landmarks(crop.centre_px, crop.side_px / 2.3))

    assert (reference.image == portrait.image).all()
    assert (reference.landmarks == portrait.landmarks).all()
    assert (reference.foreground, reference.background) == (None, None)


def test_beyond_a_references_edge_nothing_is_black() -> None:
    picture = np.full((*SIZE, 3), 200, np.uint8)
    crop = CropTransform((10, 10), 500, 0.3, 256)

    assert (framed_reference(picture, crop, face_landmarks((10, 10), 200)).image == 200).all()


def test_landmarks_are_in_unit_coordinates_of_the_square() -> None:
    crop = CropTransform((400, 300), 230, 0.0, 256)
    view = view_of(crop, np.ones(SIZE, np.float32))
    assert view.landmarks == pytest.approx(crop.to_unit(face_landmarks((400, 300), 100)), abs=1e-5)


def test_a_head_cut_by_the_top_does_not_come_back_upside_down() -> None:
    foreground = np.zeros(SIZE, np.float32)
    foreground[:, 300:500] = 1.0
    crop = CropTransform((400, 50), 400, 0.0, 256)  # 150 pixels of it lie above the picture
    view = view_of(crop, foreground)
    assert view.foreground is not None
    assert view.foreground[:60].max() < 0.02
    assert view.foreground[100:, 128].min() > 0.99


def test_a_body_cut_by_the_bottom_goes_on() -> None:
    foreground = np.zeros(SIZE, np.float32)
    foreground[200:, 300:500] = 1.0
    view = view_of(CropTransform((400, 550), 400, 0.0, 256), foreground)
    assert view.foreground is not None
    assert view.foreground[-1, 128] == pytest.approx(1.0)


def test_beyond_the_picture_nothing_is_black() -> None:
    picture = np.full((*SIZE, 3), 200, np.uint8)
    view = framed_view(
        picture,
        np.zeros(SIZE, np.float32),
        picture,
        CropTransform((10, 10), 500, 0.3, 256),
        face_landmarks((10, 10), 200),
    )
    assert (view.image == 200).all()
    assert view.background is not None
    assert (view.background == 200).all()


def test_the_paste_mask_is_soft_full_in_the_middle_and_zero_at_the_border() -> None:
    mask = paste_mask(CropTransform((400, 300), 256, 0.0, 512), SIZE)
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert (border == 0).all()
    assert mask[256, 256] == 1.0
    assert mask[100:380, 60:450].min() == 1.0
    assert max(np.abs(np.diff(mask, axis=0)).max(), np.abs(np.diff(mask, axis=1)).max()) < 0.06


def test_the_paste_mask_gives_way_to_shoulders_earlier_than_to_hair() -> None:
    mask = paste_mask(CropTransform((400, 300), 256, 0.0, 512), SIZE)
    assert mask[-40, 256] < 0.75
    assert mask[40, 256] > 0.95


def test_the_paste_mask_is_zero_outside_the_picture() -> None:
    crop = CropTransform((0, 300), 256, 0.0, 256)
    mask = paste_mask(crop, SIZE)
    assert (mask[:, :128] == 0).all()
    assert mask[128, 140] == 1.0
