"""A transparent background: the same picture as before one colour, and beside it how opaque each pixel is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from app.render.compositor import Compositor
from app.settings import Background, BackgroundMode, OutputSettings
from models.types import AnimatedFrame
from tests.app.render.test_compositor import GREEN, moved, unmoved
from tests.helpers.portraits import made_up_portrait

BEFORE_GREEN = OutputSettings(background=Background(BackgroundMode.COLOUR, GREEN))
TRANSPARENT = OutputSettings(background=Background(BackgroundMode.TRANSPARENT, GREEN))


@pytest.mark.parametrize("shift_px", [0, 30])
def test_outputs_without_transparency_get_the_person_before_the_colour(shift_px: int) -> None:
    portrait = made_up_portrait()
    frame = moved(portrait, shift_px)
    plain, transparent = Compositor(portrait, BEFORE_GREEN), Compositor(portrait, TRANSPARENT)
    assert (plain.compose(frame) == transparent.compose(frame)).all()
    assert plain.cut_out() is None


def test_what_is_nothing_is_the_colour_behind_and_what_is_the_person_is_opaque() -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, TRANSPARENT)
    image = compositor.compose(unmoved(portrait))
    cutout = compositor.cut_out()
    assert cutout is not None
    assert (cutout.alpha.shape, cutout.alpha.dtype, cutout.behind) == ((720, 1280), np.uint8, GREEN)
    assert not cutout.alpha.flags.writeable
    nothing, person = cutout.alpha == 0, cutout.alpha == 255
    assert nothing.mean() > 0.2
    assert person.mean() > 0.05
    assert np.abs(image[nothing].astype(int) - GREEN).max() <= 1


def test_the_alpha_moves_with_the_person() -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, TRANSPARENT)
    compositor.compose(moved(portrait, 0))
    first = compositor.cut_out()
    compositor.compose(moved(portrait, 40))
    second = compositor.cut_out()
    assert first is not None
    assert second is not None
    changed = np.abs(first.alpha.astype(int) - second.alpha) > 100
    assert changed.mean() > 0.002
    assert first.alpha is not second.alpha, "sinks may still read the last one"


def test_the_picture_over_any_other_colour_is_what_the_compositor_would_have_made_of_it() -> None:
    """The colour behind can be taken out again: image - (1 - alpha) * behind is the person alone."""
    portrait = made_up_portrait()
    frame = moved(portrait, 25)
    compositor = Compositor(portrait, TRANSPARENT)
    image = compositor.compose(frame).astype(np.float32)
    cutout = compositor.cut_out()
    assert cutout is not None
    clear = 1.0 - cutout.alpha[..., None] / 255.0
    other = (20, 40, 200)
    over_other = image - clear * np.array(GREEN) + clear * np.array(other)
    wanted = Compositor(portrait, replace(BEFORE_GREEN, background=Background(BackgroundMode.COLOUR, other)))
    assert np.quantile(np.abs(over_other - wanted.compose(frame)), 0.999) <= 3


def test_a_frame_without_a_matte_has_the_unmoved_one() -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, TRANSPARENT)
    compositor.compose(AnimatedFrame(torch.from_numpy(portrait.view.image.copy())))
    assert compositor.cut_out() is not None
