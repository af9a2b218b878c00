"""The recorder: what the others see, as a video file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import NS_PER_S
from app.errors import UsageProblem
from app.output.base import require_rendered
from app.output.disk import require_no_folder, require_writable_place
from app.output.fitting import fitted
from app.output.recording_time import RecordingTime
from app.packets import RenderedFrame

if TYPE_CHECKING:  # PyAV is loaded when a recording begins
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from app.output.recording_file import RecordingFile
    from app.output.recording_sound import RecordingSound

TICKS_PER_S = 90_000
"""Resolution of the timestamps."""

KEYFRAME_EVERY_S = 1.0

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv")

# No B-frames and little look-ahead: what the encoder holds back is lost when the program is killed.
_X264 = {"preset": "veryfast", "crf": "18", "bf": "0", "rc-lookahead": "2", "g": "600"}


class Recorder:
    """Writes frames with the times at which they are seen: frames that stop coming are a still in the file.

    The encoder runs on the sink's thread; frames it has no time for are dropped in the sink's slot before they get
    here, and the timestamps of the others stay true. An existing file is replaced.

    Args:
        path: .mp4, .m4v, .mov or .mkv.
        size: (h, w) of the video, even; frames of another size are fitted.
        fps: the rate players are told; the real one is in the timestamps.
        time: knows the pauses, for whose length nothing is written and no time passes in the file.
        sound: the sound track, which knows when frames are seen; None records pictures only, when they were rendered.
    """

    name = "recorder"

    def __init__(
        self,
        path: Path,
        size: tuple[int, int] = (720, 1280),
        fps: float = 30.0,
        *,
        time: RecordingTime | None = None,
        sound: RecordingSound | None = None,
    ) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise UsageProblem(
                f"{path} cannot be recorded to.",
                why=f"A recording cannot have the ending {path.suffix or 'none'!r}.",
                fix=f"Use one of {', '.join(SUFFIXES)}.",
            )
        self.path, self._size = path, size
        self._rate = Fraction(fps).limit_denominator(1001)
        self._file: RecordingFile | None = None
        self._stream: VideoStream | None = None
        self._time = time or RecordingTime()
        self._sound = sound
        self._last_tick = -1
        self._next_keyframe_tick = 0
        self.frames = 0

    def open(self) -> None:
        """Create the file.

        Raises:
            UsageProblem: the folder does not exist, or the path is a folder.
            EnvironmentProblem: no permission, disk full.
        """
        require_writable_place(self.path)
        require_no_folder(self.path)
        from app.output.h264 import Bt709, add_h264
        from app.output.recording_file import RecordingFile

        self._time.restart()
        self._file = RecordingFile(self.path)
        self._stream = add_h264(self._file.container, self._size, self._rate, _X264, threads=2)
        self._stream.codec_context.time_base = self._stream.time_base = Fraction(1, TICKS_PER_S)
        self._convert = Bt709()
        if self._sound is not None:
            self._sound.open(self._file.container)

    def send(self, frame: RenderedFrame) -> None:
        """Encode and write one frame; one of a pause is left out.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
            EnvironmentProblem: the disk is full or gone; what was recorded before stays playable.
        """
        require_rendered(frame)
        if self._file is None or self._stream is None:
            raise ValueError("the recorder is not open")
        t_seen_ns = frame.t_rendered_ns if self._sound is None else self._sound.seen_ns(frame)
        self._time.begin(t_seen_ns)
        t_file_ns = self._time.file_ns(t_seen_ns)
        if self._sound is not None:
            self._file.write(self._sound.until(t_seen_ns))
        if t_file_ns is None:
            return  # a pause, or older than the first frame
        picture = self._convert.frame_of(fitted(frame.image, self._size))
        self._stamp(picture, t_file_ns)
        self._file.write(self._stream.encode(picture))
        self.frames += 1

    def close(self) -> None:
        """Write what the encoder still holds and finish the file; without a frame, remove it. Idempotent.

        Raises:
            EnvironmentProblem: the end could not be written; what was written before stays playable.
        """
        file, stream, self._file, self._stream = self._file, self._stream, None, None
        if file is None or stream is None:
            return
        try:
            if self._sound is not None:
                self._sound.close()
            if self.frames:
                file.write(stream.encode(None))
                file.write(self._sound.rest() if self._sound is not None else [])
        finally:
            file.close()
        if not self.frames:
            self.path.unlink(missing_ok=True)

    def _stamp(self, picture: VideoFrame, t_file_ns: int) -> None:
        """Give `picture` its time in the file, and a key frame every second of it."""
        from av.video.frame import PictureType

        tick = round(t_file_ns * TICKS_PER_S / NS_PER_S)
        tick = max(tick, self._last_tick + 1)  # a frame shown again, or out of order, comes right after the last
        picture.pts, picture.time_base = tick, Fraction(1, TICKS_PER_S)
        self._last_tick = tick
        if tick >= self._next_keyframe_tick:
            picture.pict_type = PictureType.I
            self._next_keyframe_tick = tick + round(KEYFRAME_EVERY_S * TICKS_PER_S)
