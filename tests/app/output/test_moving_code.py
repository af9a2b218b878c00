from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.output.moving_code import NUMBERS, SERIES, Code, draw_code, read_code
from app.output.pixel_formats import converter_to

SIZE = (144, 256)
series_of, numbers = st.integers(0, SERIES - 1), st.integers(0, NUMBERS - 1)


@settings(max_examples=60, deadline=None)
@given(series_of, numbers, st.integers(72, 400), st.integers(96, 700), st.booleans())
@example(101, 101, 72, 96, True)  # its mirror image passes the checksum too
def test_a_number_is_read_back_at_any_size_and_mirrored(
    series: int, number: int, height: int, width: int, mirrored: bool
) -> None:
    image = cv2.resize(draw_code(series, number, SIZE), (width, height), interpolation=cv2.INTER_AREA)
    image = np.ascontiguousarray(image[:, ::-1]) if mirrored else image
    assert read_code(image) == Code(series, number, mirrored)


@settings(max_examples=30, deadline=None)
@given(series_of, numbers, st.integers(0, 60), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_bars_noise_and_a_narrow_range_do_no_harm(series: int, number: int, top: int, left: int, seed: int) -> None:
    image = draw_code(series, number, SIZE).astype(np.float32) * 0.6 + 20
    image += np.random.default_rng(seed).normal(0, 8, image.shape)
    barred = cv2.copyMakeBorder(image, top, top, left, left, cv2.BORDER_CONSTANT, value=(12, 12, 12))
    assert read_code(np.clip(barred, 0, 255).astype(np.uint8)) == Code(series, number)


@pytest.mark.parametrize("pixel_format", ["I420", "NV12", "UYVY"])
def test_it_survives_what_cameras_do_to_colours(pixel_format: str) -> None:
    h, w = SIZE
    sent = converter_to(pixel_format)(draw_code(1234, 567, SIZE))
    if pixel_format == "UYVY":
        seen = cv2.cvtColor(sent.reshape(h, w, 2), cv2.COLOR_YUV2RGB_UYVY)
    else:
        how = cv2.COLOR_YUV2RGB_I420 if pixel_format == "I420" else cv2.COLOR_YUV2RGB_NV12
        seen = cv2.cvtColor(sent.reshape(h * 3 // 2, w), how)
    done, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert done
    assert read_code(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR))) == Code(1234, 567)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["noise", "cells", "plain", "photo"]))
def test_other_pictures_hold_no_number(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    if kind == "plain":
        image = np.full((*SIZE, 3), rng.integers(0, 256), np.uint8)
    else:
        cells = rng.integers(0, 256, {"noise": SIZE, "cells": (5, 9), "photo": (12, 20)}[kind], np.uint8)
        how = cv2.INTER_NEAREST if kind == "cells" else cv2.INTER_CUBIC
        image = np.repeat(cv2.resize(cells, SIZE[::-1], interpolation=how)[..., None], 3, 2)
    assert read_code(image) is None


def test_a_broken_number_is_not_read_as_another() -> None:
    whole, wrong = draw_code(77, 88, SIZE), 0
    height, width = SIZE[0] // 6, SIZE[1] // 12
    for row in range(1, 5):
        for column in range(1, 11):
            broken = whole.copy()
            cell = broken[row * height + 4 : (row + 1) * height - 2, column * width + 4 : (column + 1) * width - 2]
            cell[:] = 255 - cell
            wrong += read_code(broken) is not None
    assert wrong == 0


def test_the_picture_is_never_plain() -> None:
    for series, number in ((0, 0), (SERIES - 1, NUMBERS - 1)):
        assert draw_code(series, number, SIZE).std() > 40
    with pytest.raises(ValueError, match="out of range"):
        draw_code(SERIES, 0, SIZE)
