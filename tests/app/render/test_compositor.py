from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from app.errors import UsageProblem
from app.portrait import LoadedPortrait
from app.render.compositor import Compositor, PasteBack, Region, _merged, _solid, paste_back
from app.settings import Background, BackgroundMode, FitMode, OutputSettings
from models.types import AnimatedFrame
from tests.helpers.portraits import made_up_portrait, textured

GREEN = (0, 177, 64)
RED, BLUE = (210, 30, 30), (20, 40, 200)
MODES = ("keep", "blur", "colour", "picture")


def settings(mode: str, tmp_path: Path, fit: FitMode = FitMode.FILL) -> OutputSettings:
    other = tmp_path / "beach.png"
    Image.new("RGB", (300, 200), (240, 220, 90)).save(other)
    return OutputSettings(fit=fit, background=Background(BackgroundMode(mode), GREEN, other))


def unmoved(portrait: LoadedPortrait) -> AnimatedFrame:
    assert portrait.view.foreground is not None
    return AnimatedFrame(torch.from_numpy(portrait.view.image.copy()), torch.from_numpy(portrait.view.foreground))


def moved(portrait: LoadedPortrait, shift_px: int) -> AnimatedFrame:
    """The person shifted to the right before the background that stays."""
    view = portrait.view
    assert view.foreground is not None
    assert view.background is not None
    matte = np.roll(view.foreground, shift_px, 1)
    image = view.background + matte[..., None] * (np.array(RED, np.float32) - view.background)
    return AnimatedFrame(torch.from_numpy(image.round().astype(np.uint8)), torch.from_numpy(matte))


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first.astype(int) - second.astype(int)).max(-1)


@pytest.mark.parametrize("fit", list(FitMode))
@pytest.mark.parametrize("mode", MODES)
def test_an_unmoved_frame_is_the_still_picture_without_a_seam(tmp_path: Path, mode: str, fit: FitMode) -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, settings(mode, tmp_path, fit))
    out = compositor.compose(unmoved(portrait))
    assert out.shape == (720, 1280, 3)
    assert out.dtype == np.uint8
    wrong = difference(out, compositor.still)
    assert np.quantile(wrong, 0.985) <= 3  # the hard outline of the person is drawn at two resolutions


@pytest.mark.parametrize("mode", MODES)
def test_frames_are_new_and_read_only(tmp_path: Path, mode: str) -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, settings(mode, tmp_path))
    first = compositor.compose(unmoved(portrait))
    kept = first.copy()
    second = compositor.compose(moved(portrait, 40))
    assert not np.shares_memory(first, second)
    assert (first == kept).all()
    assert not (second == first).all()
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 0
    with pytest.raises(ValueError, match="read-only"):
        compositor.still[0, 0] = 0


@pytest.mark.parametrize(("mode", "behind"), [("keep", BLUE), ("colour", GREEN), ("picture", (240, 220, 90))])
def test_each_mode_shows_what_it_says_behind_the_person(
    tmp_path: Path, mode: str, behind: tuple[int, int, int]
) -> None:
    portrait = made_up_portrait()
    out = Compositor(portrait, settings(mode, tmp_path)).compose(unmoved(portrait))
    assert np.abs(out[20, 20].astype(int) - behind).max() <= 2
    assert np.abs(out[360, 640].astype(int) - RED).max() <= 3


def test_blur_blurs_the_room_and_not_the_person(tmp_path: Path) -> None:
    room = np.where(np.indices((600, 800)).sum(0)[..., None] // 20 % 2, 250, 10).astype(np.uint8).repeat(3, 2)
    portrait = made_up_portrait()
    portrait = replace(portrait, background=room)
    out = Compositor(portrait, settings("blur", tmp_path)).compose(unmoved(portrait))
    assert np.ptp(out[100:200, 20:120].astype(int)) < 60
    assert np.abs(out[360, 640].astype(int) - RED).max() <= 3


def test_no_colour_of_the_old_background_stays_at_the_edge_of_a_moved_person(tmp_path: Path) -> None:
    portrait = made_up_portrait()
    soft = replace(portrait, view=_with_soft_matte(portrait))
    out = Compositor(soft, settings("colour", tmp_path)).compose(moved(soft, 20))
    blue = out[..., 2].astype(int)
    most = np.maximum(GREEN[2], RED[2])
    assert blue[150:500].max() <= most + 12  # the room was BLUE, with 200


def _with_soft_matte(portrait: LoadedPortrait):  # type: ignore[no-untyped-def]
    from app.resample import blurred

    view = portrait.view
    assert view.foreground is not None
    assert view.background is not None
    matte = blurred(view.foreground, 6.0)
    red = np.full_like(view.image, RED)
    image = view.background + matte[..., None] * (red.astype(np.float32) - view.background)
    return replace(view, image=image.round().astype(np.uint8), foreground=matte)


def test_a_frame_without_a_matte_uses_the_portraits_own(tmp_path: Path) -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, settings("colour", tmp_path))
    with_matte = compositor.compose(unmoved(portrait))
    without = compositor.compose(AnimatedFrame(torch.from_numpy(portrait.view.image.copy())))
    assert (with_matte == without).all()


def test_only_modes_that_need_it_ask_for_the_matte(tmp_path: Path) -> None:
    portrait = made_up_portrait()
    needs = [Compositor(portrait, settings(mode, tmp_path)).needs_foreground for mode in MODES]
    assert needs == [False, True, True, True]
    assert Compositor(made_up_portrait(alpha=True), settings("keep", tmp_path)).needs_foreground


@pytest.mark.parametrize("mode", ["keep", "blur"])
def test_a_cut_out_gets_a_neutral_backdrop(tmp_path: Path, mode: str) -> None:
    portrait = made_up_portrait(alpha=True)
    out = Compositor(portrait, settings(mode, tmp_path)).compose(unmoved(portrait))
    corner = out[:40, :40].reshape(-1, 3).mean(0)
    assert np.ptp(corner) < 12
    assert 60 < corner.mean() < 190


@pytest.mark.parametrize("side", [160, 256, 512])
def test_squares_of_every_size_land_in_the_same_place(tmp_path: Path, side: int) -> None:
    portrait = made_up_portrait()
    compositor = Compositor(portrait, settings("keep", tmp_path))
    small = np.asarray(Image.fromarray(portrait.view.image).resize((side, side), Image.Resampling.BOX))
    out = compositor.compose(AnimatedFrame(torch.from_numpy(small.copy())))
    red = out[..., 0] > 120
    still = compositor.still[..., 0] > 120
    assert (red ^ still).mean() < 0.002


def test_what_is_outside_the_square_is_never_touched(tmp_path: Path) -> None:
    portrait = made_up_portrait(side=80)
    compositor = Compositor(portrait, settings("keep", tmp_path, FitMode.FIT))
    white = AnimatedFrame(torch.full((512, 512, 3), 255, dtype=torch.uint8))
    changed = difference(compositor.compose(white), compositor.still) > 0
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    half = portrait.crop.side_px * 720 / 600 / 2
    assert columns[0] >= 640 - half
    assert columns[-1] <= 640 + half
    assert rows[-1] - rows[0] <= 2 * half
    assert changed[360, 640]


@pytest.mark.parametrize("size", [(160, 160), (320, 176), (1920, 1088), (720, 1280)])
@pytest.mark.parametrize("shape", [(600, 800), (1000, 400), (240, 1200)])
def test_every_output_size_and_picture_shape_is_composed(
    tmp_path: Path, size: tuple[int, int], shape: tuple[int, int]
) -> None:
    portrait = made_up_portrait(shape, side=120)
    for fit in FitMode:
        wanted = replace(settings("colour", tmp_path, fit), width=size[0], height=size[1])
        out = Compositor(portrait, wanted).compose(unmoved(portrait))
        assert out.shape == (size[1], size[0], 3)


def test_a_head_at_the_very_edge_is_composed(tmp_path: Path) -> None:
    portrait = made_up_portrait()
    far = replace(portrait, crop=replace(portrait.crop, centre_px=(-2000.0, -2000.0)))
    for mode in ("keep", "colour"):
        compositor = Compositor(far, settings(mode, tmp_path, FitMode.FIT))
        assert (compositor.compose(unmoved(portrait)) == compositor.still).all()


def test_a_background_picture_that_is_missing_is_said(tmp_path: Path) -> None:
    wanted = OutputSettings(background=Background(BackgroundMode.PICTURE, picture=tmp_path / "none.png"))
    with pytest.raises(UsageProblem) as caught:
        Compositor(made_up_portrait(), wanted)
    assert str(caught.value) == "The picture none.png was not found. There is no such file. Check the path."


@pytest.mark.parametrize("side", [100, 180, 420])
def test_pasting_the_unmoved_square_back_gives_the_picture(side: float) -> None:
    portrait = made_up_portrait((900, 1200), side=side)
    picture = np.where(portrait.picture == 210, textured((900, 1200)), portrait.picture)
    portrait = replace(portrait, picture=picture)
    portrait = replace(portrait, view=_seen(portrait))
    out = paste_back(portrait, unmoved(portrait))
    assert out.shape == (900, 1200, 3)
    assert not out.flags.writeable
    wrong = difference(out, portrait.picture)
    assert np.quantile(wrong, 0.99) <= 2
    assert wrong.max() <= (3 if side == 420 else 140)  # an enlarged square gets the picture's own detail back


def _seen(portrait: LoadedPortrait):  # type: ignore[no-untyped-def]
    from app.framing import framed_view
    from models.coords import pixels_from_unit

    landmarks = portrait.crop.to_picture(pixels_from_unit(portrait.view.landmarks, (512, 512))).astype(np.float32)
    return framed_view(portrait.picture, portrait.foreground, portrait.background, portrait.crop, landmarks)


def test_pasting_back_leaves_the_border_of_the_square_and_the_rest_alone() -> None:
    portrait = made_up_portrait()
    white = AnimatedFrame(torch.full((512, 512, 3), 255, dtype=torch.uint8))
    paste = PasteBack(portrait)
    out = paste.compose(white)
    x, y = (round(value) for value in portrait.crop.centre_px)
    half = int(np.ceil(portrait.crop.side_px / 2)) + 1
    assert (out[y, x] == 255).all()
    outside = np.ones(out.shape[:2], bool)
    outside[max(0, y - half) : y + half, max(0, x - half) : x + half] = False
    assert (out[outside] == portrait.picture[outside]).all()
    steps = np.abs(np.diff(out.astype(int), axis=1)).max(-1)[y, x - half : x + half]
    assert steps.max() < 25
    assert (paste.compose(unmoved(portrait)) != out).any()


def test_detail_is_not_put_back_where_the_square_moved() -> None:
    portrait = made_up_portrait((1500, 1500), side=500)
    noisy = np.random.default_rng(0).integers(100, 156, (1500, 1500, 3), np.uint8)
    portrait = replace(portrait, picture=noisy)
    portrait = replace(portrait, view=_seen(portrait))
    grey = AnimatedFrame(torch.full((512, 512, 3), 20, dtype=torch.uint8))
    out = paste_back(portrait, grey)
    x, y = (round(value) for value in portrait.crop.centre_px)
    assert (np.abs(out[y - 50 : y + 50, x - 50 : x + 50].astype(int) - 20) <= 1).all()


@pytest.mark.parametrize("weight", ["rounded square", "all", "nothing", "no rectangle"])
def test_the_part_that_is_only_copied_makes_no_difference(weight: str) -> None:
    rng = np.random.default_rng(1)
    still, moved = (rng.integers(0, 256, size, dtype=np.uint8) for size in ((50, 60, 3), (40, 44, 3)))
    whole = {
        "rounded square": np.outer(np.clip(np.arange(40) / 9, 0, 1), np.clip(np.arange(44)[::-1] / 7, 0, 1)),
        "all": np.ones((40, 44)),
        "nothing": np.zeros((40, 44)),
        "no rectangle": rng.integers(0, 2, (40, 44)),
    }[weight].astype(np.float32)
    region = Region(slice(3, 43), slice(10, 54), np.eye(3)[:2], 40, whole, 1 - whole, _solid(whole))

    out = _merged(region, still, moved)

    expected = still.astype(np.float32)
    expected[3:43, 10:54] += whole[..., None] * (moved - expected[3:43, 10:54])
    assert np.abs(out - expected).max() <= 0.51
    if weight in ("rounded square", "all"):
        rows, columns = region.solid
        assert (rows.stop - rows.start) * (columns.stop - columns.start) == (whole == 1).sum()
