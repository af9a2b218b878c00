"""The virtual camera as a sink: what Zoom, Teams, Meet, Discord and OBS see."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from app.output.base import require_rendered
from app.output.camera_keeper import CameraKeeper
from app.output.camera_messages import CameraOpened, KeeperOptions
from app.output.camera_problems import VirtualCameraUnavailable
from app.output.fitting import fitted
from app.output.frame_ring import SLOTS
from app.packets import RenderedFrame
from models.types import ImageArray

AUTO = "auto"


class VirtualCamera:
    """Sends finished frames to a virtual camera held by a keeper process (`app.output.keeper_process`).

    The camera runs at its own steady rate, repeats the last frame, and shows the away card when no frame came for a
    second, also after this program has died. Make one, and keep it for the program's life: meeting programs lose a
    camera that goes away (`SinkStage(..., close_sink=False)`); `open` on an open camera does nothing.

    Args:
        away: (h, w, 3) uint8 RGB, the away card; any size.
        wanted: "auto" or a device name.
        options: size, rate and times; its `device` is replaced by `wanted`.
    """

    name = "virtual camera"

    def __init__(self, away: ImageArray, wanted: str = AUTO, options: KeeperOptions | None = None) -> None:
        self._options = replace(options or KeeperOptions(), device=None if wanted == AUTO else wanted)
        self._lock = threading.Lock()  # protects everything below: sends and a change of the card come from two threads
        self._away = away
        self._keeper: CameraKeeper | None = None
        self._opened: CameraOpened | None = None
        self._handed_over: dict[int, RenderedFrame] = {}

    @property
    def device(self) -> str | None:
        """Name of the opened device; None while closed."""
        with self._lock:
            return self._opened.device if self._opened else None

    @property
    def keeper_pid(self) -> int | None:
        """The keeper's process id; None while closed."""
        with self._lock:
            return self._keeper.pid if self._keeper else None

    def open(self) -> None:
        """Start the keeper; it shows the away card at once.

        Raises:
            VirtualCameraUnavailable: no camera, busy, no permission.
        """
        with self._lock:
            if self._keeper is not None:
                return
            keeper = CameraKeeper(self._options)
            self._opened = keeper.start(fitted(self._away, self._options.size))
            self._keeper = keeper

    def send(self, frame: RenderedFrame) -> None:
        """Show `frame` from the next tick on; returns at once.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
            VirtualCameraUnavailable: the camera failed; `open` starts a new one.
        """
        require_rendered(frame)
        with self._lock:
            if self._keeper is None:
                raise ValueError("the virtual camera is not open")
            try:
                number = self._keeper.publish(fitted(frame.image, self._options.size))
            except VirtualCameraUnavailable:
                self._close()
                raise
            if number is not None:
                self._handed_over[number] = frame
                self._handed_over.pop(number - SLOTS, None)

    def take_shown(self) -> list[tuple[RenderedFrame, int]]:
        """Frames that the camera has been given since this was last asked, with the time at which it was."""
        with self._lock:
            if self._keeper is None:
                return []
            shown = [(self._handed_over.pop(number, None), t_ns) for number, t_ns in self._keeper.take_shown()]
            return [(frame, t_ns) for frame, t_ns in shown if frame is not None]

    def set_away_card(self, away: ImageArray) -> None:
        """Show another card when frames stop; callable from any thread, also while closed.

        Raises:
            VirtualCameraUnavailable: the camera failed; `open` starts a new one.
        """
        with self._lock:
            self._away = away
            if self._keeper is None:
                return
            try:
                self._keeper.replace_card(fitted(away, self._options.size))
            except VirtualCameraUnavailable:
                self._close()
                raise

    def abandon(self) -> None:
        """Leave the camera to its keeper, on the away card, for the next program to take over. Idempotent."""
        with self._lock:
            if self._keeper is not None:
                self._keeper.abandon()
            self._keeper, self._opened = None, None

    def close(self) -> None:
        """Take the camera away; within a second, by force if need be. Idempotent."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
        self._keeper, self._opened = None, None
        self._handed_over.clear()


def probe_virtual_camera(wanted: str = AUTO, options: KeeperOptions | None = None) -> str:
    """Open the virtual camera for a moment and return the device's name.

    Raises:
        VirtualCameraUnavailable: with what is missing and how to get it.
    """
    options = options or KeeperOptions()
    camera = VirtualCamera(np.zeros((*options.size, 3), np.uint8), wanted, options)
    camera.open()
    try:
        return camera.device or wanted
    finally:
        camera.close()
