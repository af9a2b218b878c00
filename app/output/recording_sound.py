"""The sound track of a recording: what the others hear, as late as the pictures, cut where they are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audio.base import RATE, AudioFanOut
from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_S
from app.output.recording_time import RecordingTime
from app.output.seen_sound import SeenSound
from app.output.sound_track import SoundTrack
from app.packets import RenderedFrame
from models.types import FloatArray

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

SILENT_AFTER_NS, SILENT_UNTIL_NS = NS_PER_S // 2, NS_PER_S // 4
"""Where none came for half a second, there is none: silence is written, up to half of that behind the pictures.

Without that the container would hold pictures back until their sound comes, and lose them if the program is killed.
"""


class RecordingSound:
    """Takes blocks on the sound thread, gives packets on the recorder's.

    Sound is at the time at which its picture is seen: from the delay line on it is asked for by the same times as the
    pictures, so that a pause cuts both at the same moment.
    """

    def __init__(self, audio: AudioFanOut, picture: PictureDelay, time: RecordingTime) -> None:
        self._seen, self._time = SeenSound("recorder", audio, picture), time
        self._track: SoundTrack | None = None
        self._t_last_ns: int | None = None  # the picture at which sound came last

    def open(self, container: OutputContainer) -> None:
        """Add the track, and listen."""
        self._track = SoundTrack(container)
        self._seen.open()

    def seen_ns(self, frame: RenderedFrame) -> int:
        """When `frame` is seen, by the delay of its sound."""
        return self._seen.seen_ns(frame)

    def until(self, t_seen_ns: int) -> list[Packet]:
        """The packets up to a picture that is seen then."""
        assert self._track is not None  # it is open
        packets = []
        taken = self._seen.until(t_seen_ns)
        for t_ns, samples in taken:
            packets += self._placed(self._track, t_ns, samples)
        if taken or self._t_last_ns is None:
            self._t_last_ns = t_seen_ns
        t_file_ns = self._time.file_ns(t_seen_ns)
        if t_file_ns is not None and t_seen_ns - self._t_last_ns > SILENT_AFTER_NS:
            packets += self._track.silent_until(round((t_file_ns - SILENT_UNTIL_NS) * RATE / NS_PER_S))
        return packets

    def rest(self) -> list[Packet]:
        """What the encoder still holds."""
        return self._track.rest() if self._track is not None else []

    def close(self) -> None:
        """Listen no more. Idempotent."""
        self._seen.close()

    def _placed(self, track: SoundTrack, t_ns: int, samples: FloatArray) -> list[Packet]:
        t_file_ns = self._time.file_ns(t_ns)
        if t_file_ns is None:
            return []  # before the first picture, or in a pause
        return track.placed(round(t_file_ns * RATE / NS_PER_S), samples)
