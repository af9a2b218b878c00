from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tracking.regions import Box, Window
from app.tracking.small_faces import _tiles  # the rule about tiles is worth a test of its own

sides = st.integers(40, 3000)


def test_overlap_is_one_for_the_same_box_and_zero_for_boxes_apart() -> None:
    box = Box(10, 10, 30, 50)
    assert box.overlap(box) == pytest.approx(1)
    assert box.overlap(Box(30, 10, 50, 50)) == 0
    assert box.overlap(Box(20, 10, 40, 50)) == pytest.approx(1 / 3)
    assert Box(0, 0, 0, 0).overlap(Box(0, 0, 0, 0)) == 0


@given(h=sides, w=sides, x=st.floats(-100, 3100), y=st.floats(-100, 3100), side=st.floats(1, 2000))
def test_a_window_always_lies_in_its_picture(h: int, w: int, x: float, y: float, side: float) -> None:
    window = Window.around(Box(x, y, x + side, y + side), 2.2, (h, w))
    assert 0 <= window.left < window.right <= w
    assert 0 <= window.top < window.bottom <= h
    assert window.fits((h, w))


def test_a_window_away_from_the_border_is_centred_on_its_face() -> None:
    assert Window.around(Box(400, 300, 500, 400), 2.0, (1000, 1000)) == Window(350, 250, 550, 450)


def test_cutting_the_whole_picture_copies_nothing() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert np.shares_memory(Window.whole(image).cut(image), image)


@given(h=sides, w=sides, share=st.sampled_from([0.5, 0.25]), x=st.floats(0, 1), y=st.floats(0, 1))
def test_every_face_up_to_half_a_tile_lies_whole_in_some_tile(h: int, w: int, share: float, x: float, y: float) -> None:
    side = max(2, round(share * min(h, w)))
    face = side // 2 - 1
    left, top = x * (w - face), y * (h - face)
    tiles = list(_tiles((h, w), share))
    assert all(0 <= t.left and t.right <= w and 0 <= t.top and t.bottom <= h for t in tiles)
    assert any(t.left <= left and left + face <= t.right and t.top <= top and top + face <= t.bottom for t in tiles)
