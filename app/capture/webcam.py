"""A webcam as a source of frames: read by a process that can be killed, tried through every backend there is."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.capture.base import CameraDescription, CameraLost, CaptureFormat
from app.capture.devices import ways_to_open
from app.capture.grabber import Doorbell, Grabber, GrabberGone, GrabberSilent, MemoryShort
from app.capture.grabber_messages import OPENCV_OPENER, Failure, GrabberFailed, GrabberOptions
from app.capture.permission import fix_for_denied
from app.capture.problems import (
    CameraBusy,
    CameraDenied,
    CameraNotAnswering,
    GrabberEnded,
    NoFirstPicture,
    NoSharedMemory,
    PictureTooLarge,
    frozen,
    lost,
    silent,
)
from app.errors import EnvironmentProblem
from app.packets import CapturedFrame
from app.slots import Closed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WebcamPatience:
    """How long a webcam is waited for, in seconds.

    start: the process imports OpenCV, from a cold disk at worst. open: Windows' Media Foundation needs seconds.
    first_picture: from opening to the first picture; then the next backend is tried. silent: without a new picture,
    after which the camera counts as lost; longer than frozen, failing: as in `GrabberOptions`, whose reasons say more.
        The card is shown long before; the sooner it counts as lost, the sooner one that was plugged in again is opened.
    """

    start_s: float = 30.0
    open_s: float = 10.0
    first_picture_s: float = 3.0
    silent_s: float = 2.0
    frozen_s: float | None = 1.5
    failing_s: float = 1.0


USUAL_FORMAT = CaptureFormat()
USUAL_PATIENCE = WebcamPatience()


class WebcamSource:
    """One webcam. May be opened again after `release`: it is found by its id then, wherever it is plugged in.

    opener: as in `GrabberOptions`. ways: the same camera through every backend, best first; asked at every opening.
    """

    def __init__(
        self,
        camera: CameraDescription,
        wanted: CaptureFormat = USUAL_FORMAT,
        patience: WebcamPatience = USUAL_PATIENCE,
        *,
        opener: str = OPENCV_OPENER,
        ways: Callable[[CameraDescription], Sequence[CameraDescription]] = ways_to_open,
    ) -> None:
        self.name = camera.name
        self._camera, self._wanted, self._patience = camera, wanted, patience
        self._opener, self._ways = opener, ways
        self._doorbell = Doorbell()
        self._grabber: Grabber | None = None
        self._first_id = 0  # id of the first frame since the last opening, minus 1
        self._last_id = 0
        self._t_last_s = 0.0

    @property
    def process_id(self) -> int | None:
        """The grabber's, while the camera is open."""
        return self._grabber.pid if self._grabber else None

    def open(self) -> None:
        """Open it through the first backend that gives a picture.

        Raises:
            EnvironmentProblem: why the best backend did not.
            Closed: `interrupt` was called.
        """
        first: EnvironmentProblem | None = None
        for way in self._ways(self._camera):
            try:
                self._open(way)
            except EnvironmentProblem as problem:
                log.info("backend %d: %s", way.backend, problem)
                first = first or problem
            else:
                return
        assert first is not None  # `ways_to_open` gives at least one, or raises
        raise first

    def grab(self, timeout_s: float) -> CapturedFrame:
        """See `FrameSource`. Frame ids leave out numbers where pictures of the camera were not taken."""
        if self._grabber is None:
            raise RuntimeError("the camera is not open")
        try:
            picture = self._grabber.take(timeout_s)
        except GrabberSilent:
            silent_s = time.monotonic() - self._t_last_s
            if silent_s < self._patience.silent_s:
                raise TimeoutError(f"no picture from {self.name} within {timeout_s:g} s") from None
            raise silent(self.name, self._patience.silent_s) from None
        except GrabberGone as gone:
            raise self._why_lost(gone) from None
        self._t_last_s = time.monotonic()
        self._last_id = self._first_id + picture.number
        return CapturedFrame(self._last_id, picture.image, picture.t_capture_ns, self.name)

    def release(self) -> None:
        """End the process and with it the use of the camera, within a second and a half at worst. Idempotent."""
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.close()

    def interrupt(self) -> None:
        """End a waiting `open` or `grab`; for good."""
        self._doorbell.ring()

    def _open(self, way: CameraDescription) -> None:
        options = GrabberOptions(
            index=way.index,
            backend=way.backend,
            width=self._wanted.width,
            height=self._wanted.height,
            fps=self._wanted.fps,
            opener=self._opener,
            frozen_after_s=self._patience.frozen_s,
            failing_after_s=self._patience.failing_s,
        )
        grabber = Grabber(options, self._doorbell)
        try:
            self._wait_for_picture(grabber, way)
        except (EnvironmentProblem, Closed):
            grabber.close()
            raise
        self._grabber = grabber
        self._first_id, self._t_last_s = self._last_id, time.monotonic()

    def _wait_for_picture(self, grabber: Grabber, way: CameraDescription) -> None:
        patience = self._patience
        waited_s = patience.start_s
        late: type[CameraNotAnswering] | type[NoFirstPicture] = CameraNotAnswering
        try:
            grabber.wait_started(waited_s)
            waited_s = patience.open_s
            grabber.wait_opened(waited_s)
            waited_s, late = patience.first_picture_s, NoFirstPicture
            grabber.wait_first_picture(waited_s)
        except GrabberSilent:
            raise late(self.name, waited_s) from None
        except GrabberGone as gone:
            raise self._why_not_opened(gone, way) from None
        except MemoryShort as short:
            raise NoSharedMemory(self.name, (short.needed >> 20) + 1, short.free >> 20) from None

    def _why_not_opened(self, gone: GrabberGone, way: CameraDescription) -> EnvironmentProblem:
        if gone.failure is None:
            return GrabberEnded(self.name, f"exit code {gone.exit_code}")
        failure, text = gone.failure.failure, gone.failure.text
        if failure is Failure.REFUSED:
            fix = fix_for_denied(way.index)
            return CameraBusy(self.name, text) if fix is None else CameraDenied(self.name, fix)
        if failure is Failure.READS_FAIL:
            return NoFirstPicture(self.name, self._patience.failing_s)
        if failure is Failure.TOO_LARGE:
            return PictureTooLarge(self.name, text)
        return GrabberEnded(self.name, text or failure.value)

    def _why_lost(self, gone: GrabberGone) -> CameraLost:
        last = gone.failure or GrabberFailed(Failure.CRASHED, f"exit code {gone.exit_code}")
        if last.failure is Failure.FROZEN:
            return frozen(self.name, self._patience.frozen_s or 0.0)
        if last.failure is Failure.READS_FAIL:
            return lost(self.name, "It was unplugged, or another program took it.")
        if last.failure is Failure.SIZE_CHANGED:
            return lost(self.name, f"It changed the size of its pictures to {last.text}.")
        return lost(self.name, f"The process that reads it ended: {last.text}.")
