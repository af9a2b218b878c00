"""The sinks whose deliveries are counted, and the one virtual camera that outlives them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.output.base import FrameSink
from app.output.sink_stage import WAIT_S, SinkStage
from app.output.sound_wait import SoundWait
from app.packets import RenderedFrame
from app.pipeline import Reports
from app.portrait import LoadedPortrait
from app.render.wishes import WishBox
from app.slots import LatestSlot
from models.types import ImageArray

if TYPE_CHECKING:  # the virtual camera is imported on its own thread
    from app.output.stream import Stream
    from app.output.virtual_camera import VirtualCamera


@dataclass(frozen=True)
class CameraWish:
    """Which virtual camera is wanted; another wish is another camera. size: (h, w)."""

    name: str
    size: tuple[int, int]
    fps: float


class KeptCamera:
    """Holds the virtual camera open while engines stop and start: meeting programs lose one that goes away."""

    def __init__(self, make: Callable[[CameraWish], VirtualCamera]) -> None:
        self._make = make
        self._lock = threading.Lock()  # protects the one below: taken on a sink's thread, closed on the engine's
        self._kept: tuple[CameraWish, VirtualCamera] | None = None

    def take(self, wish: CameraWish) -> VirtualCamera:
        """The camera that is kept if it is the wished one, else a new one in its place, not opened."""
        with self._lock:
            if self._kept is None or self._kept[0] != wish:
                self._close()
                self._kept = (wish, self._make(wish))
            return self._kept[1]

    def close(self) -> None:
        """Take the camera away. Idempotent."""
        with self._lock:
            self._close()

    def abandon(self) -> None:
        """Leave the camera to its keeper, which shows the away card for the next program. Idempotent."""
        with self._lock:
            kept, self._kept = self._kept, None
            if kept is not None:
                kept[1].abandon()

    def _close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept[1].close()


class CountedSink(SinkStage):
    """The sink whose deliveries are counted; tells which virtual camera it opened."""

    def __init__(
        self,
        sink: FrameSink,
        inbox: LatestSlot[RenderedFrame],
        reports: Reports,
        wait: SoundWait,
        *,
        close_sink: bool = True,
    ) -> None:
        super().__init__(sink, inbox, reports.delivered, close_sink=close_sink)
        self._opened, self._reports, self._wait = sink, reports, wait

    def open(self) -> None:
        super().open()
        self._reports.sink_opened(getattr(self._opened, "device", None))

    def release(self) -> None:
        self._reports.sink_opened(None)
        super().release()

    def step(self) -> None:
        """Take a frame in, or deliver the one that has waited long enough for its sound."""
        try:
            self._wait.put(self._inbox.get(self._wait.left_s(WAIT_S)))
        except TimeoutError:
            pass
        frame = self._wait.take()
        if frame is not None:
            self._hand_over(frame)

    def _hand_over(self, frame: RenderedFrame) -> None:
        super()._deliver(frame)


class CameraStage(CountedSink):
    """Feeds a virtual camera that stays open, and keeps its away card that of the portrait which is shown.

    draw_card: draws the card with a portrait's picture, or without one.
    """

    def __init__(
        self,
        camera: VirtualCamera,
        inbox: LatestSlot[RenderedFrame],
        reports: Reports,
        wait: SoundWait,
        wishes: WishBox,
        draw_card: Callable[[ImageArray | None], ImageArray],
    ) -> None:
        super().__init__(camera, inbox, reports, wait, close_sink=False)
        self._camera, self._wishes, self._draw_card = camera, wishes, draw_card
        self._card_of: LoadedPortrait | None = None

    def open(self) -> None:
        """Open it with the right card, or have an open one show it."""
        self._use_card(self._wishes.read().portrait)
        super().open()

    def step(self) -> None:
        """Deliver one frame; first the card of another portrait, on this thread because the camera may take a while."""
        portrait = self._wishes.read().portrait
        if portrait is not self._card_of:
            self._use_card(portrait)
        super().step()

    def _hand_over(self, frame: RenderedFrame) -> None:
        """A frame counts as delivered when the camera has been given it, not when its keeper has."""
        self._camera.send(frame)
        for shown, t_shown_ns in self._camera.take_shown():
            self._reports.delivered(self._camera.name, shown, t_shown_ns)

    def _use_card(self, portrait: LoadedPortrait | None) -> None:
        self._camera.set_away_card(self._draw_card(portrait.picture if portrait else None))
        self._card_of = portrait


class StreamStage(SinkStage):
    """Feeds a stream, and tells whether the server takes it."""

    def __init__(self, stream: Stream, inbox: LatestSlot[RenderedFrame], reports: Reports) -> None:
        super().__init__(stream, inbox)
        self._stream, self._reports = stream, reports

    def open(self) -> None:
        super().open()
        self._reports.streaming(True)

    def release(self) -> None:
        self._reports.streaming(False)
        super().release()

    def unblock(self) -> None:
        self._stream.abort()
        super().unblock()
