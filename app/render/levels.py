"""Makes a portrait ready for another level of quality beside the live path, so that no frame waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.devices import limit_torch_threads
from app.governor.levels import Level
from app.jobs import LatestJob
from app.outlet import offer
from app.portrait import LoadedPortrait
from app.render.scene import MakeCompositor, Scene
from app.settings import OutputSettings
from app.slots import LatestSlot
from models.types import Animator

MAKING_TIMEOUT_S = 1.0
"""How long the end waits for a level that is being made ready."""

OpenAnimator = Callable[[str], Animator[Any]]
"""Opens a model by name; called on the thread that makes a level ready."""


@dataclass(frozen=True)
class LevelOrder:
    """What is to be made ready."""

    level: Level
    portrait: LoadedPortrait
    output: OutputSettings

    def same_as(self, other: LevelOrder | None) -> bool:
        """Whether the other order asks for the same; portraits are compared by identity."""
        if other is None:
            return False
        return self.portrait is other.portrait and (self.level, self.output) == (other.level, other.output)


@dataclass(frozen=True)
class ReadyLevel:
    """A scene that has been animated once, or why there is none."""

    order: LevelOrder
    animator: Animator[Any] | None = None
    scene: Scene | None = None
    error: Exception | None = None


class LevelMaker:
    """Used by the render thread; the work is done on a thread of its own, one order at a time.

    first: the animator the run began with, so that no second one of its kind is loaded.
    preparing: held while any portrait is prepared; animators keep what they compiled, and two threads must not.
    On a GPU the work is done at once by the thread that asks: one thread alone uses the GPU, and it is quick.
    """

    def __init__(self, first: Animator[Any], open_animator: OpenAnimator, make_compositor: MakeCompositor) -> None:
        self._first = first
        self._animators = {first.name: first}
        self._open, self._make_compositor = open_animator, make_compositor
        self._job = LatestJob("make level")
        self._ready: LatestSlot[ReadyLevel] = LatestSlot("ready level")
        self._asked: LevelOrder | None = None
        self.preparing = threading.Lock()

    def ask(self, order: LevelOrder) -> None:
        """Begin with `order` unless it was the last one asked for; returns at once, but on a GPU."""
        if order.same_as(self._asked):
            return
        self._asked = order

        def made(ready: ReadyLevel) -> None:
            offer(self._ready, ready)

        def failed(error: Exception) -> None:
            made(ReadyLevel(order, error=error))

        if self._first.device.type == "cpu":  # asked each time: a GPU may have been lost since
            self._job.submit(lambda: self._make(order), made, failed)
            return
        try:
            made(self._make(order))
        except Exception as error:  # noqa: BLE001 - as beside: whatever it is, the level in use stays
            failed(error)

    def forget(self) -> None:
        """What was asked for is not wanted any more."""
        self._asked = None

    def take(self) -> ReadyLevel | None:
        """What became ready since the last call, if it is what was asked for last."""
        made = self._ready.take()
        return made if made is not None and made.order.same_as(self._asked) else None

    def close(self) -> None:
        """End; what is being made is thrown away."""
        self._job.close(MAKING_TIMEOUT_S)

    def _make(self, order: LevelOrder) -> ReadyLevel:
        limit_torch_threads()
        model = order.level.model
        if model not in self._animators:
            self._animators[model] = self._open(model)
        animator = self._animators[model]
        with self.preparing:
            scene = Scene(animator, self._make_compositor, order.portrait, order.output, order.level)
            scene.picture(scene.source, stitching=True)  # the first step is the slow one
        return ReadyLevel(order, animator, scene)
