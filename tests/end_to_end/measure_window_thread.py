"""How long the window's thread is held up: `python -m tests.end_to_end.measure_window_thread CLIP`.

The program runs as a person runs it, on a screen of its own (Xvfb), with a clip as the camera, once for each model. In
the window's thread an event falls due every five milliseconds, from the first moment of its event loop; measured is how
late each is answered. One stop of 100 ms makes twenty of them late, as it would twenty clicks.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, Qt, QTimer

from app.control import EngineConfig
from app.engine import Engine
from app.leaving import leave
from app.live_stages import live_engine
from app.stats import quantile
from tests.helpers.real_window import main_window, measured_beside, press, run_window, screen_of_its_own

MODELS = ("geometric", "synergy")
DUE_EVERY_MS = 5
AFTER_FIRST_FRAME_S = 2.0
"""So long after the first animated frame loading counts as over."""

SWITCHES, SHIPPED = 8, 5
SWITCH_EVERY_S = 2.5
GOAL_P99_MS = 16.0
STOP_MS = 16.0
NS_PER_MS = 1e6


@dataclass(frozen=True)
class Stop:
    """The window's thread answered nothing for so long.

    at_s: of the monotonic clock. ran_ms: it was busy itself. no_core_ms: it could have run, and no core was free. The
    rest it waited for other threads of the program, mostly for the interpreter's lock.
    """

    at_s: float
    ms: float
    ran_ms: float
    no_core_ms: float


def _spent_ms() -> tuple[float, float]:
    """What this thread has run and has waited for a core since it began."""
    ran_ns, waited_ns, _ = Path("/proc/thread-self/schedstat").read_text().split()
    return int(ran_ns) / NS_PER_MS, int(waited_ns) / NS_PER_MS


class Watchdog(QObject):
    """Sits in the window's thread and notes how late it is; `traces` gets the stacks of stops of more than 40 ms."""

    def __init__(self, traces: IO[str] | None) -> None:
        super().__init__()
        self._traces = traces
        self.late: list[tuple[float, float]] = []
        """(due, milliseconds late); due in seconds of the monotonic clock."""

        self.stops: list[Stop] = []
        self._spent = _spent_ms()

        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(DUE_EVERY_MS)
        self._timer.timeout.connect(self._answer)
        self._timer.start()
        self._due_ns = time.monotonic_ns()
        self.began_s = self._due_ns / 1e9

    def _answer(self) -> None:
        now_ns = time.monotonic_ns()
        before, self._spent = self._spent, _spent_ms()
        if not self.late:
            self._due_ns = now_ns  # the event loop begins
        elif now_ns - self._due_ns > STOP_MS * NS_PER_MS:
            ran_ms, waited_ms = (now - then for now, then in zip(self._spent, before, strict=True))
            self.stops.append(Stop(self._due_ns / 1e9, (now_ns - self._due_ns) / NS_PER_MS, ran_ms, waited_ms))
        while self._due_ns <= now_ns:
            self.late.append((self._due_ns / 1e9, (now_ns - self._due_ns) / NS_PER_MS))
            self._due_ns += int(DUE_EVERY_MS * NS_PER_MS)
        if self._traces is not None:
            self._traces.write(f"-- {now_ns / 1e9 - self.began_s:.3f} s\n")
            self._traces.flush()
            faulthandler.dump_traceback_later(0.04, file=self._traces)


class Visit:
    """What a person does: waits for the first picture, looks on, and shows another portrait every few seconds."""

    def __init__(self, engine: Engine, live_s: float, watchdog: Watchdog) -> None:
        self._engine, self._live_s, self._watchdog = engine, live_s, watchdog
        self._began_s = time.monotonic()
        self._live_from_s = self._switch_from_s = self._end_s = float("inf")
        self._switched = 0
        self._keys: list[subprocess.Popen[bytes]] = []
        self._timer = QTimer(watchdog)
        self._timer.timeout.connect(self._look)
        self._timer.start(50)

    def _look(self) -> None:
        now_s = time.monotonic()
        t_first_ns = self._engine.stats.t_first_frame_ns
        if t_first_ns is not None and self._live_from_s == float("inf"):
            self._live_from_s = t_first_ns / 1e9 + AFTER_FIRST_FRAME_S
            self._switch_from_s = self._live_from_s + self._live_s
        if now_s > self._switch_from_s + self._switched * SWITCH_EVERY_S:
            if self._switched == SWITCHES:
                self._end_s = now_s
                self._timer.stop()
                main_window().close()
                return
            self._switched += 1
            self._keys.append(press(str(self._switched % SHIPPED + 1)))

    def figures(self) -> dict[str, object]:
        """By phase; a phase that was not reached has no events."""
        late, first_s = self._watchdog.late, self._live_from_s - AFTER_FIRST_FRAME_S
        phases = {
            "loading": (0.0, self._live_from_s),
            "live": (self._live_from_s, self._switch_from_s),
            "switching": (self._switch_from_s, self._end_s),
        }
        answer: dict[str, object] = {"first_frame_after_s": round(first_s - self._began_s, 2)}
        for name, (start_s, end_s) in phases.items():
            stops = [stop for stop in self._watchdog.stops if start_s <= stop.at_s < end_s]
            answer[name] = self._summary([ms for due_s, ms in late if start_s <= due_s < end_s], stops)
        status = self._engine.status()
        return {"model": status.model, "fps": round(status.fps, 1), **answer}

    def _summary(self, late_ms: Sequence[float], stops: Sequence[Stop]) -> dict[str, object]:
        """Quantiles over events that fall due; stops of more than 16 ms, and the longest: when, of what kind."""
        longest = sorted(stops, key=lambda stop: -stop.ms)[:6]
        return {
            "events": len(late_ms),
            **{name: round(quantile(late_ms, at), 1) for name, at in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))},
            "stops": len(stops),
            "stopped_ms": round(sum(stop.ms for stop in stops)),
            "ran_ms": round(sum(stop.ran_ms for stop in stops)),
            "no_core_ms": round(sum(stop.no_core_ms for stop in stops)),
            "longest": [self._line(stop) for stop in longest],
        }

    def _line(self, stop: Stop) -> str:
        at_s = stop.at_s - self._began_s
        return f"{stop.ms:.0f} ms at {at_s:.2f} s: ran {stop.ran_ms:.0f}, no core {stop.no_core_ms:.0f}"


def _measure_here(options: argparse.Namespace) -> dict[str, object]:
    """Run the window in this process, and close it."""
    visits: list[Visit] = []
    if options.turns:
        sys.setswitchinterval(options.turns / 1e3)

    def new_engine(config: EngineConfig) -> Engine:
        engine = live_engine(config)
        visits.append(Visit(engine, options.seconds, Watchdog(options.traces and open(options.traces, "w"))))
        return engine

    shown = ["--avatar", "amara", "--camera", str(options.clip), "--model", options.inside]
    code = run_window([*shown, "--virtual-camera", "none", "--quality", "fixed", "--quiet"], new_engine)
    faulthandler.cancel_dump_traceback_later()
    return {"exit": code, **visits[0].figures()}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, help="the camera, with its absolute path")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long it is live before portraits change")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--traces", help="a file for the stacks of all threads during long stops (slows all down)")
    parser.add_argument("--turns", type=float, help="a trial: the interpreter's threads take turns every so many ms")
    parser.add_argument("--inside", metavar="MODEL", help="in this process, on the screen there is")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON; 0 where p99 is at most 16 ms in every phase of every model."""
    options = _options(arguments)
    if options.inside:
        sys.stdout.write(json.dumps(_measure_here(options)) + "\n")
        return 0
    passed_on = [str(options.clip), "--seconds", str(options.seconds)]
    passed_on += ["--traces", options.traces] if options.traces else []
    passed_on += ["--turns", str(options.turns)] if options.turns else []
    found: dict[str, dict[str, object]] = {}
    for model in options.models.split(","):
        with screen_of_its_own() as environment:
            found[model] = measured_beside(__spec__.name, [*passed_on, "--inside", model], environment, 120.0)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    p99_ms = [phase["p99"] for each in found.values() for phase in each.values() if isinstance(phase, dict)]
    return 0 if p99_ms and max(p99_ms) <= GOAL_P99_MS else 1


if __name__ == "__main__":
    leave(main())
