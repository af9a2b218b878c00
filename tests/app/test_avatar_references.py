"""Further pictures of an avatar of one's own: what is listed, and what taking one out leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app.avatars
from app.avatar_references import SMALL_PX, add_references, remove_reference, small_references
from app.avatars import Avatar, add_picture, load_avatar
from app.errors import EnvironmentProblem, UsageProblem


@pytest.fixture
def avatar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Avatar:
    """One of the person's own with a red and a green further picture."""
    monkeypatch.setattr(app.avatars, "user_folder", lambda: tmp_path / "user")
    path = tmp_path / "Mira.png"
    Image.new("RGB", (80, 60)).save(path)
    colours = [np.full((600, 800, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 200, 0))]
    return add_references(add_picture(path), colours)


def test_every_further_picture_is_shown_small_and_a_broken_one_grey(avatar: Avatar) -> None:
    avatar.references[1].write_bytes(b"broken")

    red, grey = small_references(avatar)

    assert (red.name, grey.name) == ("further-1.jpg", "further-2.jpg")
    assert red.image.shape == (SMALL_PX * 3 // 4, SMALL_PX, 3)
    assert np.abs(red.image.astype(int) - (200, 0, 0)).max() < 6
    assert len(np.unique(grey.image.reshape(-1, 3), axis=0)) == 1


def test_one_is_taken_out_with_its_file_and_its_name_is_free_again(avatar: Avatar) -> None:
    left = remove_reference(avatar, "further-1.jpg")

    assert [path.name for path in left.references] == ["further-2.jpg"]
    assert not (avatar.folder / "further-1.jpg").exists()
    assert left.portrait.exists()
    assert remove_reference(left, "further-1.jpg") == left
    more = add_references(left, [np.zeros((60, 80, 3), np.uint8)])
    assert [path.name for path in more.references] == ["further-2.jpg", "further-1.jpg"]


def test_a_shipped_avatar_keeps_its_pictures() -> None:
    shipped = app.avatars.shipped_avatars()[0]
    with pytest.raises(UsageProblem) as caught:
        remove_reference(shipped, shipped.references[0].name)

    assert str(caught.value) == (
        f"No pictures can be taken out of {shipped.name}. It is not one of the avatars you added. "
        "Copy its folder among your own avatars first."
    )
    assert load_avatar(shipped.folder) == shipped


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(
    avatar: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.avatar_references.rewrite_description", refuse)
    with pytest.raises(EnvironmentProblem) as caught:
        remove_reference(avatar, "further-1.jpg")

    assert str(caught.value) == (
        f"The further pictures of Mira could not be changed. Writing to {avatar.folder} failed: Permission denied. "
        "Free some space or check the folder's permissions, then try again."
    )
    assert load_avatar(avatar.folder) == avatar
