"""The real program with a fault in it, for `tests.helpers.crash_program`.

Everything is real but the webcam (which shows the marker or the wash that nobody else may see), the tracker (which
finds a face in them), and the virtual camera's driver, which looks at every picture it is sent. A word on stdin makes
the next step of that part fail; the message of the failure holds a picture and a path in the home folder.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app import worker
from app.audio.devices import SoundDevice
from app.audio.problems import Direction
from app.audio.streams import SoundSystem
from app.capture.base import CaptureFormat
from app.capture.synthetic import Pattern, SyntheticSource, synthetic_image
from app.cli import run_command_line
from app.clock import Clock
from app.commands import run as run_command
from app.commands.run_options import RunOptions
from app.commands.window_run import WindowRun
from app.control import EngineConfig
from app.engine import Engine
from app.live_sinks import CameraWish
from app.live_stages import LiveStages
from app.output import camera_keeper
from app.output.camera_messages import KeeperOptions
from app.output.virtual_camera import VirtualCamera
from app.packets import CapturedFrame, FaceObservation, RenderedFrame
from app.pipeline import Pipeline
from app.support.folders import state_folder
from app.worker import Stage
from models.geometric.animator import GeometricAnimator
from models.types import ImageArray
from tests.app.test_no_camera_pixel import grey_portrait
from tests.helpers.fake_camera import LOADER
from tests.helpers.fake_sound import BLOCK, FakeStream, FakeSystem
from tests.helpers.live import PICTURE_SIZE, ScriptedTracker, TestStages, face

SIZE, FPS = (192, 320), 15.0
ORPHAN_S = 900.0

PRIVATE = "CRASHES_PRIVATE_PICTURE"
"""Environment variable: a path that nothing written may say; not in the code, because tracebacks quote that."""


class Faults:
    """What is to fail next; written by the thread that reads stdin."""

    def __init__(self) -> None:
        self.armed = ""
        self.name = "faults"

    def strike(self, part: str) -> None:
        """Fail if `part` is to."""
        if self.armed == part:
            self.armed = ""
            picture = synthetic_image(Pattern.MARKER, (8, 8), 1)
            raise RuntimeError(f"{picture!r} {picture.tobytes()!r} of {os.environ[PRIVATE]} in {part}")

    def open(self) -> None: ...

    def step(self) -> None:
        """Hear one word; a fault of the process itself happens at once."""
        word = sys.stdin.readline().strip()
        if word == "abort":
            os.abort()
        elif word == "segfault":
            ctypes.string_at(0)
        elif not word:
            raise worker.Closed("stdin")
        self.armed = word

    def release(self) -> None: ...

    def unblock(self) -> None: ...


FAULTS = Faults()


class MarkedSource(SyntheticSource):
    """A webcam that shows the marker and the wash by turns."""

    def grab(self, timeout_s: float) -> CapturedFrame:
        FAULTS.strike("capture")
        self._pattern = Pattern.MARKER if self._last_id // 8 % 2 else Pattern.WASH
        return super().grab(timeout_s)


class FaultyAnimator(GeometricAnimator):
    def step(self, *arguments: Any) -> Any:
        FAULTS.strike("render")
        return super().step(*arguments)


class FaultyCamera(VirtualCamera):
    def send(self, frame: RenderedFrame) -> None:
        FAULTS.strike("sink")
        super().send(frame)


class FaultyCard(FakeStream):
    """A sound card that hears and plays silence, 10 ms at each look."""

    def check(self) -> None:
        FAULTS.strike(self.device.direction.value)
        threading.Event().wait(BLOCK / self.rate)
        if self.device.direction is Direction.INPUT:
            self.speak(np.zeros((BLOCK, 1), np.float32))
        else:
            self.listen()


class FaultyCards(FakeSystem):
    def open(self, device: SoundDevice, clock: Clock, latency_s: float = 0.02) -> FakeStream:
        return FaultyCard(device, clock, latency_s)


class CrashStages(TestStages):
    """The stages of the tests with the real sinks."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config, lambda: FaultyAnimator(torch.device("cpu")))
        self.source = lambda name: MarkedSource(CaptureFormat(PICTURE_SIZE[1], PICTURE_SIZE[0], FPS))

    def open_tracker(self, pipeline: Pipeline) -> ScriptedTracker:
        return ScriptedTracker(self._look)

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        return LiveStages.sink(self, virtual_camera, pipeline)

    def sound_system(self) -> SoundSystem:
        return FaultyCards()

    def make_virtual_camera(self, wish: CameraWish) -> VirtualCamera:
        loader = LOADER + "register_inspecting"
        options = KeeperOptions(wish.size, wish.fps, backend_loader=loader, orphan_s=ORPHAN_S, notes=state_folder())
        return FaultyCamera(black(wish.size), wish.name, options)

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        return _Struck(LiveStages.recorder(self, path, pipeline), "recorder")

    def _look(self) -> FaceObservation:
        FAULTS.strike("tracking")
        if FAULTS.armed == "exit":
            FAULTS.armed = ""
            sys.exit("a library wants the program to end")
        return face(turn=0.2)


class _Struck:
    """A stage that fails on demand, in a step or when it is released."""

    def __init__(self, stage: Stage, part: str) -> None:
        self._stage, self._part, self.name = stage, part, stage.name

    def open(self) -> None:
        self._stage.open()

    def step(self) -> None:
        FAULTS.strike(self._part)
        self._stage.step()

    def release(self) -> None:
        self._stage.release()

    def unblock(self) -> None:
        self._stage.unblock()


def black(size: tuple[int, int]) -> ImageArray:
    return np.zeros((*size, 3), np.uint8)


def faulty_engine(config: EngineConfig) -> Engine:
    """The engine with faults in its supervisor, in what the main thread asks, and in what the window takes."""
    engine = Engine(config, CrashStages(config))
    _strike_before(engine._camera, "reconcile", "supervisor")
    _strike_before(engine, "problems", "main")
    _strike_before(engine.preview, "take", "bridge")
    worker.Worker(FAULTS, lambda name, error: None).start()
    return engine


def _strike_before(target: object, method: str, part: str) -> None:
    original: Callable[..., Any] = getattr(target, method)

    def struck(*arguments: Any, **named: Any) -> Any:
        FAULTS.strike(part)
        return original(*arguments, **named)

    setattr(target, method, struck)


def show_window(options: RunOptions) -> int:
    """As in main.py, with the faulty engine."""
    from ui import services
    from ui.application import run_window
    from ui.options import WindowOptions

    services.PortraitMaker.load = lambda self, who, references=(): grey_portrait()  # type: ignore[method-assign]
    session = WindowRun(options, faulty_engine)
    window = WindowOptions(
        config=options.engine_config(options.camera),
        virtual_camera=options.virtual_camera,
        avatar=options.avatar,
        has_begun=session.has_begun,
        before_stop=session.before_stop,
        remember=False,
        away=options.away,
        crash=options.crash,
    )
    code = run_window(window, session.make_engine)
    session.after_stop()
    return code


def main(camera: str, mode: str, movie: str) -> int:
    camera_keeper.START_TIMEOUT_S = 240.0  # a busy machine is not what is tested
    run_command.live_engine = faulty_engine
    run_command.portrait_loading = lambda model: lambda who, references: grey_portrait()
    arguments = ["run", "--camera", "synthetic", "--virtual-camera", camera, "--size", f"{SIZE[1]}x{SIZE[0]}"]
    arguments += ["--fps", f"{FPS:g}", "--avatar", os.environ[PRIVATE]]
    arguments += ["--microphone", "auto", "--sound-output", "auto"]
    if mode == "headless":
        arguments += ["--headless", "--record", movie]
    return run_command_line(arguments, show_window)
