"""Pause, snapshots, browser source and stream in a running engine: each on its own, and the call goes on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from app.control import EngineConfig
from app.engine import Engine
from app.live_stages import LiveStages
from app.output.destinations import BrowserWish, StreamTarget
from app.pipeline import Pipeline
from app.settings import Background, BackgroundMode, OutputSettings
from app.worker import Stage
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import pause, wait_for

CONFIG = EngineConfig(camera="synthetic", output=OutputSettings(width=320, height=192, fps=100.0))


class RecordingStages(TestStages):
    """With the real recorder."""

    def recorder(self, path: Path, pipeline: Pipeline) -> Stage:
        return LiveStages.recorder(self, path, pipeline)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(CONFIG, RecordingStages(CONFIG))
    engine.set_portrait(small_portrait())
    engine.start()
    wait_for(lambda: engine.stats.figures().frames > 3, "frames")
    yield engine
    engine.stop()


def grows(path: Path, bytes_before: int) -> bool:
    return path.exists() and path.stat().st_size > bytes_before


def goes_on(engine: Engine) -> None:
    before = engine.stats.figures().frames
    wait_for(lambda: engine.stats.figures().frames > before + 3, "the call going on")


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.array(opened)


def times_of(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.time or 0.0) for frame in container.decode(video=0)]


def test_a_paused_recording_has_no_gap_and_the_call_goes_on(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    engine.pause_recording(True)
    assert not engine.status().recording_paused, "there is nothing to pause"
    engine.start_recording(path)
    wait_for(lambda: grows(path, 6_000), "pictures in the file")
    engine.pause_recording(True)
    assert engine.status().recording_paused
    goes_on(engine)
    pause(1.5)
    engine.pause_recording(False)
    assert not engine.status().recording_paused
    size = path.stat().st_size
    wait_for(lambda: grows(path, size + 6_000), "pictures after the pause")
    engine.stop_recording()
    wait_for(lambda: engine.status().recording is None, "the end")
    engine.stop()
    times = times_of(path)
    assert max(np.diff(times)) < 1.2, "the pause of 1.5 s is not in the file"
    assert engine.problems() == ()


def test_a_new_recording_is_not_paused_by_the_last_one(engine: Engine, tmp_path: Path) -> None:
    engine.start_recording(tmp_path / "a.mp4")
    engine.pause_recording(True)
    engine.start_recording(tmp_path / "b.mp4")
    assert not engine.status().recording_paused
    wait_for(lambda: grows(tmp_path / "b.mp4", 6_000), "pictures in the second file")


def test_a_full_disk_ends_the_recording_with_a_sentence_and_the_call_goes_on(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, written = tmp_path / "r.mp4", 0

    def write(file: io.FileIO, data: memoryview) -> int:
        nonlocal written
        if written > 15_000:
            raise OSError(28, "No space left on device")
        written += len(data)
        return io.FileIO.write(file, data)

    monkeypatch.setattr("app.output.recording_file._write_to_disk", write)
    engine.start_recording(path)
    wait_for(lambda: bool(engine.problems()), "the sentence", 30.0)
    (problem,) = engine.problems()
    assert (problem.part, problem.why) == ("recorder", "The disk is full.")
    assert engine.status().recording is None
    goes_on(engine)
    assert len(times_of(path)) >= 2, "what was recorded stays playable"


def test_a_snapshot_shows_what_was_sent(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "s.png"
    engine.save_snapshot(path)
    wait_for(lambda: engine.status().snapshot == path, "the snapshot")
    assert picture(path).shape == (192, 320, 3)
    engine.save_snapshot(tmp_path / "no" / "s.png")
    wait_for(lambda: [each.part for each in engine.problems()] == ["snapshot"], "why there is none")
    engine.save_snapshot(tmp_path / "t.png")
    wait_for(lambda: engine.status().snapshot == tmp_path / "t.png", "the next one")
    assert engine.problems() == ()


def test_a_snapshot_of_a_transparent_picture_is_transparent(engine: Engine, tmp_path: Path) -> None:
    engine.set_output(replace(CONFIG.output, background=Background(BackgroundMode.TRANSPARENT)))

    def transparent() -> bool:
        engine.save_snapshot(tmp_path / "s.png")
        wait_for(lambda: engine.status().snapshot is not None, "a snapshot")
        return picture(tmp_path / "s.png").shape[2] == 4

    wait_for(transparent, "a transparent one")
    alpha = picture(tmp_path / "s.png")[..., 3]
    assert (alpha == 0).mean() > 0.1 < (alpha == 255).mean()


def test_a_browser_source_comes_and_goes(engine: Engine) -> None:
    wish = BrowserWish(0)
    engine.set_browser_source(wish)
    wait_for(lambda: engine.status().browser_source is not None, "its address", 60.0)
    status = engine.status()
    assert status.browser_source is not None
    assert status.browser_source.startswith("http://127.0.0.1:")
    assert wish.token not in repr(status)
    engine.set_browser_source(None)
    wait_for(lambda: engine.status().browser_source is None, "its end")
    assert engine.problems() == ()


def test_a_stream_that_cannot_be_sent_is_said_without_its_key_and_the_call_goes_on(engine: Engine) -> None:
    engine.set_stream(StreamTarget.parse("rtmp://127.0.0.1:1/live/SecretKey42"))
    wait_for(lambda: [each.part for each in engine.problems()] == ["stream"], "the sentence", 60.0)
    assert "SecretKey42" not in repr(engine.status())
    assert "Nothing listens at rtmp://127.0.0.1:1/live/…" in engine.problems()[0].why
    goes_on(engine)
    engine.set_stream(None)
    wait_for(lambda: engine.problems() == (), "the sentence going")
