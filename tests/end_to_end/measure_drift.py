"""Whether sound and picture drift apart in a long call: `python -m tests.end_to_end.measure_drift --seconds 600`.

Microphone and output are cards whose quartzes are off, one slow and one fast, on a real PulseAudio server. A light
goes on before the camera each second and a tone sounds at the same moment. Both are looked for where the virtual
camera and the output card are, in the recording, which is paused twice, and in a stream that a server keeps.
"""

from __future__ import annotations

import argparse
import json
import math
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.capture.base import FrameSource
from app.clock import NS_PER_S
from app.control import EngineConfig
from app.engine import Engine
from app.output.destinations import StreamTarget
from app.packets import CapturedFrame
from app.pipeline import Pipeline
from app.settings import MotionSettings, OutputSettings, SoundSettings
from app.slots import Closed
from app.worker import Stage, Worker
from models.types import FloatArray
from tests.end_to_end.test_clap import FPS, SIZE, ClapStages, Onsets, onsets_of, sound_after_picture_ms
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.quartz_cards import RATE, MicrophoneCard, OutputCard, sink_module, source_module
from tests.helpers.sound_server import sound_server
from tests.helpers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
CLAP_EVERY_S, CLAP_S = 1.0, 0.3
SETTLED_S = 20.0
"""The clocks of the cards are being learnt until then."""

DARK_S = 3.0

PART_S = 60.0
"""The end of a call is compared with its beginning by the medians of such parts."""


class Claps:
    """When light and tone are on: a moment each second; never before `t_begin_s`, while the neutral face is learnt."""

    def __init__(self) -> None:
        self._t_start_s = time.monotonic()
        self.t_begin_s = math.inf

    def light(self, t_s: float) -> bool:
        return t_s > self.t_begin_s and (t_s - self._t_start_s) % CLAP_EVERY_S < CLAP_S

    def tone(self, times_s: FloatArray) -> FloatArray:
        since_s = times_s - self._t_start_s
        on = (times_s > self.t_begin_s) & (since_s % CLAP_EVERY_S < CLAP_S)
        return np.asarray(np.where(on, 0.8 * np.sin(2 * np.pi * 1500 * since_s), 0.0), np.float32)

    def next_picture_s(self, t_s: float) -> float:
        """Pictures are taken at a steady rate, one of them at each moment at which the light goes on."""
        return self._t_start_s + (int((t_s - self._t_start_s) * FPS) + 1) / FPS


class LampCamera:
    """Sees the light."""

    name = "lamp"

    def __init__(self, claps: Claps) -> None:
        self._claps, self._interrupted, self._number = claps, threading.Event(), 0

    def open(self) -> None:
        """Nothing to acquire."""

    def grab(self, timeout_s: float) -> CapturedFrame:
        due_s = self._claps.next_picture_s(time.monotonic())
        if self._interrupted.wait(max(0.0, due_s - time.monotonic())):
            raise Closed(self.name)
        t_ns = time.monotonic_ns()
        self._number += 1
        light = self._claps.light(t_ns / NS_PER_S)
        return CapturedFrame(self._number, np.full((*SIZE, 3), 230 if light else 20, np.uint8), t_ns, self.name)

    def release(self) -> None:
        """Nothing to give back."""

    def interrupt(self) -> None:
        self._interrupted.set()


class DriftStages(ClapStages):
    """The stages of the clap with the lamp as camera."""

    __test__ = False

    def __init__(self, config: EngineConfig, claps: Claps) -> None:
        super().__init__(config)
        self.source = self._lamp
        self._claps = claps

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        return TestStages.capture(self, camera, pipeline)

    def _lamp(self, name: str) -> FrameSource:
        return LampCamera(self._claps)


@dataclass(frozen=True)
class Call:
    """What a call is made of. ppm: by how much each card is off, the microphone slow and the output fast."""

    folder: Path
    seconds: float
    ppm: float

    @property
    def microphone(self) -> Path:
        return self.folder / "microphone.pipe"

    @property
    def cable(self) -> Path:
        return self.folder / "cable.pipe"

    def pauses(self) -> list[tuple[float, float]]:
        """Of the recording: from when to when."""
        return [(self.seconds * 0.3, self.seconds * 0.3 + 20.0), (self.seconds * 0.7, self.seconds * 0.7 + 1.0)]


def measure(call: Call) -> dict[str, object]:
    """Run the call, then read what came out of it."""
    claps, heard = Claps(), Onsets()
    port = _free_udp_port()
    config = EngineConfig(
        camera="lamp",
        sound=SoundSettings("microphone", "cable"),
        motion=MotionSettings(smoothing=0.0),
        output=OutputSettings(320, 192),
    )
    stages = DriftStages(config, claps)
    microphone = MicrophoneCard(call.microphone, RATE * (1 - call.ppm * 1e-6), claps.tone)
    cable = OutputCard(call.cable, RATE * (1 + call.ppm * 1e-6), lambda samples, t_s: heard.listen(samples, t_s, RATE))
    workers = [Worker(stage, lambda name, error: _say(f"{name}: {error!r}")) for stage in (microphone, cable)]
    engine = Engine(config, stages)
    server = _keeping_server(port, call.folder / "stream.mkv")
    assert server.stdout is not None
    server.stdout.readline()
    engine.start()
    for worker in workers:
        worker.start()
    try:
        engine.set_portrait(small_portrait())
        wait_for(lambda: engine.stats.t_first_frame_ns is not None, "the first frame", 40.0)
        claps.t_begin_s = time.monotonic() + DARK_S
        engine.set_stream(StreamTarget.parse(f"srt://127.0.0.1:{port}"))
        engine.start_recording(call.folder / "out.mp4")
        t_start_s = time.monotonic()
        _talk(engine, call, t_start_s)
        status = engine.status()
    finally:
        engine.stop(10.0)
        for worker in workers:
            worker.stop(10.0)
        server.wait(20.0)
    return {
        "seconds": call.seconds,
        "each_card_off_ppm": call.ppm,
        "problems": [problem.what for problem in status.problems],
        "microphone_samples_lost": microphone.lost,
        "output_samples_missing": cable.missing,
        "sound_delay_ms": status.sound.delay_ms,
        "sound_late_ms": status.sound.late_ms,
        "dropped": status.dropped,
        "output": figures(stages.viewer.seen.times_s, heard.times_s),
        "recording": figures(*onsets_of(call.folder / "out.mp4")),
        "stream": figures(*onsets_of(call.folder / "stream.mkv")),
    }


def _talk(engine: Engine, call: Call, t_start_s: float) -> None:
    events = sorted((at, number == 0) for pause in call.pauses() for number, at in enumerate(pause))
    for at_s, paused in [*events, (call.seconds, None)]:
        time.sleep(max(0.0, t_start_s + at_s - time.monotonic()))
        if paused is not None:
            engine.pause_recording(paused)
        _say(f"{at_s:.0f} s: {engine.status().problems}")


def figures(seen_s: list[float], heard_s: list[float]) -> dict[str, object]:
    """How much later than it is seen each clap is heard, and by how much that grew, in milliseconds."""
    begin_s = seen_s[0] + SETTLED_S
    seen_s = [each for each in seen_s if each >= begin_s]
    apart = np.array([next(iter(sound_after_picture_ms([each], heard_s)), np.nan) for each in seen_s])
    times_s = np.array(seen_s)[~np.isnan(apart)]
    apart = apart[~np.isnan(apart)]
    first = np.median(apart[times_s < times_s[0] + PART_S])
    last = np.median(apart[times_s > times_s[-1] - PART_S])
    slope = float(np.polyfit(times_s, apart, 1)[0])
    return {
        "flashes": len(seen_s),
        "with_their_clap": len(apart),
        "sound_after_picture_ms": {"least": apart.min(), "p50": float(np.median(apart)), "most": apart.max()},
        "within": int(((apart >= -15) & (apart <= 45)).sum()),
        "first_minute_ms": float(first),
        "last_minute_ms": float(last),
        "drift_ms": float(last - first),
        "fitted_ms_in_ten_minutes": slope * 600,
    }


def _keeping_server(port: int, file: Path) -> subprocess.Popen[str]:
    """Keeps the stream as a file; it waits half a minute for one."""
    url = f"srt://127.0.0.1:{port}?mode=listener"
    command = [sys.executable, "-m", "tests.helpers.stream_listener", url, str(file)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Print the figures as JSON; 0 where nothing drifted by 5 ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--ppm", type=float, default=100.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        call = Call(Path(name), asked.seconds, asked.ppm)
        modules = (source_module("microphone", call.microphone), sink_module("cable", call.cable))
        with sound_server(call.folder, modules=modules):
            found = measure(call)
    sys.stdout.write(json.dumps(found, indent=2, default=float) + "\n")
    parts = (found["output"], found["recording"], found["stream"])
    return 0 if all(isinstance(part, dict) and abs(part["drift_ms"]) < 5.0 for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
