"""Avatars: saved folders with a portrait, further views of the same person, and what to call them.

An avatar folder is data from outside (a download, a friend), so nothing in its `avatar.json` is believed: every
path must stay inside the folder and every value must have its type and size. Light imports only: the window lists
avatars before anything else is loaded.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import platformdirs

from app.consent import Consent, consent_in
from app.errors import EnvironmentProblem, UsageProblem

log = logging.getLogger(__name__)

APP_NAME = "understudy"
DESCRIPTION = "avatar.json"
THUMBNAIL = "thumbnail.png"
VERSION = 1
MAX_DESCRIPTION_BYTES = 64 * 1024
MAX_TEXT = 200
MAX_REFERENCES = 16
MAX_COPIED_BYTES = 128 * 1024 * 1024

DOOMED = ".deleting-"
"""Begins the name of a folder that is being deleted; what begins with a dot is no avatar."""

SHIPPED = Path(__file__).resolve().parents[1] / "assets" / "avatars"


@dataclass(frozen=True)
class Avatar:
    """One saved person; all paths are absolute and exist.

    key: name of the folder, what `--avatar` takes. name: what people read. thumbnail: None where there is none.
    consent: what the person said about the right to show this face; None where that was never asked.
    """

    key: str
    name: str
    folder: Path
    portrait: Path
    references: tuple[Path, ...] = ()
    thumbnail: Path | None = None
    licence: str = ""
    origin: str = ""
    consent: Consent | None = None


def load_avatar(folder: Path) -> Avatar:
    """The avatar in `folder`.

    Raises:
        UsageProblem: there is no usable description, or a file it names is missing.
    """
    fields = _read_description(folder)
    references = fields.get("references", [])
    if not isinstance(references, list) or len(references) > MAX_REFERENCES:
        raise _broken(folder, f'"references" must be a list of at most {MAX_REFERENCES} files.')
    thumbnail = folder / THUMBNAIL
    return Avatar(
        key=folder.name,
        name=_text(folder, fields, "name", required=True),
        folder=folder,
        portrait=_file_inside(folder, fields.get("portrait"), '"portrait"'),
        references=tuple(_file_inside(folder, item, '"references"') for item in references),
        thumbnail=thumbnail if thumbnail.is_file() else None,
        licence=_text(folder, fields, "licence"),
        origin=_text(folder, fields, "origin"),
        consent=consent_in(fields.get("consent")),
    )


def shipped_avatars() -> list[Avatar]:
    """The avatars that come with the program, by key."""
    return list(_in_folder(SHIPPED))


def user_avatars() -> list[Avatar]:
    """What the person has added. A folder that cannot be used is left out, not a reason to show none."""
    return list(_in_folder(user_folder()))


def broken_avatars() -> list[UsageProblem]:
    """Why folders among the person's own are left out of `user_avatars`."""
    problems = []
    for folder in _avatar_folders(user_folder()):
        try:
            load_avatar(folder)
        except UsageProblem as problem:
            problems.append(problem)
    return problems


def user_folder() -> Path:
    """Where added avatars live; need not exist yet."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "avatars"


def gallery_key(text: str) -> str:
    """The key of an avatar of the gallery that is named by its folder, as in `run --demo`; else the text."""
    path = Path(text)
    return path.name if path.parent in (SHIPPED, user_folder()) else text


def resolve_avatar(text: str) -> Avatar | Path:
    """What `--avatar` means: a shipped or added avatar by key or name, an avatar folder, or a picture file.

    A path is returned unread; `read_picture` says what is wrong with it.

    Raises:
        UsageProblem: nothing of that name exists, or the folder is no avatar.
    """
    path = Path(text)
    if path.is_dir():
        return load_avatar(path.resolve())
    if path.exists():
        return path
    known = [*shipped_avatars(), *user_avatars()]
    for avatar in known:
        if text.casefold() in (avatar.key.casefold(), avatar.name.casefold()):
            return avatar
    if path.suffix or len(path.parts) > 1:
        return path  # meant as a file: the reader's sentence names it
    names = ", ".join(avatar.key for avatar in known) or "none installed"
    raise UsageProblem(
        f"There is no avatar called {text}.",
        why="It is neither an installed avatar nor a picture file.",
        fix=f"Use one of these names or the path of a picture: {names}.",
    )


def add_picture(picture: Path, *, name: str | None = None, consent: Consent | None = None) -> Avatar:
    """Copy a picture into a new avatar of the person's own; whole or not at all.

    The picture should have been loaded once before, so that what is kept is known to work. `consent` is what the
    person said about the right to show it.

    Raises:
        UsageProblem: the picture cannot be read.
        EnvironmentProblem: the copy cannot be written.
    """
    title = (name or picture.stem).strip()[:MAX_TEXT] or "Portrait"
    size = _size_of(picture)

    def fill(draft: Path) -> None:
        describe(draft, title, _copied(draft, picture, size), consent=consent)

    return add_avatar(title, fill)


def add_avatar(title: str, fill: Callable[[Path], None]) -> Avatar:
    """A new avatar of the person's own, whose files `fill` writes into an empty folder; whole or not at all.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    home = user_folder()
    try:
        home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".adding-", dir=home))
    except OSError as error:
        raise _cannot_save(home, error) from error
    try:
        fill(draft)
        return load_avatar(_renamed(draft, home, _key_for(title)))
    except OSError as error:
        raise _cannot_save(home, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def require_own(avatar: Avatar, what: str, fix: str = "Copy its folder among your own avatars first.") -> None:
    """Only avatars that the person added are changed. what: the sentence for one that is not.

    Raises:
        UsageProblem: it is not one of the person's own.
    """
    if avatar.folder.resolve().parent != user_folder().resolve():
        raise UsageProblem(what, why="It is not one of the avatars you added.", fix=fix)


def delete_avatar(avatar: Avatar) -> None:
    """Remove an avatar of the person's own with all its pictures.

    Raises:
        UsageProblem: it is not one of the person's own.
        EnvironmentProblem: it cannot be removed.
    """
    require_own(avatar, f"{avatar.name} cannot be deleted here.", fix="Delete its folder yourself if you want to.")
    doomed = avatar.folder.with_name(f"{DOOMED}{avatar.key}-{os.getpid()}")
    try:
        os.rename(avatar.folder, doomed)  # whole or not at all: half a portrait is none
    except OSError as error:
        raise EnvironmentProblem(
            f"{avatar.name} could not be deleted.",
            why=f"Removing {avatar.folder} failed: {error.strerror or error}.",
            fix="Close programs that use its files, then try again.",
        ) from error
    shutil.rmtree(doomed, ignore_errors=True)


def rename_avatar(avatar: Avatar, name: str) -> Avatar:
    """Call an avatar of the person's own something else; its folder, and so its key, stays as it is.

    Raises:
        UsageProblem: it is not one of the person's own, or the name cannot be one.
        EnvironmentProblem: its folder cannot be written.
    """
    require_own(avatar, f"{avatar.name} cannot be renamed.")
    title = name.strip()
    if not title or len(title) > MAX_TEXT or not title.isprintable():
        raise UsageProblem(
            f"{avatar.name} keeps its name.",
            why=f"A name is a single line of 1 to {MAX_TEXT} characters.",
            fix="Type another name.",
        )
    try:
        rewrite_description(avatar.folder, {"name": title})
    except OSError as error:
        raise EnvironmentProblem(
            f"{avatar.name} could not be renamed.",
            why=f"Writing to {avatar.folder} failed: {error.strerror or error}.",
            fix="Free some space or check the folder's permissions, then try again.",
        ) from error
    return load_avatar(avatar.folder)


def describe(
    draft: Path, title: str, portrait: str, references: Sequence[str] = (), consent: Consent | None = None
) -> None:
    """Write the description of an avatar whose pictures lie in `draft`."""
    fields = {
        "version": VERSION,
        "name": title,
        "portrait": portrait,
        "references": list(references),
        "licence": "",
        "origin": "",
    }
    (draft / DESCRIPTION).write_text(json.dumps(fields, indent=2, ensure_ascii=False), encoding="utf-8")
    if consent is not None:
        _write_consent(draft, consent)


def record_consent(avatar: Avatar, consent: Consent) -> None:
    """Keep an answer beside the avatar it is about.

    Raises:
        UsageProblem: the avatar is broken by now.
        EnvironmentProblem: its folder cannot be written.
    """
    try:
        _write_consent(avatar.folder, consent)
    except OSError as error:
        raise EnvironmentProblem(
            f"Your answer about {avatar.name} could not be kept.",
            why=f"Writing to {avatar.folder} failed: {error.strerror or error}.",
            fix="Free some space or check the folder's permissions; until then you are asked again.",
        ) from error


def _write_consent(folder: Path, consent: Consent) -> None:
    rewrite_description(folder, {"consent": consent.to_json()})


def rewrite_description(folder: Path, changes: dict[str, object]) -> None:
    """Change parts of a description, whole or not at all; what is in it beside them stays.

    Raises:
        UsageProblem: the description is broken by now.
        OSError: it cannot be written.
    """
    fields = {**_read_description(folder), **changes}
    temporary = folder / f".{DESCRIPTION}.{os.getpid()}.tmp"
    try:
        temporary.write_text(json.dumps(fields, indent=2, ensure_ascii=False), encoding="utf-8")
        os.replace(temporary, folder / DESCRIPTION)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _copied(draft: Path, picture: Path, size: int) -> str:
    """Copy a picture of `size` bytes into the folder; the name of the copy."""
    suffix = picture.suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", picture.suffix) else ""
    portrait = f"portrait{suffix}"
    shutil.copyfile(picture, draft / portrait)
    if (draft / portrait).stat().st_size != size:
        raise OSError("the picture changed while it was copied")
    return portrait


def _renamed(draft: Path, home: Path, key: str) -> Path:
    """`draft` under the first free name; the rename is what makes the avatar exist."""
    for number in range(1, 1000):
        target = home / (key if number == 1 else f"{key}-{number}")
        if not target.exists():
            os.rename(draft, target)
            target.chmod(0o755)  # temporary folders are made private
            return target
    raise OSError("too many avatars of this name")


def _size_of(picture: Path) -> int:
    if not picture.is_file():
        raise UsageProblem(
            f"The picture {picture.name} was not found.", why="There is no such file.", fix="Check the path."
        )
    size = picture.stat().st_size
    if size > MAX_COPIED_BYTES:
        raise UsageProblem(
            f"The picture {picture.name} cannot be used.",
            why=f"The file is larger than {MAX_COPIED_BYTES // 1024**2} MB.",
            fix="Save it smaller, for example as a JPEG.",
        )
    return size


def _key_for(title: str) -> str:
    """A file name every system accepts, from any title."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:40].strip("-")
    return f"my-{plain or 'portrait'}"  # never a name that Windows reserves


def _cannot_save(home: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        "The picture could not be added to your avatars.",
        why=f"Writing to {home} failed: {error.strerror or error}.",
        fix="Free some space or check the folder's permissions, then try again.",
    )


def _in_folder(home: Path) -> Iterator[Avatar]:
    for folder in _avatar_folders(home):
        try:
            yield load_avatar(folder)
        except UsageProblem:
            continue  # a gallery shows what works; `broken_avatars` tells what is wrong with the others


def _avatar_folders(home: Path) -> list[Path]:
    """What looks like an avatar in a folder; nothing where that cannot be read: the shipped ones are still there."""
    try:
        inside = sorted(home.iterdir()) if home.is_dir() else []
        visible = [folder for folder in inside if not folder.name.startswith(".")]
        return [folder for folder in visible if folder.is_dir() and (folder / DESCRIPTION).is_file()]
    except OSError as error:
        log.info("the portraits in %s cannot be listed: %s", home, error)
        return []


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DESCRIPTION_BYTES + 1)
    except OSError:
        raise _broken(folder, f"It has no readable {DESCRIPTION}.") from None
    if len(data) > MAX_DESCRIPTION_BYTES:
        raise _broken(folder, f"Its {DESCRIPTION} is larger than {MAX_DESCRIPTION_BYTES // 1024} KB.")
    try:
        fields = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _broken(folder, f"Its {DESCRIPTION} is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise _broken(folder, f"Its {DESCRIPTION} is not a JSON object.")
    version = fields.get("version")
    if type(version) is int and version > VERSION:
        raise _newer(folder, version)
    if type(version) is not int or version != VERSION:
        raise _broken(folder, f'"version" must be {VERSION}; another version of this program may have made it.')
    return fields


def _text(folder: Path, fields: dict[str, Any], key: str, *, required: bool = False) -> str:
    value = fields.get(key, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable() or (required and not value):
        raise _broken(folder, f'"{key}" must be a single line of at most {MAX_TEXT} characters.')
    return value


def _file_inside(folder: Path, value: object, what: str) -> Path:
    """The file a description names. Links are followed before the check, so that none leads out of the folder."""
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or not value.isprintable():
        raise _broken(folder, f"{what} must name files by their path inside the folder.")
    relative = PurePosixPath(value)
    if relative.is_absolute() or ".." in relative.parts or "\\" in value or ":" in value:
        raise _broken(folder, f"{what} names a file outside the folder: {value}.")
    path = folder.joinpath(*relative.parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _broken(folder, f"{what} names a file outside the folder: {value}.")
    if not path.is_file():
        raise _broken(folder, f"{what} names a file that is not there: {value}.")
    return path


def _newer(folder: Path, version: int) -> UsageProblem:
    return UsageProblem(
        f"The avatar in the folder {folder.name} was made by a newer version of this program.",
        why=f"Its {DESCRIPTION} has version {version}, and this program knows versions up to {VERSION}.",
        fix="Update the program to use it; until then the folder stays as it is.",
    )


def _broken(folder: Path, why: str) -> UsageProblem:
    return UsageProblem(
        f"The folder {folder.name} is not a usable avatar.",
        why=why,
        fix=f"Repair its {DESCRIPTION}, or choose another avatar or a picture.",
    )
