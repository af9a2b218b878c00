"""The tracking thread: newest picture in, landmarks of the followed person out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import numpy as np

from app.clock import NS_PER_MS, NS_PER_S, Clock
from app.crop import CropTransform
from app.errors import EnvironmentProblem
from app.packets import CapturedFrame, FaceCrop, FaceObservation, TrackedFrame
from app.slots import LatestSlot
from app.tracking.base import Tracker
from app.tracking.lock import FaceLock
from models.types import ImageArray

logger = logging.getLogger(__name__)

WAIT_S = 0.5
MAX_ERRORS_IN_A_ROW = 30
LOGGED = (1, 10, 100, 1000)
"""Which failures are logged: a tracker that fails now and then must not fill the disk."""

EARLY_NS = 2 * NS_PER_MS
"""A picture that comes so much before it is due is looked at: cameras are not that even."""

WARM_UP_SIZE = (720, 1280)


class TrackingFailed(EnvironmentProblem):
    """The tracker fails on every picture."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            "Face tracking stopped.",
            why=f"It failed on {MAX_ERRORS_IN_A_ROW} pictures in a row ({type(error).__name__}: {error}).",
            fix="Restart Understudy; if it happens again, please report it with the log.",
        )


class TrackingStage:
    """Tracks the newest frame of `inbox` and puts the result, face or not, into `outbox`.

    make_tracker: called on the tracking thread, because importing MediaPipe takes a second.
    crop_px: asked for every picture: side of `TrackedFrame.face_crop`, for an animator that needs the driver's pixels;
        None: no crop is made. Its square is that of the first face after `choose_again`.
    most_fps: asked for every picture: how many a second are looked at; None: every one.

    One failure of the tracker counts as a picture without a face; too many in a row end the stage.
    """

    name = "tracking"

    def __init__(
        self,
        inbox: LatestSlot[CapturedFrame],
        outbox: LatestSlot[TrackedFrame],
        make_tracker: Callable[[], Tracker],
        clock: Clock,
        crop_px: Callable[[], int | None] | None = None,
        most_fps: Callable[[], float | None] | None = None,
    ) -> None:
        self._inbox, self._outbox = inbox, outbox
        self._make_tracker, self._clock, self._crop_px = make_tracker, clock, crop_px or _no_crop
        self._most_fps = most_fps or _every_picture
        self._t_due_ns = 0
        self._square: CropTransform | None = None
        self._lock = FaceLock()
        self._forget = threading.Event()  # set by any thread, taken by this one
        self._tracker: Tracker | None = None
        self._t_ns = 0
        self._errors = self._errors_in_a_row = 0

    @property
    def errors(self) -> int:
        """On how many pictures the tracker failed."""
        return self._errors

    def choose_again(self) -> None:
        """Follow whoever is biggest in the next picture; callable from any thread."""
        self._forget.set()

    def open(self) -> None:
        """Load the tracker and run it once, so that the first real picture is not the slow one."""
        self._tracker = self._make_tracker()
        self._track(np.zeros((*WARM_UP_SIZE, 3), np.uint8), self._clock.now_ns())
        self._lock.reset()

    def step(self) -> None:
        """Track one picture."""
        try:
            frame = self._inbox.get(timeout_s=WAIT_S)
        except TimeoutError:
            return
        if not self._is_due(frame.t_capture_ns):
            return
        if self._forget.is_set():
            self._forget.clear()
            self._lock.reset()
            self._square = None
        observation = self._lock.choose(self._track(frame.image, frame.t_capture_ns), self._t_ns)
        crop = self._crop(frame.image, observation)
        self._outbox.put(
            TrackedFrame(frame.frame_id, frame.t_capture_ns, observation, self._clock.now_ns(), face_crop=crop)
        )

    def release(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
            self._tracker = None

    def unblock(self) -> None:
        self._inbox.close()

    def _track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        """Faces in one picture. The tracker's time rises strictly even if the source began anew."""
        assert self._tracker is not None  # between open and release
        self._t_ns = max(t_capture_ns, self._t_ns + 1)
        try:
            found = self._tracker.track(image, self._t_ns)
        except Exception as error:  # a native library: what it cannot digest is no face
            self._errors += 1
            self._errors_in_a_row += 1
            if self._errors in LOGGED:
                logger.warning("the tracker failed on a picture: %s: %s", type(error).__name__, error)
            if self._errors_in_a_row >= MAX_ERRORS_IN_A_ROW:
                raise TrackingFailed(error) from error
            return []
        self._errors_in_a_row = 0
        return found

    def _is_due(self, t_capture_ns: int) -> bool:
        """Whether this picture is looked at; where fewer are wanted than come, the steps stay as even as can be."""
        fps = self._most_fps()
        if fps is None:
            return True
        period_ns = int(NS_PER_S / fps)
        if t_capture_ns < self._t_due_ns - EARLY_NS:
            return False
        self._t_due_ns = max(self._t_due_ns + period_ns, t_capture_ns)
        return True

    def _crop(self, image: ImageArray, observation: FaceObservation | None) -> FaceCrop | None:
        side_px = self._crop_px()
        if side_px is None or observation is None or observation.recorded:
            return None
        from app.resample import REPLICATE, warped  # OpenCV; only models that look at pixels need it

        if self._square is None or self._square.out_px != side_px:
            self._square = CropTransform.around_face(observation.landmarks_px, side_px)
        pixels = warped(image, self._square.crop_from_picture, (side_px, side_px), border=REPLICATE)
        return FaceCrop(pixels, self._square)


def _every_picture() -> float | None:
    """No picture is left out."""
    return None


def _no_crop() -> int | None:
    """No animator looks at pixels."""
    return None
