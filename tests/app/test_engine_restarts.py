"""Stop, restart, another portrait, another camera, another recording, fifty times: nothing may be left."""

from __future__ import annotations

import gc
import threading
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from app.capture.base import CaptureFormat
from app.capture.open import open_source
from app.control import EngineConfig
from app.engine import Engine
from app.live_stages import LiveStages
from app.output.camera_messages import KeeperOptions
from app.output.virtual_camera import VirtualCamera
from app.pipeline import Pipeline
from app.settings import OutputSettings
from app.worker import Stage
from tests.helpers.fake_camera import LOADER
from tests.helpers.frames import plain
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

ROUNDS = 50
WARM_UP_ROUNDS = 5
CONFIG = EngineConfig(camera="synthetic", output=OutputSettings(width=320, height=192, fps=100.0))


class Held:
    """What this process holds that a leak would add to."""

    def __init__(self) -> None:
        gc.collect()
        process = psutil.Process()
        self.threads = sorted(thread.name for thread in threading.enumerate())
        self.native_threads = process.num_threads()
        self.files = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
        # Python's own resource tracker is started once and stays for the life of the process.
        self.children = [child for child in process.children(recursive=True) if not _is_tracker(child)]


def _is_tracker(process: psutil.Process) -> bool:
    return any("resource_tracker" in argument for argument in process.cmdline())


class RealFiles(TestStages):
    """Cameras by name through `open_source`, recordings through the real recorder."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config)
        self.source = lambda name: open_source(name, CaptureFormat(320, 240, 100.0))

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        return LiveStages.recorder(self, path, pipeline)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Half a second of grey video."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("h264", rate=50)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for shade in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), 4 * shade, np.uint8), format="rgb24")
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    return path


@pytest.mark.slow
def test_nothing_is_left_after_fifty_rounds_of_everything(tmp_path: Path, clip: Path) -> None:
    stages = RealFiles(CONFIG)
    engine = Engine(CONFIG, stages)
    engine.set_portrait(small_portrait())
    held: Held | None = None
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        if number == WARM_UP_ROUNDS:
            held = Held()
        _round(engine, stages, clip, tmp_path / "movie.mp4", number)
    after = Held()
    assert held is not None
    assert (after.threads, after.children) == (held.threads, held.children)
    assert after.files <= held.files
    assert after.native_threads <= held.native_threads


def _round(engine: Engine, stages: TestStages, clip: Path, movie: Path, number: int) -> None:
    engine.start()
    _wait_for_frames(stages, "from the first camera")
    engine.set_portrait(small_portrait(f"number {number}"))
    engine.set_camera(str(clip) if number % 2 else "synthetic")
    engine.start_recording(movie)
    _wait_for_frames(stages, "from the second camera")
    if number % 3:
        engine.stop_recording()
    engine.set_camera("synthetic" if number % 2 else str(clip))
    engine.set_virtual_camera("none")
    engine.stop()
    assert engine.problems() == ()


def _wait_for_frames(stages: TestStages, what: str) -> None:
    before = stages.first_sink.frames
    wait_for(lambda: stages.first_sink.frames >= before + 2, f"frames {what}")


def test_the_process_and_memory_of_a_virtual_camera_end_with_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    class Noted(SharedMemory):
        def __init__(self, name: str | None = None, create: bool = False, size: int = 0) -> None:
            super().__init__(name, create, size)
            taken.append(self.name)

    monkeypatch.setattr("app.output.frame_ring.SharedMemory", Noted)

    class WithCamera(TestStages):
        def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
            options = KeeperOptions((64, 96), backend_loader=LOADER + "register")
            camera = VirtualCamera(plain((9, 9, 9), (64, 96)), str(tmp_path / "log"), options)
            return self.counted(camera, "camera", pipeline)

    before = Held()
    for _ in range(2):
        engine = Engine(CONFIG, WithCamera(CONFIG))
        engine.set_portrait(small_portrait())
        engine.start()
        wait_for(lambda: engine.stats.figures().frames > 3, "frames in the virtual camera", timeout_s=30.0)  # noqa: B023
        assert engine.status().virtual_camera == str(tmp_path / "log")
        engine.stop(timeout_s=10.0)
        assert engine.status().virtual_camera is None
    assert Held().children == before.children
    assert len(taken) == 2
    for name in taken:
        with pytest.raises(FileNotFoundError):
            SharedMemory(name=name)
