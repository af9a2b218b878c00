"""The presenter's part for the gallery: the person's own order, names, what is thrown away, choosing by place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from app.crop import CENTRE_SHIFT_UP, FACE_TO_CROP
from app.picture_box import Box
from app.portrait import LoadedPortrait
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.service_protocols import AvatarService
from ui.shown import AvatarTile, Framing
from ui.wording import notice_of_error

PART = "avatar"

FACE_ROOM = 1.3
"""A cut leaves so much around the box of the face, in sides of it: less, and the face is not found any more."""


class Gallery:
    """Who can be shown, in the order the person put them; whoever was never moved follows in the order they came."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._tiles: list[AvatarTile] = []

    @property
    def tiles(self) -> list[AvatarTile]:
        """Everybody, in order."""
        order = {key: place for place, key in enumerate(self._memory.values.gallery)}
        return sorted(self._tiles, key=lambda tile: order.get(tile.key, len(order)))

    @property
    def first(self) -> AvatarTile | None:
        """Who is shown where nobody was asked for."""
        return next(iter(self.tiles), None)

    def tile(self, who: str) -> AvatarTile | None:
        """An avatar by key or name."""
        return next((tile for tile in self._tiles if who in (tile.key, tile.name)), None)

    def take(self, tiles: Iterable[AvatarTile]) -> None:
        """These and no others."""
        self._tiles = list(tiles)

    def put(self, tile: AvatarTile) -> None:
        """One more, or one that changed."""
        if any(known.key == tile.key for known in self._tiles):
            self._tiles = [tile if known.key == tile.key else known for known in self._tiles]
        else:
            self._tiles.append(tile)

    def drop(self, key: str) -> None:
        """One less."""
        self._tiles = [tile for tile in self._tiles if tile.key != key]

    def move(self, key: str, place: int) -> None:
        """Put an avatar at another place, counted from 0 without itself."""
        order = [tile.key for tile in self.tiles]
        if key in order:
            order.remove(key)
            order.insert(max(0, place), key)
            self._memory.update(replace(self._memory.values, gallery=tuple(order)))

    def after(self, key: str | None, step: int) -> AvatarTile | None:
        """Who comes `step` places after `key`, round and round; the first where `key` is not here."""
        tiles, here = self.tiles, self.tile(key or "")
        return self.first if here is None else tiles[(tiles.index(here) + step) % len(tiles)]


class Portraits(Protocol):
    """What the gallery needs of whoever loads portraits."""

    @property
    def current(self) -> str | None:
        """Who is shown, or is being prepared."""
        ...

    def avatar_chosen(self, key: str) -> None: ...

    def deleted(self, key: str) -> None:
        """Somebody is gone."""
        ...

    def in_use(self, key: str) -> LoadedPortrait | None:
        """What is shown, if it is this avatar."""
        ...

    def show_anew(self, key: str) -> None:
        """Load an avatar once more: its picture has changed."""
        ...

    def show_tiles(self) -> None:
        """Bring the gallery in the window up to date."""
        ...


def squares_of(portrait: LoadedPortrait) -> tuple[Box, Box]:
    """What of the picture is animated, and the part around the face that no cut may leave out."""
    h, w = portrait.picture.shape[:2]
    (x, y), side = portrait.crop.centre_px, portrait.crop.side_px
    face = side / FACE_TO_CROP
    half, low = FACE_ROOM * face / 2, y + CENTRE_SHIFT_UP * face
    around = Box((x - half) / w, (low - half) / h, (x + half) / w, (low + half) / h)
    inside = Box(max(0.0, around.left), max(0.0, around.top), min(1.0, around.right), min(1.0, around.bottom))
    return Box((x - side / 2) / w, (y - side / 2) / h, (x + side / 2) / w, (y + side / 2) / h), inside


@dataclass(frozen=True)
class GalleryParts:
    """What changing the gallery needs."""

    view: MainView
    avatars: AvatarService
    notices: NoticeBoard
    gallery: Gallery
    portraits: Portraits


class GalleryDesk:
    """Implements `ui.intents.GalleryIntents`. Only the person's own avatars can be renamed or removed."""

    def __init__(self, parts: GalleryParts, on_settled: Callable[[], None]) -> None:
        self._parts, self._on_settled = parts, on_settled
        self._frame_next: str | None = None

    def place_chosen(self, place: int) -> None:
        tiles = self._parts.gallery.tiles
        if 0 <= place < len(tiles):
            self._parts.portraits.avatar_chosen(tiles[place].key)

    def next_wanted(self, step: int) -> None:
        tile = self._parts.gallery.after(self._parts.portraits.current, step)
        if tile is not None:
            self._parts.portraits.avatar_chosen(tile.key)

    def moved(self, key: str, place: int) -> None:
        self._parts.gallery.move(key, place)
        self._parts.portraits.show_tiles()

    def rename_wanted(self, key: str) -> None:
        tile = self._own(key)
        if tile is not None:
            self._parts.view.ask_name(tile.key, tile.name)

    def renamed(self, key: str, name: str) -> None:
        tile = self._own(key)
        if tile is not None and name.strip() != tile.name:
            self._parts.avatars.rename(key, name, self._renamed, self._failed)

    def removal_wanted(self, key: str) -> None:
        tile = self._own(key)
        if tile is not None:
            self._parts.view.ask_removal(tile.key, tile.name)

    def removed(self, key: str) -> None:
        if self._own(key) is not None:
            self._parts.avatars.remove(key, lambda: self._parts.portraits.deleted(key), self._failed)

    def framing_wanted(self, key: str) -> None:
        if self._own(key) is None:
            return
        if self._parts.portraits.in_use(key) is not None:
            self._show_framing(key)
        else:
            self._frame_next = key
            self._parts.portraits.avatar_chosen(key)

    def framed(self, key: str, box: Box) -> None:
        framing = self._framing(key)
        if framing is not None and box.holds(framing.face):
            self._parts.avatars.cut(key, box, self._cut, self._failed)

    def shown(self, key: str, *, new: bool) -> None:
        """An avatar is shown now; new: it was just added, so what is animated of it is shown too."""
        wanted, self._frame_next = self._frame_next == key, None
        if wanted or new:
            self._show_framing(key)

    def _show_framing(self, key: str) -> None:
        framing = self._framing(key)
        if framing is not None:
            self._parts.view.show_framing(framing)

    def _framing(self, key: str) -> Framing | None:
        tile, portrait = self._own(key), self._parts.portraits.in_use(key)
        if tile is None or portrait is None:
            return None
        animated, face = squares_of(portrait)
        return Framing(key, tile.name, portrait.picture, animated, face)

    def _cut(self, tile: AvatarTile) -> None:
        self._parts.gallery.put(tile)
        self._parts.portraits.show_anew(tile.key)

    def _own(self, key: str) -> AvatarTile | None:
        return next((tile for tile in self._parts.gallery.tiles if tile.key == key and tile.own), None)

    def _renamed(self, tile: AvatarTile) -> None:
        self._parts.gallery.put(tile)
        self._parts.portraits.show_tiles()

    def _failed(self, error: Exception) -> None:
        self._parts.notices.add(notice_of_error(PART, error))
        self._on_settled()
