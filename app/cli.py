"""The command line of CONTRACT.md: parses, dispatches, and turns every failure into one line and an exit code.

Nothing heavy is imported here: a command's module is loaded when the command is chosen.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli_parser import COMMANDS, build_parser, print_line
from app.errors import AppError
from app.out_of_memory import out_of_memory

if TYPE_CHECKING:  # `train` runs where little more than torch is installed
    from app.commands.run_options import ShowWindow

log = logging.getLogger("understudy")

EXIT_BUG = 1
EXIT_INTERRUPTED = 130


def run_command_line(arguments: Sequence[str], show_window: ShowWindow | None = None) -> int:
    """Run one command and return its exit code; nothing escapes as a traceback.

    Args:
        arguments: without the program's name. No command means `run`.
        show_window: how `run` shows its window; None runs without one.
    """
    given = with_default_command(arguments)
    parsed = build_parser().parse_args(given)
    if parsed.command == "run" and parsed.restart_after_crash:
        from app.support.restarts import supervise

        return supervise(given)
    from app.support.log_file import logging_to_file
    from app.support.thread_failures import failures_to_log

    if parsed.log_level != "debug":
        warnings.simplefilter("ignore")
    with logging_to_file(parsed.log_level), failures_to_log():
        return _guarded(parsed, show_window)


def _guarded(parsed: argparse.Namespace, show_window: ShowWindow | None) -> int:
    try:
        return _dispatch(parsed, show_window)
    except AppError as error:
        return _refused(error)
    except KeyboardInterrupt:
        print_line("Interrupted.")
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one border of the program
        shortage = out_of_memory(error)
        return _refused(shortage) if shortage else _failed(error)


def _refused(error: AppError) -> int:
    print_line(f"{error.what} {error.why} {error.fix}")
    return error.exit_code


def _failed(error: Exception) -> int:
    """A bug: one line for the person, everything else in the report."""
    from app.support.crash_report import report_failure
    from app.support.identity import shown_path

    log.info("traceback of the failure", exc_info=error)
    report = report_failure(error)
    what = f"Understudy failed: {type(error).__name__}: {error}. This is a bug."
    if report is None:
        print_line(f"{what} Run again with --log-level debug and report what it prints.")
    else:
        print_line(f"{what} Please report it with {shown_path(report)}, which holds no pictures and no names.")
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
    if parsed.command == "import-weights":
        from app.commands.import_weights import ImportOptions, import_weights

        return import_weights(ImportOptions.from_arguments(parsed))
    from app.commands.doctor import doctor

    return doctor(parsed.json, prove_camera=parsed.prove_camera)
