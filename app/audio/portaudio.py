"""Sound cards through PortAudio, which is loaded when sound is first asked for: without it all else works."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any

import numpy as np

from app.audio import pulse_server
from app.audio.base import RATE
from app.audio.devices import DeviceList, SoundDevice
from app.audio.permission import fix_for_denied_microphone
from app.audio.problems import (
    Direction,
    NoSoundDevice,
    NoSoundLibrary,
    NoSuchSoundDevice,
    SoundDeviceBusy,
    SoundDeviceDenied,
    SoundDeviceFailed,
    SoundDeviceLost,
)
from app.audio.ring import SampleRing
from app.audio.stream_time import StreamTime
from app.clock import NS_PER_S, Clock
from app.errors import EnvironmentProblem

log = logging.getLogger(__name__)

BLOCK_S = 0.01
"""Sound is handed over in pieces of this length."""

USUAL_LATENCY_S = 0.02
"""What a card is asked to hold; more comes late, less breaks off on a busy machine."""

RING_S = 1.0

SILENT_S = 3.0
"""A card that has called for nothing for so long has stopped. PulseAudio's null sinks have two seconds of silence in
hand when nobody listens to them, and ask for nothing until those are over."""

LOOK_EVERY_S = 1.0
"""How often the system is asked whether the device is still there."""

RENEW_EVERY_S = 5.0
"""PortAudio lists devices once; to list them again all streams must be closed, so that is not done more often."""

SHARED_INTERFACES = {"win32": "Windows WASAPI", "darwin": "Core Audio", "linux": "ALSA"}
"""Of the several ways to the same device, the one that other programs can use at the same time."""

PULSE_DEVICE = "pulse"

BAD_RATE, BAD_CHANNELS, BAD_FORMAT, NO_DEVICE, DEVICE_BUSY = -9997, -9998, -9994, -9996, -9985
EACCES, EBUSY = 13, 16


class PortAudio:
    """Implements `app.audio.streams.SoundSystem`. There is one for the process, as there is one PortAudio."""

    def __init__(self) -> None:
        self._lock = (
            threading.RLock()
        )  # protects PortAudio itself, whose calls are not safe for threads, and what follows
        self._streams: set[PortAudioStream] = set()
        self._letting_go = False
        self._t_renewed_s = -RENEW_EVERY_S

    def devices(self) -> DeviceList:
        """What there is now; behind the times by `RENEW_EVERY_S` where no sound server is asked.

        Raises:
            NoSoundLibrary: PortAudio is missing.
        """
        library = load_library()
        with self._lock:
            served = pulse_server.list_devices()
            if served is not None and not _has_pulse(library) and not self._streams:
                self._renew(library)
            if served is not None and _has_pulse(library):
                return served
            if not self._streams:
                self._renew(library)
            return _own_list(library)

    def find(self, wanted: str, direction: Direction) -> SoundDevice:
        try:
            return self.devices().find(wanted, direction)
        except (NoSoundDevice, NoSuchSoundDevice):
            with self._lock:  # it may have been plugged in since PortAudio listed
                due = time.monotonic() - self._t_renewed_s > RENEW_EVERY_S
                self._letting_go = bool(self._streams) and due and pulse_server.list_devices() is None
            raise

    def open(self, device: SoundDevice, clock: Clock, latency_s: float = USUAL_LATENCY_S) -> PortAudioStream:
        library = load_library()
        if device.direction is Direction.INPUT and not device.served:
            fix = fix_for_denied_microphone()
            if fix is not None:
                raise SoundDeviceDenied(device.direction, device.name, fix)
        with self._lock:
            stream = PortAudioStream(self, library, device, clock, latency_s)
            self._streams.add(stream)
        return stream

    @property
    def letting_go(self) -> bool:
        """Whether all streams are to be closed, so that devices can be listed anew."""
        return self._letting_go

    def closed(self, stream: PortAudioStream) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.discard(stream)

    def exclusively(self) -> threading.RLock:
        """To be held while PortAudio is called."""
        return self._lock

    def _renew(self, library: Any) -> None:
        if not self._letting_go and time.monotonic() - self._t_renewed_s < RENEW_EVERY_S:
            return
        try:
            library._terminate()
            library._initialize()
        except library.PortAudioError as error:
            log.info("PortAudio could not be started again: %s", error)
        self._letting_go, self._t_renewed_s = False, time.monotonic()


class PortAudioStream:
    """One running stream; its callback copies and does nothing else."""

    def __init__(self, system: PortAudio, library: Any, device: SoundDevice, clock: Clock, latency_s: float) -> None:
        self.device, self._latency_s = device, latency_s
        self._system, self._library, self._clock = system, library, clock
        self._time = StreamTime()
        self._t_looked_ns = self._t_heard_ns = clock.now_ns()
        self._last_stamp: tuple[int, int] | None = None
        self._stream = self._opened()
        self.rate = round(self._stream.samplerate)
        self.ring = SampleRing(round(RING_S * self.rate), self._stream.channels)
        try:
            self._stream.start()
        except library.PortAudioError as error:
            self._stream.close()
            raise _problem(device, error) from error

    def check(self) -> None:
        now_ns, stamp = self._clock.now_ns(), self.ring.stamp
        if stamp != self._last_stamp:
            self._last_stamp, self._t_heard_ns = stamp, now_ns
        if self._system.letting_go:
            raise self._lost("The list of devices is being made anew.")
        if not self._stream.active or now_ns - self._t_heard_ns > SILENT_S * NS_PER_S:
            raise self._lost("It was unplugged, or its driver has stopped.")
        if now_ns - self._t_looked_ns > LOOK_EVERY_S * NS_PER_S:
            self._t_looked_ns = now_ns
            self._look()

    def close(self) -> None:
        with self._system.exclusively():
            try:
                self._stream.abort(ignore_errors=True)
                self._stream.close(ignore_errors=True)
            finally:
                self._system.closed(self)

    def _look(self) -> None:
        """A server moves streams of a device that goes to another one, where nobody wants to be heard."""
        served = pulse_server.list_devices()
        if self.device.served and served is not None and self.device not in served.devices:
            raise self._lost("The system does not list it any more.")

    def _lost(self, why: str) -> SoundDeviceLost:
        return SoundDeviceLost(self.device.direction, self.device.name, why)

    def _opened(self) -> Any:
        refused: Exception | None = None
        number, settings = _number_of(self._library, self.device)
        direct = self.device.direction is Direction.INPUT
        make = self._library.RawInputStream if direct else self._library.RawOutputStream
        callback = self._on_input if direct else self._on_output
        served = pulse_server.chosen(self.device) if self.device.served else nullcontext()
        with served:
            for rate, channels in _ways(self._library, number, self.device.direction):
                options = {
                    "device": number,
                    "samplerate": rate,
                    "channels": channels,
                    "blocksize": round(BLOCK_S * rate),
                }
                try:
                    return make(
                        **options, dtype="float32", latency=self._latency_s, callback=callback, extra_settings=settings
                    )
                except self._library.PortAudioError as error:
                    refused = error
                    if _code(error) not in (BAD_RATE, BAD_CHANNELS, BAD_FORMAT):
                        break
        raise _problem(self.device, refused) from refused

    def _on_input(self, data: Any, frames: int, times: Any, status: Any) -> None:
        now_ns = time.monotonic_ns()
        ring, number = self.ring, self.ring.written
        ring.write(np.frombuffer(data, np.float32).reshape(frames, ring.channels))
        t_ns = self._time.moment_ns(now_ns, times.currentTime, times.inputBufferAdcTime, -frames / self.rate)
        ring.stamp = (number, t_ns)
        ring.wake.set()

    def _on_output(self, data: Any, frames: int, times: Any, status: Any) -> None:
        now_ns = time.monotonic_ns()
        ring, number = self.ring, self.ring.taken + self.ring.padded
        ring.fill(np.frombuffer(data, np.float32).reshape(frames, ring.channels))
        ring.stamp = (
            number,
            self._time.moment_ns(now_ns, times.currentTime, times.outputBufferDacTime, self._latency_s),
        )
        ring.wake.set()


@cache
def sound_system() -> PortAudio:
    """The one of this process."""
    return PortAudio()


def load_library() -> Any:
    """Sounddevice.

    Raises:
        NoSoundLibrary: PortAudio is missing.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise NoSoundLibrary from error
    return sounddevice


def _has_pulse(library: Any) -> bool:
    return any(row["name"] == PULSE_DEVICE for row in library.query_devices())


def _rows(library: Any) -> Iterator[tuple[int, Any]]:
    """PortAudio's own devices through the interface that shares; all of them where there is no such interface."""
    interfaces = library.query_hostapis()
    shared = [number for number, row in enumerate(interfaces) if row["name"] == SHARED_INTERFACES.get(sys.platform)]
    for number, row in enumerate(library.query_devices()):
        if not shared or row["hostapi"] in shared:
            yield number, row


def _own_list(library: Any) -> DeviceList:
    devices: dict[tuple[str, Direction], SoundDevice] = {}
    for _, row in _rows(library):
        for direction, channels in _channels(row).items():
            if channels > 0:
                key = (row["name"], direction)
                devices.setdefault(key, SoundDevice(row["name"], row["name"], direction))
    defaults = [_default_name(library, kind) for kind in ("input", "output")]
    return DeviceList(tuple(devices.values()), *defaults)


def _default_name(library: Any, kind: str) -> str:
    try:
        return str(library.query_devices(kind=kind)["name"])
    except (library.PortAudioError, ValueError):
        return ""


def _channels(row: Any) -> dict[Direction, int]:
    return {Direction.INPUT: row["max_input_channels"], Direction.OUTPUT: row["max_output_channels"]}


def _number_of(library: Any, device: SoundDevice) -> tuple[int, Any]:
    """PortAudio's number for a device, and what its interface must be told.

    Raises:
        NoSuchSoundDevice: it is not listed any more.
    """
    wanted = PULSE_DEVICE if device.served else device.device_id
    for number, row in _rows(library):
        if row["name"] == wanted and _channels(row)[device.direction] > 0:
            converting = sys.platform == "win32"
            return number, library.WasapiSettings(auto_convert=True) if converting else None
    raise NoSuchSoundDevice(device.direction, device.name, [])


def _ways(library: Any, number: int, direction: Direction) -> Iterator[tuple[int, int]]:
    """Rates and channels to try, best first."""
    row = library.query_devices(number)
    most = _channels(row)[direction]
    channels = [1, 2] if direction is Direction.INPUT else [2, 1]
    for rate in dict.fromkeys((RATE, round(row["default_samplerate"]))):
        for count in channels:
            if count <= most:
                yield rate, count


def _code(error: Exception) -> int:
    return int(error.args[1]) if len(error.args) > 1 else 0


def _problem(device: SoundDevice, error: Exception | None) -> EnvironmentProblem:
    """PortAudio's complaint as a sentence."""
    code = _code(error) if error is not None else 0
    host = error.args[2] if error is not None and len(error.args) > 2 else (0, 0, "")
    if code == DEVICE_BUSY or abs(host[1]) == EBUSY:
        return SoundDeviceBusy(device.direction, device.name)
    if abs(host[1]) == EACCES:
        fix = "Run: sudo usermod -aG audio $USER, then log out and in again."
        return SoundDeviceDenied(device.direction, device.name, fix)
    text = host[2] or (str(error.args[0]) if error is not None and error.args else "it takes no usual rate")
    return SoundDeviceFailed(device.direction, device.name, text.rstrip("."))
