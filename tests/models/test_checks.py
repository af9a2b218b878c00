from __future__ import annotations

import numpy as np
import pytest

from models.checks import require_shape
from models.errors import ShapeError


def test_the_sizes_come_back_by_letter() -> None:
    assert require_shape("picture", np.zeros((4, 6, 3)), "H W 3") == {"H": 4, "W": 6, "3": 3}


@pytest.mark.parametrize(
    ("shape", "spec", "fixed", "sentence"),
    [
        ((4, 6), "H W 3", {}, "picture must have axes (H W 3), got 2 axes: 4 x 6"),
        ((4, 6, 4), "H W 3", {}, "picture must have axes (H W 3), got 4 x 6 x 4"),
        ((256, 255, 3), "256 256 3", {}, "picture must have axes (256 256 3), got 256 x 255 x 3"),
        ((4, 6, 3), "H W 3", {"W": 7}, "picture must have axes (H W 3) with W=7, got 4 x 6 x 3"),
    ],
)
def test_another_shape_is_refused_with_what_was_wanted_and_what_came(
    shape: tuple[int, ...], spec: str, fixed: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ShapeError) as refused:
        require_shape("picture", np.zeros(shape), spec, **fixed)

    assert str(refused.value) == sentence
