from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.render.layout import HAIR, TALLEST_HEAD, Box, Placement, face_box, head_box, place
from app.settings import FitMode
from tests.helpers.portraits import made_up_portrait

CANVAS = (720, 1280)


def box_around(x: float, y: float, height: float) -> Box:
    return Box(x - 0.37 * height, y - height / 2, x + 0.37 * height, y + height / 2)


def on_canvas(placement: Placement, box: Box) -> Box:
    return Box(
        placement.scale * box.left + placement.left,
        placement.scale * box.top + placement.top,
        placement.scale * box.right + placement.left,
        placement.scale * box.bottom + placement.top,
    )


def test_the_face_box_is_where_the_landmarks_are() -> None:
    box = face_box(made_up_portrait((600, 800), side=180))
    assert (box.left + box.right) / 2 == pytest.approx(400, abs=0.5)
    assert (box.top, box.bottom) == (pytest.approx(210, abs=0.5), pytest.approx(390, abs=0.5))


@pytest.mark.parametrize("size", [(600, 800), (1920, 1080), (300, 1900)])
def test_fit_shows_the_whole_picture_as_large_as_goes(size: tuple[int, int]) -> None:
    h, w = size
    placement = place(size, box_around(w / 2, h / 2, h / 4), CANVAS, FitMode.FIT, stand=False)
    shown = on_canvas(placement, Box(0, 0, w, h))
    assert shown.left >= -1e-6
    assert shown.top >= -1e-6
    assert shown.right <= CANVAS[1] + 1e-6
    assert shown.bottom <= CANVAS[0] + 1e-6
    assert min(shown.left, shown.top) == pytest.approx(0)
    assert shown.left + shown.right == pytest.approx(CANVAS[1])
    assert shown.top + shown.bottom == pytest.approx(CANVAS[0])


def test_a_cut_out_person_stands_on_the_bottom() -> None:
    placement = place((300, 1900), box_around(950, 150, 90), CANVAS, FitMode.FIT, stand=True)
    assert placement.top + placement.scale * 300 == pytest.approx(CANVAS[0])


@given(
    st.integers(200, 1920),
    st.integers(200, 1920),
    st.floats(0.05, 0.9),
    st.floats(0.1, 0.9),
    st.floats(0.1, 0.9),
    st.sampled_from([(720, 1280), (1080, 1920), (640, 640), (1280, 720)]),
)
def test_filling_never_cuts_a_face_that_the_picture_shows(
    h: int, w: int, share: float, x: float, y: float, canvas: tuple[int, int]
) -> None:
    height = share * min(h, w)
    centre_x = min(max(x * w, 0.4 * height), w - 0.4 * height)
    centre_y = min(max(y * h, 0.5 * height), h - 0.5 * height)
    face = box_around(centre_x, centre_y, height)
    placement = place((h, w), face, canvas, FitMode.FILL, stand=False)
    shown = on_canvas(placement, face)
    assert shown.left >= -0.5
    assert shown.top >= -0.5
    assert shown.right <= canvas[1] + 0.5
    assert shown.bottom <= canvas[0] + 0.5


@given(st.integers(200, 1920), st.integers(200, 1920), st.floats(0.05, 0.9))
def test_filling_leaves_bars_only_for_a_head_that_would_be_too_tall(h: int, w: int, share: float) -> None:
    face = box_around(w / 2, h / 2, share * min(h, w))
    placement = place((h, w), face, CANVAS, FitMode.FILL, stand=False)
    shown = on_canvas(placement, Box(0, 0, w, h))
    covers = (
        shown.left <= 0.5 and shown.top <= 0.5 and shown.right >= CANVAS[1] - 0.5 and shown.bottom >= CANVAS[0] - 0.5
    )
    cover_scale = max(CANVAS[0] / h, CANVAS[1] / w)
    head = head_box(face)
    too_large = (
        cover_scale * head.height > TALLEST_HEAD * CANVAS[0] or cover_scale * head.width > TALLEST_HEAD * CANVAS[1]
    )
    assert covers or too_large


def test_a_small_person_in_a_large_room_is_brought_closer() -> None:
    face = box_around(500, 300, 90)
    placement = place((1080, 1920), face, CANVAS, FitMode.FILL, stand=False)
    assert placement.scale == pytest.approx(1.5)
    shown = on_canvas(placement, face)
    assert (shown.left + shown.right) / 2 == pytest.approx(CANVAS[1] / 2, abs=1)


def test_the_head_has_room_for_hair() -> None:
    head = head_box(box_around(100, 100, 100))
    assert head.top == pytest.approx(50 - HAIR * 100)
    assert head.bottom == pytest.approx(150)
