"""Every layout that is sent decodes to the picture it was made of; sizes are brought to the sink's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.output.fitting import fitted
from app.output.pixel_formats import converter_to, wanted_formats
from tests.helpers.frames import plain, quarters

COLOURS = [(220, 30, 30), (30, 220, 30), (30, 30, 220), (240, 240, 240)]
SIZE = (16, 24)
DECODE = {
    "I420": lambda flat: cv2.cvtColor(flat.reshape(24, 24), cv2.COLOR_YUV2RGB_I420),
    "NV12": lambda flat: cv2.cvtColor(flat.reshape(24, 24), cv2.COLOR_YUV2RGB_NV12),
    "UYVY": lambda flat: cv2.cvtColor(flat.reshape(16, 24, 2), cv2.COLOR_YUV2RGB_UYVY),
    "RGB": lambda flat: flat.reshape(16, 24, 3),
}


@pytest.mark.parametrize("name", DECODE)
def test_a_converted_picture_decodes_to_itself(name: str) -> None:
    image = quarters(COLOURS, SIZE)
    decoded = DECODE[name](converter_to(name)(image))
    assert np.abs(decoded.astype(int) - image).max() <= 3


@pytest.mark.parametrize(("system", "first"), [("Linux", "I420"), ("Windows", "NV12"), ("Darwin", "UYVY")])
def test_each_system_is_offered_its_native_format_and_then_rgb(system: str, first: str) -> None:
    assert wanted_formats(system) == (first, "RGB")
    assert wanted_formats("Plan9") == ("RGB",)


def test_a_converted_picture_shares_nothing_with_the_slot_it_was_read_from() -> None:
    image = plain((9, 9, 9), SIZE)
    for name in DECODE:
        assert not np.shares_memory(converter_to(name)(image), image)


def test_a_picture_of_the_right_size_is_passed_on_untouched() -> None:
    image = quarters(COLOURS, SIZE)
    assert fitted(image, SIZE) is image


def test_a_picture_of_another_shape_is_shown_whole_between_black_bars() -> None:
    wide = fitted(plain((200, 100, 50), (10, 40)), (40, 40))
    assert wide[20, 20].tolist() == [200, 100, 50]
    assert wide[5, 20].tolist() == wide[35, 20].tolist() == [0, 0, 0]
    assert (wide.max(axis=(1, 2)) > 0).sum() == 10
