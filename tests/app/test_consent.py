"""The right to a likeness: asked once, kept with what it is about, and never in the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app import avatars
from app.avatars import add_picture, load_avatar, shipped_avatars
from app.consent import STATEMENT, Consent, How, consent_in
from app.consent_book import MAX_PICTURES, ConsentBook
from app.errors import EnvironmentProblem
from app.likeness import give, is_open, note_likeness

PICTURE = b"\xff\xd8\xff not really a picture, but nobody looks inside here"


@pytest.fixture
def book(tmp_path: Path) -> ConsentBook:
    return ConsentBook(tmp_path / "settings" / "likeness.json")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "mum.jpg"
    path.write_bytes(PICTURE)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(avatars, "user_folder", lambda: tmp_path / "avatars")
    monkeypatch.setattr("app.likeness.user_folder", lambda: tmp_path / "avatars")
    return tmp_path / "avatars"


def test_what_came_with_the_program_is_never_asked_about(book: ConsentBook) -> None:
    for avatar in shipped_avatars():
        assert not is_open(avatar.key, book)
        assert not is_open(str(avatar.folder), book)
        assert not is_open(str(avatar.portrait), book)


def test_a_loose_picture_is_asked_about_once_whatever_it_is_called(book: ConsentBook, picture: Path) -> None:
    assert is_open(str(picture), book)
    give(str(picture), How.WINDOW, book)
    assert not is_open(str(picture), book)

    copy = picture.with_name("another name.jpg")
    shutil.copyfile(picture, copy)
    assert not is_open(str(copy), book)
    copy.write_bytes(PICTURE + b"!")
    assert is_open(str(copy), book)

    answer = book.answer(picture)
    assert answer is not None
    assert (answer.statement, answer.how) == (STATEMENT, How.WINDOW)
    assert answer.date.endswith("+00:00")
    assert str(picture) not in book.path.read_text()


def test_the_answer_about_an_avatar_lies_beside_it(book: ConsentBook, picture: Path, home: Path) -> None:
    avatar = add_picture(picture, name="Mum")
    assert avatar.consent is None
    assert is_open(avatar.key, book)

    give(avatar.key, How.WINDOW, book)

    kept = load_avatar(avatar.folder)
    assert kept.consent is not None
    assert kept.consent.how is How.WINDOW
    said = json.loads((avatar.folder / "avatar.json").read_text())["consent"]
    assert set(said) == {"statement", "date", "how"}
    assert not is_open(avatar.key, book)
    assert not book.path.exists()


def test_a_picture_can_be_added_with_its_answer(book: ConsentBook, picture: Path, home: Path) -> None:
    avatar = add_picture(picture, consent=Consent.now(How.CAPTURED))

    assert avatar.consent is not None
    assert not is_open(avatar.key, book)


def test_what_a_folder_from_elsewhere_says_about_itself_counts_for_nothing(
    book: ConsentBook, picture: Path, home: Path, tmp_path: Path
) -> None:
    theirs = add_picture(picture, consent=Consent.now(How.WINDOW))
    elsewhere = tmp_path / "downloaded"
    shutil.move(theirs.folder, elsewhere)

    assert is_open(str(elsewhere), book)
    give(str(elsewhere), How.COMMAND_LINE, book)
    assert not is_open(str(elsewhere), book)


def test_an_answer_that_cannot_be_kept_beside_an_avatar_is_a_sentence(
    picture: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    avatar = add_picture(picture, name="Mum")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.avatars.os.replace", full)
    with pytest.raises(EnvironmentProblem) as caught:
        avatars.record_consent(avatar, Consent.now(How.WINDOW))

    assert str(caught.value) == (
        f"Your answer about Mum could not be kept. Writing to {avatar.folder} failed: No space left on device. "
        "Free some space or check the folder's permissions; until then you are asked again."
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        "yes",
        [],
        {},
        {"statement": "x", "date": "today"},
        {"statement": "x", "date": "today", "how": "by post"},
        {"statement": "", "date": "today", "how": "window"},
        {"statement": "x" * 201, "date": "today", "how": "window"},
        {"statement": "two\nlines", "date": "today", "how": "window"},
        {"statement": 1, "date": 2, "how": "window"},
    ],
)
def test_nonsense_is_no_answer(value: object) -> None:
    assert consent_in(value) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 2}', b"\xff", b"[" * 60000, b'{"version": 1}'])
def test_a_broken_book_only_asks_again(book: ConsentBook, picture: Path, content: bytes) -> None:
    book.path.parent.mkdir()
    book.path.write_bytes(content)

    assert is_open(str(picture), book)
    give(str(picture), How.WINDOW, book)
    assert not is_open(str(picture), book)
    kept = [each.read_bytes() for each in book.path.parent.iterdir() if each != book.path]
    assert kept == ([] if content == b'{"version": 1}' else [content]), "nothing of a newer version is lost"


def test_the_book_forgets_its_oldest_answers_first(book: ConsentBook, picture: Path, tmp_path: Path) -> None:
    others = {f"{number:064}": Consent.now(How.WINDOW).to_json() for number in range(MAX_PICTURES)}
    book.path.parent.mkdir()
    book.path.write_text(json.dumps({"version": 1, "answers": others, "told": []}))

    give(str(picture), How.WINDOW, book)

    kept = json.loads(book.path.read_text())["answers"]
    assert len(kept) == MAX_PICTURES
    assert f"{0:064}" not in kept
    assert not is_open(str(picture), book)


def test_a_disk_that_takes_nothing_stops_nothing(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    book = ConsentBook(tmp_path / "file" / "likeness.json")

    give(str(picture), How.WINDOW, book)
    assert is_open(str(picture), book)


def test_a_command_says_one_line_the_first_time_and_asks_nothing(book: ConsentBook, picture: Path) -> None:
    said: list[str] = []
    for _ in range(3):
        note_likeness(str(picture), has_right=False, tell=said.append, book=book)

    assert said == [
        "mum.jpg is used for the first time. Show it only if it is you, or if you have the person's permission; "
        "--i-have-the-right keeps that answer."
    ]
    assert is_open(str(picture), book)  # the window still asks


def test_the_flag_is_an_answer_and_says_nothing(book: ConsentBook, picture: Path) -> None:
    said: list[str] = []
    note_likeness(str(picture), has_right=True, tell=said.append, book=book)

    assert said == []
    answer = book.answer(picture)
    assert answer is not None
    assert answer.how is How.COMMAND_LINE


def test_quiet_says_nothing_and_does_not_count_as_having_said_it(book: ConsentBook, picture: Path) -> None:
    said: list[str] = []
    note_likeness(str(picture), has_right=False, tell=None, book=book)
    note_likeness(str(picture), has_right=False, tell=said.append, book=book)

    assert len(said) == 1


def test_what_is_not_there_is_left_to_those_who_load_it(book: ConsentBook, tmp_path: Path) -> None:
    for who in ("nobody-of-this-name", str(tmp_path / "missing.jpg"), str(tmp_path)):
        note_likeness(who, has_right=True, tell=None, book=book)

    assert not book.path.exists()
