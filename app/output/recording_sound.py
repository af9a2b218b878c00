"""The sound track of a recording: what the others hear, as late as the pictures, cut where they are cut."""

from __future__ import annotations

import threading
from collections import deque
from fractions import Fraction

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from app.audio.base import RATE, AudioFanOut
from app.audio.delay_line import DelayLine, with_channels
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, block_start_ns
from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_S
from app.output.recording_time import RecordingTime
from app.packets import AudioBlock, RenderedFrame
from models.types import FloatArray

BIT_RATE = 128_000
CHANNELS = 2

WAITING_BLOCKS = 3000
"""Thirty seconds of sound may wait for a picture; a recorder that hangs longer loses the oldest."""

SILENT_AFTER_NS, SILENT_UNTIL_NS = NS_PER_S // 2, NS_PER_S // 4
"""Where none came for half a second, there is none: silence is written, up to half of that behind the pictures.

Without that the container would hold pictures back until their sound comes, and lose them if the program is killed.
"""

MAX_SILENCE = 10 * RATE
"""Samples of silence made at once."""


class RecordingSound:
    """Takes blocks on the sound thread, gives packets on the recorder's.

    Sound is at the time at which its picture is seen: from the delay line on it is asked for by the same times as the
    pictures, so that a pause cuts both at the same moment.
    """

    def __init__(self, audio: AudioFanOut, picture: PictureDelay, time: RecordingTime) -> None:
        self._audio, self._time = audio, time
        # Pictures are stamped when they are rendered, a little before a sink has them: that is measured here.
        self._picture = PictureDelay(picture.ns)
        self._line = DelayLine(self._picture, waits=True)
        self._next_ns: int | None = None
        self._heard: deque[tuple[int, FloatArray]] = deque(maxlen=WAITING_BLOCKS)
        self._taking = threading.Lock()  # protects the one above: a block is looked at and taken in two steps
        self._stream: AudioStream | None = None
        self._samples = 0  # written to the file
        self._t_last_ns: int | None = None  # the picture at which sound came last

    def open(self, container: OutputContainer) -> None:
        """Add the track, and listen."""
        stream: AudioStream = container.add_stream("aac", rate=RATE)
        stream.codec_context.layout = "stereo"
        stream.codec_context.bit_rate = BIT_RATE
        self._stream = stream
        self._audio.connect("recorder", self._on_block)

    def until(self, frame: RenderedFrame) -> list[Packet]:
        """The packets up to the picture."""
        t_seen_ns = frame.t_rendered_ns
        self._picture.delivered(frame, t_seen_ns)
        packets = []
        taken = self._taken(t_seen_ns)
        for t_ns, samples in taken:
            packets += self._placed(t_ns, samples)
        if taken or self._t_last_ns is None:
            self._t_last_ns = t_seen_ns
        t_file_ns = self._time.file_ns(t_seen_ns)
        if t_file_ns is not None and t_seen_ns - self._t_last_ns > SILENT_AFTER_NS:
            packets += self._silence(round((t_file_ns - SILENT_UNTIL_NS) * RATE / NS_PER_S))
        return packets

    def rest(self) -> list[Packet]:
        """What the encoder still holds."""
        return self._stream.encode(None) if self._stream is not None and self._samples else []

    def close(self) -> None:
        """Listen no more. Idempotent."""
        self._audio.connect("recorder", None)

    def _on_block(self, block: AudioBlock) -> None:
        """On the sound thread: hold it back, and keep what is due by now."""
        self._line.push(block)
        ready_ns = self._line.ready_until_ns
        if self._next_ns is None or ready_ns - self._next_ns > NS_PER_S:
            self._next_ns = block_start_ns(ready_ns - BLOCK_NS)
        while self._next_ns + BLOCK_NS <= ready_ns:
            samples = self._line.render(self._next_ns, BLOCK_SAMPLES)
            with self._taking:
                self._heard.append((self._next_ns, samples))
            self._next_ns += BLOCK_NS

    def _taken(self, t_seen_ns: int) -> list[tuple[int, FloatArray]]:
        with self._taking:
            due = []
            while self._heard and self._heard[0][0] <= t_seen_ns:
                due.append(self._heard.popleft())
        return due

    def _placed(self, t_ns: int, samples: FloatArray) -> list[Packet]:
        """A block at its place: after silence where there was none before, cut where there was."""
        t_file_ns = self._time.file_ns(t_ns)
        if t_file_ns is None:
            return []  # before the first picture, or in a pause
        number = round(t_file_ns * RATE / NS_PER_S)
        packets = self._silence(number)
        return packets + self._encoded(samples[self._samples - number :])

    def _silence(self, until: int) -> list[Packet]:
        packets = []
        while self._samples < until:
            count = min(MAX_SILENCE, until - self._samples)
            packets += self._encoded(np.zeros((count, CHANNELS), np.float32))
        return packets

    def _encoded(self, samples: FloatArray) -> list[Packet]:
        if self._stream is None or not len(samples):
            return []
        planes = np.ascontiguousarray(np.clip(with_channels(samples, CHANNELS), -1.0, 1.0).T)
        frame = AudioFrame.from_ndarray(planes, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += len(samples)
        return self._stream.encode(frame)
