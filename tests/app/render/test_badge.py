"""The label in the corner: in every picture that is sent when it is wanted, in none otherwise, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from app.portrait import LoadedPortrait
from app.render.badge import GROUND, Badge
from app.render.compositor import Compositor
from app.settings import Background, BackgroundMode, OutputSettings
from models.types import AnimatedFrame
from tests.helpers.portraits import made_up_portrait

SIZES = [(720, 1280), (160, 160), (2160, 3840), (1280, 720)]


def unmoved(portrait: LoadedPortrait) -> AnimatedFrame:
    assert portrait.view.foreground is not None
    return AnimatedFrame(torch.from_numpy(portrait.view.image.copy()), torch.from_numpy(portrait.view.foreground))


@pytest.mark.parametrize("mode", [BackgroundMode.KEEP, BackgroundMode.COLOUR])
def test_the_sent_picture_has_it_in_its_corner_and_is_the_same_everywhere_else(mode: BackgroundMode) -> None:
    portrait = made_up_portrait()
    plain = OutputSettings(background=Background(mode))
    without = Compositor(portrait, plain).compose(unmoved(portrait))
    badged = Compositor(portrait, replace(plain, badge=True)).compose(unmoved(portrait))

    changed = (without != badged).any(-1)
    rows, columns = Badge((720, 1280)).place
    assert changed[rows, columns].mean() > 0.9
    changed[rows, columns] = False
    assert not changed.any()
    assert rows.stop < 720 / 8
    assert columns.stop < 1280 / 4
    assert not badged.flags.writeable


def test_it_is_off_unless_wanted() -> None:
    assert not OutputSettings().badge


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_it_can_be_read_on_any_picture_of_any_size(size: tuple[int, int], shade: int) -> None:
    picture = np.full((*size, 3), shade, np.uint8)
    badge = Badge(size)
    badge.put_on(picture)

    patch = picture[badge.place].reshape(-1, 3)
    lightest, commonest = patch[patch.sum(1).argmax()], np.median(patch, axis=0)
    assert contrast(lightest, commonest) > 4.5
    assert np.abs(commonest - GROUND).max() < 70


def contrast(first: np.ndarray, second: np.ndarray) -> float:
    """As WCAG measures it."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: np.ndarray) -> float:
    share = np.asarray(colour, float) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_a_transparent_background_does_not_hide_it() -> None:
    portrait = made_up_portrait()
    settings = OutputSettings(background=Background(BackgroundMode.TRANSPARENT), badge=True)
    compositor = Compositor(portrait, settings)
    compositor.compose(unmoved(portrait))

    cutout = compositor.cut_out()
    assert cutout is not None
    rows, columns = Badge((720, 1280)).place
    middle = cutout.alpha[(rows.start + rows.stop) // 2, columns.start + 3 : columns.stop - 3]
    assert middle.min() > 180
    assert cutout.alpha[rows.stop + 2, columns.start] < 10
