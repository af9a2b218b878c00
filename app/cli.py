"""The command line of CONTRACT.md: parses, dispatches, and turns every failure into one line and an exit code.

Nothing heavy is imported here: a command's module is loaded when the command is chosen.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Sequence

from app.cli_parser import COMMANDS, build_parser, print_line
from app.commands.run_options import ShowWindow
from app.errors import AppError

log = logging.getLogger("understudy")

EXIT_BUG = 1
EXIT_INTERRUPTED = 130


def run_command_line(arguments: Sequence[str], show_window: ShowWindow | None = None) -> int:
    """Run one command and return its exit code; nothing escapes as a traceback.

    Args:
        arguments: without the program's name. No command means `run`.
        show_window: how `run` shows its window; None runs without one.
    """
    parsed = build_parser().parse_args(with_default_command(arguments))
    _configure_logging(parsed.log_level)
    try:
        return _dispatch(parsed, show_window)
    except AppError as error:
        print_line(f"{error.what} {error.why} {error.fix}")
        return error.exit_code
    except KeyboardInterrupt:
        print_line("Interrupted.")
        return EXIT_INTERRUPTED
    except MemoryError:
        print_line("Out of memory. The files or the size asked for are too large. Close other programs or use less.")
        return 3
    except Exception as error:  # noqa: BLE001 - the one border of the program
        log.debug("traceback of the failure below", exc_info=True)
        what = f"Understudy failed: {type(error).__name__}: {error}."
        print_line(f"{what} This is a bug. Run again with --log-level debug and report what it prints.")
        return EXIT_BUG


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Put `run` in front where no command is named."""
    if arguments and (arguments[0] in COMMANDS or arguments[0] in ("-h", "--help", "--version")):
        return list(arguments)
    return ["run", *arguments]


def _dispatch(parsed: argparse.Namespace, show_window: ShowWindow | None) -> int:
    if parsed.command == "run":
        from app.commands.run import run_from_arguments

        return run_from_arguments(parsed, show_window)
    if parsed.command == "animate":
        from app.commands.animate import AnimateOptions, animate

        return animate(AnimateOptions.from_arguments(parsed))
    if parsed.command == "evaluate":
        from app.commands.evaluate import EvaluateOptions, evaluate

        return evaluate(EvaluateOptions.from_arguments(parsed))
    if parsed.command == "bench":
        from app.commands.bench import BenchOptions, bench

        return bench(BenchOptions.from_arguments(parsed))
    if parsed.command == "prepare":
        from app.commands.prepare import PrepareOptions, prepare

        return prepare(PrepareOptions.from_arguments(parsed))
    if parsed.command == "train":
        from app.commands.train import train_from_arguments

        return train_from_arguments(parsed)
    from app.commands.doctor import doctor

    return doctor(parsed.json)


def _configure_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if level != "debug":
        warnings.simplefilter("ignore")
