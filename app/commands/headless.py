"""A live run without a window: starts the engine, watches it, measures it, ends it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import psutil

from app.avatars import Avatar
from app.cli_parser import print_line
from app.clock import NS_PER_S
from app.commands.motion_log import MotionLog, motion_log, require_motion_name
from app.commands.run_options import RunOptions
from app.control import EngineConfig, EngineStatus, Problem
from app.engine import Engine
from app.errors import AppError, UsageProblem
from app.governor.levels import QualityWish
from app.governor.status import QualityStatus
from app.out_of_memory import is_expected
from app.output.disk import require_no_folder, require_writable_place
from app.pipeline import ModelInUse
from app.portrait import LoadedPortrait
from app.process_age import process_age_s
from app.remote.session import remote_controlled
from app.report_file import write_report
from app.stats import PipelineFigures
from app.support.identity import shown_path
from app.support.log_file import log_troubles

BYTES_PER_MB = 1_000_000
CHECK_S = 0.5
"""Longest time between two looks at the engine."""

LoadPortrait = Callable[[str, Sequence[Path]], LoadedPortrait]
"""From what `--avatar` and `--reference` say to a portrait."""

AS_ASKED_FOR = "Your machine has room again: showing as asked for."
CAMERA_RECOVERED = "Your camera is as fast as before."

NO_CHOICE = (None, "auto", "none")


class Session:
    """What `--stats` reports, taken at the first animated frame and at the end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._process = psutil.Process()
        self._dropped_before = engine.dropped()
        self._rss_start_mb = self._rss_mb()
        t_first_ns = engine.stats.t_first_frame_ns
        assert t_first_ns is not None  # a session begins with its first frame
        self.t_first_ns = t_first_ns
        since_first_s = (time.monotonic_ns() - t_first_ns) / NS_PER_S
        self._first_frame_s = process_age_s(self._process) - since_first_s

    def report(self, options: RunOptions) -> dict[str, object]:
        """The JSON of CONTRACT.md for the session so far."""
        figures, status = self._engine.stats.figures(), self._engine.status()
        lasted_s = (time.monotonic_ns() - self.t_first_ns) / NS_PER_S
        dropped = self._engine.dropped()
        return {
            "frames": figures.frames,
            "fps": figures.frames / max(lasted_s, 1e-9),
            "latency_ms": _percentiles(figures),
            "stage_ms": {name: figures.stage_ms.get(name, 0.0) for name in ("capture", "track", "animate", "compose")},
            "dropped": {name: count - self._dropped_before.get(name, 0) for name, count in dropped.items()},
            "rss_mb": {"start": self._rss_start_mb, "end": self._rss_mb()},
            "first_frame_s": self._first_frame_s,
            "model": status.model,
            "device": status.device,
            "width": options.size[0],
            "height": options.size[1],
            **self._quality(),
        }

    def _quality(self) -> dict[str, object]:
        """Which levels were used, from when on (seconds after the first frame), and why; only with `--quality auto`."""
        wish = self._engine.quality.status().wish
        if wish is not QualityWish.AUTO:
            return {}
        changes = [
            {"t_s": (change.t_ns - self.t_first_ns) / NS_PER_S, "level": change.place, "reason": change.reason}
            for change in self._engine.quality.changes()
        ]
        return {"quality": {"wish": wish.value, "changes": changes}}

    def _rss_mb(self) -> float:
        return float(self._process.memory_info().rss) / BYTES_PER_MB


class HeadlessRun:
    """One run. `options.camera` and `options.avatar` must be set."""

    def __init__(
        self,
        options: RunOptions,
        make_engine: Callable[[EngineConfig], Engine],
        load_portrait: LoadPortrait,
    ) -> None:
        self._options, self._make_engine, self._load_portrait = options, make_engine, load_portrait
        self._news = threading.Event()
        self._told: set[Problem] = set()
        self._told_places: set[str] = set()
        self._quality_told: tuple[str | None, str | None] = (None, None)
        self.report: dict[str, object] = {}
        """The figures of CONTRACT.md, once the run has ended; empty if it ended before its first frame."""

    def run(self) -> int:
        """Run until the duration is over or it is interrupted.

        Raises:
            AppError: it could not start, or what was asked for by name failed.
            KeyboardInterrupt: after everything was stopped and the report was written.
        """
        require_output_places(self._options)
        # The recording begins with the first animated frame, so that it does not show the program loading.
        config = replace(self._options.engine_config(self._options.camera), record=None)
        engine = self._make_engine(config)
        engine.on_news(self._news.set)
        motion = motion_log(self._options.record_motion)
        session: Session | None = None
        with _terminated_as_interrupted(), self._remote_control(engine):
            try:
                self._tell_crash()
                engine.set_away(self._options.away)
                engine.start()
                engine.set_portrait(self._portrait())
                session = self._wait_for_first_frame(engine)
                if motion is not None:
                    motion.listen_to(engine)
                self._tell_model(engine.model)
                self._wait_for_end(engine, session)
            finally:
                self.report = session.report(self._options) if session else {}
                self._stop(engine)
                try:
                    if self.report and self._options.stats:
                        write_report(self._options.stats, self.report)
                finally:
                    self._finish_recordings(engine, motion)
        self._raise_what_was_asked_for(engine, engine.problems(), ended=True)
        return 0

    def _stop(self, engine: Engine) -> None:
        """Stop everything; after a failure of the program itself the away card stays for who starts it again."""
        ended_by = sys.exception()
        if ended_by is None or is_expected(ended_by):
            engine.stop()
        else:
            engine.abandon()

    def _remote_control(self, engine: Engine) -> AbstractContextManager[None]:
        def load(avatar: Avatar) -> LoadedPortrait:
            return self._load_portrait(str(avatar.folder), ())

        return remote_controlled(engine, self._options.remote_control, load, self._tell)

    def _finish_recordings(self, engine: Engine, motion: MotionLog | None) -> None:
        """However the run ended: what was recorded is kept, and a recording that is lost must not pass."""
        ended_by = sys.exception()
        try:
            if motion is not None:
                self._tell(motion.save())
        except UsageProblem:
            if not isinstance(ended_by, AppError):  # else that says more than that there was little to keep
                raise
        finally:
            require_whole_recording(engine)

    def _portrait(self) -> LoadedPortrait:
        assert self._options.avatar is not None
        portrait = self._load_portrait(self._options.avatar, self._options.references)
        for note in portrait.notes:
            self._tell(note.sentence)
        return portrait

    def _wait_for_first_frame(self, engine: Engine) -> Session:
        while engine.stats.t_first_frame_ns is None:
            self._wait()
            problems = engine.problems()
            self._raise_what_was_asked_for(engine, problems)
            for problem in problems:
                if problem.part == "camera":
                    raise _error_of(engine, problem)
            self._tell_problems(problems)
        if self._options.record is not None:
            engine.start_recording(self._options.record)
        return Session(engine)

    def _wait_for_end(self, engine: Engine, session: Session) -> None:
        duration_s = self._options.duration_s
        t_end_ns = None if duration_s is None else session.t_first_ns + int(duration_s * NS_PER_S)
        while t_end_ns is None or time.monotonic_ns() < t_end_ns:
            self._wait(t_end_ns)
            problems = engine.problems()
            self._raise_what_was_asked_for(engine, problems)
            self._tell_problems(problems)
            self._tell_places(engine.status())
            self._tell_quality(engine.quality.status())

    def _wait(self, t_end_ns: int | None = None) -> None:
        left_s = CHECK_S if t_end_ns is None else (t_end_ns - time.monotonic_ns()) / NS_PER_S
        self._news.wait(max(0.0, min(CHECK_S, left_s)))
        self._news.clear()

    def _raise_what_was_asked_for(self, engine: Engine, problems: tuple[Problem, ...], *, ended: bool = False) -> None:
        """A failed recording, a place named to send to, or a model that does not run end the run.

        A recording fails without ending a run that others watch; what was lost is said then, and is the exit code.
        """
        for problem in problems:
            chosen = problem.part == "recorder" and (ended or not _is_watched(engine, problems))
            chosen |= problem.part in ("browser source", "stream") and (ended or engine.given_up(problem.part))
            chosen |= engine.failed and problem.part in ("render", "tracking")
            chosen |= problem.part == "render" and isinstance(engine.failure("render"), AppError)
            chosen |= problem.part == "tracking" and isinstance(engine.failure("tracking"), UsageProblem)
            chosen |= problem.part == "engine" and engine.failure("engine") is not None  # its own thread failed
            if problem.part == "virtual camera":  # one that is lost is tried again until it is back
                named = self._options.virtual_camera not in NO_CHOICE
                chosen = named and (ended or engine.given_up(problem.part))
            if chosen:
                raise _error_of(engine, problem)

    def _tell_model(self, model: ModelInUse) -> None:
        self._tell(f"Live with {model.name} on {model.device}. Ctrl-C ends it.")
        if self._options.references and not model.uses_references:
            self._tell(f"The model '{model.name}' uses one picture; the references are ignored.")

    def _tell_crash(self) -> None:
        crash = self._options.crash
        if crash is not None:
            report = "" if crash.report is None else f" What is known about it is in {shown_path(crash.report)}."
            self._tell(f"Understudy stopped unexpectedly last time.{report}")

    def _tell_places(self, status: EngineStatus) -> None:
        """Where else the picture can be seen, once it can."""
        places: list[str] = []
        wish = self._options.browser_source
        if status.browser_source is not None and wish is not None:
            port = int(status.browser_source.rpartition(":")[2])
            places.append(f"For OBS, add a browser source with this address: {wish.url(port)}")
        if status.stream is not None:
            places.append(f"Streaming to {status.stream}.")
        for sentence in places:
            if sentence not in self._told_places:
                self._told_places.add(sentence)
                self._tell(sentence)

    def _tell_problems(self, problems: tuple[Problem, ...]) -> None:
        for problem in (*problems, *log_troubles()):
            if problem not in self._told:
                self._told.add(problem)
                self._tell(f"{problem.what} {problem.why} {problem.fix}")

    def _tell_quality(self, quality: QualityStatus) -> None:
        """Each sentence once when it appears, and that it is over."""
        now = (quality.reason, quality.camera_note)
        before, self._quality_told = self._quality_told, now
        for sentence, said, over in zip(now, before, (AS_ASKED_FOR, CAMERA_RECOVERED), strict=True):
            if sentence != said:
                self._tell(sentence or over)

    def _tell(self, sentence: str) -> None:
        if not self._options.quiet:
            print_line(sentence)


def require_output_places(options: RunOptions) -> None:
    """Refuse outputs that cannot be written before anything is started.

    Raises:
        UsageProblem: a folder is missing, or a folder is where a file shall be.
        EnvironmentProblem: what should be the folder is a file.
    """
    if options.record_motion is not None:
        require_motion_name(options.record_motion)
    for path in (options.record, options.record_motion, options.stats):
        if path is not None:
            require_writable_place(path)
            require_no_folder(path)


def require_whole_recording(engine: Engine) -> None:
    """Raise why the recording of a stopped engine failed, if it did."""
    for problem in engine.problems():
        if problem.part == "recorder":
            raise _error_of(engine, problem)


def _is_watched(engine: Engine, problems: tuple[Problem, ...]) -> bool:
    """Whether others see the picture, or will again: a virtual camera that was lost is being opened again."""
    reopening = any(problem.part == "virtual camera" for problem in problems) and not engine.given_up("virtual camera")
    return reopening or _is_seen(engine.status())


def _is_seen(status: EngineStatus) -> bool:
    return any((status.virtual_camera, status.stream, status.browser_viewers))


def _error_of(engine: Engine, problem: Problem) -> Exception:
    """The failure behind a problem as it was raised: an `AppError`, or a bug."""
    return engine.failure(problem.part) or AppError(problem.what, why=problem.why, fix=problem.fix)


def _percentiles(figures: PipelineFigures) -> dict[str, float]:
    latency = figures.latency_ms
    return {"p50": latency.p50, "p95": latency.p95, "p99": latency.p99}


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """A polite request to end (SIGTERM, or SIGHUP where nobody wants it ignored) closes all just as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in wanted}
    for number, handler in before.items():
        if number == signal.SIGTERM or handler is signal.SIG_DFL:
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
