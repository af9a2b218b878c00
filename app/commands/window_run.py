"""What a run in the window adds to the window: the figures of `--stats`."""

from __future__ import annotations

from app.commands.headless import Session
from app.commands.run_options import RunOptions
from app.control import EngineConfig, EngineControl
from app.engine import Engine
from app.live_stages import live_engine
from app.report_file import write_report


class WindowRun:
    """Makes the engine of a window, notices its first animated frame, and writes the report when the window closes."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._engine: Engine | None = None
        self._session: Session | None = None

    def make_engine(self, config: EngineConfig) -> EngineControl:
        """The engine of the window's session, not started."""
        self._engine = live_engine(config)
        self._engine.on_news(self._look)
        return self._engine

    def before_stop(self, engine: EngineControl) -> None:
        """Write what `--stats` asked for; nothing where no frame was ever animated.

        Raises:
            ReportNotWritten: with the system's reason.
        """
        del engine  # the one made here
        if self._session is not None and self._options.stats is not None:
            write_report(self._options.stats, self._session.report(self._options))

    def _look(self) -> None:
        if self._session is None and self._engine is not None and self._engine.stats.t_first_frame_ns is not None:
            self._session = Session(self._engine)
