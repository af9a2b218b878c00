"""The sender: a small process that encodes and sends a live stream.

A process of its own because libavformat, as PyAV opens it for writing, waits for the network without a time limit and
with Python's lock held: a server that accepts and then says nothing would freeze the whole program. A process can be
ended. It imports no torch, no Qt and no mediapipe; `app.output.stream` starts it and talks to it.
"""

from __future__ import annotations

from fractions import Fraction
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from app.child_process import ignore_the_terminal
from app.clock import NS_PER_S
from app.output.frame_ring import FrameRing
from app.output.sound_ring import SoundRing
from app.output.stream_messages import WHIP, EndStream, FrameReady, FrameSent, StreamFailed, StreamOpened, StreamOptions

if TYPE_CHECKING:  # PyAV is loaded in the sender only
    from av.container import OutputContainer
    from av.packet import Packet

    from app.output.whip_process import WhipSender

LISTEN_S = 0.5
"""Longest wait for news from the program in one round."""

TICKS_PER_S = 1000
"""FLV counts in milliseconds, so two frames are never closer."""

KEYFRAME_EVERY_S = 2.0
"""What streaming services ask for."""


def run_sender(options: StreamOptions, ring_name: str, sounds_name: str, pipe: Connection) -> None:
    """Connect, then send frames until told to end or until the program is gone."""
    ignore_the_terminal()
    ring, sounds = FrameRing.attach(ring_name, options.size), SoundRing.attach(sounds_name)
    try:
        _sender_of(options)(options, ring, sounds, pipe).run()
    except (EOFError, BrokenPipeError):
        pass  # the program is gone, and the stream with it
    except Exception as error:  # noqa: BLE001 - the one border of this process
        _tell_failure(pipe, error)
    finally:
        ring.close()
        sounds.close()
        pipe.close()


def _sender_of(options: StreamOptions) -> type[Sender] | type[WhipSender]:
    if options.container != WHIP:
        return Sender
    from app.output.whip_process import WhipSender

    return WhipSender


class Sender:
    """One connection to a server that libavformat can send to."""

    def __init__(self, options: StreamOptions, ring: FrameRing, sounds: SoundRing, pipe: Connection) -> None:
        self._options, self._ring, self._sounds, self._pipe = options, ring, sounds, pipe
        self._newest: FrameReady | None = None
        self._start_ns: int | None = None
        self._last_tick = -1
        self._over = False

    def run(self) -> None:
        """Until told to end."""
        container = self._open()
        self._pipe.send(StreamOpened())
        try:
            while not self._over:
                self._listen(LISTEN_S)
                ready, self._newest = self._newest, None
                if ready is not None and not self._over:
                    self._send(container, ready)
            _mux(container, self._video.encode(None))
        finally:
            container.close()

    def _open(self) -> OutputContainer:
        import av

        from app.output.h264 import Bt709, add_h264
        from app.output.sound_track import SoundTrack
        from app.output.stream_sound import StreamSound

        options = self._options
        container = av.open(options.address, "w", format=options.container)
        rate = Fraction(options.fps).limit_denominator(1001)
        self._video = add_h264(container, options.size, rate, _x264(options), threads=2)
        self._video.codec_context.time_base = self._video.time_base = Fraction(1, TICKS_PER_S)
        self._video.codec_context.bit_rate = options.kbit_s * 1000
        self._sound = StreamSound(SoundTrack(container), self._sounds)
        self._convert = Bt709()
        container.start_encoding()  # connects
        return container

    def _listen(self, wait_s: float) -> None:
        while self._pipe.poll(wait_s):
            wait_s = 0.0
            message = self._pipe.recv()
            if isinstance(message, FrameReady):
                self._newest = message
            elif isinstance(message, EndStream):
                self._over = True

    def _send(self, container: OutputContainer, ready: FrameReady) -> None:
        picture = self._convert.frame_of(self._ring.frame(ready.number))
        self._listen(0.0)
        newest = self._newest.number if self._newest else ready.number
        if not FrameRing.is_whole(ready.number, newest):
            return  # written over while it was read; a newer one is there
        if self._start_ns is None:
            self._start_ns = ready.t_seen_ns
        tick = round((ready.t_seen_ns - self._start_ns) * TICKS_PER_S / NS_PER_S)
        self._last_tick = picture.pts = max(tick, self._last_tick + 1)
        picture.time_base = Fraction(1, TICKS_PER_S)
        _mux(container, self._sound.until(ready, self._start_ns))
        _mux(container, self._video.encode(picture))
        self._pipe.send(FrameSent(ready.number))


def _x264(options: StreamOptions) -> dict[str, str]:
    rate = f"{options.kbit_s}k"
    return {
        "preset": "veryfast",
        "tune": "zerolatency",
        "bf": "0",
        "g": str(max(1, round(options.fps * KEYFRAME_EVERY_S))),
        "maxrate": rate,
        "bufsize": f"{2 * options.kbit_s}k",
    }


def _mux(container: OutputContainer, packets: list[Packet]) -> None:
    for packet in packets:
        container.mux(packet)


def _tell_failure(pipe: Connection, error: Exception) -> None:
    """In the system's words only: an exception's own text could repeat the address, and so the key."""
    number = error.errno if isinstance(error, OSError) else None
    text = (error.strerror or "") if isinstance(error, OSError) else ""
    try:
        pipe.send(StreamFailed(type(error).__name__, number, text))
    except OSError:
        pass  # nobody is left who could be told
