"""Microphones and sound outputs by names that survive a restart. Nothing is opened.

Where a PulseAudio or PipeWire server runs, it is asked: its devices can be shared with other programs, and its names
are made of the hardware's. Elsewhere PortAudio lists, through the one interface of each system that shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.audio.problems import Direction, NoSoundDevice, NoSuchSoundDevice

AUTO = "auto"
"""The system's own choice."""


@dataclass(frozen=True)
class SoundDevice:
    """A device as listed.

    device_id: stable across restarts. name: what the system calls it.
    index: the sound server's, another one each time it is plugged in; -1 where there is no such server.
    is_monitor: hears what an output plays; found by name only, because nobody means it by "microphone".
    """

    device_id: str
    name: str
    direction: Direction
    index: int = -1
    is_monitor: bool = False

    @property
    def served(self) -> bool:
        """Whether it belongs to a PulseAudio or PipeWire server."""
        return self.index >= 0


@dataclass(frozen=True)
class DeviceList:
    """All devices. default_input, default_output: ids; empty where the system has no choice of its own."""

    devices: tuple[SoundDevice, ...] = ()
    default_input: str = ""
    default_output: str = ""

    def of(self, direction: Direction) -> list[SoundDevice]:
        """Those a person chooses among."""
        return [device for device in self.devices if device.direction is direction and not device.is_monitor]

    def find(self, wanted: str, direction: Direction) -> SoundDevice:
        """The device with this id, name, or part of a name that fits a single one; or the system's choice.

        Raises:
            NoSoundDevice: there is none at all.
            NoSuchSoundDevice: there are others.
        """
        usual = self.of(direction)
        if wanted == AUTO:
            default = self.default_input if direction is Direction.INPUT else self.default_output
            chosen = next((device for device in usual if device.device_id == default), next(iter(usual), None))
            if chosen is None:
                raise NoSoundDevice(direction)
            return chosen
        found = _match(wanted, [device for device in self.devices if device.direction is direction], usual)
        if found is None:
            raise NoSuchSoundDevice(direction, wanted, [device.name for device in usual])
        return found


def _match(text: str, devices: Sequence[SoundDevice], usual: Sequence[SoundDevice]) -> SoundDevice | None:
    wanted = text.strip().casefold()
    for device in devices:
        if wanted in (device.device_id.casefold(), device.name.casefold()):
            return device
    partly = [device for device in usual if wanted and wanted in device.name.casefold()]
    return partly[0] if len(partly) == 1 else None
