"""What becomes of captured pictures: an avatar folder when approved, nothing at all when not."""

from __future__ import annotations

import builtins
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app.avatars
from app.avatars import delete_avatar, load_avatar, shipped_avatars, user_avatars
from app.consent import How
from app.errors import EnvironmentProblem, UsageProblem
from app.guided_capture.goals import Goal
from app.guided_capture.proposal import Proposal
from app.guided_capture.session import GuidedCapture
from tests.app.guided_capture.acting import ACTS, Act, Actor, picture


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user" / "avatars"
    monkeypatch.setattr(app.avatars, "user_folder", lambda: home)
    return home


def captured(acts: dict[Goal, Act] | None = None) -> Proposal:
    actor = Actor(GuidedCapture())
    actor.obey(acts)
    return actor.capture.finish()


def test_an_approved_proposal_is_an_avatar_with_portrait_references_thumbnail_and_the_word_of_who_was_captured(
    home: Path,
) -> None:
    avatar = captured().approve("  Ada\nLovelace ")
    assert avatar == load_avatar(home / "my-ada-lovelace")
    assert avatar.name == "Ada Lovelace"
    assert [path.stem for path in avatar.references] == ["smile", "open-mouth", "blink", "left", "right"]
    assert avatar.thumbnail is not None
    assert avatar.consent is not None
    assert avatar.consent.how is How.CAPTURED
    with Image.open(avatar.portrait) as portrait, Image.open(avatar.thumbnail) as thumbnail:
        assert np.array_equal(np.asarray(portrait), picture())
        assert max(thumbnail.size) == 256
    assert [each.key for each in user_avatars()] == ["my-ada-lovelace"]


def test_pictures_can_be_left_out(home: Path) -> None:
    avatar = captured().approve("Me", leave_out={Goal.BLINK, Goal.SMILE})
    assert sorted(path.name for path in avatar.folder.glob("*.png")) == [
        "left.png",
        "open-mouth.png",
        "portrait.png",
        "right.png",
        "thumbnail.png",
    ]


@pytest.mark.parametrize("end", ["reject", "approve"])
def test_after_the_decision_no_pixel_is_left_in_memory(end: str) -> None:
    proposal = captured()
    pixels = [candidate.picture._image for candidate in proposal.found]
    if end == "approve":
        proposal.approve("Me")
    else:
        proposal.reject()
        proposal.reject()
    assert all(candidate.picture.forgotten for candidate in proposal.found)
    assert all(not image.any() for image in pixels if image is not None)


def test_nothing_is_written_anywhere_unless_it_is_approved(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    real_open, real_os_open = builtins.open, os.open

    def watched(file: object, mode: str = "r", *rest: object, **more: object) -> object:
        if any(letter in mode for letter in "wax+"):
            opened.append(file)
        return real_open(file, mode, *rest, **more)  # type: ignore[call-overload]

    def watched_os(path: object, flags: int, *rest: object, **more: object) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            opened.append(path)
        return real_os_open(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "open", watched)
    monkeypatch.setattr(os, "open", watched_os)
    captured().reject()
    proposal = captured()
    del proposal
    monkeypatch.undo()
    assert opened == []
    assert list(tmp_path.rglob("*")) == []


def test_without_a_neutral_face_nothing_can_be_saved(home: Path) -> None:
    proposal = captured(dict.fromkeys(Goal, ACTS[Goal.LEFT]))
    assert not proposal.can_be_approved
    with pytest.raises(UsageProblem) as caught:
        proposal.approve("Me")
    assert str(caught.value) == (
        "These pictures cannot be saved as an avatar. None of them shows you looking at the camera with your lips "
        "together. Capture again, in good light and close to the camera."
    )
    assert not home.exists()


def test_an_avatar_that_cannot_be_written_leaves_the_proposal_as_it_was(home: Path, tmp_path: Path) -> None:
    proposal = captured()
    (tmp_path / "user").write_text("a file is where the folder should be")
    with pytest.raises(EnvironmentProblem):
        proposal.approve("Me")
    assert not any(candidate.picture.forgotten for candidate in proposal.found)
    (tmp_path / "user").unlink()
    assert proposal.approve("Me").folder.is_dir()


def test_a_captured_avatar_is_deleted_with_all_its_pictures(home: Path) -> None:
    avatar = captured().approve("Me")
    delete_avatar(avatar)
    assert list(home.iterdir()) == []


def test_an_avatar_of_the_program_is_not_deleted(home: Path) -> None:
    shipped = shipped_avatars()[0]
    with pytest.raises(UsageProblem) as caught:
        delete_avatar(shipped)
    assert str(caught.value) == (
        f"{shipped.name} cannot be deleted here. It is not one of the avatars you added. "
        "Delete its folder yourself if you want to."
    )
    assert shipped.portrait.is_file()
