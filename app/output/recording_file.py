"""A video file that is playable at every moment, also after `kill -9` or when the disk fills up.

MP4 is written in fragments, each complete in itself, and made into a normal, seekable MP4 when it is closed
(libavformat's `hybrid_fragmented`). Matroska is made of such clusters anyway. A fragment reaches the file as soon as it
is complete: nothing waits in a buffer of this process.
"""

from __future__ import annotations

import io
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet

from app.output.disk import unwritable
from app.output.provenance import MOVFLAG, mark, xmp_box

FRAGMENT_US = 500_000
"""Longest time that can be lost, besides what the encoder holds back."""

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}

_MP4_OPTIONS = {
    "movflags": f"hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof+{MOVFLAG}",
    "frag_duration": str(FRAGMENT_US),
    "flush_packets": "1",
}
_MKV_OPTIONS = {"cluster_time_limit": str(FRAGMENT_US // 1000), "flush_packets": "1"}


class RecordingFile:
    """The container of a recording. Streams are added to `container` before the first packet; sound can be another.

    Used by one thread. After a failed write the file is left as it is, which is playable up to there.
    """

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            EnvironmentProblem: no permission, disk full, no such place.
        """
        self.path = path
        kind = FORMATS[path.suffix.lower()]
        try:
            self._bytes = _UntilFailure(path)
        except OSError as error:
            raise unwritable(path, error) from error
        self._is_mp4 = kind != "matroska"
        options = _MP4_OPTIONS if self._is_mp4 else _MKV_OPTIONS
        self.container: OutputContainer = av.open(self._bytes, "w", format=kind, container_options=options)
        mark(self.container)

    def write(self, packets: list[Packet]) -> None:
        """Hand encoded packets to the container; after a failure they are ignored (libavformat would crash).

        Raises:
            EnvironmentProblem: the disk is full or gone.
        """
        if self._bytes.failed:
            return
        try:
            for packet in packets:
                self.container.mux(packet)
        except OSError as error:
            raise unwritable(self.path, error) from error

    def close(self) -> None:
        """Finish the file.

        Raises:
            EnvironmentProblem: it could not be finished; it is playable all the same.
        """
        failed_before = self._bytes.failed
        try:
            self.container.close()
            if self._is_mp4:
                self._bytes.seek(0, io.SEEK_END)
                self._bytes.write(xmp_box())
        except (OSError, av.FFmpegError) as error:
            if not failed_before:
                reason = error if isinstance(error, OSError) else OSError(error.errno, error.strerror)
                raise unwritable(self.path, reason) from error
        finally:
            self._bytes.close()


class _UntilFailure(io.FileIO):
    """A file that takes nothing more after a write failed, so that finishing cannot damage what is in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")
        self.failed = False

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """All of `data`; libavformat does not expect less.

        Raises:
            OSError: once, when the system refuses; later writes are ignored.
        """
        view = memoryview(data)
        written = 0
        while written < len(view) and not self.failed:
            try:
                written += _write_to_disk(self, view[written:])
            except OSError:
                self.failed = True
                raise
        return len(view)


def _write_to_disk(file: io.FileIO, data: memoryview) -> int:
    """The one system call of a recording, where tests can fill the disk."""
    return io.FileIO.write(file, data)
