"""Recordings: true times and colours, playable whatever happens, and a sentence when they cannot be made."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.output.recorder import Recorder
from tests.helpers.frames import plain, quarters, rendered

ROOT = Path(__file__).resolve().parents[3]
SIZE = (64, 96)
COLOURS = [(220, 40, 30), (40, 200, 60), (30, 40, 210), (200, 170, 140)]
MS = 1_000_000


def times_of(path: Path) -> list[float]:
    """Seconds of every frame that can be decoded."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]


def record(path: Path, times_ms: list[int]) -> None:
    recorder = Recorder(path, SIZE)
    recorder.open()
    for number, t_ms in enumerate(times_ms):
        recorder.send(rendered(plain((number % 250, 90, 90), SIZE), number, 10**12 + t_ms * MS))
    recorder.close()
    recorder.close()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_frames_keep_the_times_at_which_they_were_rendered(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"recording{suffix}"
    times_ms = [0, 33, 70, 100, 1100, 1133, 4000]
    record(path, times_ms)
    assert times_of(path) == pytest.approx([t / 1000 for t in times_ms], abs=0.001)


def test_frames_out_of_order_or_repeated_are_still_written_in_order(tmp_path: Path) -> None:
    record(tmp_path / "r.mp4", [0, 100, 100, 60, 200])
    times = times_of(tmp_path / "r.mp4")
    assert len(times) == 5
    assert times == sorted(set(times))
    assert times[-1] == pytest.approx(0.2, abs=0.001)


def test_colours_are_bt709_and_tagged_so(tmp_path: Path) -> None:
    image = quarters(COLOURS, SIZE)
    recorder = Recorder(tmp_path / "r.mp4", SIZE)
    recorder.open()
    recorder.send(rendered(image))
    recorder.close()
    with av.open(str(tmp_path / "r.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        frame = next(container.decode(video=0))
        decoded = frame.to_ndarray(
            format="rgb24",
            src_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
        )
    centres = decoded[16::32, 24::48].reshape(4, 3).astype(int)
    assert np.abs(centres - COLOURS).max() <= 4


def test_a_closed_mp4_is_a_normal_file_with_its_index(tmp_path: Path) -> None:
    record(tmp_path / "r.mp4", list(range(0, 3000, 33)))
    with av.open(str(tmp_path / "r.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.frames == 91
        container.seek(2_000_000)
        assert next(container.decode(video=0)).time == pytest.approx(1.0, abs=0.04), "the key frame before second 2"


@pytest.mark.parametrize(("suffix", "fps"), [(".mp4", 30), (".mkv", 30), (".mp4", 10)])
def test_a_recording_plays_after_kill_9_up_to_the_last_second(tmp_path: Path, suffix: str, fps: int) -> None:
    path, frames = tmp_path / f"r{suffix}", 5 * fps - 7
    arguments = [sys.executable, "-m", "tests.helpers.recording_program", str(path), str(frames), str(fps)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recorded\n"
        process.kill()
    times = times_of(path)
    assert frames - fps <= len(times) <= frames
    assert times == pytest.approx([n / fps for n in range(len(times))], abs=0.001)


def test_a_frame_of_another_size_is_fitted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r.mp4", SIZE)
    recorder.open()
    recorder.send(rendered(plain((9, 9, 9), (20, 30)), t_rendered_ns=0))
    recorder.send(rendered(plain((9, 9, 9), SIZE), t_rendered_ns=40 * MS))
    recorder.close()
    assert len(times_of(tmp_path / "r.mp4")) == 2


def test_a_recording_without_frames_leaves_no_file(tmp_path: Path) -> None:
    record(tmp_path / "r.mp4", [])
    assert not list(tmp_path.iterdir())


def test_nothing_but_a_rendered_frame_is_recorded(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r.mp4", SIZE)
    with pytest.raises(ValueError, match="not open"):
        recorder.send(rendered(plain((1, 1, 1), SIZE)))
    recorder.open()
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame, got ndarray"):
        recorder.send(plain((1, 1, 1), SIZE))  # type: ignore[arg-type]
    recorder.close()


def problem_of(path: Path) -> AppError:
    with pytest.raises(AppError) as problem:
        Recorder(path, SIZE).open()
    return problem.value


def test_an_ending_that_is_no_video_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as problem:
        Recorder(tmp_path / "r.avi", SIZE)
    assert problem.value.why == "A recording cannot have the ending '.avi'."
    assert problem.value.fix == "Use one of .mp4, .m4v, .mov, .mkv."
    with pytest.raises(UsageProblem, match="the ending 'none'"):
        Recorder(tmp_path / "r", SIZE)


def test_a_folder_that_is_missing_or_in_the_way_is_a_usage_problem(tmp_path: Path) -> None:
    missing = problem_of(tmp_path / "no" / "such" / "r.mp4")
    assert (missing.exit_code, missing.why) == (2, f"There is no folder {tmp_path / 'no' / 'such'}.")
    (tmp_path / "r.mp4").mkdir()
    in_the_way = problem_of(tmp_path / "r.mp4")
    assert (in_the_way.exit_code, in_the_way.why) == (2, "It is a folder.")


def test_a_place_that_cannot_be_written_is_an_environment_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below_a_file = problem_of(tmp_path / "file" / "r.mp4")
    assert (below_a_file.exit_code, below_a_file.why) == (3, "Part of the path is a file, not a folder.")
    assert problem_of(tmp_path / "file" / "deeper" / "r.mp4").exit_code == 3
    if os.name == "posix" and Path("/proc/self").exists():
        assert problem_of(Path("/proc/r.mp4")).exit_code == 3


def test_a_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.output.recording_file._UntilFailure.__init__", refuse)
    problem = problem_of(tmp_path / "r.mp4")
    assert (problem.exit_code, problem.why) == (3, "You may not write there.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_said_once_and_closing_does_not_complain_again(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    path.symlink_to("/dev/full")
    recorder = Recorder(path, SIZE)
    recorder.open()
    with pytest.raises(EnvironmentProblem) as problem:
        send_seconds(recorder, 3)
    assert (problem.value.exit_code, problem.value.why) == (3, "The disk is full.")
    recorder.close()


def test_a_disk_that_fills_up_leaves_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0

    def write(file: io.FileIO, data: memoryview) -> int:
        nonlocal written
        if written > 400_000:
            raise OSError(28, "No space left on device")
        written += len(data)
        return os.write(file.fileno(), data)

    monkeypatch.setattr("app.output.recording_file._write_to_disk", write)
    recorder = Recorder(tmp_path / "r.mp4", SIZE)
    recorder.open()
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        send_seconds(recorder, 60)
    recorder.close()
    assert len(times_of(tmp_path / "r.mp4")) >= 30


def send_seconds(recorder: Recorder, seconds: int) -> None:
    """Noise at 30 frames a second."""
    rng = np.random.default_rng(1)
    for number in range(seconds * 30):
        image = rng.integers(0, 255, (*SIZE, 3), np.uint8)
        recorder.send(rendered(image, number, number * 33 * MS))
