"""PortAudio's devices and complaints, as sentences; with a library of the test's own."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest

from app.audio import portaudio
from app.audio.devices import DeviceList, SoundDevice
from app.audio.portaudio import PortAudio
from app.audio.problems import Direction, NoSoundLibrary
from app.clock import NS_PER_S
from app.errors import EnvironmentProblem
from tests.helpers.live import HandClock

DESK = SoundDevice("Desk", "Desk", Direction.INPUT)


class FakeStream:
    """What sounddevice's raw streams are to this program."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options, self.samplerate, self.channels = options, options["samplerate"], options["channels"]
        self.active, self.closed = False, False

    def start(self) -> None:
        self.active = True

    def abort(self, ignore_errors: bool = True) -> None:
        self.active = False

    def close(self, ignore_errors: bool = True) -> None:
        self.closed = True


class FakeLibrary:
    """Implements what is used of sounddevice. refusals: errors by (rate, channels)."""

    class PortAudioError(Exception):
        """As sounddevice raises it: text, code, (host, host's code, host's text)."""

    def __init__(self) -> None:
        self.rows = [row("Desk", 2, 0), row("Speakers", 0, 2), row("Old way to Desk", 2, 0, hostapi=1)]
        self.refusals: dict[tuple[int, int], Exception] = {}
        self.made: list[FakeStream] = []
        self.renewed = 0

    def query_hostapis(self) -> list[dict[str, str]]:
        return [{"name": portaudio.SHARED_INTERFACES[sys.platform]}, {"name": "MME"}]

    def query_devices(self, device: int | None = None, kind: str | None = None) -> Any:
        if kind is not None:
            return self.rows[0 if kind == "input" else 1]
        return self.rows if device is None else self.rows[device]

    def RawInputStream(self, **options: Any) -> FakeStream:
        refusal = self.refusals.get((options["samplerate"], options["channels"]))
        if refusal is not None:
            raise refusal
        self.made.append(FakeStream(options))
        return self.made[-1]

    def WasapiSettings(self, **_: Any) -> None:
        return None

    def _terminate(self) -> None:
        self.renewed += 1

    def _initialize(self) -> None:
        """Nothing to do."""


def row(name: str, inputs: int, outputs: int, hostapi: int = 0) -> dict[str, Any]:
    return {
        "name": name,
        "hostapi": hostapi,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": 44_100.0,
    }


def refusal(code: int, host: tuple[int, int, str] = (0, 0, "")) -> FakeLibrary.PortAudioError:
    return FakeLibrary.PortAudioError("Error opening", code, host)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    made = FakeLibrary()
    monkeypatch.setattr(portaudio, "load_library", lambda: made)
    monkeypatch.setattr(portaudio.pulse_server, "list_devices", lambda: None)
    monkeypatch.setattr(portaudio, "fix_for_denied_microphone", lambda: None)
    return made


def open_desk(clock: HandClock | None = None) -> portaudio.PortAudioStream:
    return PortAudio().open(DESK, clock or HandClock())


def test_without_a_server_devices_are_listed_through_the_interface_that_shares(library: FakeLibrary) -> None:
    assert PortAudio().devices() == DeviceList(
        (DESK, SoundDevice("Speakers", "Speakers", Direction.OUTPUT)), "Desk", "Speakers"
    )


def test_devices_are_listed_anew_only_while_nothing_is_open(library: FakeLibrary) -> None:
    system = PortAudio()
    system.devices()
    stream = system.open(DESK, HandClock())
    system.devices()
    assert library.renewed == 1
    stream.close()

    system._t_renewed_s -= portaudio.RENEW_EVERY_S
    system.devices()

    assert library.renewed == 2


def test_a_device_that_is_missing_has_the_other_streams_closed_so_that_it_can_be_found(library: FakeLibrary) -> None:
    system = PortAudio()
    stream = system.open(DESK, HandClock())
    system._t_renewed_s -= 2 * portaudio.RENEW_EVERY_S
    with pytest.raises(EnvironmentProblem):
        system.find("Headset", Direction.OUTPUT)

    with pytest.raises(EnvironmentProblem, match="The list of devices is being made anew"):
        stream.check()
    stream.close()
    library.rows.append(row("Headset", 1, 2))

    assert system.find("Headset", Direction.OUTPUT).name == "Headset"
    assert not system.letting_go


def test_it_is_opened_at_48_khz_with_one_channel_where_that_works(library: FakeLibrary) -> None:
    stream = open_desk()

    assert (stream.rate, stream.ring.channels) == (48_000, 1)
    assert library.made[0].options["blocksize"] == 480


def test_a_card_that_takes_only_its_own_rate_and_channels_gets_them(library: FakeLibrary) -> None:
    library.refusals = {
        (48_000, 1): refusal(portaudio.BAD_CHANNELS),
        (48_000, 2): refusal(portaudio.BAD_RATE),
        (44_100, 1): refusal(portaudio.BAD_CHANNELS),
    }

    stream = open_desk()

    assert (stream.rate, stream.ring.channels) == (44_100, 2)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            refusal(portaudio.DEVICE_BUSY),
            "The microphone Desk could not be opened. Another program is using it. "
            "Close the other program, or choose another one.",
        ),
        (
            refusal(-9999, (0, -16, "Device or resource busy")),
            "The microphone Desk could not be opened. Another program is using it. "
            "Close the other program, or choose another one.",
        ),
        (
            refusal(-9999, (0, -13, "Permission denied")),
            "The microphone Desk may not be used. The system does not let this program use it. "
            "Run: sudo usermod -aG audio $USER, then log out and in again.",
        ),
        (
            refusal(-9999, (0, -5, "Input/output error")),
            "The microphone Desk could not be opened. The system says: Input/output error. "
            "Plug it in again, or choose another one.",
        ),
    ],
)
def test_what_portaudio_refuses_is_a_sentence_and_the_environments_fault(
    library: FakeLibrary, error: Exception, sentence: str
) -> None:
    library.refusals = {(48_000, 1): error}

    with pytest.raises(EnvironmentProblem) as problem:
        open_desk()

    assert str(problem.value) == sentence
    assert problem.value.exit_code == 3


def test_a_microphone_the_system_forbids_is_not_opened(library: FakeLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "fix_for_denied_microphone", lambda: "Allow it in the settings.")

    with pytest.raises(EnvironmentProblem) as problem:
        open_desk()

    assert str(problem.value) == (
        "The microphone Desk may not be used. The system does not let this program use it. Allow it in the settings."
    )
    assert library.made == []


def test_a_card_that_falls_silent_or_stops_is_lost(library: FakeLibrary) -> None:
    clock = HandClock()
    stream = open_desk(clock)
    stream.ring.stamp = (0, clock.now_ns())
    stream.check()
    clock.pass_s(portaudio.SILENT_S + 0.1)

    with pytest.raises(EnvironmentProblem) as problem:
        stream.check()

    assert str(problem.value) == (
        "The microphone Desk stopped. It was unplugged, or its driver has stopped. "
        "It is opened again by itself as soon as that works."
    )


def test_the_callback_copies_and_stamps(library: FakeLibrary) -> None:
    stream = open_desk()
    times = type("Times", (), {"currentTime": 77.0, "inputBufferAdcTime": 76.98})
    library.made[0].options["callback"](b"\0\0\0\x3f" * 480, 480, times, None)

    assert stream.ring.held == 480
    assert stream.ring.take(1).tolist() == [[0.5]]
    assert stream.ring.stamp is not None
    number, t_ns = stream.ring.stamp
    assert number == 0
    assert t_ns < portaudio.time.monotonic_ns() - 0.019 * NS_PER_S
    assert stream.ring.wake.is_set()


def test_without_portaudio_there_is_a_sentence_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setattr(sys, "platform", "linux")

    with pytest.raises(NoSoundLibrary) as problem:
        PortAudio().devices()

    assert str(problem.value) == (
        "There is no sound. The library PortAudio is not installed. "
        "On Debian and Ubuntu: sudo apt install libportaudio2 libasound2-plugins."
    )
    assert problem.value.exit_code == 3
