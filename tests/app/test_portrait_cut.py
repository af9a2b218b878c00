"""Cutting the picture of one's own avatar: exactly the part that was wanted, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app.avatars
from app.avatars import Avatar, load_avatar
from app.errors import EnvironmentProblem, UsageProblem
from app.picture_box import Box
from app.picture_file import read_picture
from app.portrait_cut import cut_portrait


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the avatars of the person who runs it."""
    monkeypatch.setattr(app.avatars, "user_folder", lambda: tmp_path / "user")


def avatar_with(folder: Path, picture: Image.Image, name: str = "portrait.png") -> Avatar:
    """Of a picture, with a thumbnail and one more view."""
    folder.mkdir(parents=True)
    picture.save(folder / name)
    Image.new("RGB", (64, 64)).save(folder / "thumbnail.png")
    Image.new("RGB", (64, 64)).save(folder / "side.png")
    fields = {"version": 1, "name": "Mira", "portrait": name, "references": ["side.png"], "licence": "CC0"}
    (folder / "avatar.json").write_text(json.dumps(fields))
    return load_avatar(folder)


def ramps() -> Image.Image:
    """400 x 200: red tells the column, green the row."""
    rows, columns = np.mgrid[0:200, 0:400]
    return Image.fromarray(np.dstack([columns / 2, rows, np.zeros_like(rows)]).astype(np.uint8))


def test_exactly_the_part_is_left_and_everything_else_stays(tmp_path: Path) -> None:
    avatar = avatar_with(tmp_path / "user" / "my-mira", ramps())

    cut = cut_portrait(avatar, Box(0.25, 0.1, 0.75, 0.9))

    left = read_picture(cut.portrait).rgb
    assert left.shape == (160, 200, 3)
    assert np.abs(left.astype(int) - np.asarray(ramps())[20:180, 100:300].astype(int)).max() <= 6  # JPEG
    assert sorted(path.name for path in cut.folder.iterdir()) == ["avatar.json", "portrait-cut-1.jpg", "side.png"]
    assert (cut.key, cut.name, cut.licence, [path.name for path in cut.references]) == (
        "my-mira",
        "Mira",
        "CC0",
        ["side.png"],
    )


def test_a_picture_lying_on_its_side_is_cut_upright(tmp_path: Path) -> None:
    picture = ramps()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    folder = tmp_path / "user" / "my-mira"
    avatar = avatar_with(folder, picture)
    picture.save(folder / "portrait.png", exif=exif)

    cut = cut_portrait(avatar, Box(0.0, 0.0, 1.0, 0.5))

    assert read_picture(cut.portrait).rgb.shape == (200, 200, 3)


def test_transparency_stays(tmp_path: Path) -> None:
    picture = ramps()
    picture.putalpha(Image.linear_gradient("L").resize((400, 200)))
    whole = tmp_path / "whole.png"
    picture.save(whole)

    cut = cut_portrait(avatar_with(tmp_path / "user" / "my-mira", picture), Box(0.0, 0.5, 1.0, 1.0))

    assert cut.portrait.name == "portrait-cut-1.png"
    left, before = read_picture(cut.portrait), read_picture(whole)
    assert left.alpha is not None
    assert before.alpha is not None
    assert np.array_equal(left.alpha, before.alpha[100:])
    assert np.abs(left.rgb.astype(int) - before.rgb[100:].astype(int)).max() <= 1


def test_too_little_is_refused_and_the_picture_stays(tmp_path: Path) -> None:
    avatar = avatar_with(tmp_path / "user" / "my-mira", ramps())

    with pytest.raises(UsageProblem) as caught:
        cut_portrait(avatar, Box(0.4, 0.4, 0.5, 0.5))

    assert (caught.value.what, caught.value.why) == (
        "Mira cannot be cut like this.",
        "Less than 64 pixels would be left.",
    )
    assert load_avatar(avatar.folder) == avatar


def test_a_shipped_avatar_is_not_cut(tmp_path: Path) -> None:
    avatar = avatar_with(tmp_path / "shipped" / "mira", ramps())

    with pytest.raises(UsageProblem) as caught:
        cut_portrait(avatar, Box(0.0, 0.0, 0.5, 1.0))

    assert caught.value.why == "It is not one of the avatars you added."


def test_a_folder_that_refuses_is_said_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    avatar = avatar_with(tmp_path / "user" / "my-mira", ramps())
    before = sorted(path.name for path in avatar.folder.iterdir())

    def full(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EnvironmentProblem) as caught:
        cut_portrait(avatar, Box(0.0, 0.0, 0.5, 1.0))

    assert caught.value.what == "Mira could not be cut."
    assert sorted(path.name for path in avatar.folder.iterdir()) == before
    assert load_avatar(avatar.folder) == avatar
