"""A clip that claps and flashes at the same moments, as the camera, through the engine and a PulseAudio cable.

Looked for in the recording and at the cable's far end. How close the two are is a figure for a machine that has time
for it (`run_call` and `sound_after_picture_ms` measure it); rules of time are tested with clocks turned by hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from app.audio.level import LevelMeter
from app.audio.microphone import Microphone
from app.audio.portaudio import PortAudio
from app.audio.stage import MicrophoneStage, SoundListeners
from app.audio.streams import SoundSystem
from app.capture.base import CaptureFormat, FrameSource
from app.capture.open import open_source
from app.capture.stage import CaptureListeners, CaptureStage
from app.clock import NS_PER_S, SystemClock
from app.control import EngineConfig
from app.engine import Engine
from app.live_stages import LiveStages
from app.output.null import NullSink
from app.packets import AudioBlock, FaceObservation, RenderedFrame
from app.pipeline import Pipeline
from app.settings import MotionSettings, OutputSettings, SoundSettings
from app.tracking.base import Tracker
from app.worker import Stage, Worker
from models.types import AnimatedFrame, ImageArray, MotionState, PortraitView, StepOptions
from tests.helpers.live import StillAnimator, TestStages, face, small_portrait
from tests.helpers.sound_server import SoundServer, sound_server
from tests.helpers.waiting import wait_for

FPS, RATE = 30, 48_000
CLAPS_S = tuple(2.0 + k for k in range(10))
LENGTH_S = 12.5
SIZE = (120, 160)
TURN = 0.3
"""Radians."""

LONG_S = 40.0


def make_clip(path: Path) -> None:
    """Dark and silent but for the claps: 0.3 s of light, and of a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=RATE)
        sound.codec_context.layout = "mono"
        for number in range(round(LENGTH_S * FPS)):
            light = any(clap <= number / FPS + 1e-6 < clap + 0.3 for clap in CLAPS_S)
            picture = np.full((*SIZE, 3), 230 if light else 20, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        times_s = np.arange(round(LENGTH_S * RATE)) / RATE
        loud = np.zeros(len(times_s), bool)
        for clap in CLAPS_S:
            loud |= (times_s >= clap) & (times_s < clap + 0.3)
        samples = np.where(loud, 0.8 * np.sin(2 * np.pi * 1500 * times_s), 0.0)
        for start in range(0, len(samples), 1024):
            block = (samples[None, start : start + 1024] * 32767).astype(np.int16)
            piece = av.AudioFrame.from_ndarray(block, "s16", "mono")
            piece.sample_rate, piece.pts, piece.time_base = RATE, start, Fraction(1, RATE)
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))


@dataclass
class Onsets:
    """When something began, in seconds: after at least half a second without it."""

    times_s: list[float] = field(default_factory=list)
    _last_s: float = -1.0

    def see(self, t_s: float, on: bool) -> None:
        if on:
            if t_s - self._last_s > 0.5:
                self.times_s.append(t_s)
            self._last_s = t_s

    def hear(self, block: AudioBlock) -> None:
        self.listen(block.samples[:, 0], block.t_first_sample_ns / NS_PER_S, block.rate)

    def listen(self, samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]], t_s: float, rate: int) -> None:
        """A block, shorter than half a second."""
        loud = np.flatnonzero(np.abs(samples) > 0.25)
        for place in loud[[0, -1]] if len(loud) else ():
            self.see(t_s + int(place) / rate, True)


class Brightness:
    """Finds the face turned where the picture is light; a face that jumps aside would be taken for another one."""

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        return [face(turn=TURN if image[::16, ::16].mean() > 120 else 0.0)]

    def close(self) -> None:
        """Nothing to give back."""


class Lamp(StillAnimator):
    """Light where the driver turned, dark where he did not."""

    def step(self, prepared: PortraitView, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        turned = float(np.abs(driving.camera_from_head - self.motion_of(prepared).camera_from_head).max())
        lit = turned > TURN / 5
        return AnimatedFrame(torch.full_like(torch.from_numpy(prepared.image.copy()), 250 if lit else 5))


class Viewer(NullSink):
    """Notes when the light comes on, when the sink has the frame."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Onsets()

    def send(self, frame: RenderedFrame) -> None:
        super().send(frame)
        self.seen.see(time.monotonic_ns() / NS_PER_S, is_lit(frame.image))


def is_lit(image: ImageArray) -> bool:
    """Whether the portrait is light: looked at where its face is."""
    return bool(np.percentile(image[:, :, 1], 80) > 128)


class ClapStages(TestStages):
    """The test's stages with the real file as camera, the real recorder, and a real PulseAudio."""

    __test__ = False

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config, Lamp)
        self.viewer = Viewer()
        self.system = PortAudio()

    def sound_system(self) -> SoundSystem:
        return self.system

    def open_tracker(self, pipeline: Pipeline) -> Tracker:
        return Brightness()

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        def source() -> FrameSource:
            return open_source(camera, self._format, pipeline.clock, pipeline.playback)

        return CaptureStage(source, pipeline.captured, CaptureListeners(lost=pipeline.reports.camera_lost))

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        return self.counted(self.viewer, "first", pipeline)

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        return LiveStages.recorder(self, path, pipeline)

    @property
    def _format(self) -> CaptureFormat:
        return CaptureFormat()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    with sound_server(tmp_path, "cable") as running:
        yield running


@dataclass(frozen=True)
class Result:
    """Onsets at the sink and the cable's far end (one clock), and in the file (another)."""

    seen: list[float]
    heard: list[float]
    recorded: list[float]
    recorded_sound: list[float]


def run_call(folder: Path, claps: int) -> Result:
    """Play the clip until so many claps came through."""
    make_clip(folder / "clap.mp4")
    config = EngineConfig(
        camera=str(folder / "clap.mp4"),
        sound=SoundSettings("camera", "cable"),
        motion=MotionSettings(smoothing=0.0),
        output=OutputSettings(320, 192),
    )
    stages, heard = ClapStages(config), Onsets()
    clock = SystemClock()
    far_end = MicrophoneStage(
        lambda: Microphone("cable.monitor", stages.system, clock),
        heard.hear,
        lambda: False,
        LevelMeter(),
        SoundListeners(),
        clock,
    )
    engine, listener = Engine(config, stages), Worker(far_end, lambda name, error: None)
    engine.start()
    listener.start()
    try:
        engine.set_portrait(small_portrait())
        wait_for(lambda: engine.stats.t_first_frame_ns is not None, "the first frame", LONG_S)
        engine.start_recording(folder / "out.mp4")
        wait_for(lambda: min(len(stages.viewer.seen.times_s), len(heard.times_s)) >= claps, "the claps", LONG_S)
    finally:
        listener.stop(10.0)
        engine.stop(10.0)
    assert engine.problems() == (), engine.problems()
    return Result(stages.viewer.seen.times_s, heard.times_s, *onsets_of(folder / "out.mp4"))


def onsets_of(path: Path) -> tuple[list[float], list[float]]:
    seen, heard = Onsets(), Onsets()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            seen.see(float(frame.time or 0.0), is_lit(frame.to_ndarray(format="rgb24")))
    with av.open(str(path)) as container:
        for block in container.decode(audio=0):
            heard.listen(block.to_ndarray()[0], float(block.time or 0.0), RATE)
    return seen.times_s, heard.times_s


def sound_after_picture_ms(seen: list[float], heard: list[float]) -> list[float]:
    """For each flash, how much later its clap was heard."""
    apart = [min((clap - flash for clap in heard), key=abs) * 1000 for flash in seen]
    return [each for each in apart if abs(each) < 450]


def test_what_claps_and_flashes_comes_out_of_the_cable_and_of_the_recording(
    server: SoundServer, tmp_path: Path
) -> None:
    result = run_call(tmp_path, claps=2)

    assert sound_after_picture_ms(result.seen, result.heard)
    assert sound_after_picture_ms(result.recorded, result.recorded_sound)
