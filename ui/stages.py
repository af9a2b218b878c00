"""What the stages of the network decide, as pictures: only while somebody looks, and never a pixel of the camera."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.control import EngineControl, StageMaps
from app.slots import LatestSlot
from ui import strings
from ui.protocols import MainView
from ui.shown import Picture, StagePicture, StagesState

Floats = npt.NDArray[np.float32]

FAR = 0.25
"""A place fetched from so far away, in unit coordinates, is drawn brightest."""

COLOURS = np.array([[80, 140, 255], [255, 170, 60], [90, 210, 120], [230, 90, 160], [160, 120, 240]], np.uint8)
"""The portrait, then its further pictures, round and round."""

UNTRUSTED, TRUSTED = np.array([220, 70, 60], np.float32), np.array([60, 190, 110], np.float32)

PATIENCE = 15
"""So many looks without a map, and the model in use has none."""


class StageSight:
    """Watches the engine while the page is open."""

    def __init__(self, view: MainView, engine: EngineControl) -> None:
        self._view, self._engine = view, engine
        self._maps: LatestSlot[StageMaps] = LatestSlot("maps of the stages")
        self._open, self._looks = False, 0

    def open(self) -> None:
        """Begin to watch."""
        self._open, self._looks = True, 0
        self._engine.watch_stages(self._maps.put)
        self._view.show_stages(StagesState((), strings.STAGES_WAITING))

    def close(self) -> None:
        """The page was closed."""
        if self._open:
            self._open = False
            self._engine.watch_stages(None)

    def tick(self) -> None:
        """Show the newest maps; called a few times a second."""
        if not self._open:
            return
        maps = self._maps.take()
        self._looks = self._looks + 1 if maps is None else 0
        if maps is not None:
            self._view.show_stages(StagesState(pictures_of(maps), strings.STAGES_TEXT))
        elif self._looks == PATIENCE:
            self._view.show_stages(StagesState((), strings.STAGES_NONE))


def pictures_of(maps: StageMaps) -> tuple[StagePicture, ...]:
    """One picture for every map."""
    made = {
        "flow": flow_picture(maps.flow),
        "visibility": _grey(maps.visibility),
        "picture": COLOURS[maps.picture % len(COLOURS)],
        "confidence": _between(UNTRUSTED, TRUSTED, maps.confidence),
    }
    return tuple(StagePicture(strings.STAGE_NAMES[key], strings.STAGE_HINTS[key], made[key]) for key in made)


def flow_picture(flow: Floats) -> Picture:
    """Colour: the direction each position is fetched from; brightness: how far. Black: nothing moved.

    Shapes:
        flow: (H, W, 2) float32, unit coordinates to read from. Returns (H, W, 3) uint8.
    """
    h, w = flow.shape[:2]
    own = np.stack(np.meshgrid((np.arange(w) + 0.5) / w * 2 - 1, (np.arange(h) + 0.5) / h * 2 - 1), -1)
    moved = flow - own
    angle = np.arctan2(moved[..., 1], moved[..., 0])[..., None]
    length = np.clip(np.hypot(moved[..., 0], moved[..., 1]) / FAR, 0.0, 1.0)[..., None]
    shades = 0.5 + 0.5 * np.cos(angle - np.array([0.0, 2.0, 4.0]) * np.pi / 3)
    return np.asarray((255 * shades * length).round(), np.uint8)


def _grey(values: Floats) -> Picture:
    return np.repeat((255 * np.clip(values, 0, 1)).round().astype(np.uint8)[..., None], 3, axis=2)


def _between(low: Floats, high: Floats, share: Floats) -> Picture:
    return np.asarray((low + (high - low) * np.clip(share, 0, 1)[..., None]).round(), np.uint8)
