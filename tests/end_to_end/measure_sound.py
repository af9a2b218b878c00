"""How far sound and picture are apart where a meeting gets them: `python -m tests.end_to_end.measure_sound`.

A clip whose real face steps from one pose to another, with a tone at each step, is the camera. Everything behind it is
what a call uses: tracker, model, compositor, the keeper's process with a pyvirtualcam backend that writes down when it
got which picture; delay line, PortAudio, and a PulseAudio null sink, at whose far end somebody listens.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from app.audio.level import LevelMeter
from app.audio.microphone import Microphone
from app.audio.portaudio import PortAudio
from app.audio.stage import MicrophoneStage, SoundListeners
from app.clock import NS_PER_S, SystemClock
from app.commands.run import demo_avatar, portrait_loading
from app.control import EngineConfig
from app.engine import Engine
from app.live_sinks import CameraWish
from app.live_stages import LiveStages
from app.output.camera_messages import KeeperOptions
from app.output.virtual_camera import VirtualCamera
from app.settings import SoundSettings
from app.stats import quantile
from app.worker import Worker
from models.types import ImageArray
from tests.end_to_end.measure_delay import WARM_UP_S, Step, delays_ms, two_poses
from tests.end_to_end.test_clap import Onsets
from tests.helpers.sound_server import sound_server
from tests.helpers.timed_camera import LOADER, seen_by
from tests.helpers.waiting import wait_for

FPS, RATE = 30, 48_000
STEP_EVERY_S, TONE_S = 1.1, 0.2
BEFORE_HEARD_S = 0.35
"""A step is looked for from so long before it is heard."""

EARLY_MS, LATE_MS = 15.0, 45.0


class MeasuredStages(LiveStages):
    """The real stages with a backend that writes down what it gets."""

    def __init__(self, config: EngineConfig, log: Path) -> None:
        super().__init__(config)
        self._log = log

    def make_virtual_camera(self, wish: CameraWish) -> VirtualCamera:
        options = KeeperOptions(wish.size, wish.fps, backend_loader=LOADER)
        return VirtualCamera(np.zeros((*wish.size, 3), np.uint8), str(self._log), options)


def make_clip(path: Path, seconds: float, poses: tuple[ImageArray, ImageArray]) -> None:
    """The face rests while the program warms up, and then steps, with a tone each time."""
    steps_s = np.arange(WARM_UP_S + 1.0, seconds, STEP_EVERY_S)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "16"})
        video.height, video.width, video.pix_fmt = *poses[0].shape[:2], "yuv420p"
        sound = container.add_stream("aac", rate=RATE)
        sound.codec_context.layout = "mono"
        for number in range(round(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(poses[int((steps_s <= number / FPS + 1e-6).sum()) % 2], "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        times_s = np.arange(round(seconds * RATE)) / RATE
        shown_s = np.ceil(steps_s * FPS - 1e-6) / FPS  # with the picture in which the step is seen
        loud = np.any([(times_s >= at) & (times_s < at + TONE_S) for at in shown_s], axis=0)
        samples = np.where(loud, 0.8 * np.sin(2 * np.pi * 1500 * times_s), 0.0)
        for start in range(0, len(samples), 1024):
            block = (samples[None, start : start + 1024] * 32767).astype(np.int16)
            piece = av.AudioFrame.from_ndarray(block, "s16", "mono")
            piece.sample_rate, piece.pts, piece.time_base = RATE, start, Fraction(1, RATE)
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))


def measure(folder: Path, model: str, seconds: float, *, waits: bool) -> dict[str, object]:
    """Play the clip once; `folder` is of a sound server's null sink "cable"."""
    make_clip(folder / "steps.mp4", WARM_UP_S + seconds, two_poses())
    sound = SoundSettings("camera", "cable", picture_waits=waits)
    config = EngineConfig(model=model, camera=str(folder / "steps.mp4"), virtual_camera="auto", sound=sound)
    log, heard, clock, system = folder / "camera.log", Onsets(), SystemClock(), PortAudio()
    engine = Engine(config, MeasuredStages(config, log))
    far_end = MicrophoneStage(
        lambda: Microphone("cable.monitor", system, clock),
        heard.hear,
        lambda: False,
        LevelMeter(),
        SoundListeners(),
        clock,
    )
    listener = Worker(far_end, lambda name, error: None)
    engine.set_portrait(portrait_loading(model)(demo_avatar(), ()))
    engine.start()
    wait_for(lambda: engine.stats.t_first_frame_ns is not None, "the first frame", 60.0)
    listener.start()
    time.sleep(WARM_UP_S + seconds - 2.0)
    status = engine.status()
    listener.stop(10.0)
    engine.stop(10.0)
    return {
        "model": status.model,
        "picture_waits": waits,
        "problems": [problem.what for problem in status.problems],
        "fps": status.fps,
        "shown_in_window_ms": {"p50": status.latency_ms.p50, "p95": status.latency_ms.p95},
        "sound_delay_ms": status.sound.delay_ms,
        "sound_late_ms": status.sound.late_ms,
        **apart_ms(heard.times_s, log),
    }


def apart_ms(heard_s: list[float], log: Path) -> dict[str, object]:
    """How much later each step is heard than seen; the first and the last may have been cut off."""
    steps = [Step(round((at - BEFORE_HEARD_S) * NS_PER_S), number % 2) for number, at in enumerate(heard_s)][1:-1]
    seen = seen_by(log)
    one, other = delays_ms(steps, seen), delays_ms([Step(each.t_capture_ns, 1 - each.pose) for each in steps], seen)
    found = max(one, other, key=lambda delays: sum(delay == delay for delay in delays))  # which pose came first
    apart = [BEFORE_HEARD_S * 1000 - delay for delay in found if delay == delay]
    return {
        "steps": len(steps),
        "steps_found": len(apart),
        "sound_after_picture_ms": {
            name: quantile(apart, at) for name, at in (("least", 0.0), ("p50", 0.5), ("most", 1.0))
        },
        "within": sum(-EARLY_MS <= each <= LATE_MS for each in apart),
    }


def main() -> int:
    """Print the figures as JSON; 0 where every step is heard from 15 ms before to 45 ms after it is seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="geometric")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--picture-at-once", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sound_server(Path(folder), "cable"):
        figures = measure(Path(folder), asked.model, asked.seconds, waits=not asked.picture_at_once)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if figures["within"] == figures["steps_found"] else 1


if __name__ == "__main__":
    sys.exit(main())
