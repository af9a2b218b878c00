"""Sound is held back until its picture is seen: exactly, without a click, and no longer than it must."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.base import RATE
from app.audio.delay_line import DelayLine, with_channels
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, frozen_block
from app.audio.picture_delay import ENOUGH, JUMP_NS, MAX_NS, MAX_SLEW, USUAL_NS, PictureDelay
from app.clock import NS_PER_MS, NS_PER_S
from app.packets import AudioBlock, FrameStatus, RenderedFrame
from models.types import FloatArray
from tests.helpers.frames import plain

START_NS = 3_000 * NS_PER_S
HZ = 440.0
STEEPEST = 2 * np.pi * HZ / RATE


def frame(t_capture_ns: int, status: FrameStatus = FrameStatus.LIVE) -> RenderedFrame:
    return RenderedFrame(1, plain((1, 1, 1), (16, 16)), t_capture_ns, t_capture_ns, status)


def picture_of(delay_ms: float) -> PictureDelay:
    """Pictures that are so late."""
    picture = PictureDelay()
    see(picture, delay_ms, START_NS, ENOUGH)
    return picture


def see(picture: PictureDelay, delay_ms: float, t_ns: int, frames: int) -> int:
    """So many frames at 30 a second; when the last was delivered."""
    for _ in range(frames):
        t_ns += NS_PER_S // 30
        picture.delivered(frame(t_ns - round(delay_ms * NS_PER_MS)), t_ns)
    return t_ns


def tone_block(t_ns: int) -> AudioBlock:
    numbers = (t_ns - START_NS) * RATE // NS_PER_S + np.arange(BLOCK_SAMPLES)
    return frozen_block(np.sin(2 * np.pi * HZ / RATE * numbers).astype(np.float32)[:, None], t_ns)


class Call:
    """A microphone whose blocks arrive `behind_ms` after they end, and a card that asks `ahead_ms` before it plays."""

    def __init__(self, picture: PictureDelay, *, behind_ms: float = 10.0, ahead_ms: float = 40.0) -> None:
        self.line = DelayLine(picture)
        self._behind_ns, self._ahead_ns = round(behind_ms * NS_PER_MS), round(ahead_ms * NS_PER_MS)
        self.now_ns = START_NS
        self._next_ns = START_NS

    def run(self, seconds: float) -> tuple[FloatArray, FloatArray]:
        """What is heard, and when."""
        heard, times = [], []
        for _ in range(round(seconds * 100)):
            self.now_ns += BLOCK_NS
            while self._next_ns + BLOCK_NS <= self.now_ns - self._behind_ns:
                self.line.push(tone_block(self._next_ns))
                self._next_ns += BLOCK_NS
            t_ns = self.now_ns + self._ahead_ns
            heard.append(self.line.render(t_ns, BLOCK_SAMPLES)[:, 0])
            times.append(t_ns + np.arange(BLOCK_SAMPLES) * (NS_PER_S / RATE))
        return np.concatenate(heard), np.concatenate(times)


def delayed_tone(times_ns: FloatArray, delay_ms: float) -> FloatArray:
    return np.asarray(np.sin(2 * np.pi * HZ * (times_ns - delay_ms * NS_PER_MS - START_NS) / NS_PER_S))


@pytest.mark.parametrize("delay_ms", [80.0, 133.337, 400.0, 1900.0])
def test_sound_comes_exactly_as_late_as_the_picture(delay_ms: float) -> None:
    call = Call(picture_of(delay_ms))
    call.run(4.0)

    heard, times = call.run(1.0)

    np.testing.assert_allclose(heard, delayed_tone(times, delay_ms), atol=0.003)
    assert call.line.late_ns == 0


def test_a_picture_that_gets_slower_takes_the_sound_with_it_without_a_click() -> None:
    picture = picture_of(90.0)
    call = Call(picture)
    call.run(2.0)
    t_ns, heard = START_NS + 2 * NS_PER_S, []
    for second in range(20):
        t_ns = see(picture, 90.0 if second < 1 else 106.0, t_ns, 30)
        heard.append(call.run(1.0)[0])

    end, times = call.run(0.5)

    assert np.abs(np.diff(np.concatenate(heard))).max() <= STEEPEST * 1.006 + 0.001
    np.testing.assert_allclose(end, delayed_tone(times, 106.0), atol=0.02)


def test_a_picture_that_is_suddenly_much_slower_is_met_at_once_by_a_cross_fade() -> None:
    picture = picture_of(90.0)
    call = Call(picture)
    call.run(2.0)
    see(picture, 300.0, START_NS + 2 * NS_PER_S, 70)

    heard, times = call.run(0.2)

    assert np.abs(np.diff(heard)).max() <= STEEPEST + np.pi / BLOCK_SAMPLES + 0.001
    np.testing.assert_allclose(heard[BLOCK_SAMPLES:], delayed_tone(times, 300.0)[BLOCK_SAMPLES:], atol=0.003)


def test_sound_that_arrives_later_than_the_picture_is_as_late_as_it_must_and_says_so() -> None:
    call = Call(picture_of(20.0), behind_ms=20.0, ahead_ms=40.0)
    call.run(5.0)

    heard, times = call.run(1.0)

    late_ms = call.line.late_ns / NS_PER_MS
    assert 50.0 < late_ms < 60.0, "60 ms of card and microphone and up to 10 of a block, instead of 20"
    np.testing.assert_allclose(heard, delayed_tone(times, 20.0 + late_ms), atol=0.05)


def test_a_block_that_comes_late_once_does_not_make_everything_late() -> None:
    call = Call(picture_of(90.0))
    call.run(5.0)
    call._behind_ns += 150 * NS_PER_MS
    call.run(0.05)
    call._behind_ns -= 150 * NS_PER_MS
    call.run(6.0)

    heard, times = call.run(1.0)

    assert call.line.late_ns == 0
    np.testing.assert_allclose(heard, delayed_tone(times, 90.0), atol=0.01)


def test_a_card_of_another_rate_hears_the_same_moment() -> None:
    line = DelayLine(picture_of(100.0), 44_100)
    for n in range(100):
        line.push(tone_block(START_NS + n * BLOCK_NS))
    heard = [line.render(START_NS + 500 * NS_PER_MS + n * 10 * NS_PER_MS, 441) for n in range(20)]

    times = START_NS + 500 * NS_PER_MS + np.arange(20 * 441) * (NS_PER_S / 44_100)
    np.testing.assert_allclose(np.concatenate(heard)[:, 0], delayed_tone(times, 100.0), atol=0.003)


def test_a_gap_in_the_sound_is_silence_of_its_length() -> None:
    line = DelayLine(picture_of(100.0))
    for n in range(10):
        line.push(tone_block(START_NS + n * BLOCK_NS))
    for n in range(30, 60):
        line.push(tone_block(START_NS + n * BLOCK_NS))

    heard = [line.render(START_NS + (n + 10) * BLOCK_NS, BLOCK_SAMPLES)[:, 0] for n in range(60)]

    loud = [bool(np.abs(block).max() > 0.1) for block in heard]
    assert loud[1:9] == [True] * 8
    assert loud[11:29] == [False] * 18
    assert loud[31:55] == [True] * 24


def test_a_microphone_may_become_a_file_with_two_channels() -> None:
    line = DelayLine(picture_of(100.0))
    line.push(tone_block(START_NS))
    line.push(frozen_block(np.ones((BLOCK_SAMPLES, 2), np.float32), START_NS + BLOCK_NS))

    heard = line.render(START_NS + 100 * NS_PER_MS + BLOCK_NS, BLOCK_SAMPLES)

    assert heard.shape == (BLOCK_SAMPLES, 2)
    assert heard[100:400] == pytest.approx(1.0, abs=0.01)


def test_one_channel_becomes_two_and_two_become_one() -> None:
    left_right = np.array([[1.0, 0.0]], np.float32)

    assert with_channels(left_right, 1).tolist() == [[0.5]]
    assert with_channels(left_right[:, :1], 2).tolist() == [[1.0, 1.0]]
    assert with_channels(left_right, 2) is left_right


def test_before_anything_was_measured_the_delay_is_a_usual_one() -> None:
    picture = PictureDelay()
    see(picture, 300.0, START_NS, ENOUGH - 1)

    assert picture.ns == USUAL_NS


def test_a_single_slow_frame_changes_nothing() -> None:
    picture = picture_of(90.0)
    t_ns = see(picture, 90.0, START_NS + NS_PER_S, 60)
    see(picture, 900.0, t_ns, 1)

    assert picture.ns == 90 * NS_PER_MS


def test_the_delay_follows_slowly_what_is_near_and_at_once_what_is_far() -> None:
    picture = picture_of(90.0)
    t_ns = see(picture, 108.0, START_NS + NS_PER_S, 40)
    near_ns = picture.ns
    see(picture, 108.0 + 2 * JUMP_NS / NS_PER_MS, t_ns, 61)

    assert 90 * NS_PER_MS < near_ns < 90 * NS_PER_MS + MAX_SLEW * 2.4 * NS_PER_S
    assert picture.ns == 108 * NS_PER_MS + 2 * JUMP_NS


@pytest.mark.parametrize("status", [FrameStatus.HELD, FrameStatus.IDLE, FrameStatus.AWAY])
def test_frames_that_do_not_follow_the_driver_say_nothing_about_the_delay(status: FrameStatus) -> None:
    picture = PictureDelay()
    for _ in range(100):
        picture.delivered(frame(START_NS, status), START_NS + NS_PER_S)

    assert picture.ns == USUAL_NS


def test_sound_is_never_held_back_for_longer_than_it_is_remembered() -> None:
    assert picture_of(60_000.0).ns == MAX_NS
