"""Settings and portraits on a disk that is really full, and on one that is really read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import app.avatars
from app.avatars import add_picture, delete_avatar, load_avatar, rename_avatar, user_avatars
from app.consent import Consent, How
from app.consent_book import ConsentBook
from app.errors import EnvironmentProblem
from app.remembered import Remembered
from app.settings_file import SettingsFile

Change = Callable[[], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 256 KB; mounting one takes the system's administrator."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or not _mounted(place, "size=256k"):
        pytest.skip("no disk can be mounted here: full and read-only ones were not tried")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _mounted(place: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def fill(disk: Path) -> None:
    with (disk / "full").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


REASONS = {"full": (fill, "No space left on device"), "read-only": (make_read_only, "Read-only file system")}


@pytest.fixture(params=REASONS.values(), ids=REASONS.keys())
def refusing(request: pytest.FixtureRequest) -> tuple[Callable[[Path], None], str]:
    """How a disk comes to refuse, and what the system says then."""
    how, why = request.param
    return how, why


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "me.png"
    Image.new("RGB", (64, 64), (120, 90, 80)).save(path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_settings_that_cannot_be_saved_are_said_and_the_old_ones_stay(
    disk: Path, refusing: tuple[Callable[[Path], None], str]
) -> None:
    make_it, why = refusing
    file = SettingsFile(disk / "settings.json")
    assert file.save(Remembered(avatar="mira")) is None
    make_it(disk)
    before = contents(disk)

    trouble = file.save(replace(Remembered(), avatar="x" * 4000, gallery=tuple(f"my-{n:0400}" for n in range(20))))

    assert trouble is not None
    assert (trouble.what, trouble.why, trouble.fix) == (
        "Your settings could not be saved.",
        f"The system says about {disk}: {why}.",
        "Everything works until you close the window; allow writing there to have it remembered.",
    )
    assert contents(disk) == before
    assert SettingsFile(file.path).load().values.avatar == "mira"


def test_nonsense_on_a_read_only_disk_stays_where_it_is_and_the_program_starts(disk: Path) -> None:
    path = disk / "settings.json"
    path.write_text("{nonsense")
    make_read_only(disk)

    loaded = SettingsFile(path).load()

    assert loaded.values == Remembered()
    assert loaded.notice is not None
    assert loaded.notice.why == f"The system says about {path}: Read-only file system."
    assert path.read_text() == "{nonsense"


def test_portraits_on_a_disk_that_refuses_are_as_they_were(
    disk: Path, picture: Path, refusing: tuple[Callable[[Path], None], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_it, why = refusing
    monkeypatch.setattr(app.avatars, "user_folder", lambda: disk / "avatars")
    avatar = add_picture(picture, name="Mira")
    make_it(disk)
    before = contents(disk)

    refused = [
        _refused(lambda: add_picture(picture, name="Eve")),
        _refused(lambda: rename_avatar(avatar, "Eve" * 50)),
    ]
    if why == "Read-only file system":  # on a full disk there is always room to delete
        refused.append(_refused(lambda: delete_avatar(avatar)))

    assert all(why in problem.why for problem in refused)
    assert all(problem.fix for problem in refused)
    assert contents(disk) == before
    assert user_avatars() == [load_avatar(avatar.folder)] == [avatar]


def test_an_answer_that_cannot_be_kept_stops_nothing_and_leaves_the_book_whole(
    disk: Path, picture: Path, refusing: tuple[Callable[[Path], None], str]
) -> None:
    make_it, _ = refusing
    book = ConsentBook(disk / "likeness.json")
    book.record(picture, Consent.now(How.WINDOW))
    make_it(disk)
    before = contents(disk)
    other = picture.with_name("other.png")
    Image.new("RGB", (32, 32)).save(other)

    book.record(other, Consent.now(How.WINDOW))

    assert contents(disk) == before
    assert book.answer(picture) is not None


def _refused(change: Callable[[], object]) -> EnvironmentProblem:
    with pytest.raises(EnvironmentProblem) as caught:
        change()
    return caught.value
