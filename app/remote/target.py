"""What a remote control acts on: the checks every command has to pass, and the hands that then do it.

The window has hands of its own, so that its buttons follow; without a window the engine is asked directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.avatars import Avatar, shipped_avatars, user_avatars
from app.control import EngineControl, EngineState, EngineStatus, Problem
from app.errors import UsageProblem
from app.jobs import LatestJob
from app.portrait import LoadedPortrait
from app.remote.messages import Calibrate, ChooseAvatar, Record, RecordAction, SetAway, SetMuted, Wish
from app.settings import SOUND_NONE

PART = "portrait"


class Refused(UsageProblem):
    """A command that cannot be done now."""


class RemoteHands(Protocol):
    """Does what a remote control asks for. Every method returns at once and may be called from any thread."""

    def choose_avatar(self, avatar: Avatar) -> None: ...

    def calibrate(self) -> None: ...

    def set_away(self, away: bool) -> None: ...

    def start_recording(self) -> None: ...

    def stop_recording(self) -> None: ...

    def pause_recording(self, paused: bool) -> None: ...

    def set_muted(self, muted: bool) -> None: ...

    def problems(self) -> tuple[Problem, ...]:
        """What went wrong with earlier commands and is not the engine's."""
        ...


@dataclass(frozen=True)
class AvatarChoice:
    """One avatar as the remote control lists it."""

    key: str
    name: str


class RemoteTarget:
    """The engine as a remote control may know and change it."""

    def __init__(self, engine: EngineControl, hands: RemoteHands) -> None:
        self._engine, self._hands = engine, hands
        self._ring: Callable[[], None] | None = None
        engine.on_news(self._rang)

    def listen(self, ring: Callable[[], None] | None) -> None:
        """Call `ring` (from any thread, often) when the status may have changed; None ends that."""
        self._ring = ring

    def status(self) -> dict[str, object]:
        """The status as JSON values; nothing in it is a path of this computer."""
        return status_of(self._engine.status(), self._hands.problems())

    def avatars(self) -> Sequence[AvatarChoice]:
        """Who can be chosen."""
        return [AvatarChoice(avatar.key, avatar.name) for avatar in _gallery()]

    def perform(self, wish: Wish) -> None:
        """Begin what is wished for; the status tells when it has come about.

        Raises:
            Refused: it cannot be done now, with the reason; nothing has changed.
        """
        match wish:
            case ChooseAvatar(name):
                self._hands.choose_avatar(_avatar_called(name))
            case Calibrate():
                self._hands.calibrate()
            case SetAway(away):
                self._hands.set_away(away)
            case SetMuted(muted):
                self._mute(muted)
            case Record(action):
                self._record(action)

    def _mute(self, muted: bool) -> None:
        if self._engine.status().sound.settings.microphone == SOUND_NONE:
            raise Refused("There is nothing to mute.", why="No microphone is chosen.", fix="Choose one first.")
        self._hands.set_muted(muted)

    def _record(self, action: RecordAction) -> None:
        status = self._engine.status()
        if status.state is EngineState.STOPPED:
            raise Refused("Nothing can be recorded.", why="The engine is stopped.", fix="Start it first.")
        recording = status.recording is not None
        if action is RecordAction.START:
            if recording:
                raise Refused("Nothing was started.", why="A recording is running.", fix="Stop it first.")
            self._hands.start_recording()
            return
        if not recording:
            raise Refused(
                f"There is nothing to {action.value}.", why="No recording is running.", fix="Start one first."
            )
        if action is RecordAction.STOP:
            self._hands.stop_recording()
        else:
            self._hands.pause_recording(action is RecordAction.PAUSE)

    def _rang(self) -> None:
        ring = self._ring
        if ring is not None:
            ring()


class EngineHands:
    """Implements `RemoteHands` for an engine without a window.

    load: makes a portrait of an avatar, on a thread of these hands. new_recording: a free path for a recording.
    """

    def __init__(
        self,
        engine: EngineControl,
        load: Callable[[Avatar], LoadedPortrait],
        new_recording: Callable[[], Path],
    ) -> None:
        self._engine, self._load, self._new_recording = engine, load, new_recording
        self._loading = LatestJob("load portrait for the remote control")
        self._problem: Problem | None = None

    def choose_avatar(self, avatar: Avatar) -> None:
        self._loading.submit(lambda: self._load(avatar), self._loaded, self._failed)

    def calibrate(self) -> None:
        self._engine.calibrate()

    def set_away(self, away: bool) -> None:
        self._engine.set_away(away)

    def start_recording(self) -> None:
        self._engine.start_recording(self._new_recording())

    def stop_recording(self) -> None:
        self._engine.stop_recording()

    def pause_recording(self, paused: bool) -> None:
        self._engine.pause_recording(paused)

    def set_muted(self, muted: bool) -> None:
        self._engine.set_sound(replace(self._engine.status().sound.settings, muted=muted))

    def problems(self) -> tuple[Problem, ...]:
        return () if self._problem is None else (self._problem,)

    def close(self, timeout_s: float = 1.0) -> None:
        """No more portraits. Idempotent."""
        self._loading.close(timeout_s)

    def _loaded(self, portrait: LoadedPortrait) -> None:
        self._problem = None
        self._engine.set_portrait(portrait)

    def _failed(self, error: Exception) -> None:
        self._problem = Problem.of(PART, error)


def status_of(status: EngineStatus, others: tuple[Problem, ...] = ()) -> dict[str, object]:
    """`status` as JSON values (docs/remote-control.md)."""
    return {
        "state": status.state.value,
        "shown": status.frame_status.value,
        "avatar": status.portrait,
        "calibrated": status.calibrated,
        "virtual_camera": status.virtual_camera,
        "recording": status.recording is not None,
        "paused": status.recording_paused,
        "microphone": status.sound.settings.microphone != SOUND_NONE,
        "muted": status.sound.settings.muted,
        "fps": round(status.fps, 1),
        "latency_ms": round(status.latency_ms.p50, 1),
        "model": status.model,
        "device": status.device,
        "problems": [
            {"part": problem.part, "what": problem.what, "why": problem.why, "fix": problem.fix}
            for problem in (*status.problems, *others)
        ],
    }


FIGURES = frozenset({"fps", "latency_ms"})
"""What changes all the time: a change of these alone is no news."""


def _gallery() -> list[Avatar]:
    return [*shipped_avatars(), *user_avatars()]


def _avatar_called(name: str) -> Avatar:
    avatars = _gallery()
    for avatar in avatars:
        if name.casefold() in (avatar.key.casefold(), avatar.name.casefold()):
            return avatar
    known = ", ".join(avatar.key for avatar in avatars) or "none"
    raise Refused("There is no such avatar.", why="No avatar of the gallery has this name.", fix=f"Known are: {known}.")
