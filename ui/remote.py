"""The presenter's part for the remote control: the switch, its address, and hands that press the window's buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.avatars import Avatar
from app.control import EngineControl, Problem
from ui import strings
from ui.intents import OutputIntents, PortraitIntents
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.service_protocols import RemoteService
from ui.shown import Notice, RemoteLine
from ui.wording import notice_of_error

PART = "remote control"

Post = Callable[[Callable[[], None]], None]
"""Runs something on the GUI thread soon; callable from any thread."""


@dataclass(frozen=True)
class RemoteParts:
    """What the switch needs."""

    view: MainView
    service: RemoteService
    notices: NoticeBoard
    memory: Memory


class RemoteDesk:
    """Switches the remote control on and off. It is off unless a flag or the last session says otherwise.

    wanted: by a flag; None is the remembered choice, and a flag is not remembered.
    """

    def __init__(self, parts: RemoteParts, wanted: bool, on_settled: Callable[[], None]) -> None:
        self._parts, self._on_settled = parts, on_settled
        self._wanted = wanted or parts.memory.values.remote_control
        self._address: str | None = None
        self._failure: Notice | None = None

    def start(self) -> None:
        """Listen if it is wanted."""
        if self._wanted:
            self._open()
        self._show()

    def remote_wanted(self, on: bool) -> None:
        self._wanted, self._address = on, None
        self._parts.memory.update(replace(self._parts.memory.values, remote_control=on))
        self._forget_failure()
        if on:
            self._open()
        else:
            self._parts.service.shut()
        self._show()
        self._on_settled()

    def address_wanted(self) -> None:
        if self._address is not None:
            self._parts.view.copy_text(self._address)

    def _open(self) -> None:
        self._parts.service.open(self._opened, self._failed)

    def _opened(self, address: str) -> None:
        if self._wanted:
            self._address = address
            self._show()

    def _failed(self, error: Exception) -> None:
        self._wanted, self._address = False, None
        self._failure = notice_of_error(PART, error)
        self._parts.notices.add(self._failure)
        self._show()
        self._on_settled()

    def _forget_failure(self) -> None:
        if self._failure is not None:
            self._parts.notices.drop(self._failure)
            self._failure = None

    def _show(self) -> None:
        self._parts.view.show_remote(_line(self._wanted, self._address))


def _line(wanted: bool, address: str | None) -> RemoteLine:
    if not wanted:
        return RemoteLine(False, strings.REMOTE_OFF)
    if address is None:
        return RemoteLine(True, strings.REMOTE_STARTING)
    place, _, rest = address.removeprefix("ws://").partition("/")
    hidden = f"ws://{place}/…/{rest.partition('/')[2]}"  # the token is for the clipboard, not for a shared screen
    return RemoteLine(True, strings.REMOTE_ON, hidden)


class WindowHands:
    """Implements `app.remote.target.RemoteHands` by the window's own wishes, so that its buttons follow."""

    def __init__(
        self,
        post: Post,
        portraits: Callable[[], PortraitIntents],
        outputs: Callable[[], OutputIntents],
        engine: EngineControl,
    ) -> None:
        self._post, self._portraits, self._outputs, self._engine = post, portraits, outputs, engine

    def choose_avatar(self, avatar: Avatar) -> None:
        self._post(lambda: self._portraits().avatar_chosen(avatar.key))

    def calibrate(self) -> None:
        self._post(lambda: self._outputs().calibrate())

    def set_away(self, away: bool) -> None:
        self._post(lambda: self._outputs().away_wanted(away))

    def start_recording(self) -> None:
        self._post(lambda: self._outputs().record_wanted(True))

    def stop_recording(self) -> None:
        self._post(lambda: self._outputs().record_wanted(False))

    def pause_recording(self, paused: bool) -> None:
        self._engine.pause_recording(paused)

    def set_muted(self, muted: bool) -> None:
        sound = self._engine.status().sound.settings
        self._engine.set_sound(replace(sound, muted=muted))

    def problems(self) -> tuple[Problem, ...]:
        return ()  # the window says them itself
