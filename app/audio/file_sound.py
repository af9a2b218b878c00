"""The sound of the file that is the camera: it stands in for the microphone, in time with the file's pictures."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from app.audio.base import RATE
from app.audio.delay_line import number_of
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, block_start_ns, frozen_block
from app.audio.history import SampleHistory
from app.audio.reader import FractionalReader
from app.capture.playback import Playback, PlayedLoop
from app.capture.video_container import open_container
from app.clock import NS_PER_S, Clock
from app.packets import AudioBlock

log = logging.getLogger(__name__)

HISTORY_S = 4

MAX_BEHIND_NS = NS_PER_S // 2
"""After a longer pause of this thread, sound goes on at the present."""

BOUNDED = {"max_samples": str(1 << 20)}
"""Told to the decoder before it takes memory."""


def has_sound(path: Path) -> bool:
    """Whether the file holds sound."""
    try:
        container = open_container(path)
    except (OSError, ValueError, FFmpegError) as error:
        log.info("%s: %s", path.name, error)
        return False
    try:
        return bool(container.streams.audio)
    finally:
        container.close()


class FileSound:
    """Implements `SoundSource` for one file, through all its loops."""

    def __init__(self, path: Path, playback: Playback, clock: Clock) -> None:
        self.name = path.name
        self._path, self._playback, self._clock = path, playback, clock
        self._stopping = threading.Event()
        self._loop: PlayedLoop | None = None
        self._decoded: _Decoded | None = None
        self._next_ns = 0

    def open(self) -> None:
        """Nothing to wait for: the file is opened when its pictures are played."""
        self._next_ns = block_start_ns(self._clock.now_ns())

    def read(self, timeout_s: float) -> list[AudioBlock]:
        """The blocks that are over; waits for one. Silence while no picture is played."""
        t_end_ns = self._next_ns + BLOCK_NS
        if self._clock.wait_until_ns(min(t_end_ns, self._clock.now_ns() + int(timeout_s * NS_PER_S)), self._stopping):
            return []
        now_ns = self._clock.now_ns()
        if now_ns - t_end_ns > MAX_BEHIND_NS:
            self._next_ns = block_start_ns(now_ns - BLOCK_NS)
        blocks = []
        while self._next_ns + BLOCK_NS <= now_ns:
            blocks.append(self._block(self._next_ns))
            self._next_ns += BLOCK_NS
        return blocks

    def release(self) -> None:
        self._loop = None
        self._close()

    def interrupt(self) -> None:
        self._stopping.set()

    def _block(self, t_ns: int) -> AudioBlock:
        self._follow(self._playback.loop_of(self._path), t_ns)
        if self._loop is None or self._decoded is None:
            return frozen_block(np.zeros((BLOCK_SAMPLES, 1), np.float32), t_ns)
        place = number_of(self._loop.stamp_ns + t_ns - self._loop.t_due_ns)
        return frozen_block(self._decoded.read(place), t_ns)

    def _follow(self, loop: PlayedLoop | None, t_ns: int) -> None:
        """Take another loop once its first picture is due."""
        if loop is None or loop == self._loop or t_ns + BLOCK_NS <= loop.t_due_ns:
            return
        goes_on = self._loop is not None and loop.stamp_ns > self._loop.stamp_ns
        self._loop = loop
        if not goes_on:
            self._close()
            self._decoded = _Decoded(self._path)

    def _close(self) -> None:
        decoded, self._decoded = self._decoded, None
        if decoded is not None:
            decoded.close()


class _Decoded:
    """The samples of one loop, by their place in the file at 48 kHz, decoded as far as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer = open_container(path)
        self._stream: AudioStream = self._container.streams.audio[0]
        context = self._stream.codec_context
        context.options = BOUNDED
        self._channels = 1 if context.channels == 1 else 2
        self._resampler = AudioResampler("fltp", "mono" if self._channels == 1 else "stereo", RATE)
        self._history = SampleHistory(HISTORY_S * RATE, self._channels)
        self._reader = FractionalReader(self._history, RATE)
        self._frames = self._read_frames()
        self._ended = False

    def read(self, place: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """One block from `place` on."""
        wanted = int(place) + BLOCK_SAMPLES + self._reader.reach + 1
        while self._history.end < wanted and not self._ended:
            self._decode_more()
        return self._reader.read(BLOCK_SAMPLES, place)

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _decode_more(self) -> None:
        frame = next(self._frames, None)
        if frame is None:
            self._ended = True
            return
        samples = np.ascontiguousarray(frame.to_ndarray().T, np.float32)
        if frame.pts is not None and frame.time_base is not None:
            first = round(frame.pts * frame.time_base * RATE)
            self._history.silent_until(first)
            samples = samples[max(0, self._history.end - first) :]
        self._history.append(samples)

    def _read_frames(self) -> Iterator[AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except FFmpegError as error:
                log.info("The sound of %s cannot be read further: %s", self._path.name, error)
                return
            if packet is None:
                return
            with suppress(FFmpegError):  # damaged: the next one may be whole
                for frame in packet.decode():
                    if isinstance(frame, AudioFrame):
                        yield from self._resampler.resample(frame)
