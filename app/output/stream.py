"""A live stream as a sink: RTMP, SRT or WHIP, by a process that can be ended (`app.output.stream_process`)."""

from __future__ import annotations

import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from app.audio.delay_line import number_of
from app.child_process import birth
from app.output.base import require_rendered
from app.output.destinations import StreamTarget
from app.output.fitting import fitted
from app.output.frame_ring import SLOTS, FrameRing
from app.output.seen_sound import SeenSound
from app.output.sound_ring import SoundRing
from app.output.stream_messages import WHIP, EndStream, FrameReady, FrameSent, StreamFailed, StreamOpened, StreamOptions
from app.output.stream_problems import LOST, NOT_OPENED, StreamUnavailable, ended, explain_failure, silent
from app.output.stream_process import run_sender
from app.packets import RenderedFrame
from app.slots import Closed

CONTAINERS = {"rtmp": "flv", "rtmps": "flv", "srt": "mpegts", "whip": WHIP, "whips": WHIP}

OPEN_TIMEOUT_S = 20.0
"""PyAV is imported and the server is found and greeted in this time, or not at all."""

SILENT_AFTER_S = 8.0
"""A server that took nothing for so long counts as lost."""

LOOK_S = 0.1
GOODBYE_S = 1.0


class Stream:
    """Sends the newest frames at the rate the network takes them; those between are dropped, never queued.

    sound: the microphone's; None sends silence.
    """

    name = "stream"

    def __init__(
        self,
        target: StreamTarget,
        size: tuple[int, int] = (720, 1280),
        fps: float = 30.0,
        sound: SeenSound | None = None,
    ) -> None:
        self._target, self._size, self._sound = target, size, sound
        self._options = StreamOptions(target.address, CONTAINERS[target.scheme], size, fps)
        self._ring: FrameRing | None = None
        self._sounds: SoundRing | None = None
        self._pipe: Connection | None = None
        self._process: SpawnProcess | None = None
        self._number = self._sent = 0
        self._t_sent_s = 0.0
        self._aborted = threading.Event()
        self.dropped = 0

    def abort(self) -> None:
        """End a waiting `open`; for any thread, for good."""
        self._aborted.set()

    def open(self) -> None:
        """Connect.

        Raises:
            StreamUnavailable: nobody answers, or the stream is refused.
            Closed: after `abort`.
        """
        try:
            self._spawn()
            self._wait_for_opening()
            if self._sound is not None:
                self._sound.open()
        except BaseException:
            self.close()
            raise

    def send(self, frame: RenderedFrame) -> None:
        """Hand over one frame; returns at once.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
            StreamUnavailable: the connection was lost.
        """
        require_rendered(frame)
        if self._ring is None:
            raise ValueError("the stream is not open")
        while self._hear(LOST):
            pass
        t_seen_ns = frame.t_rendered_ns if self._sound is None else self._sound.seen_ns(frame)
        sound = self._kept_sound(t_seen_ns)
        now_s = time.monotonic()
        if self._sent == self._number:
            self._t_sent_s = now_s
        elif now_s - self._t_sent_s > SILENT_AFTER_S:
            raise silent(self._target, SILENT_AFTER_S, LOST)
        if self._number - self._sent >= SLOTS - 2:  # those in the ring are still needed
            self.dropped += 1
            return
        self._number += 1
        self._ring.frame(self._number)[:] = fitted(frame.image, self._size)
        self._tell(FrameReady(self._number, t_seen_ns, sound))

    def close(self) -> None:
        """Say goodbye to the server, by force if need be. Idempotent."""
        if self._sound is not None:
            self._sound.close()
        if self._pipe is not None:
            try:
                self._pipe.send(EndStream())
            except OSError:
                pass  # it has ended already
        if self._process is not None:
            self._process.join(GOODBYE_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        for ring in (self._ring, self._sounds):
            if ring is not None:
                ring.close()
        self._pipe, self._process, self._ring, self._sounds = None, None, None, None

    def _spawn(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._number = self._sent = 0
        self._pipe, senders_end = context.Pipe()
        with birth(), senders_end:
            self._ring = FrameRing.create(self._size, NOT_OPENED)
            self._sounds = SoundRing.create()
            arguments = (self._options, self._ring.name, self._sounds.name, senders_end)
            process = context.Process(target=run_sender, args=arguments, name="understudy-stream", daemon=True)
            process.start()
        self._process = process

    def _kept_sound(self, t_seen_ns: int) -> tuple[int, int]:
        """Which sound there is now; it is kept also where its picture is dropped, and goes with the next one."""
        assert self._sounds is not None  # open was called
        if self._sound is not None:
            for t_ns, samples in self._sound.until(t_seen_ns):
                self._sounds.write(round(number_of(t_ns)), samples)
        return self._sounds.held

    def _wait_for_opening(self) -> None:
        assert self._pipe is not None  # _spawn was called
        deadline_s = time.monotonic() + OPEN_TIMEOUT_S
        while not self._pipe.poll(LOOK_S):
            if self._aborted.is_set():
                raise Closed(self.name)
            if time.monotonic() > deadline_s:
                raise silent(self._target, OPEN_TIMEOUT_S, NOT_OPENED)
        self._hear(NOT_OPENED)
        self._t_sent_s = time.monotonic()

    def _hear(self, what: str) -> bool:
        """One word of the sender, if there is one."""
        assert self._pipe is not None  # open was called
        try:
            if not self._pipe.poll(0):
                return False
            message = self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        if isinstance(message, StreamFailed):
            raise explain_failure(message, self._target, what)
        if isinstance(message, FrameSent):
            self._sent, self._t_sent_s = message.number, time.monotonic()
        return isinstance(message, (FrameSent, StreamOpened))

    def _tell(self, message: FrameReady) -> None:
        assert self._pipe is not None  # open was called
        try:
            self._pipe.send(message)
        except OSError:
            while self._hear(LOST):  # its last words say more than the broken pipe
                pass
            raise self._ended() from None

    def _ended(self) -> StreamUnavailable:
        assert self._process is not None  # open was called
        self._process.join(GOODBYE_S)
        return ended(self._process.exitcode)
