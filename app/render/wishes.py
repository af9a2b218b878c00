"""What the engine asks of the render thread: one frozen value, replaced whole and read once per step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.governor.levels import Level
from app.portrait import LoadedPortrait
from app.settings import MotionSettings, OutputSettings
from models.types import StageMaps


@dataclass(frozen=True)
class RenderWishes:
    """The newest wishes.

    has_camera: False lets the portrait idle for ever; True shows the card when no tracking result comes.
    away: True shows the card whatever the camera sees.
    driver: grows when another camera, and so perhaps another driver, takes over; the neutral face settles anew.
    driver_since_ns: faces captured before that are the last driver's and must not become the new one's neutral face.
    calibration: grows with each request to take the next face as neutral.
    level: how frames are to be made; None is as the run began.
    on_maps: given what the stages of the network decided, for every frame it has any for; on the render thread.
    """

    portrait: LoadedPortrait | None = None
    motion: MotionSettings = field(default_factory=MotionSettings)
    output: OutputSettings = field(default_factory=OutputSettings)
    has_camera: bool = False
    away: bool = False
    driver: int = 0
    driver_since_ns: int = 0
    calibration: int = 0
    level: Level | None = None
    on_maps: Callable[[StageMaps], None] | None = None


class WishBox:
    """Holds the newest `RenderWishes`; written from any thread, read by the render thread."""

    def __init__(self, wishes: RenderWishes) -> None:
        self._lock = threading.Lock()  # makes read-change-write one act
        self._wishes = wishes

    def read(self) -> RenderWishes:
        """The newest wishes."""
        return self._wishes

    def change(self, edit: Callable[[RenderWishes], RenderWishes]) -> None:
        """Replace the wishes by an edited copy."""
        with self._lock:
            self._wishes = edit(self._wishes)
