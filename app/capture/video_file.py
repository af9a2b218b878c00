"""A video file in a camera's place: played in real time, again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.capture.playback import Playback
from app.capture.timeline import Timeline
from app.clock import NS_PER_S, Clock, SystemClock
from app.packets import CapturedFrame
from app.slots import Closed
from models.types import ImageArray

if TYPE_CHECKING:  # PyAV is loaded when a file is opened, not when this is imported
    from av.video.frame import VideoFrame

    from app.capture.video_decoding import VideoFile

MAX_LATE_NS = NS_PER_S
"""Behind by more than this (the machine slept, or cannot decode fast enough), playing goes on from where it is."""


class VideoFileSource:
    """Gives the picture that is due now. Late ones are left out, so that playing never falls behind the clock.

    Frame ids count the file's pictures through all loops; those left out are missing from them.

    playback: is told when each loop is played, for the file's sound.
    """

    def __init__(self, path: Path, clock: Clock | None = None, playback: Playback | None = None) -> None:
        self.name = path.name
        self._path, self._clock = path, clock or SystemClock()
        self._playback = playback or Playback()
        self._interrupted = threading.Event()
        self._video: VideoFile | None = None
        self._pending: Iterator[_Pending] = iter(())
        self._upcoming: _Pending | None = None
        self._t_start_ns: int | None = None  # when the file's first picture was due
        self._t_last_ns = 0
        self.skipped = 0

    def open(self) -> None:
        """Open the file.

        Raises:
            UsageProblem: it cannot be used.
        """
        from app.capture.video_decoding import VideoFile

        self.release()
        self._video = VideoFile(self._path)
        self._pending = _play(self._video)

    def grab(self, timeout_s: float) -> CapturedFrame:
        """See `FrameSource`; a file is never lost."""
        frame = self._wait_for_due(timeout_s)
        image = frame.image
        self._upcoming = None
        self._t_last_ns = max(self._clock.now_ns(), self._t_last_ns + 1)  # trackers want it to grow
        return CapturedFrame(frame.number, image, self._t_last_ns, self.name)

    def release(self) -> None:
        """Close the file. Idempotent."""
        self._pending, self._upcoming, self._t_start_ns = iter(()), None, None
        if self._video is not None:
            self._video.close()
            self._video = None

    def interrupt(self) -> None:
        """End a waiting `grab`; for good."""
        self._interrupted.set()

    def _wait_for_due(self, timeout_s: float) -> _Pending:
        """The picture due now, the newest of several."""
        t_deadline_ns = self._clock.now_ns() + int(timeout_s * NS_PER_S)
        frame = self._peek()
        if self._t_start_ns is None:
            self._t_start_ns = self._clock.now_ns() - frame.due_ns
            self._tell(frame)
        t_due_ns = self._t_start_ns + frame.due_ns
        if self._clock.now_ns() < t_due_ns:
            _ = frame.image  # converted while there is time
        if self._clock.wait_until_ns(min(t_due_ns, t_deadline_ns), self._interrupted):
            raise Closed(self.name)
        if t_deadline_ns < t_due_ns:
            raise TimeoutError(f"the next picture of {self.name} is not due yet")
        return self._newest_due(frame, self._t_start_ns)

    def _newest_due(self, frame: _Pending, t_start_ns: int) -> _Pending:
        """Skip pictures whose successor is due as well."""
        while True:
            late_ns = self._clock.now_ns() - (t_start_ns + frame.due_ns)
            if late_ns > MAX_LATE_NS:
                self._t_start_ns = t_start_ns + late_ns
                self._tell(frame)
                return frame
            if late_ns < frame.step_ns:
                return frame
            self._upcoming = None
            following = self._peek()
            if self._clock.now_ns() < t_start_ns + following.due_ns:
                return frame
            self.skipped += 1
            frame = following

    def _peek(self) -> _Pending:
        if self._video is None:
            raise RuntimeError("the file is not open")
        if self._upcoming is None:
            self._upcoming = next(self._pending)
            if self._upcoming.begins_loop:
                self._tell(self._upcoming)
        return self._upcoming

    def _tell(self, frame: _Pending) -> None:
        if self._t_start_ns is not None:
            self._playback.tell(self._path, frame.stamp_ns, self._t_start_ns + frame.due_ns)


class _Pending:
    """A decoded picture and when it is due, counted from the first picture of the first loop.

    stamp_ns: its own time stamp in the file; 0 where there is none. begins_loop: it is the file's first.
    """

    def __init__(self, number: int, frame: VideoFrame, due_ns: int, stamp_ns: int | None, video: VideoFile) -> None:
        self.number, self.due_ns, self.stamp_ns = number, due_ns, stamp_ns or 0
        self.begins_loop = False
        self.step_ns = int(NS_PER_S / video.rate)
        self._frame, self._video = frame, video

    @cached_property
    def image(self) -> ImageArray:
        """RGB; converted when first asked for, so that pictures that are left out cost nothing."""
        return self._video.to_rgb(self._frame)


def _play(video: VideoFile) -> Iterator[_Pending]:
    """All pictures of the file, over and over.

    Raises:
        UsageProblem: nothing in it can be decoded any more.
    """
    from app.capture.video_decoding import time_ns
    from app.capture.video_problems import no_frames

    timeline = Timeline(int(NS_PER_S / video.rate))
    number = 0
    while True:
        before = number
        for frame in video.decoded():
            number += 1
            stamp_ns = time_ns(frame)
            pending = _Pending(number, frame, timeline.due_ns(stamp_ns), stamp_ns, video)
            pending.begins_loop = number == before + 1
            yield pending
        if number == before:
            raise no_frames(video.path)
        video.rewind()
        timeline.rewind()
