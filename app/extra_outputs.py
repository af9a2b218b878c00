"""The engine's outputs beside virtual camera and recorder: browser source, live stream, snapshots.

Each runs on a thread of its own and can fail without anybody else noticing; the call goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.clock import Clock
from app.control import Problem
from app.errors import AppError
from app.output.destinations import BrowserWish, StreamTarget
from app.output.snapshot import Snapshots
from app.packets import RenderedFrame
from app.part import Part
from app.pipeline import Pipeline, StageFactory

STREAM_ATTEMPTS = 9
"""A server that was lost is tried again for two minutes; one that never answered is not: its address is wrong."""


@dataclass(frozen=True)
class ExtraStatus:
    """What `EngineStatus` says of these outputs, by its names."""

    browser_source: str | None = None
    browser_viewers: int = 0
    stream: str | None = None
    snapshot: Path | None = None


class ExtraOutputs:
    """Holds the parts and what they reported. Requests are for any thread."""

    def __init__(self, factory: StageFactory, pipeline: Pipeline, clock: Clock, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.browser: Part[BrowserWish] = Part(
            "browser source", lambda wish: factory.browser_source(wish, pipeline), clock
        )
        self.stream: Part[StreamTarget] = Part(
            "stream",
            lambda target: factory.stream(target, pipeline),
            clock,
            attempts=STREAM_ATTEMPTS,
            must_work_first=True,
        )
        self.snapshots = Snapshots(self._on_saved, self._on_not_saved)
        self._newest: RenderedFrame | None = None
        self._snapshot: Path | None = None
        self._snapshot_problem: Problem | None = None
        self._browser: str | None = None
        self._viewers = 0
        self._streaming = False

    @property
    def parts(self) -> tuple[Part[BrowserWish], Part[StreamTarget]]:
        """What the supervisor keeps running."""
        return self.browser, self.stream

    def status(self) -> ExtraStatus:
        """A snapshot of everything."""
        target = self.stream.wanted
        shown = target.shown if target is not None and self._streaming else None
        return ExtraStatus(self._browser, self._viewers if self._browser else 0, shown, self._snapshot)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with snapshots; parts know their own."""
        return (self._snapshot_problem,) if self._snapshot_problem is not None else ()

    def rendered(self, frame: RenderedFrame) -> None:
        """The newest frame, for snapshots."""
        self._newest = frame

    def save_snapshot(self, path: Path) -> None:
        """Save what is seen now."""
        self._snapshot_problem = None
        self.snapshots.take(self._newest, path)

    def stopped(self) -> None:
        """All stages have ended: save what waits, let go of the last frame."""
        self.snapshots.close()
        self._newest, self._browser, self._streaming = None, None, False

    # Below: called by stages, on their threads.

    def on_browser(self, address: str | None, viewers: int) -> None:
        """The browser source listens at `address`, or no longer."""
        changed = (address, viewers) != (self._browser, self._viewers)
        self._browser, self._viewers = address, viewers
        if address is not None:
            self.browser.working()
        if changed:
            self._on_change()

    def on_streaming(self, streaming: bool) -> None:
        """The server takes the stream, or no longer."""
        changed, self._streaming = streaming != self._streaming, streaming
        if streaming:
            self.stream.working()
        if changed:
            self._on_change()

    def _on_saved(self, path: Path) -> None:
        self._snapshot = path
        self._on_change()

    def _on_not_saved(self, error: AppError) -> None:
        self._snapshot_problem = Problem.of("snapshot", error)
        self._on_change()
