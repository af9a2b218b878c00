"""What presenters need done off the GUI thread; every service answers through callbacks on the GUI thread.

`close` of each waits at most the time it is given and may be called again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.audio.devices import DeviceList
from app.capture.base import CameraDescription
from app.picture_box import Box
from app.portrait import LoadedPortrait
from ui.shown import AvatarTile

OnError = Callable[[Exception], None]


@dataclass(frozen=True)
class PortraitRequest:
    """Whom to load: a picture file, or a shipped or own avatar by name or folder; and extra views of the person."""

    who: str
    references: tuple[Path, ...] = ()


class PortraitService(Protocol):
    """Loads portraits off the GUI thread; a newer request replaces one that has not begun."""

    def load(self, request: PortraitRequest, on_done: Callable[[LoadedPortrait], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class CameraService(Protocol):
    """Lists cameras off the GUI thread."""

    def find(self, on_done: Callable[[Sequence[CameraDescription]], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class RemoteService(Protocol):
    """Listens for remote controls, off the GUI thread."""

    def open(self, on_done: Callable[[str], None], on_error: OnError) -> None:
        """Listen; `on_done` is given the address with its token."""
        ...

    def shut(self) -> None:
        """Listen no more."""
        ...

    def close(self, timeout_s: float) -> None: ...


class SoundService(Protocol):
    """Lists microphones and sound outputs off the GUI thread."""

    def find(self, on_done: Callable[[DeviceList], None], on_error: OnError) -> None: ...

    def close(self, timeout_s: float) -> None: ...


class AvatarService(Protocol):
    """Lists the gallery and adds pictures to it, off the GUI thread."""

    def find(self, on_done: Callable[[Sequence[AvatarTile]], None], on_error: OnError) -> None: ...

    def find_broken(self, on_done: Callable[[Sequence[Exception]], None]) -> None:
        """Why folders of the person's own are not in the gallery."""
        ...

    def keep(self, picture: Path, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        """Copy a picture into the person's own avatars; what was said about the right to it goes along."""
        ...

    def rename(self, key: str, name: str, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        """Call one of the person's own avatars something else."""
        ...

    def cut(self, key: str, box: Box, on_done: Callable[[AvatarTile], None], on_error: OnError) -> None:
        """Keep only a part of the picture of one of the person's own avatars."""
        ...

    def remove(self, key: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Delete one of the person's own avatars with all its pictures."""
        ...

    def is_open(self, who: str, on_done: Callable[[bool], None], on_error: OnError) -> None:
        """Whether the right to show `who` was never confirmed."""
        ...

    def confirm(self, who: str, on_done: Callable[[], None], on_error: OnError) -> None:
        """Keep that the person has the right to show `who`."""
        ...

    def close(self, timeout_s: float) -> None: ...
