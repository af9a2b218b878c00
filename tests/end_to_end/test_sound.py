"""Sound through a real PulseAudio server: found, sent as late as the picture, and back by itself after a loss.

How close sound and picture are is measured by hand on a machine that is free for it; here it is a rule of order only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from app.audio.base import AudioFanOut
from app.audio.level import LevelMeter
from app.audio.microphone import Microphone
from app.audio.output import SoundOutputStage
from app.audio.picture_delay import ENOUGH, PictureDelay
from app.audio.portaudio import PortAudio
from app.audio.problems import Direction, NoSoundDevice
from app.audio.stage import MicrophoneStage, SoundListeners
from app.clock import NS_PER_MS, NS_PER_S, SystemClock
from app.errors import EnvironmentProblem
from app.packets import AudioBlock, FrameStatus, RenderedFrame
from app.worker import Worker
from tests.helpers.frames import plain
from tests.helpers.sound_server import SoundServer, sound_server
from tests.helpers.waiting import wait_for

DELAY_MS = 250
CLICK_EVERY = 48_000
LONG_S = 30.0
"""For a machine that has much else to do."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    with sound_server(tmp_path_factory.mktemp("sound"), "microphone", "cable", "ears") as running:
        yield running


@pytest.fixture(scope="module")
def system(server: SoundServer) -> PortAudio:
    return PortAudio()


def test_the_servers_devices_are_listed_by_their_lasting_names(system: PortAudio) -> None:
    devices = system.devices()

    assert {device.device_id for device in devices.of(Direction.OUTPUT)} == {"microphone", "cable", "ears"}
    assert devices.of(Direction.INPUT) == [], "what an output plays is no microphone"
    assert system.find("cable.monitor", Direction.INPUT).is_monitor, "but it can be named"


def test_a_machine_without_a_microphone_says_so(system: PortAudio) -> None:
    with pytest.raises(NoSoundDevice) as problem:
        system.find("auto", Direction.INPUT)

    assert str(problem.value) == (
        "No microphone was found. The system lists no microphone. "
        "Plug one in, or go on without sound: --microphone none."
    )


class Clicks:
    """Plays a click every second into a sink, for a microphone that listens there."""

    name = "clicks"

    def __init__(self, system: PortAudio, sink: str) -> None:
        self._system, self._sink, self._number = system, sink, 0

    def open(self) -> None:
        clock = SystemClock()
        self._stream = self._system.open(self._system.find(self._sink, Direction.OUTPUT), clock)

    def step(self) -> None:
        ring = self._stream.ring
        ring.wake.wait(0.2)
        ring.wake.clear()
        while ring.held < 4800:
            samples = np.zeros((480, ring.channels), np.float32)
            if self._number % CLICK_EVERY == 0:
                samples[:48] = 0.8
            ring.write(samples)
            self._number += 480

    def release(self) -> None:
        self._stream.close()

    def unblock(self) -> None:
        """It never waits long."""


@dataclass
class Heard:
    """When clicks were heard, in nanoseconds."""

    times_ns: list[int] = field(default_factory=list)

    def listen(self, block: AudioBlock) -> None:
        loud = np.flatnonzero(np.abs(block.samples[:, 0]) > 0.3)
        if len(loud):
            t_ns = block.t_first_sample_ns + int(loud[0]) * NS_PER_S // block.rate
            if not self.times_ns or t_ns - self.times_ns[-1] > NS_PER_S // 2:
                self.times_ns.append(t_ns)


class Call:
    """Microphone, delay line and cable, and somebody at the other end of the cable."""

    def __init__(self, system: PortAudio) -> None:
        self.problems: list[EnvironmentProblem] = []
        self.opened: list[str | None] = []
        self.spoken, self.heard = Heard(), Heard()
        self.failures: list[Exception] = []
        clock, audio, picture = SystemClock(), AudioFanOut(), PictureDelay()
        for _ in range(ENOUGH):
            frame = RenderedFrame(1, plain((0, 0, 0), (16, 16)), 0, 0, FrameStatus.LIVE)
            picture.delivered(frame, DELAY_MS * NS_PER_MS)
        listeners = SoundListeners(lost=self.problems.append, opened=self.opened.append)
        audio.connect("test", self.spoken.listen)
        self.microphone = self._stage(system, "microphone.monitor", audio, listeners, clock)
        self.output = SoundOutputStage("sound output", "cable", system, audio, picture, listeners, clock)
        far_end = AudioFanOut()
        far_end.connect("test", self.heard.listen)
        other = self._stage(system, "cable.monitor", far_end, SoundListeners(), clock)
        stages = (Clicks(system, "microphone"), other, self.output, self.microphone)
        self._workers = [Worker(stage, lambda name, error: self.failures.append(error)) for stage in stages]

    def _stage(
        self, system: PortAudio, name: str, audio: AudioFanOut, listeners: SoundListeners, clock: SystemClock
    ) -> MicrophoneStage:
        def make() -> Microphone:
            return Microphone(name, system, clock)

        return MicrophoneStage(make, audio.publish, lambda: False, LevelMeter(), listeners, clock)

    def __enter__(self) -> Call:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in reversed(self._workers):
            worker.stop(10.0)

    def wait_for_clicks(self, count: int) -> None:
        """So many more at the other end."""
        before = len(self.heard.times_ns)
        what = f"{count} clicks at the other end; problems: {self.problems}, failures: {self.failures}"
        wait_for(lambda: len(self.heard.times_ns) >= before + count, what, LONG_S)


@pytest.fixture(scope="module")
def call(system: PortAudio) -> Iterator[Call]:
    with Call(system) as running:
        running.wait_for_clicks(1)
        yield running
    assert running.failures == []


@pytest.fixture(autouse=True)
def nothing_told(request: pytest.FixtureRequest) -> None:
    """Each test hears of its own problems only."""
    if "call" in request.fixturenames:
        request.getfixturevalue("call").problems.clear()


def delays_ms(call: Call) -> list[float]:
    """From each click that was heard at the far end to the nearest one that was spoken that long before."""
    spoken = np.array(call.spoken.times_ns)
    found = []
    for t_ns in call.heard.times_ns:
        apart = t_ns - spoken
        found.append(float(apart[np.argmin(np.abs(apart - DELAY_MS * NS_PER_MS))]) / NS_PER_MS)
    return found


def test_sound_leaves_as_late_as_the_picture(call: Call) -> None:
    call.wait_for_clicks(3)

    assert np.median(delays_ms(call)[-3:]) > DELAY_MS - 50, "no earlier; how much later depends on what else runs here"


def test_a_stream_that_breaks_in_the_middle_is_opened_again(call: Call) -> None:
    for stage in (call.output._stream, call.microphone._source._stream):  # type: ignore[union-attr]
        stage._stream.abort()  # type: ignore[union-attr]  # as PortAudio does when the driver fails

    wait_for(lambda: len(call.problems) >= 2, "both losses to be told", LONG_S)
    call.wait_for_clicks(2)

    whats = {problem.what for problem in call.problems}
    assert whats == {"The sound output cable stopped.", "The microphone Monitor of microphone stopped."}


def test_a_device_that_is_pulled_out_and_put_back_is_used_again_by_itself(call: Call, server: SoundServer) -> None:
    server.unplug("cable")
    wait_for(lambda: len(call.problems) >= 1, "the loss to be told", LONG_S)
    server.plug_in("cable")

    call.wait_for_clicks(2)

    assert call.problems[0].what == "The sound output cable stopped."
    assert call.problems[0].fix == "It is opened again by itself as soon as that works."


def test_a_stage_ends_at_once_while_its_device_is_away(system: PortAudio) -> None:
    told = threading.Event()
    stage = SoundOutputStage(
        "monitor",
        "nowhere",
        system,
        AudioFanOut(),
        PictureDelay(),
        SoundListeners(lost=lambda _: told.set()),
        SystemClock(),
    )
    worker = Worker(stage, lambda name, error: None)
    worker.start()
    assert told.wait(LONG_S)

    worker.stop(5.0)

    assert not worker.alive


def test_no_server_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.audio.pulse_server import list_devices

    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nothing.sock'}")

    assert list_devices() is None
