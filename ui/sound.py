"""The presenter's part for sound: the microphone, where its sound goes, and how loud it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction
from app.control import EngineControl, EngineStatus, SoundStatus
from app.settings import SOUND_AUTO, SOUND_CAMERA, SOUND_NONE, SoundSettings
from ui import strings
from ui.memory import Memory
from ui.protocols import MainView
from ui.sentences import said
from ui.service_protocols import SoundService
from ui.shown import SoundChoice, SoundLine, SoundLists
from ui.wording import notice_of_error

METER_FLOOR_DBFS = -60.0
"""Quieter than this the meter is empty."""

NOTICED_MS = 30.0
"""Sound that is later than its picture by less than this is heard as on time, and not spoken of."""

SOUND_PARTS = ("microphone", "sound output", "monitor")
"""`Problem.part` of everything about sound."""


@dataclass(frozen=True)
class SoundParts:
    """What the choice of sound needs."""

    view: MainView
    engine: EngineControl
    sounds: SoundService
    memory: Memory


@dataclass(frozen=True)
class _Entry:
    device: str
    label: str


class SoundDesk:
    """Keeps three lists in the order: none, automatic, devices, the chosen one if it is not among them."""

    def __init__(self, parts: SoundParts, chosen: SoundSettings, on_settled: Callable[[], None]) -> None:
        self._parts = parts
        self._on_settled = on_settled
        self._found = DeviceList()
        self._trouble = ""
        self._microphones: list[_Entry] = []
        self._outputs: list[_Entry] = []
        self._monitors: list[_Entry] = []
        self.chosen = chosen

    def sounds_wanted(self) -> None:
        """Ask for the devices again."""
        self._parts.sounds.find(self._listed, self._failed)

    def microphone_chosen(self, index: int) -> None:
        self._use(replace(self.chosen, microphone=self._microphones[index].device))

    def output_chosen(self, index: int) -> None:
        self._use(replace(self.chosen, output=self._outputs[index].device))

    def monitor_chosen(self, index: int) -> None:
        self._use(replace(self.chosen, monitor=self._monitors[index].device))

    def muted_wanted(self, muted: bool) -> None:
        self._use(replace(self.chosen, muted=muted))

    def mute_toggled(self) -> None:
        """By a key; nothing while there is no microphone."""
        if self.chosen.microphone != SOUND_NONE:
            self.muted_wanted(not self.chosen.muted)

    def show_again(self) -> None:
        """Bring the lists in the window up to date."""
        found, chosen = self._found, self.chosen
        microphones = [_Entry(SOUND_NONE, strings.SOUND_NO_MICROPHONE), _Entry(SOUND_AUTO, strings.SOUND_AUTO)]
        self._microphones = self._completed(microphones, found.of(Direction.INPUT), chosen.microphone)
        outputs = found.of(Direction.OUTPUT)
        self._outputs = self._completed([_Entry(SOUND_NONE, strings.SOUND_NOWHERE)], outputs, chosen.output)
        silent = [_Entry(SOUND_NONE, strings.SOUND_NO_MONITOR), _Entry(SOUND_AUTO, strings.SOUND_AUTO)]
        self._monitors = self._completed(silent, outputs, chosen.monitor)
        self._parts.view.show_sound_devices(
            SoundLists(
                _choice(self._microphones, chosen.microphone),
                _choice(self._outputs, chosen.output),
                _choice(self._monitors, chosen.monitor),
            )
        )

    def show(self, status: EngineStatus) -> None:
        """How loud it is now, what is wrong, and whether it is muted: a remote control may have changed that."""
        self.chosen = replace(self.chosen, muted=status.sound.settings.muted)
        self._parts.view.show_sound(sound_line(self.chosen, status, self._trouble))

    def _use(self, chosen: SoundSettings) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self._parts.engine.set_sound(chosen)
            memory = self._parts.memory
            memory.update(replace(memory.values, sound=replace(chosen, muted=False)))
        self.show_again()
        self._on_settled()

    def _listed(self, found: DeviceList) -> None:
        self._found, self._trouble = found, ""
        self.show_again()
        self._on_settled()

    def _failed(self, error: Exception) -> None:
        notice = notice_of_error("sound", error)
        self._found, self._trouble = DeviceList(), f"{notice.why} {notice.fix}"
        self.show_again()
        self._on_settled()

    def _completed(self, first: list[_Entry], devices: list[SoundDevice], chosen: str) -> list[_Entry]:
        entries = [*first, *(_Entry(device.device_id, device.name) for device in devices)]
        if all(entry.device != chosen for entry in entries):
            entries.append(_Entry(chosen, self._unlisted(chosen)))
        return entries

    def _unlisted(self, chosen: str) -> str:
        """A device that is unplugged, one given by its name, or the camera's own sound."""
        if chosen == SOUND_CAMERA:
            return strings.SOUND_OF_CAMERA
        named = next((device.name for device in self._found.devices if chosen == device.name), None)
        return named or strings.SOUND_MISSING.format(name=chosen)


def sound_line(chosen: SoundSettings, status: EngineStatus, trouble: str) -> SoundLine:
    """The meter and the words under it."""
    on = chosen.microphone != SOUND_NONE
    sound = status.sound
    problems = [said(problem.what) for problem in status.problems if problem.part in SOUND_PARTS]
    if trouble and not sound.microphone:
        return SoundLine(on, chosen.muted, 0.0, 0.0, trouble, trouble=on)
    if not on:
        return SoundLine(False, chosen.muted, 0.0, 0.0, strings.SOUND_OFF)
    level, peak = _share(sound.rms_dbfs), _share(sound.peak_dbfs)
    if problems:
        return SoundLine(True, chosen.muted, level, peak, problems[0], trouble=True)
    return SoundLine(True, chosen.muted, level, peak, _words(chosen, sound))


def _words(chosen: SoundSettings, sound: SoundStatus) -> str:
    if sound.microphone is None:
        return strings.SOUND_STARTING
    if chosen.muted:
        return strings.SOUND_MUTED
    if sound.late_ms > NOTICED_MS:
        return strings.SOUND_LATE.format(delay_ms=sound.delay_ms, late_ms=sound.late_ms)
    return strings.SOUND_TOGETHER.format(delay_ms=sound.delay_ms)


def _choice(entries: list[_Entry], chosen: str) -> SoundChoice:
    selected = next((place for place, entry in enumerate(entries) if entry.device == chosen), 0)
    return SoundChoice(tuple(entry.label for entry in entries), selected)


def _share(dbfs: float) -> float:
    """0 is an empty meter, 1 a full one."""
    return min(1.0, max(0.0, 1.0 - dbfs / METER_FLOOR_DBFS))
