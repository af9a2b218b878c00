from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import app.avatars
from app.avatars import (
    Avatar,
    add_picture,
    broken_avatars,
    delete_avatar,
    gallery_key,
    load_avatar,
    rename_avatar,
    resolve_avatar,
    shipped_avatars,
    user_avatars,
)
from app.errors import EnvironmentProblem, UsageProblem

FIX = "Repair its avatar.json, or choose another avatar or a picture."
GOOD = {"version": 1, "name": "Mira", "portrait": "portrait.jpg", "references": ["references/left.jpg"]}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the avatars of the person who runs it."""
    monkeypatch.setattr(app.avatars, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(app.avatars, "user_folder", lambda: tmp_path / "user" / "avatars")


def make_avatar(folder: Path, **changes: object) -> Path:
    (folder / "references").mkdir(parents=True)
    for name in ("portrait.jpg", "references/left.jpg"):
        Image.new("RGB", (64, 64), (90, 90, 90)).save(folder / name)
    (folder / "avatar.json").write_text(json.dumps({**GOOD, **changes}), encoding="utf-8")
    return folder


def why(folder: Path) -> str:
    with pytest.raises(UsageProblem) as caught:
        load_avatar(folder)
    assert caught.value.what == f"The folder {folder.name} is not a usable avatar."
    assert caught.value.fix == FIX
    return caught.value.why


def test_an_avatar_folder_is_read(tmp_path: Path) -> None:
    folder = make_avatar(tmp_path / "mira", licence="CC0-1.0", origin="rendered by us")
    assert load_avatar(folder) == Avatar(
        key="mira",
        name="Mira",
        folder=folder,
        portrait=folder / "portrait.jpg",
        references=(folder / "references" / "left.jpg",),
        licence="CC0-1.0",
        origin="rendered by us",
    )


def test_a_thumbnail_is_found_where_there_is_one(tmp_path: Path) -> None:
    folder = make_avatar(tmp_path / "mira")
    Image.new("RGB", (64, 64)).save(folder / "thumbnail.png")
    assert load_avatar(folder).thumbnail == folder / "thumbnail.png"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 0}, '"version" must be 1; another version of this program may have made it.'),
        ({"version": True}, '"version" must be 1; another version of this program may have made it.'),
        ({"version": "1"}, '"version" must be 1; another version of this program may have made it.'),
        ({"name": ""}, '"name" must be a single line of at most 200 characters.'),
        ({"name": 7}, '"name" must be a single line of at most 200 characters.'),
        ({"name": "x" * 201}, '"name" must be a single line of at most 200 characters.'),
        ({"name": "two\nlines"}, '"name" must be a single line of at most 200 characters.'),
        ({"licence": ["CC0"]}, '"licence" must be a single line of at most 200 characters.'),
        ({"portrait": None}, '"portrait" must name files by their path inside the folder.'),
        ({"portrait": "x\0.jpg"}, '"portrait" must name files by their path inside the folder.'),
        ({"portrait": "none.jpg"}, '"portrait" names a file that is not there: none.jpg.'),
        ({"portrait": "references"}, '"portrait" names a file that is not there: references.'),
        ({"portrait": "/etc/passwd"}, '"portrait" names a file outside the folder: /etc/passwd.'),
        ({"portrait": "../secret.jpg"}, '"portrait" names a file outside the folder: ../secret.jpg.'),
        ({"portrait": "a/../../b.jpg"}, '"portrait" names a file outside the folder: a/../../b.jpg.'),
        ({"portrait": "..\\b.jpg"}, '"portrait" names a file outside the folder: ..\\b.jpg.'),
        ({"portrait": "C:b.jpg"}, '"portrait" names a file outside the folder: C:b.jpg.'),
        ({"references": "left.jpg"}, '"references" must be a list of at most 16 files.'),
        ({"references": ["references/left.jpg"] * 17}, '"references" must be a list of at most 16 files.'),
        ({"references": [{"file": "x"}]}, '"references" must name files by their path inside the folder.'),
    ],
)
def test_a_description_that_is_not_right_is_refused_with_the_reason(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    assert why(make_avatar(tmp_path / "odd", **changes)) == reason


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = make_avatar(tmp_path / "mira", portrait="link.jpg")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    os.symlink(secret, folder / "link.jpg")
    assert why(folder) == '"portrait" names a file outside the folder: link.jpg.'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "Its avatar.json is not valid JSON."),
        (b"\xff\xfe\x00", "Its avatar.json is not valid JSON."),
        (b"[" * 30_000, "Its avatar.json is not valid JSON."),
        (b"[1, 2]", "Its avatar.json is not a JSON object."),
        (b" " * (64 * 1024 + 1), "Its avatar.json is larger than 64 KB."),
    ],
)
def test_nonsense_instead_of_a_description_is_refused(tmp_path: Path, text: bytes, reason: str) -> None:
    folder = make_avatar(tmp_path / "odd")
    (folder / "avatar.json").write_bytes(text)
    assert why(folder) == reason


def test_a_folder_without_description_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    assert why(tmp_path / "holiday") == "It has no readable avatar.json."


def test_lists_hold_what_works_in_order_and_leave_out_what_does_not(tmp_path: Path) -> None:
    for key in ("noor", "abel"):
        make_avatar(tmp_path / "shipped" / key, name=key.title())
    make_avatar(tmp_path / "shipped" / "broken", version=9)
    make_avatar(tmp_path / "shipped" / ".adding-x")
    (tmp_path / "shipped" / "README.md").write_text("not a folder")
    assert [avatar.key for avatar in shipped_avatars()] == ["abel", "noor"]
    assert user_avatars() == []


def test_what_avatar_means_a_key_a_name_a_folder_or_a_picture(tmp_path: Path) -> None:
    folder = make_avatar(tmp_path / "shipped" / "mira-k", name="Mira Kent")
    assert resolve_avatar("mira-k") == load_avatar(folder)
    assert resolve_avatar("mira kent") == load_avatar(folder)
    assert resolve_avatar(str(folder)) == load_avatar(folder)
    picture = folder / "portrait.jpg"
    assert resolve_avatar(str(picture)) == picture
    assert resolve_avatar("not/there.jpg") == Path("not/there.jpg")
    assert resolve_avatar("there.jpg") == Path("there.jpg")


def test_an_avatar_of_the_gallery_named_by_its_folder_is_known_by_its_key(tmp_path: Path) -> None:
    assert gallery_key(str(tmp_path / "shipped" / "mira")) == "mira"
    assert gallery_key(str(tmp_path / "user" / "avatars" / "me")) == "me"
    for other in ("mira", str(tmp_path / "me.png"), ""):
        assert gallery_key(other) == other


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        resolve_avatar("nobody")
    assert "none installed" in str(caught.value)
    make_avatar(tmp_path / "shipped" / "abel")
    make_avatar(tmp_path / "shipped" / "mira")
    with pytest.raises(UsageProblem) as caught:
        resolve_avatar("nobody")
    assert str(caught.value) == (
        "There is no avatar called nobody. It is neither an installed avatar nor a picture file. "
        "Use one of these names or the path of a picture: abel, mira."
    )


def test_an_added_picture_becomes_an_avatar_that_is_listed(tmp_path: Path) -> None:
    picture = tmp_path / "Me & Ünal.JPG"
    Image.new("RGB", (64, 64)).save(picture)
    first = add_picture(picture)
    second = add_picture(picture, name="Me & Ünal")
    assert first.name == second.name == "Me & Ünal"
    assert (first.key, second.key) == ("my-me-nal", "my-me-nal-2")
    assert first.portrait.read_bytes() == picture.read_bytes()
    assert user_avatars() == [first, second]
    assert resolve_avatar("my-me-nal-2") == second


def test_a_name_that_no_file_can_have_still_works(tmp_path: Path) -> None:
    picture = tmp_path / "portrait.png"
    Image.new("RGB", (64, 64)).save(picture)
    assert add_picture(picture, name="../../???").key == "my-portrait"
    assert add_picture(picture, name="../../???").folder.parent == tmp_path / "user" / "avatars"


def test_adding_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "me.png"
    Image.new("RGB", (64, 64)).save(picture)

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.avatars.shutil, "copyfile", full)
    with pytest.raises(EnvironmentProblem) as caught:
        add_picture(picture)
    home = tmp_path / "user" / "avatars"
    assert str(caught.value) == (
        "The picture could not be added to your avatars. "
        f"Writing to {home} failed: No space left on device. "
        "Free some space or check the folder's permissions, then try again."
    )
    assert list(home.iterdir()) == []


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    Image.new("RGB", (64, 64)).save(picture)
    (tmp_path / "user").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentProblem, match="The picture could not be added to your avatars"):
        add_picture(picture)


def test_adding_a_missing_picture_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        add_picture(tmp_path / "none.jpg")
    assert str(caught.value) == "The picture none.jpg was not found. There is no such file. Check the path."


def test_listing_avatars_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'torch', 'cv2', 'mediapipe', 'PIL', 'PySide6'}"
    program = f"import sys, app.avatars; print(sorted({heavy} & set(sys.modules)))"
    root = Path(app.avatars.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def own_avatar(tmp_path: Path) -> Avatar:
    return load_avatar(make_avatar(tmp_path / "user" / "avatars" / "my-mira", consent={"how": "window", "more": [1]}))


def test_a_new_name_changes_nothing_but_the_name(tmp_path: Path) -> None:
    avatar = own_avatar(tmp_path)
    description = avatar.folder / "avatar.json"
    before = json.loads(description.read_text(encoding="utf-8"))

    renamed = rename_avatar(avatar, "  Mira with glasses ")

    assert (renamed.key, renamed.name) == ("my-mira", "Mira with glasses")
    assert json.loads(description.read_text(encoding="utf-8")) == {**before, "name": "Mira with glasses"}
    assert sorted(each.name for each in avatar.folder.iterdir()) == ["avatar.json", "portrait.jpg", "references"]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 201], ids=["empty", "blank", "two lines", "too long"])
def test_a_name_that_cannot_be_one_is_refused_and_the_old_one_stays(tmp_path: Path, name: str) -> None:
    avatar = own_avatar(tmp_path)

    with pytest.raises(UsageProblem) as caught:
        rename_avatar(avatar, name)

    assert caught.value.what == "Mira keeps its name."
    assert caught.value.why == "A name is a single line of 1 to 200 characters."
    assert load_avatar(avatar.folder).name == "Mira"


def test_a_shipped_avatar_keeps_its_name(tmp_path: Path) -> None:
    avatar = load_avatar(make_avatar(tmp_path / "shipped" / "mira"))

    with pytest.raises(UsageProblem) as caught:
        rename_avatar(avatar, "Eve")

    assert (caught.value.what, caught.value.why) == (
        "Mira cannot be renamed.",
        "It is not one of the avatars you added.",
    )
    assert load_avatar(avatar.folder).name == "Mira"


def test_a_name_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    avatar = own_avatar(tmp_path)

    def full(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EnvironmentProblem) as caught:
        rename_avatar(avatar, "Eve")

    assert caught.value.what == "Mira could not be renamed."
    assert caught.value.why == f"Writing to {avatar.folder} failed: No space left on device."
    assert load_avatar(avatar.folder).name == "Mira"


def test_an_avatar_of_a_newer_version_says_so_and_stays_as_it_is(tmp_path: Path) -> None:
    folder = make_avatar(tmp_path / "mira", version=2)
    before = (folder / "avatar.json").read_bytes()

    with pytest.raises(UsageProblem) as caught:
        load_avatar(folder)

    assert str(caught.value) == (
        "The avatar in the folder mira was made by a newer version of this program. "
        "Its avatar.json has version 2, and this program knows versions up to 1. "
        "Update the program to use it; until then the folder stays as it is."
    )
    assert (folder / "avatar.json").read_bytes() == before


def test_what_is_left_out_of_the_gallery_is_told_with_its_reason(tmp_path: Path) -> None:
    home = tmp_path / "user" / "avatars"
    make_avatar(home / "my-good")
    make_avatar(home / "my-newer", version=2)
    (make_avatar(home / "my-torn") / "avatar.json").write_text('{"version": 1, "na')
    (home / ".adding-x").mkdir()

    assert [avatar.key for avatar in user_avatars()] == ["my-good"]
    assert [problem.what for problem in broken_avatars()] == [
        "The avatar in the folder my-newer was made by a newer version of this program.",
        "The folder my-torn is not a usable avatar.",
    ]


def test_a_folder_of_avatars_that_may_not_be_read_hides_only_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_avatar(tmp_path / "shipped" / "mira")
    home = own_avatar(tmp_path).folder.parent
    listed = Path.iterdir

    def refuse(self: Path) -> Iterator[Path]:
        if self == home:
            raise PermissionError(13, "Permission denied")
        return iter(listed(self))

    monkeypatch.setattr(Path, "iterdir", refuse)

    assert [avatar.key for avatar in shipped_avatars()] == ["mira"]
    assert (user_avatars(), broken_avatars()) == ([], [])


def test_an_avatar_that_cannot_be_deleted_is_still_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    avatar = own_avatar(tmp_path)

    def refuse(*names: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(EnvironmentProblem) as caught:
        delete_avatar(avatar)

    assert str(caught.value) == (
        "Mira could not be deleted. "
        f"Removing {avatar.folder} failed: Read-only file system. "
        "Close programs that use its files, then try again."
    )
    assert load_avatar(avatar.folder) == avatar


def test_a_deleted_avatar_leaves_nothing(tmp_path: Path) -> None:
    avatar = own_avatar(tmp_path)

    delete_avatar(avatar)

    assert list(avatar.folder.parent.iterdir()) == []
