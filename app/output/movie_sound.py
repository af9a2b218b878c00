"""The sound of the driving video, carried into the movie: copied where the container takes it, else made AAC."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from app.capture.video_container import open_container

log = logging.getLogger(__name__)

_COPIED = {
    "mp4": {"aac", "mp3", "ac3", "eac3", "alac"},
    "matroska": {"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus", "vorbis", "dts"}
    | {"pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8"},
}
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class MovieSound:
    """Packets of sound for a movie, in order, asked for as the pictures come.

    Time 0 is that of the driving video's first picture. A fault in the sound ends the sound, not the movie.
    """

    def __init__(self, path: Path, source: InputContainer, stream: AudioStream, target: OutputContainer) -> None:
        self._path, self._source, self._from = path, source, stream
        copied = self._from.codec_context.name in _COPIED[target.format.name]
        self._to: AudioStream = target.add_stream_from_template(self._from) if copied else _aac(self._from, target)
        video = source.streams.video[0] if source.streams.video else None
        self._start_s = _seconds(video.start_time, video.time_base) if video else Fraction(0)
        self._packets = self._guarded(self._copied() if copied else self._encoded())
        self._next: Packet | None = next(self._packets, None)

    @classmethod
    def of(cls, path: Path | None, target: OutputContainer) -> MovieSound | None:
        """The sound of the video `path`, with a stream in `target`; None where there is none."""
        if path is None:
            return None
        try:
            source = open_container(path)
        except (OSError, ValueError, av.FFmpegError) as error:
            log.warning("The sound of %s could not be read: %s", path, error)
            return None
        streams = source.streams.audio
        readable = next((stream for stream in streams if _is_readable(stream)), None)
        if readable is None:
            source.close()
            if streams:
                log.warning("The sound of %s is left out: it is in a format that cannot be read here.", path.name)
            return None
        return cls(path, source, readable, target)

    def until(self, end_s: Fraction) -> list[Packet]:
        """The packets that end by `end_s`, as far as they were not given yet."""
        return self._while(lambda packet: _start(packet) + _duration(packet) <= end_s)

    def rest(self, end_s: Fraction) -> list[Packet]:
        """What is still due when the movie ends at `end_s`: nothing that is mostly after it."""
        return self._while(lambda packet: _start(packet) + _duration(packet) / 2 <= end_s)

    def _while(self, due: Callable[[Packet], bool]) -> list[Packet]:
        packets = []
        while self._next is not None and due(self._next):
            packets.append(self._next)
            self._next = next(self._packets, None)
        return packets

    def close(self) -> None:
        """Close the driving video. Idempotent."""
        self._next = None
        self._source.close()

    def _guarded(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        """`packets` that belong into the movie, up to the first fault."""
        try:
            for packet in packets:
                if packet.pts is not None and _start(packet) + _duration(packet) > 0:
                    yield packet
        except (OSError, av.FFmpegError, ValueError) as error:
            log.warning("The sound of %s ends early: %s", self._path, error)

    def _copied(self) -> Iterator[Packet]:
        """Packets as they are, moved to the movie's time."""
        for packet in self._source.demux(self._from):
            if packet.pts is None or packet.dts is None:
                continue  # the empty packet at the end
            shift = round(self._start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = self._to
            yield packet

    def _encoded(self) -> Iterator[Packet]:
        """Packets made anew, from decoded sound moved to the movie's time; what is damaged is left out."""
        for packet in self._source.demux(self._from):
            with suppress(av.error.InvalidDataError):
                for frame in packet.decode():
                    assert isinstance(frame, AudioFrame)  # from an audio stream
                    if frame.pts is not None and frame.time_base is not None:
                        frame.pts -= round(self._start_s / frame.time_base)
                    yield from self._to.encode(frame)
        yield from self._to.encode(None)


def _is_readable(stream: AudioStream) -> bool:
    """Whether there is a decoder for it (PyAV has no context without one), and what it decodes is sound."""
    context: AudioCodecContext | None = stream.codec_context
    return context is not None and context.sample_rate > 0 and context.channels > 0


def _aac(source: AudioStream, target: OutputContainer) -> AudioStream:
    """An AAC stream as close to `source` as AAC allows."""
    rate = min((r for r in _AAC_RATES if r >= source.codec_context.sample_rate), default=_AAC_RATES[-1])
    stream: AudioStream = target.add_stream("aac", rate=rate)
    stream.codec_context.layout = "mono" if source.codec_context.channels == 1 else "stereo"
    stream.codec_context.bit_rate = 192_000
    return stream


def _seconds(ticks: int | None, base: Fraction | None) -> Fraction:
    return Fraction(0) if ticks is None or base is None else ticks * base


def _start(packet: Packet) -> Fraction:
    return _seconds(packet.pts, packet.time_base)


def _duration(packet: Packet) -> Fraction:
    return _seconds(packet.duration, packet.time_base)
