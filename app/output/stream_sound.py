"""The sound of a live stream, in the streaming process."""

from __future__ import annotations

from av.packet import Packet

from app.audio.base import RATE
from app.audio.delay_line import number_of
from app.output.sound_ring import SoundRing
from app.output.sound_track import CompleteSound
from app.output.stream_messages import FrameReady

QUIET_AFTER = RATE // 4
"""Samples by which sound may be behind its pictures before it is taken for silence."""

MOST_AT_ONCE = 4 * RATE
"""Samples; half of what the ring holds, the rest may be written over."""


class StreamSound:
    """The sound track of a stream: the microphone's sound as far as there is any, silence otherwise."""

    def __init__(self, track: CompleteSound, ring: SoundRing) -> None:
        self._track, self._ring = track, ring
        self._taken = 0  # up to here, by absolute number

    def until(self, ready: FrameReady, start_ns: int) -> list[Packet]:
        """Packets up to the picture; some services refuse a stream without sound, and all wait for it."""
        now, start = (round(number_of(t_ns)) for t_ns in (ready.t_seen_ns, start_ns))
        first, last = ready.sound
        begin = max(first, self._taken, last - MOST_AT_ONCE, start)
        packets: list[Packet] = []
        if last > begin:
            packets = self._track.placed(begin - start, self._ring.read(begin, last))
            self._taken = last
        behind = QUIET_AFTER if self._taken else 0  # one that only pauses for breath is not cut off
        return packets + self._track.silent_until(now - start - behind)
