from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import app.render.cards as cards
from app.render.cards import draw_away_card
from tests.helpers.portraits import textured


@pytest.mark.parametrize("size", [(720, 1280), (160, 160), (1280, 720), (160, 3840)])
@pytest.mark.parametrize("portrait", [None, (300, 200), (64, 900)])
def test_a_card_has_the_size_asked_for(size: tuple[int, int], portrait: tuple[int, int] | None) -> None:
    card = draw_away_card(size, None if portrait is None else textured(portrait))
    assert card.shape == (*size, 3)
    assert card.dtype == np.uint8
    assert not card.flags.writeable


def test_the_card_is_dark_with_bright_words_in_the_middle() -> None:
    card = draw_away_card((720, 1280))
    assert card.mean() < 45
    bright = np.argwhere(card.min(-1) > 200)
    assert len(bright) > 500
    middle_y, middle_x = bright.mean(0)
    assert abs(middle_x - 640) < 12
    assert abs(middle_y - 340) < 40
    assert bright[:, 1].min() > 300
    assert bright[:, 1].max() < 980


def test_the_words_fit_a_narrow_card() -> None:
    card = draw_away_card((480, 160))
    lit = np.argwhere(card.min(-1) > 110)
    assert lit[:, 1].min() >= 4
    assert lit[:, 1].max() <= 155


def test_the_portrait_shines_through_only_faintly_and_without_detail() -> None:
    stripes = np.zeros((720, 1280, 3), np.uint8)
    stripes[:, ::8] = 255
    striped = draw_away_card((720, 1280), stripes).astype(int)
    assert np.ptp(striped[60:90, 600:700].mean((0, 2))) < 2
    white = draw_away_card((720, 1280), np.full((720, 1280, 3), 255, np.uint8))
    plain = draw_away_card((720, 1280))
    lighter = white[:200].astype(int).mean() - plain[:200].mean()
    assert 15 < lighter < 90


def test_the_card_needs_neither_opencv_nor_torch() -> None:
    program = (
        "import sys; from app.render.cards import draw_away_card; draw_away_card((160, 160));"
        "print(sorted({'cv2', 'torch', 'mediapipe', 'PySide6'} & set(sys.modules)))"
    )
    root = Path(cards.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
