"""The services behind the presenter: each a background thread, each answering on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from app.audio.devices import DeviceList
from app.avatars import Avatar, add_picture, broken_avatars, delete_avatar, rename_avatar, shipped_avatars, user_avatars
from app.capture.base import CameraDescription
from app.consent import How
from app.consent_book import ConsentBook
from app.errors import UsageProblem
from app.jobs import LatestJob
from app.likeness import give, is_open
from app.picture_box import Box
from app.portrait import LoadedPortrait
from app.portrait_service import PortraitMaker
from ui.service_protocols import OnError, PortraitRequest
from ui.shown import AvatarTile

T = TypeVar("T")

Post = Callable[[Callable[[], None]], None]
"""Runs something on the GUI thread soon; callable from any thread."""


class Portraits:
    """Implements `PortraitService`."""

    def __init__(self, post: Post, maker: PortraitMaker | None = None) -> None:
        self._post = post
        self._maker = maker or PortraitMaker()
        self._job = LatestJob("load portrait", self._maker.close)

    def load(self, request: PortraitRequest, on_done: Callable[[LoadedPortrait], None], on_error: OnError) -> None:
        self._job.submit(
            lambda: self._maker.load(request.who, request.references),
            posted(self._post, on_done),
            posted(self._post, on_error),
        )

    def close(self, timeout_s: float) -> None:
        self._job.close(timeout_s)


class Cameras:
    """Implements `CameraService`."""

    def __init__(self, post: Post, find: Callable[[], Sequence[CameraDescription]] | None = None) -> None:
        self._post = post
        self._find = find or _list_cameras
        self._job = LatestJob("list cameras")

    def find(self, on_done: Callable[[Sequence[CameraDescription]], None], on_error: OnError) -> None:
        self._job.submit(self._find, posted(self._post, on_done), posted(self._post, on_error))

    def close(self, timeout_s: float) -> None:
        self._job.close(timeout_s)


class Sounds:
    """Implements `SoundService`."""

    def __init__(self, post: Post, find: Callable[[], DeviceList] | None = None) -> None:
        self._post = post
        self._find = find or _list_sounds
        self._job = LatestJob("list sound devices")

    def find(self, on_done: Callable[[DeviceList], None], on_error: OnError) -> None:
        self._job.submit(self._find, posted(self._post, on_done), posted(self._post, on_error))

    def close(self, timeout_s: float) -> None:
        self._job.close(timeout_s)


class Avatars:
    """Implements `AvatarService`; listing and keeping have a thread each, so that neither replaces the other."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._listing, self._keeping = LatestJob("list avatars"), LatestJob("keep picture")
        self._changing, self._judging = LatestJob("change avatars"), LatestJob("look for broken avatars")
        self._asking, self._confirming = LatestJob("look up the right to a likeness"), LatestJob("keep an answer")
        self._book = ConsentBook()

    def find(self, on_done: Callable[[Sequence[AvatarTile]], None], on_error: OnError) -> None:
        self._listing.submit(_all_tiles, posted(self._post, on_done), posted(self._post, on_error))

    def find_broken(self, on_done: Callable[[Sequence[Exception]], None]) -> None:
        self._judging.submit(broken_avatars, posted(self._post, on_done), lambda error: None)

    def keep(self, picture: Path, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self._keeping.submit(
            lambda: tile_of(add_picture(picture, consent=self._book.answer(picture)), own=True),
            posted(self._post, on_done),
            posted(self._post, on_error),
        )

    def rename(self, key: str, name: str, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: tile_of(rename_avatar(own_avatar(key), name), own=True),
            posted(self._post, on_done),
            posted(self._post, on_error),
        )

    def cut(self, key: str, box: Box, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: tile_of(_cut(own_avatar(key), box), own=True),
            posted(self._post, on_done),
            posted(self._post, on_error),
        )

    def remove(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self._changing.submit(
            lambda: delete_avatar(own_avatar(key)),
            posted(self._post, lambda nothing: on_done()),
            posted(self._post, on_error),
        )

    def is_open(self, who: str, on_done: Callable[[bool], None], on_error: OnError) -> None:
        self._asking.submit(lambda: is_open(who, self._book), posted(self._post, on_done), posted(self._post, on_error))

    def confirm(self, who: str, on_done: Callable[[], None], on_error: OnError) -> None:
        self._confirming.submit(
            lambda: give(who, How.WINDOW, self._book),
            posted(self._post, lambda nothing: on_done()),
            posted(self._post, on_error),
        )

    def close(self, timeout_s: float) -> None:
        for job in (self._listing, self._judging, self._keeping, self._changing, self._asking, self._confirming):
            job.close(timeout_s)


def posted(post: Post, callback: Callable[[T], None]) -> Callable[[T], None]:
    """`callback` on the GUI thread."""
    return lambda value: post(lambda: callback(value))


def _list_cameras() -> Sequence[CameraDescription]:
    from app.capture.devices import list_cameras  # loads OpenCV, so only on the background thread

    return list_cameras()


def _list_sounds() -> DeviceList:
    from app.audio.portaudio import sound_system

    return sound_system().devices()


def _cut(avatar: Avatar, box: Box) -> Avatar:
    from app.portrait_cut import cut_portrait  # loads decoders of pictures

    return cut_portrait(avatar, box)


def _all_tiles() -> Sequence[AvatarTile]:
    shipped = [tile_of(avatar, own=False) for avatar in shipped_avatars()]
    return [*shipped, *(tile_of(avatar, own=True) for avatar in user_avatars())]


def own_avatar(key: str) -> Avatar:
    """One of the person's own avatars.

    Raises:
        UsageProblem: it is gone.
    """
    for avatar in user_avatars():
        if avatar.key == key:
            return avatar
    raise UsageProblem(
        f"The avatar {key} is not there any more.",
        why="Its folder was moved or deleted.",
        fix="Choose another one.",
    )


def tile_of(avatar: Avatar, *, own: bool) -> AvatarTile:
    """An avatar as the gallery shows it."""
    return AvatarTile(avatar.key, avatar.name, avatar.thumbnail or avatar.portrait, own, avatar.portrait)
