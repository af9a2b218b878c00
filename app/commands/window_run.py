"""What the command line adds to a window: checked outputs, the figures of `--stats`, failure of a lost recording."""

from __future__ import annotations

from collections.abc import Callable

from app.cli_parser import print_line
from app.commands.headless import Session, require_output_places, require_whole_recording
from app.commands.motion_log import motion_log
from app.commands.run_options import RunOptions
from app.control import EngineConfig, EngineControl
from app.engine import Engine
from app.live_stages import live_engine
from app.report_file import write_report


class WindowRun:
    """Makes the engine of a window, notices its first animated frame, and writes the report when the window closes."""

    def __init__(self, options: RunOptions, new_engine: Callable[[EngineConfig], Engine] = live_engine) -> None:
        """Refuse outputs that cannot be written, before the window opens.

        Raises:
            UsageProblem, EnvironmentProblem: as `require_output_places`.
        """
        require_output_places(options)
        self._options, self._new_engine = options, new_engine
        self._engine: Engine | None = None
        self._session: Session | None = None
        self._motion = motion_log(options.record_motion)

    def make_engine(self, config: EngineConfig) -> EngineControl:
        """The engine of the window's session, not started."""
        self._engine = self._new_engine(config)
        self._engine.on_news(self._look)
        if self._motion is not None:
            self._motion.listen_to(self._engine)
        return self._engine

    def has_begun(self) -> bool:
        """Whether a frame was animated; `--duration` counts from it."""
        return self._session is not None

    def before_stop(self, engine: EngineControl) -> None:
        """Write what `--stats` asked for; nothing where no frame was ever animated.

        Raises:
            ReportNotWritten: with the system's reason.
        """
        del engine  # the one made here
        if self._session is not None and self._options.stats is not None:
            write_report(self._options.stats, self._session.report(self._options))

    def after_stop(self) -> None:
        """Save recorded motion; raise why a recording has no end: the window, which would have said it, is gone."""
        if self._engine is None:
            return
        try:
            if self._motion is not None:
                print_line(self._motion.save())
        finally:
            require_whole_recording(self._engine)

    def _look(self) -> None:
        """On the engine's threads: a first frame begins what is reported, after "Try again" too."""
        if self._engine is None:
            return
        t_first_ns = self._engine.stats.t_first_frame_ns
        if t_first_ns is not None and (self._session is None or self._session.t_first_ns != t_first_ns):
            self._session = Session(self._engine)
