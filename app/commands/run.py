"""`run`: animate a portrait live, in a window or headless."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from app.animators import uses_references
from app.avatars import shipped_avatars
from app.cli_parser import print_line
from app.cli_sound import check_sound
from app.commands.headless import HeadlessRun, LoadPortrait
from app.commands.run_options import RunOptions, ShowWindow
from app.consent_book import ConsentBook
from app.errors import EnvironmentProblem
from app.likeness import note_likeness
from app.live_driver import check_camera
from app.live_stages import live_engine
from app.portrait import LoadedPortrait
from app.portrait_service import PortraitMaker
from app.support.run_mark import marked_run

DEMO_DRIVER = Path(__file__).resolve().parents[2] / "assets" / "demo" / "driver.mp4"
DEMO_AVATAR = "tomas"
DEMO_MOVIE = Path("understudy-demo.mp4")
DEMO_DURATION_S = 10.0

FIRST_CAMERA = "0"

MEASURED_S = 5.0
OF_THE_PROCESS = ("first_frame_s", "rss_mb")
"""Figures that say nothing where the run is only a part of its process."""


def run_from_arguments(parsed: argparse.Namespace, show_window: ShowWindow | None) -> int:
    """`run` as the command line calls it."""
    options = RunOptions.from_arguments(parsed)
    with marked_run() as crash:
        return run(replace(options, crash=crash), show_window)


def run(options: RunOptions, show_window: ShowWindow | None = None) -> int:
    """Run live until the window is closed, the duration is over, or it is interrupted; the exit code.

    Raises:
        AppError: what a person can do something about.
        KeyboardInterrupt: after everything was stopped and a recording was closed.
    """
    options = _demonstrated(options) if options.demo else options
    if options.avatar is not None:
        tell = None if options.quiet else print_line
        note_likeness(options.avatar, has_right=options.has_right, tell=tell, book=ConsentBook())
    if not options.headless:
        try:
            return _shown(options, show_window)
        except EnvironmentProblem as no_window:
            if not options.demo:
                raise
            options = _without_window(options, no_window)
    elif options.demo and options.duration_s is None:
        options = _as_a_movie(options)
    options = replace(options, camera=options.camera or FIRST_CAMERA, avatar=options.avatar or first_avatar())
    check_camera(str(options.camera))  # refuses what is not there, before anything heavy is loaded
    check_sound(options.sound.settings(), options.camera)
    return HeadlessRun(options, live_engine, portrait_loading(options.model)).run()


def measure_live(model: str, device: str) -> dict[str, object]:
    """Figures of a short demo run without a window or outputs, for `bench`.

    Raises:
        AppError: the demo cannot run.
    """
    wanted = RunOptions(model=model, device=device, virtual_camera="none", duration_s=MEASURED_S, quiet=True)
    measured = HeadlessRun(_demonstrated(wanted), live_engine, portrait_loading(model))
    measured.run()
    return {name: value for name, value in measured.report.items() if name not in OF_THE_PROCESS}


def portrait_loading(model: str | None) -> LoadPortrait:
    """How a portrait is loaded for `model`, with helper models that are given back afterwards."""

    def load(who: str, references: Sequence[Path]) -> LoadedPortrait:
        with closing(PortraitMaker(with_references=uses_references(model))) as maker:
            return maker.load(who, references)

    return load


def first_avatar() -> str:
    """Name of the first shipped avatar.

    Raises:
        EnvironmentProblem: none came with this copy.
    """
    shipped = shipped_avatars()
    if not shipped:
        raise EnvironmentProblem(
            "There is no avatar to show.",
            why="None came with this copy of the program.",
            fix="Name a picture with --avatar, or get a complete copy.",
        )
    return str(shipped[0].folder)


def demo_avatar() -> str:
    """Who is shown in the demo: not the person in its video, so that it is seen who moves whom.

    Raises:
        EnvironmentProblem: no avatar came with this copy.
    """
    chosen = [avatar for avatar in shipped_avatars() if avatar.key == DEMO_AVATAR]
    return str(chosen[0].folder) if chosen else first_avatar()


def _shown(options: RunOptions, show_window: ShowWindow | None) -> int:
    if show_window is None:
        raise EnvironmentProblem(
            "The window cannot be opened.",
            why="This copy of the program has no window.",
            fix="Add --headless to run without one.",
        )
    return show_window(options)


def _demonstrated(options: RunOptions) -> RunOptions:
    """The same with the shipped driver in place of the webcam."""
    if options.camera is None and not DEMO_DRIVER.is_file():
        raise EnvironmentProblem(
            "The demo cannot run.",
            why=f"Its video is missing: assets/demo/{DEMO_DRIVER.name}.",
            fix="Get a complete copy of the program, or name a video with --camera.",
        )
    return replace(options, camera=options.camera or str(DEMO_DRIVER), avatar=options.avatar or demo_avatar())


def _without_window(options: RunOptions, no_window: EnvironmentProblem) -> RunOptions:
    """The demo where no window can be opened: a movie instead."""
    movie = _as_a_movie(options)
    what = f"The demo runs for {movie.duration_s:g} s without one and writes {movie.record}."
    print_line(f"{no_window.what} {no_window.why} {what}")
    return movie


def _as_a_movie(options: RunOptions) -> RunOptions:
    """The demo that nobody watches and nobody would end."""
    duration_s, movie = options.duration_s or DEMO_DURATION_S, options.record or DEMO_MOVIE
    return replace(options, headless=True, duration_s=duration_s, record=movie)
