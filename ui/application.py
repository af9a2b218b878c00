"""The entry point of the window. Imports no Qt before it is known that Qt can open a window here."""

from __future__ import annotations

import os
from collections.abc import Callable

from app.cli_parser import print_line
from app.control import EngineConfig, EngineControl
from ui.display import forget_foreign_plugins, require_display
from ui.options import WindowOptions
from ui.plain_imports import give_back_import

MakeEngine = Callable[[EngineConfig], EngineControl]


def run_window(options: WindowOptions, make_engine: MakeEngine) -> int:
    """Open the window and stay until it is closed; the exit code (0, or 130 when interrupted).

    Where a window of this user is open already, that one is raised instead; a run that remembers nothing (--demo)
    always has its own.

    Args:
        options: what the command line says.
        make_engine: makes the engine for the session's settings; called once, without starting it. It must not
            import anything heavy: the window is shown first.

    Raises:
        EnvironmentProblem: no screen, or libraries that windows need are missing.
    """
    forget_foreign_plugins(os.environ)
    require_display()
    from ui import strings
    from ui.first_window import meeting_place, raise_first_window  # Qt from here on
    from ui.session import Session

    give_back_import()
    if options.remember and raise_first_window(meeting_place()):
        print_line(strings.ALREADY_OPEN)
        return 0
    return Session(options, make_engine).run()
