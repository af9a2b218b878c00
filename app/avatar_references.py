"""Further pictures of the person an avatar of one's own shows: added to its folder, and taken out of it again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from app.avatars import MAX_REFERENCES, Avatar, load_avatar, require_own, rewrite_description
from app.errors import EnvironmentProblem, UsageProblem
from app.picture_file import NEUTRAL_GREY, read_picture
from models.types import ImageArray

JPEG_QUALITY = 95
SMALL_PX = 416
"""Longest side of a picture as it is shown in a list."""


@dataclass(frozen=True)
class SmallReference:
    """One further picture of an avatar, small. name: of its file, which finds it again.

    Shapes:
        image: (h, w, 3) uint8 RGB, at most SMALL_PX on the long side.
    """

    name: str
    image: ImageArray


def small_references(avatar: Avatar) -> tuple[SmallReference, ...]:
    """All further pictures of an avatar, in order. One that cannot be read is grey: it can still be taken out."""
    return tuple(SmallReference(path.name, _small(path)) for path in avatar.references)


def require_room(avatar: Avatar) -> int:
    """How many further pictures an avatar of one's own can still take.

    Raises:
        UsageProblem: it is not one of the person's own, or it is full.
    """
    require_own(avatar, f"No pictures can be added to {avatar.name}.")
    room = MAX_REFERENCES - len(avatar.references)
    if room <= 0:
        raise UsageProblem(
            f"No more pictures can be added to {avatar.name}.",
            why=f"It has {MAX_REFERENCES} further pictures, which is the most.",
            fix="Remove one of them first.",
        )
    return room


def add_references(avatar: Avatar, pictures: Sequence[ImageArray]) -> Avatar:
    """Keep further pictures of the person; all of them or none. Only their pixels are kept, not what came with them.

    Shapes:
        pictures: (h, w, 3) uint8 RGB each.

    Raises:
        UsageProblem: it is not one of the person's own, it has no room for them, or it is broken by now.
        EnvironmentProblem: its folder cannot be written; it is as it was then.
    """
    if len(pictures) > require_room(avatar):
        raise ValueError(f"{len(pictures)} pictures are more than there is room for")
    written: list[Path] = []
    try:
        for picture in pictures:
            written.append(_free_path(avatar.folder))
            _write(picture, written[-1])
        names = [_relative(avatar, path) for path in (*avatar.references, *written)]
        rewrite_description(avatar.folder, {"references": names})
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot_write(avatar, error) from error
        raise
    return load_avatar(avatar.folder)


def remove_reference(avatar: Avatar, name: str) -> Avatar:
    """Take one further picture out of an avatar of one's own, and delete its file; one that is gone is no failure.

    Raises:
        UsageProblem: it is not one of the person's own, or it is broken by now.
        EnvironmentProblem: its folder cannot be written.
    """
    require_own(avatar, f"No pictures can be taken out of {avatar.name}.")
    left = [path for path in avatar.references if path.name != name]
    try:
        rewrite_description(avatar.folder, {"references": [_relative(avatar, path) for path in left]})
        for path in avatar.references:
            if path not in (*left, avatar.portrait):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(avatar, error) from error
    return load_avatar(avatar.folder)


def _small(path: Path) -> ImageArray:
    try:
        return read_picture(path, limit_px=SMALL_PX).rgb
    except UsageProblem:
        return np.full((SMALL_PX * 3 // 4, SMALL_PX, 3), NEUTRAL_GREY, np.uint8)


def _write(picture: ImageArray, path: Path) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        Image.fromarray(picture).save(partial, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _free_path(folder: Path) -> Path:
    number = 1
    while (folder / f"further-{number}.jpg").exists():
        number += 1
    return folder / f"further-{number}.jpg"


def _relative(avatar: Avatar, path: Path) -> str:
    return path.relative_to(avatar.folder).as_posix()


def _cannot_write(avatar: Avatar, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"The further pictures of {avatar.name} could not be changed.",
        why=f"Writing to {avatar.folder} failed: {error.strerror or error}.",
        fix="Free some space or check the folder's permissions, then try again.",
    )
