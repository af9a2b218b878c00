"""The gallery's changes, done to real folders on a thread of their own."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

import app.avatars
from ui.services import Avatars
from ui.shown import AvatarTile

WAIT_S = 10.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own avatars: one, called Mira."""
    monkeypatch.setattr(app.avatars, "user_folder", lambda: tmp_path)
    folder = tmp_path / "my-mira"
    folder.mkdir()
    Image.new("RGB", (64, 64)).save(folder / "portrait.jpg")
    (folder / "avatar.json").write_text(json.dumps({"version": 1, "name": "Mira", "portrait": "portrait.jpg"}))
    return tmp_path


@pytest.fixture
def answers() -> queue.SimpleQueue[Callable[[], None]]:
    return queue.SimpleQueue()


@pytest.fixture
def avatars(home: Path, answers: queue.SimpleQueue[Callable[[], None]]) -> Iterator[Avatars]:
    service = Avatars(answers.put)
    yield service
    service.close(WAIT_S)


def test_an_avatar_is_renamed_in_its_folder(
    home: Path, avatars: Avatars, answers: queue.SimpleQueue[Callable[[], None]]
) -> None:
    done: list[AvatarTile] = []
    failed: list[Exception] = []

    avatars.rename("my-mira", "Eve", done.append, failed.append)
    answers.get(timeout=WAIT_S)()

    assert failed == []
    assert [(tile.key, tile.name, tile.own) for tile in done] == [("my-mira", "Eve", True)]
    assert json.loads((home / "my-mira" / "avatar.json").read_text())["name"] == "Eve"


def test_an_avatar_is_removed_with_its_folder(
    home: Path, avatars: Avatars, answers: queue.SimpleQueue[Callable[[], None]]
) -> None:
    done: list[bool] = []
    avatars.remove("my-mira", lambda: done.append(True), lambda error: None)
    answers.get(timeout=WAIT_S)()

    assert done == [True]
    assert list(home.iterdir()) == []


def test_an_avatar_that_is_gone_is_said(avatars: Avatars, answers: queue.SimpleQueue[Callable[[], None]]) -> None:
    failed: list[Exception] = []
    avatars.remove("my-eve", lambda: None, failed.append)
    answers.get(timeout=WAIT_S)()

    assert str(failed[0]) == (
        "The avatar my-eve is not there any more. Its folder was moved or deleted. Choose another one."
    )
