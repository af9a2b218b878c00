"""The sound of the file that is the camera, in time with its pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.audio.base import RATE
from app.audio.file_sound import FileSound, has_sound
from app.audio.grid import BLOCK_NS
from app.capture.playback import Playback
from app.capture.video_file import VideoFileSource
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock
from tests.helpers.live import HandClock
from tests.helpers.sounding_video import make_video

TONE_AT_S = 0.5
LENGTH_S = 2.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_video(path, LENGTH_S, tone_at_s=TONE_AT_S)
    return path


def loud_from_ns(blocks: list[AudioBlock]) -> list[int]:
    """When the tone begins, each time after silence."""
    found, quiet = [], True
    for block in blocks:
        loud = np.flatnonzero(np.abs(block.samples[:, 0]) > 0.2)
        if len(loud) and quiet:
            found.append(block.t_first_sample_ns + int(loud[0]) * NS_PER_S // RATE)
        quiet = not len(loud)
    return found


def play(source: FileSound, clock: HandClock, seconds: float) -> list[AudioBlock]:
    blocks: list[AudioBlock] = []
    end_ns = clock.now_ns() + round(seconds * NS_PER_S)
    while clock.now_ns() < end_ns:
        blocks += source.read(0.5)
    return blocks


def test_the_tone_is_heard_when_its_picture_is_due(clip: Path) -> None:
    clock, playback = HandClock(), Playback()
    sound = FileSound(clip, playback, clock)
    sound.open()
    t_due_ns = clock.now_ns() + 123 * NS_PER_MS
    playback.tell(clip, 0, t_due_ns)

    blocks = play(sound, clock, 1.5)

    assert loud_from_ns(blocks) == pytest.approx([t_due_ns + round(TONE_AT_S * NS_PER_S)], abs=2 * NS_PER_MS)
    starts = [block.t_first_sample_ns for block in blocks]
    assert np.diff(starts).tolist() == [BLOCK_NS] * (len(starts) - 1)
    assert {block.rate for block in blocks} == {RATE}
    sound.release()


def test_each_loop_begins_again_with_its_first_picture(clip: Path) -> None:
    clock, playback = HandClock(), Playback()
    sound = FileSound(clip, playback, clock)
    sound.open()
    t_due_ns = clock.now_ns()
    playback.tell(clip, 0, t_due_ns)
    blocks = play(sound, clock, 1.9)
    again_ns = t_due_ns + round(LENGTH_S * NS_PER_S)
    playback.tell(clip, 0, again_ns)
    blocks += play(sound, clock, 1.0)

    wanted = [t_due_ns + round(TONE_AT_S * NS_PER_S), again_ns + round(TONE_AT_S * NS_PER_S)]
    assert loud_from_ns(blocks) == pytest.approx(wanted, abs=12 * NS_PER_MS)
    sound.release()


def test_pictures_that_go_on_late_take_the_sound_with_them(clip: Path) -> None:
    clock, playback = HandClock(), Playback()
    sound = FileSound(clip, playback, clock)
    sound.open()
    t_due_ns = clock.now_ns()
    playback.tell(clip, 0, t_due_ns)
    play(sound, clock, 0.2)
    late_ns = 700 * NS_PER_MS
    playback.tell(clip, 240 * NS_PER_MS, t_due_ns + 240 * NS_PER_MS + late_ns)

    blocks = play(sound, clock, 1.5)

    wanted_ns = t_due_ns + round(TONE_AT_S * NS_PER_S) + late_ns
    assert loud_from_ns(blocks)[-1] == pytest.approx(wanted_ns, abs=12 * NS_PER_MS)
    sound.release()


def test_while_no_picture_is_played_it_is_silent(clip: Path) -> None:
    clock = HandClock()
    sound = FileSound(clip, Playback(), clock)
    sound.open()

    blocks = play(sound, clock, 0.3)

    assert len(blocks) >= 29
    assert not any(block.samples.any() for block in blocks)


def test_the_camera_tells_when_each_loop_is_played(clip: Path) -> None:
    clock, playback = HandClock(), Playback()
    source = VideoFileSource(clip, clock, playback)
    source.open()
    first = source.grab(1.0)
    loop = playback.loop_of(clip)
    for _ in range(round(LENGTH_S * 25)):
        source.grab(1.0)
    again = playback.loop_of(clip)
    source.release()

    assert loop is not None
    assert again is not None
    assert loop.t_due_ns == first.t_capture_ns
    assert again.t_due_ns - loop.t_due_ns == pytest.approx(LENGTH_S * NS_PER_S, abs=NS_PER_MS)
    assert again.number == loop.number + 1
    assert playback.loop_of(Path("other.mp4")) is None


def test_an_interrupted_read_returns_at_once(clip: Path) -> None:
    sound = FileSound(clip, Playback(), HandClock())
    sound.open()
    sound.interrupt()

    assert sound.read(10.0) == []


def test_what_is_no_video_or_has_no_sound_has_none(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"\0" * 100)

    assert has_sound(clip)
    assert not has_sound(tmp_path / "no.mp4")
    assert not has_sound(tmp_path / "missing.mp4")
