"""What runs in place of the render thread when rendering failed for good: the away card, and nothing that can fail."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.clock import NS_PER_S, Clock
from app.packets import FrameStatus, RenderedFrame
from app.render.wishes import WishBox
from models.types import ImageArray


class CardStage:
    """Publishes the away card at the output's rate; run it in a `Worker`."""

    name = "card"

    def __init__(
        self,
        wishes: WishBox,
        make_card: Callable[[tuple[int, int]], ImageArray],
        publish: Callable[[RenderedFrame], None],
        clock: Clock,
    ) -> None:
        self._wishes, self._make_card, self._publish, self._clock = wishes, make_card, publish, clock
        self._stopping = threading.Event()
        self._frames = 0

    def open(self) -> None:
        """Draw the card."""
        output = self._wishes.read().output
        self._period_ns = int(NS_PER_S / output.fps)
        self._card = self._make_card((output.height, output.width))
        self._t_due_ns = self._clock.now_ns()

    def step(self) -> None:
        """One frame, when it is due."""
        if self._clock.wait_until_ns(self._t_due_ns, self._stopping):
            return
        now_ns = self._clock.now_ns()
        self._t_due_ns = max(self._t_due_ns + self._period_ns, now_ns)
        self._frames += 1
        self._publish(RenderedFrame(self._frames, self._card, now_ns, now_ns, FrameStatus.AWAY))

    def release(self) -> None:
        """Nothing to give back."""

    def unblock(self) -> None:
        """End the wait for the next frame."""
        self._stopping.set()
