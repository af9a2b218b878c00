"""A quick picture waits for its sound, no picture is lost by it, and nothing waits without sound."""

from __future__ import annotations

import pytest

from app.audio.picture_delay import BEHIND_NS, PictureDelay
from app.clock import NS_PER_MS, NS_PER_S
from app.output.sound_wait import MOST_NS, SoundWait
from app.packets import FrameStatus, RenderedFrame
from tests.helpers.fake_time import FakeClock
from tests.helpers.frames import plain

PROCESSING_MS = 10
MOST_MS = MOST_NS / NS_PER_MS


class Sink:
    """Puts pictures in when they are made and takes them out when they may go, as the sink's thread does."""

    def __init__(self, takes_ms: float) -> None:
        self.clock, picture = FakeClock(), PictureDelay()
        picture.sound_takes(round(takes_ms * NS_PER_MS))
        self.wait = SoundWait(picture, self.clock)
        self.sent: list[tuple[RenderedFrame, float]] = []

    def get(self, number: int, t_ns: int, status: FrameStatus = FrameStatus.LIVE) -> None:
        """A picture that was taken at `t_ns` and is ready 10 ms later."""
        made_ns = t_ns + PROCESSING_MS * NS_PER_MS
        self.run(made_ns)
        self.wait.put(RenderedFrame(number, plain((0, 0, 0), (16, 16)), t_ns, made_ns, status))
        self.run(made_ns)

    def run(self, until_ns: int) -> None:
        """Send what is due until then, each with its time from capture to here."""
        while True:
            frame = self.wait.take()
            if frame is not None:
                self.sent.append((frame, (self.clock.now_ns() - frame.t_capture_ns) / NS_PER_MS))
            rest_s = (until_ns - self.clock.now_ns()) / NS_PER_S
            if frame is None and rest_s <= 0:
                return
            self.clock.advance(max(0.0, self.wait.left_s(rest_s)))


def delays_ms(takes_ms: float, *, fps: float = 30.0, status: FrameStatus = FrameStatus.LIVE) -> list[float]:
    """From capture to sink, of ten pictures."""
    sink = Sink(takes_ms)
    start_ns = sink.clock.now_ns()
    for number in range(10):
        sink.get(number, start_ns + round(number * NS_PER_S / fps), status)
    sink.run(sink.clock.now_ns() + NS_PER_S)
    assert [frame.frame_id for frame, _ in sink.sent] == list(range(10)), "none is lost, none comes twice"
    return [delay_ms for _, delay_ms in sink.sent]


@pytest.mark.parametrize("fps", [10.0, 30.0, 60.0])
@pytest.mark.parametrize("takes_ms", [60.0, 90.0, 120.0])
def test_a_picture_comes_no_more_before_its_sound_than_nobody_notices(takes_ms: float, fps: float) -> None:
    assert delays_ms(takes_ms, fps=fps) == pytest.approx([takes_ms - BEHIND_NS / NS_PER_MS] * 10)


@pytest.mark.parametrize("fps", [10.0, 30.0, 60.0])
def test_no_picture_waits_for_a_sound_that_takes_too_long(fps: float) -> None:
    assert delays_ms(500.0, fps=fps) == pytest.approx([PROCESSING_MS + MOST_MS] * 10)


@pytest.mark.parametrize("takes_ms", [0.0, 20.0])
def test_where_the_sound_is_as_quick_or_there_is_none_nothing_waits(takes_ms: float) -> None:
    assert delays_ms(takes_ms) == pytest.approx([PROCESSING_MS] * 10)


def test_what_does_not_follow_the_driver_has_no_sound_to_wait_for() -> None:
    assert delays_ms(60.0, status=FrameStatus.IDLE) == pytest.approx([PROCESSING_MS] * 10)


def test_pictures_stay_in_order_when_the_face_is_lost() -> None:
    sink = Sink(100.0)
    start_ns = sink.clock.now_ns()
    sink.get(1, start_ns)
    sink.get(2, start_ns + NS_PER_MS, FrameStatus.HELD)
    sink.run(sink.clock.now_ns() + NS_PER_S)
    assert sink.sent[-1][0].frame_id == 2
    assert sink.sent[-1][1] == pytest.approx(100.0 - BEHIND_NS / NS_PER_MS - 1.0)


def test_being_away_does_not_wait_behind_pictures_that_wait() -> None:
    sink = Sink(100.0)
    start_ns = sink.clock.now_ns()
    sink.get(1, start_ns)
    sink.get(2, start_ns + NS_PER_MS, FrameStatus.AWAY)
    assert [(frame.frame_id, delay_ms) for frame, delay_ms in sink.sent] == [(2, pytest.approx(PROCESSING_MS))]
    sink.run(sink.clock.now_ns() + NS_PER_S)
    assert len(sink.sent) == 1, "nobody is seen again after that"


def test_a_sink_that_was_busy_gets_the_newest_picture_that_is_due() -> None:
    sink = Sink(50.0)
    for number in (1, 2):
        sink.wait.put(RenderedFrame(number, plain((0, 0, 0), (16, 16)), 0, 0, FrameStatus.LIVE))
    frame = sink.wait.take()
    assert frame is not None
    assert frame.frame_id == 2
    assert sink.wait.take() is None
    assert sink.wait.left_s(0.5) == 0.5
