"""Sends the delayed sound to a device: a virtual cable for the meeting, or the ears of whoever wants to check."""

from __future__ import annotations

from collections.abc import Callable

from app.audio.base import AudioFanOut
from app.audio.delay_line import DelayLine, with_channels
from app.audio.picture_delay import PictureDelay
from app.audio.problems import Direction
from app.audio.stage import POLICY, Reopening, SoundListeners
from app.audio.stream_clock import StreamClock
from app.audio.streams import SoundStream, SoundSystem
from app.capture.stage import RetryPolicy
from app.clock import NS_PER_S, Clock

WAIT_S = 0.5
"""Longest wait for the card in one step; `unblock` ends it at once."""

PIECE_S = 0.005
"""Sound is made in pieces of this length, so that little is made before it must be."""

FIRST_AHEAD_S, MOST_AHEAD_S = 0.015, 0.06
"""How much is made before the card asks; twice as much each time it was too little."""

CALM_S, LONGEST_CALM_S = 15.0, 600.0
"""After so long without a gap half as much will do. Each further gap with so much doubles the time until it is tried
again, so that a machine that needs more has few of them; as long a calm with the least halves it again."""

SAME_GAP_S = 1.0
"""What is missing within so short a time is missing for one reason."""

LEAST_LATENCY_S, MOST_LATENCY_S = 0.02, 0.08
"""What the card holds: half of the time there is until the picture, since more of it breaks off less often."""

SETTLED_S = 1.0
"""A card that was just started asks for a lot at once, which says nothing."""


def _unheard(takes_ns: int) -> None:
    """Nobody asked how long the sound takes."""


class SoundOutputStage(Reopening):
    """Feeds one output; run it in a `Worker`. wanted: a name, an id, or "auto".

    tell_takes: told all the time how late the sound has to be at least, in nanoseconds; 0 once there is none.
    """

    def __init__(
        self,
        name: str,
        wanted: str,
        system: SoundSystem,
        audio: AudioFanOut,
        picture: PictureDelay,
        listeners: SoundListeners,
        clock: Clock,
        policy: RetryPolicy = POLICY,
        *,
        tell_takes: Callable[[int], None] = _unheard,
    ) -> None:
        super().__init__(name, listeners, clock, policy)
        self._tell_takes = tell_takes
        self._wanted, self._system, self._audio, self._picture = wanted, system, audio, picture
        self._stream: SoundStream | None = None
        self._line = DelayLine(picture)

    def begin(self) -> str:
        device = self._system.find(self._wanted, Direction.OUTPUT)
        latency_s = min(MOST_LATENCY_S, max(LEAST_LATENCY_S, self._picture.ns / NS_PER_S / 2 - MOST_AHEAD_S / 2))
        stream = self._system.open(device, self._clock, latency_s)
        self._line, self._card = DelayLine(self._picture, stream.rate), StreamClock(stream.rate)
        self._ahead = Ahead()
        self._stream = stream
        self._audio.connect(self.name, self._line.push)
        return device.name

    def use(self) -> bool:
        assert self._stream is not None  # it is open
        ring = self._stream.ring
        came = self._stopping.is_set() or ring.wake.wait(WAIT_S)
        ring.wake.clear()
        self._stream.check()
        if ring.stamp is not None:
            self._card.stamp(*ring.stamp)
        if self._card.known:
            self._fill(self._stream)
            self._tell_takes(self._line.takes_ns)
        return came

    def end(self) -> None:
        self._audio.connect(self.name, None)
        self._tell_takes(0)
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def wake(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.ring.wake.set()

    @property
    def late_ns(self) -> int:
        """By how much more than the picture the sound is delayed, because it takes so long."""
        return self._line.late_ns

    def _fill(self, stream: SoundStream) -> None:
        ring = stream.ring
        self._ahead.follow(ring.padded, self._clock.now_ns(), settled=ring.taken > stream.rate * SETTLED_S)
        piece = round(PIECE_S * stream.rate)
        while ring.held < self._ahead.seconds * stream.rate:
            t_ns = self._card.time_ns(ring.written + ring.padded)
            ring.write(with_channels(self._line.render(t_ns, piece, self._card.rate), ring.channels))


class Ahead:
    """How much sound is made before the card asks for it: little, since it all counts as delay, but enough."""

    def __init__(self) -> None:
        self.seconds = FIRST_AHEAD_S
        self._padded_before = 0
        self._calm_s: dict[float, float] = {}  # by how much is made: how long to wait before as little is tried again
        self._t_gap_ns: int | None = None
        self._t_changed_ns = 0

    def follow(self, padded: int, now_ns: int, *, settled: bool) -> None:
        """Learn from the samples that were missing until now. settled: what is missing says something."""
        missed = padded > self._padded_before and settled
        self._padded_before = padded
        if missed:
            self._grow(now_ns)
        else:
            self._ease(now_ns)

    def _grow(self, now_ns: int) -> None:
        if self._t_gap_ns is None or now_ns - self._t_gap_ns > SAME_GAP_S * NS_PER_S:
            self._calm_s[self.seconds] = min(LONGEST_CALM_S, 2 * self._calm_s.get(self.seconds, CALM_S / 2))
        self.seconds = min(MOST_AHEAD_S, 2 * self.seconds)
        self._t_gap_ns = self._t_changed_ns = now_ns

    def _ease(self, now_ns: int) -> None:
        less = max(FIRST_AHEAD_S, self.seconds / 2)
        if now_ns - self._t_changed_ns < self._calm_s.get(less, CALM_S) * NS_PER_S:
            return
        if less == self.seconds:
            self._calm_s = {made: max(CALM_S / 2, calm_s / 2) for made, calm_s in self._calm_s.items()}
        self.seconds, self._t_changed_ns = less, now_ns
