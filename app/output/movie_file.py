"""Movies as files: MP4 for showing, Matroska with FFV1 for measuring and for going on working."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from app.output.disk import unwritable
from app.output.h264 import Bt709, add_h264
from app.output.movie_sound import MovieSound
from app.output.movie_writer import MovieWriter
from app.output.provenance import MOVFLAG, mark, xmp_box
from models.types import ImageArray

_X264 = {"preset": "fast", "crf": "16"}
_FFV1 = {"level": "3", "slices": "4", "slicecrc": "1"}


class MovieFile(MovieWriter):
    """One video stream, and the sound of the driving video beside it."""

    format: str
    container_options: ClassVar[dict[str, str]] = {}

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, audio_from: Path | None) -> None:
        super().__init__(path, size)
        self._rate = rate
        self._sound: MovieSound | None = None
        try:
            self._temporary.open("xb").close()  # a place that cannot be written is known before any work is done
            self._container: OutputContainer = av.open(
                str(self._temporary), "w", format=self.format, options=self.container_options
            )
        except OSError as error:
            self._temporary_gone()
            raise unwritable(path, error) from error
        mark(self._container)
        try:
            self._stream = self._add_stream(self._container)
            self._sound = MovieSound.of(audio_from, self._container)
        except BaseException:
            self._discard()
            raise

    @abstractmethod
    def _add_stream(self, container: OutputContainer) -> VideoStream:
        """The video stream of this kind of movie."""

    @abstractmethod
    def _frame_of(self, image: ImageArray) -> VideoFrame:
        """The picture in the stream's pixel format."""

    def _add(self, image: ImageArray) -> None:
        frame = self._frame_of(image)
        frame.pts, frame.time_base = self.frames, 1 / self._rate
        self._write(self._stream.encode(frame))
        self._write_sound(self.frames + 1)

    def _finish(self) -> None:
        self._write(self._stream.encode(None))
        self._write_sound(self.frames)
        if self._sound is not None:
            self._write(self._sound.rest(self.frames / self._rate))
            self._sound.close()
        self._container.close()

    def _discard(self) -> None:
        if self._sound is not None:
            self._sound.close()
        try:
            self._container.close()
        except (OSError, av.FFmpegError):
            pass  # the file is removed in the next line: that it could not be finished does not matter
        self._temporary_gone()

    def _write(self, packets: list[Packet]) -> None:
        for packet in packets:
            self._container.mux(packet)

    def _write_sound(self, frames: int) -> None:
        """The sound that belongs to the first `frames` pictures, as far as it is not written yet."""
        if self._sound is not None:
            self._write(self._sound.until(frames / self._rate))

    def _temporary_gone(self) -> None:
        try:
            self._temporary.unlink(missing_ok=True)
        except OSError:
            pass  # its folder is not one: there is nothing to remove


class Mp4Movie(MovieFile):
    """H.264 that looks like the pictures it was made of, and plays everywhere."""

    format = "mp4"
    container_options: ClassVar[dict[str, str]] = {"movflags": f"faststart+{MOVFLAG}"}

    def _add_stream(self, container: OutputContainer) -> VideoStream:
        self._convert = Bt709()
        return add_h264(container, self._size, self._rate, _X264)

    def _finish(self) -> None:
        super()._finish()
        with self._temporary.open("ab") as file:
            file.write(xmp_box())

    def _frame_of(self, image: ImageArray) -> VideoFrame:
        return self._convert.frame_of(image)


class LosslessMovie(MovieFile):
    """FFV1 in RGB: decoding gives the very same pictures."""

    format = "matroska"

    def _add_stream(self, container: OutputContainer) -> VideoStream:
        stream = container.add_stream("ffv1", rate=self._rate)
        assert isinstance(stream, VideoStream)  # FFV1 is a video codec
        stream.height, stream.width = self._size
        stream.pix_fmt = "bgr0"  # the 8-bit RGB layout this encoder takes
        stream.codec_context.options = _FFV1
        stream.codec_context.color_range = ColorRange.JPEG
        return stream

    def _frame_of(self, image: ImageArray) -> VideoFrame:
        return VideoFrame.from_ndarray(image, "rgb24").reformat(format="bgr0")
