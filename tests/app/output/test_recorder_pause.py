"""A pause leaves no gap in a recording, and a recording that was paused is playable whatever happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.output.recorder import Recorder
from app.output.recording_time import RecordingTime
from tests.app.output.test_recorder import MS, ROOT, SIZE, times_of
from tests.helpers.frames import plain, rendered


def send(recorder: Recorder, t_ms: int) -> None:
    recorder.send(rendered(plain((t_ms % 250, 90, 90), SIZE), t_ms, t_ms * MS))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_pause_leaves_no_gap(tmp_path: Path, suffix: str) -> None:
    path, time = tmp_path / f"r{suffix}", RecordingTime()
    recorder = Recorder(path, SIZE, time=time)
    recorder.open()
    for t_ms in range(0, 10_000, 40):
        if t_ms == 2000:
            time.pause(t_ms * MS)
        if t_ms == 9000:
            time.resume(t_ms * MS)
        send(recorder, t_ms)
    recorder.close()
    assert recorder.frames == 75
    assert times_of(path) == pytest.approx([n * 0.04 for n in range(75)], abs=0.001)


def test_a_recording_that_is_paused_from_the_start_to_its_end_leaves_no_file(tmp_path: Path) -> None:
    time = RecordingTime()
    time.pause(0)
    recorder = Recorder(tmp_path / "r.mp4", SIZE, time=time)
    recorder.open()
    send(recorder, 40)
    recorder.close()
    assert not list(tmp_path.iterdir())


def test_a_recording_closed_in_a_pause_is_whole(tmp_path: Path) -> None:
    time = RecordingTime()
    recorder = Recorder(tmp_path / "r.mp4", SIZE, time=time)
    recorder.open()
    for t_ms in range(0, 1000, 40):
        send(recorder, t_ms)
    time.pause(1000 * MS)
    send(recorder, 5000)
    recorder.close()
    assert len(times_of(tmp_path / "r.mp4")) == 25


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_paused_recording_plays_after_kill_9(tmp_path: Path, suffix: str) -> None:
    path, fps, frames = tmp_path / f"r{suffix}", 30, 173
    program = "tests.helpers.recording_program"
    arguments = [sys.executable, "-m", program, str(path), str(frames), str(fps), "--pause", "60", "90"]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recorded\n"
        process.kill()
    times = times_of(path)
    assert frames - 30 - fps <= len(times) <= frames - 30
    assert times == pytest.approx([n / fps for n in range(len(times))], abs=0.001)
