from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.capture.video_file import VideoFileSource
from app.clock import NS_PER_S
from app.errors import UsageProblem
from app.slots import Closed
from tests.helpers.fake_time import FakeClock
from tests.helpers.videos import Recipe, number_of, write_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clips") / "clip.mp4")


def opened(path: Path, clock: FakeClock) -> VideoFileSource:
    source = VideoFileSource(path, clock)
    source.open()
    return source


def test_frames_are_given_when_they_are_due(clip: Path) -> None:
    clock = FakeClock()
    source = opened(clip, clock)
    frames = [source.grab(1.0) for _ in range(5)]
    source.release()

    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3, 4]
    assert clock.waits_s == pytest.approx([0.04] * 4)
    assert frames[0].source == "clip.mp4"
    assert not frames[0].image.flags.writeable


def test_the_file_starts_again_one_step_after_its_last_frame(clip: Path) -> None:
    clock = FakeClock()
    source = opened(clip, clock)
    frames = [source.grab(1.0) for _ in range(35)]
    source.release()

    assert [number_of(frame.image) for frame in frames] == (list(range(10)) * 4)[:35]
    assert clock.waits_s == pytest.approx([0.04] * 34)
    assert [frame.frame_id for frame in frames] == list(range(1, 36))


def test_after_a_thousand_frames_playing_has_not_drifted(clip: Path) -> None:
    clock = FakeClock()
    source = opened(clip, clock)
    begun_ns = source.grab(1.0).t_capture_ns
    for _ in range(999):
        clock.advance(0.013)  # whatever the program does in between
        last = source.grab(1.0)
    source.release()

    assert last.t_capture_ns - begun_ns == pytest.approx(999 * 0.04 * NS_PER_S, abs=10_000)
    assert source.skipped == 0


def test_frames_that_are_late_are_left_out_and_the_newest_due_one_is_given(clip: Path) -> None:
    clock = FakeClock()
    source = opened(clip, clock)
    source.grab(1.0)
    clock.advance(0.13)
    frame = source.grab(1.0)
    following = source.grab(1.0)
    source.release()

    assert (number_of(frame.image), frame.frame_id, source.skipped) == (3, 4, 2)
    assert number_of(following.image) == 4
    assert clock.waits_s == pytest.approx([0.03])


def test_after_a_long_sleep_playing_goes_on_where_it_was(clip: Path) -> None:
    clock = FakeClock()
    source = opened(clip, clock)
    source.grab(1.0)
    clock.advance(3600.0)
    frames = [source.grab(1.0) for _ in range(3)]
    source.release()

    assert [number_of(frame.image) for frame in frames] == [1, 2, 3]
    assert clock.waits_s == pytest.approx([0.04, 0.04])


def test_frames_of_varying_rate_keep_their_distances(tmp_path: Path) -> None:
    clock = FakeClock()
    stamps = (0, 40, 80, 480, 520, 560, 600, 640, 680, 720)
    source = opened(write_video(tmp_path / "a.mkv", Recipe(stamps_ms=stamps)), clock)
    for _ in range(6):
        source.grab(1.0)
    source.release()

    assert clock.waits_s == pytest.approx([0.04, 0.04, 0.4, 0.04, 0.04])


def test_a_frame_that_is_not_due_within_the_timeout_comes_the_next_time(clip: Path) -> None:
    source = opened(clip, FakeClock())
    source.grab(1.0)
    with pytest.raises(TimeoutError):
        source.grab(0.01)
    frame = source.grab(1.0)
    source.release()

    assert number_of(frame.image) == 1


def test_an_interrupted_source_is_closed(clip: Path) -> None:
    source = opened(clip, FakeClock())
    source.grab(1.0)
    source.interrupt()
    with pytest.raises(Closed):
        source.grab(1.0)
    source.release()


def test_a_released_source_can_be_opened_again_from_the_start(clip: Path) -> None:
    source = opened(clip, FakeClock())
    source.grab(1.0)
    source.grab(1.0)
    source.release()
    source.release()
    source.open()
    frame = source.grab(1.0)
    source.release()

    assert number_of(frame.image) == 0


def test_a_file_that_cannot_be_used_says_so_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")

    with pytest.raises(UsageProblem, match=r"^The video text\.mp4 cannot be used\. It is not a video"):
        VideoFileSource(path, FakeClock()).open()


def test_a_file_with_damage_in_the_middle_plays_on_and_loops(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", Recipe(frames=12, codec="mjpeg", pixel_format="yuvj420p"))
    data = bytearray(path.read_bytes())
    middle = [at for at in range(len(data)) if data[at : at + 4] == b"00dc"][5]
    data[middle + 8 : middle + 300] = bytes(292)
    path.write_bytes(bytes(data))
    source = opened(path, FakeClock())
    numbers = [number_of(source.grab(5.0).image) for _ in range(24)]
    source.release()

    assert numbers.count(0) >= 2
    assert numbers.count(11) >= 1


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts in /proc")
def test_fifty_openings_leave_no_file_handle(clip: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        source = opened(clip, FakeClock())
        for _ in range(12):
            source.grab(1.0)
        source.release()

    assert len(os.listdir("/proc/self/fd")) == before
