"""The sound of the microphone at the time at which its picture is seen, for sinks that put both into one file."""

from __future__ import annotations

import threading
from collections import deque

from app.audio.base import AudioFanOut
from app.audio.delay_line import DelayLine
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, block_start_ns
from app.audio.picture_delay import PictureDelay
from app.clock import NS_PER_S
from app.packets import AudioBlock, FrameStatus, RenderedFrame
from models.types import FloatArray

WAITING_BLOCKS = 3000
"""Thirty seconds of sound may wait for a picture; a sink that hangs longer loses the oldest."""


class SeenSound:
    """Takes blocks on the sound thread, gives them on the sink's, by the time at which their pictures are seen.

    name: of the sink, for the fan-out.
    """

    def __init__(self, name: str, audio: AudioFanOut, picture: PictureDelay) -> None:
        self._name, self._audio = name, audio
        # The times in a file are those of rendering, a little before a sink has a picture: that is measured here.
        self._picture = PictureDelay(picture.ns)
        self._line = DelayLine(self._picture, waits=True)
        self._next_ns: int | None = None
        self._heard: deque[tuple[int, FloatArray]] = deque(maxlen=WAITING_BLOCKS)
        self._taking = threading.Lock()  # protects the one above: a block is looked at and taken in two steps

    def open(self) -> None:
        """Listen."""
        self._audio.connect(self._name, self._on_block)

    def close(self) -> None:
        """Listen no more. Idempotent."""
        self._audio.connect(self._name, None)

    def seen_ns(self, frame: RenderedFrame) -> int:
        """When `frame` is seen: as long after it was taken as pictures usually are, however long this one took.

        Its sound is held back by the same delay, so a picture that came late is not apart from it. One that does not
        follow the driver is seen when it was rendered.
        """
        self._picture.delivered(frame, frame.t_rendered_ns)
        live = frame.status is FrameStatus.LIVE
        return frame.t_capture_ns + self._picture.ns if live else frame.t_rendered_ns

    def until(self, t_seen_ns: int) -> list[tuple[int, FloatArray]]:
        """The blocks up to a picture that is seen then, each with its time.

        Shapes:
            blocks: (480, 1 or 2) float32, 48 kHz.
        """
        with self._taking:
            due = []
            while self._heard and self._heard[0][0] <= t_seen_ns:
                due.append(self._heard.popleft())
        return due

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
