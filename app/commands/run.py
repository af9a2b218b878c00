"""`run`: animate a portrait live, in a window or headless."""

from __future__ import annotations

import argparse

from app.commands.run_options import RunOptions, ShowWindow
from app.errors import EnvironmentProblem


def run_from_arguments(parsed: argparse.Namespace, show_window: ShowWindow | None) -> int:
    """`run` as the command line calls it."""
    return run(RunOptions.from_arguments(parsed), show_window)


def run(options: RunOptions, show_window: ShowWindow | None = None) -> int:
    """Run live until the window closes, the duration is over, or it is interrupted; the exit code."""
    if show_window is None or options.headless:
        raise EnvironmentProblem(
            "A run without a window is not possible yet.", why="The engine is not connected.", fix="Wait for it."
        )
    return show_window(options)
