"""A quick picture waits for its sound, never so long that pictures are lost, and not at all without sound."""

from __future__ import annotations

import pytest

from app.audio.picture_delay import BEHIND_NS, PictureDelay
from app.clock import NS_PER_MS, NS_PER_S
from app.output.sound_wait import MOST_INTERVALS, MOST_NS, SoundWait
from app.packets import FrameStatus, RenderedFrame
from tests.helpers.fake_time import FakeClock
from tests.helpers.frames import plain

FPS = 25
PROCESSING_MS = 10


def delays_ms(takes_ms: float, *, fps: float = FPS, status: FrameStatus = FrameStatus.LIVE) -> list[float]:
    """From capture to sink, of ten pictures that are ready 10 ms after they were taken."""
    clock, picture = FakeClock(), PictureDelay()
    picture.sound_takes(round(takes_ms * NS_PER_MS))
    wait, delays = SoundWait(picture, clock), []
    start_ns = clock.now_ns()
    for number in range(10):
        t_ns = start_ns + round(number * NS_PER_S / fps)
        t_rendered_ns = t_ns + PROCESSING_MS * NS_PER_MS
        clock.advance(max(0, t_rendered_ns - clock.now_ns()) / NS_PER_S)
        wait.hold(RenderedFrame(number, plain((0, 0, 0), (16, 16)), t_ns, t_rendered_ns, status))
        delays.append((clock.now_ns() - t_ns) / NS_PER_MS)
    return delays


def test_a_picture_comes_no_more_before_its_sound_than_nobody_notices() -> None:
    assert delays_ms(60.0)[1:] == pytest.approx([60.0 - BEHIND_NS / NS_PER_MS] * 9)


@pytest.mark.parametrize("takes_ms", [0.0, 20.0])
def test_where_the_sound_is_as_quick_or_there_is_none_nothing_waits(takes_ms: float) -> None:
    assert delays_ms(takes_ms) == pytest.approx([PROCESSING_MS] * 10)


def test_what_does_not_follow_the_driver_has_no_sound_to_wait_for() -> None:
    assert delays_ms(60.0, status=FrameStatus.IDLE) == pytest.approx([PROCESSING_MS] * 10)


@pytest.mark.parametrize(("fps", "longest_ms"), [(60.0, MOST_INTERVALS * 1000 / 60), (10.0, MOST_NS / NS_PER_MS)])
def test_no_picture_waits_so_long_that_the_next_ones_are_lost(fps: float, longest_ms: float) -> None:
    assert delays_ms(500.0, fps=fps)[1:] == pytest.approx([PROCESSING_MS + longest_ms] * 9, abs=0.1)


def test_pictures_that_were_lost_before_do_not_make_the_others_wait_longer() -> None:
    clock, picture = FakeClock(), PictureDelay()
    picture.sound_takes(NS_PER_S)
    wait, t_ns = SoundWait(picture, clock), clock.now_ns()
    for number in (1, 4):
        made_ns = t_ns + number * 20 * NS_PER_MS
        clock.advance(max(0, made_ns - clock.now_ns()) / NS_PER_S)
        wait.hold(RenderedFrame(number, plain((0, 0, 0), (16, 16)), made_ns, made_ns, FrameStatus.LIVE))
    assert (clock.now_ns() - made_ns) / NS_PER_MS == pytest.approx(MOST_INTERVALS * 20.0)


def test_a_sink_that_is_to_end_waits_no_more() -> None:
    clock, picture = FakeClock(), PictureDelay()
    picture.sound_takes(NS_PER_S)
    wait = SoundWait(picture, clock)
    wait.end()
    for number in range(2):
        now_ns = clock.now_ns() + number
        wait.hold(RenderedFrame(number, plain((0, 0, 0), (16, 16)), now_ns, now_ns, FrameStatus.LIVE))
    assert clock.waits_s == []
