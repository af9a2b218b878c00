from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crop import CropTransform, opencv_matrix
from models.coords import pixels_from_unit
from tests.helpers.portraits import face_landmarks

crops = st.builds(
    CropTransform,
    centre_px=st.tuples(st.floats(-500, 2500), st.floats(-500, 2500)),
    side_px=st.floats(20, 3000),
    angle=st.floats(-np.pi, np.pi),
    out_px=st.sampled_from([64, 256, 512]),
)
points = st.lists(st.tuples(*[st.floats(-3000, 3000)] * 3), min_size=1, max_size=8).map(np.array)


@given(crops, points)
def test_picture_to_crop_and_back_is_where_it_began(crop: CropTransform, points_px: np.ndarray) -> None:
    assert crop.to_picture(crop.to_crop(points_px)) == pytest.approx(points_px, abs=1e-6)
    assert crop.to_crop(crop.to_picture(points_px[:, :2])) == pytest.approx(points_px[:, :2], abs=1e-6)


@given(crops, points)
def test_unit_coordinates_are_the_crops_pixels_halved_around_its_middle(
    crop: CropTransform, points_px: np.ndarray
) -> None:
    back = pixels_from_unit(crop.to_unit(points_px), (crop.out_px, crop.out_px))
    largest = np.abs(crop.to_crop(points_px)).max()
    assert back == pytest.approx(crop.to_crop(points_px), abs=1e-5 * max(1.0, float(largest)) + 1e-3)


@given(crops)
def test_the_corners_of_the_square_are_the_corners_of_the_crop(crop: CropTransform) -> None:
    half = crop.side_px / 2
    c, s = np.cos(crop.angle), np.sin(crop.angle)
    corner = np.array(crop.centre_px) + np.array([[c, -s], [s, c]]) @ [-half, -half]
    assert crop.to_crop(corner[None])[0] == pytest.approx((0, 0), abs=1e-6)


def test_a_positive_angle_turns_the_square_clockwise_on_the_screen() -> None:
    crop = CropTransform((100, 100), 50, np.pi / 2, 50)
    right_edge = crop.to_picture(np.array([[50.0, 25.0]]))[0]
    assert right_edge == pytest.approx((100, 125))


def test_depth_is_scaled_as_x_is() -> None:
    crop = CropTransform((0, 0), 100, 0.3, 200)
    moved = crop.to_crop(np.array([[0.0, 0.0, 7.0]]))
    assert moved[0, 2] == pytest.approx(14.0)


@pytest.mark.parametrize(("side", "out"), [(0.0, 64), (-1.0, 64), (10.0, 0), (float("nan"), 64)])
def test_a_crop_without_size_is_refused(side: float, out: int) -> None:
    with pytest.raises(ValueError, match="a crop needs a positive size"):
        CropTransform((0, 0), side, 0.0, out)


@given(st.floats(50, 1500), st.floats(50, 1500), st.floats(20, 900))
def test_faces_of_every_size_are_framed_alike(x: float, y: float, side: float) -> None:
    crop = CropTransform.around_face(face_landmarks((x, y), side), 256)
    unit = crop.to_unit(face_landmarks((x, y), side))
    expected = CropTransform.around_face(face_landmarks((0, 0), 100), 256).to_unit(face_landmarks((0, 0), 100))
    assert unit == pytest.approx(expected, abs=2e-3)
    assert abs(unit[:468, 0].mean()) < 0.05
    assert np.ptp(unit[:468, 1]) == pytest.approx(2 / 2.3, abs=1e-3)


def test_the_whole_square_is_the_identity_at_its_own_size() -> None:
    crop = CropTransform.whole((320, 320), 320)
    spots = np.array([[0.0, 0.0], [320.0, 320.0], [3.5, 100.25]])
    assert crop.to_crop(spots) == pytest.approx(spots)


def test_opencv_puts_the_middle_of_a_pixel_where_the_crop_says() -> None:
    picture = np.zeros((40, 40), np.float32)
    picture[10, 20] = 1.0  # its middle is (20.5, 10.5)
    crop = CropTransform((20.5, 10.5), 8.0, 0.0, 32)
    seen = cv2.warpAffine(picture, opencv_matrix(crop.crop_from_picture), (32, 32))
    y, x = np.mgrid[0:32, 0:32] + 0.5
    middle = (float((x * seen).sum() / seen.sum()), float((y * seen).sum() / seen.sum()))
    assert middle == pytest.approx((16.0, 16.0), abs=1e-3)
