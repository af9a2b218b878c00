"""A camera that is taken away and given back 50 times: `python -m tests.end_to_end.measure_lost_camera CLIP`.

The program runs with its window on a screen of its own (Xvfb). Its camera is a fake behind the real grabber process; it
fails as OpenCV's do, in turn: it blocks, repeats one picture, or returns false. Wanted: the away card within a second,
live again within three, and nothing held afterwards that was not held before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer

from app.capture.base import CaptureFormat
from app.capture.stage import CaptureListeners, CaptureStage
from app.capture.webcam import WebcamSource
from app.control import EngineConfig
from app.engine import Engine
from app.leaving import leave
from app.live_stages import NULL, LiveStages
from app.output.base import require_rendered
from app.packets import FrameStatus, RenderedFrame
from app.pipeline import Pipeline
from app.stats import quantile
from app.worker import Stage
from tests.helpers.real_window import main_window, measured_beside, run_window, screen_of_its_own
from tests.helpers.unplugged_webcam import CAMERA, CLIP, CONTROL, GIVEN, OPENER, WAYS_TO_FAIL, listed, tell

WARM_UP_S, WARM_UP_CYCLES = 4.0, 3
AWAY_UP_TO_S = 1.2
"""The camera is given back at a random time, at most so long after the card came."""

LIVE_S = 0.6
GIVEN_UP_S = 15.0
GOAL_AWAY_S, GOAL_LIVE_S = 1.0, 3.0
MB = 1e6


@dataclass(frozen=True)
class Held:
    """What the program holds; memory in megabytes (10^6 bytes), that of the process with the window."""

    threads: int
    files: int
    processes: int
    shared_memories: int
    resident_mb: float
    unique_mb: float

    @classmethod
    def now(cls) -> Held:
        process = psutil.Process()
        memory = process.memory_full_info()
        return cls(
            process.num_threads(),
            process.num_fds(),
            len(process.children(recursive=True)),
            len(os.listdir("/dev/shm")),
            round(memory.rss / MB, 1),
            round(memory.uss / MB, 1),
        )


@dataclass
class Outcome:
    """The status of the newest picture that left the program, and since when it has been that."""

    status: FrameStatus = FrameStatus.IDLE
    since_s: float = 0.0
    name: str = field(default="watching", init=False)

    def open(self) -> None:
        """Nothing to acquire."""

    def send(self, frame: RenderedFrame) -> None:
        """Note it."""
        if require_rendered(frame).status is not self.status:
            self.status, self.since_s = frame.status, time.monotonic()

    def close(self) -> None:
        """Nothing to give back."""


class WatchedStages(LiveStages):
    """The real stages with a fake webcam in the real grabber, and a sink that looks."""

    def __init__(self, config: EngineConfig, outcome: Outcome) -> None:
        super().__init__(config)
        self._outcome = outcome

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        return CaptureStage(
            lambda: WebcamSource(CAMERA, CaptureFormat(), opener=OPENER, ways=listed),
            pipeline.captured,
            CaptureListeners(lost=pipeline.reports.camera_lost),
            clock=pipeline.clock,
        )

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        return self.counted(self._outcome, NULL, pipeline)


class Thief:
    """Takes the camera away, waits for the card, gives it back, waits for the driver's face, and again."""

    def __init__(self, outcome: Outcome, cycles: int) -> None:
        self._outcome, self._cycles = outcome, cycles + WARM_UP_CYCLES
        self.away_s: dict[str, list[float]] = {way: [] for way in WAYS_TO_FAIL}
        self.live_s: dict[str, list[float]] = {way: [] for way in WAYS_TO_FAIL}
        self.missed = 0
        self.before: Held | None = None
        self.after: Held | None = None
        self._dice = random.Random(11)
        self._number, self._taken, self._t_s = 0, True, time.monotonic()
        self._t_next_s = float("inf")
        self._owner = QObject()
        timer = QTimer(self._owner)
        timer.timeout.connect(self._look)
        timer.start(10)

    @property
    def _way(self) -> str:
        return WAYS_TO_FAIL[self._number % len(WAYS_TO_FAIL)]

    def _look(self) -> None:
        now_s = time.monotonic()
        wanted = FrameStatus.AWAY if not self._taken else FrameStatus.LIVE
        if self._t_next_s == float("inf"):
            self._wait_for(wanted, now_s)
        elif now_s >= self._t_next_s:
            self._t_next_s = float("inf")
            self._give() if not self._taken else self._take()

    def _wait_for(self, wanted: FrameStatus, now_s: float) -> None:
        """`_taken` says what is waited for: True, that it is live, so that the camera can be taken next."""
        seen = self._outcome.status is wanted and self._outcome.since_s >= self._t_s
        late = now_s - self._t_s > GIVEN_UP_S and self._number > 0
        if not (seen or late):
            return
        self.missed += late
        if self._number > WARM_UP_CYCLES:
            times = self.live_s if self._taken else self.away_s
            times[self._way].append(self._outcome.since_s - self._t_s if seen else GIVEN_UP_S)
        rest_s = (WARM_UP_S if self._number == 0 else LIVE_S) if self._taken else self._dice.uniform(0, AWAY_UP_TO_S)
        self._t_next_s = now_s + rest_s

    def _take(self) -> None:
        if self._number == WARM_UP_CYCLES:
            self.before = Held.now()
        if self._number == self._cycles:
            self.after = Held.now()
            main_window().close()
            return
        self._number, self._taken, self._t_s = self._number + 1, False, time.monotonic()
        tell(self._way)

    def _give(self) -> None:
        self._taken, self._t_s = True, time.monotonic()
        tell(GIVEN)


def figures(thief: Thief) -> dict[str, object]:
    """By way of failing, and what was held before and after."""
    assert thief.before is not None
    assert thief.after is not None
    away = [each for times in thief.away_s.values() for each in times]
    live = [each for times in thief.live_s.values() for each in times]
    return {
        "cycles": len(live),
        "missed": thief.missed,
        "away_after_s": {"all": _quantiles(away), **{way: _quantiles(each) for way, each in thief.away_s.items()}},
        "live_after_s": {"all": _quantiles(live), **{way: _quantiles(each) for way, each in thief.live_s.items()}},
        "held_before": asdict(thief.before),
        "held_after": asdict(thief.after),
    }


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {name: round(quantile(values, at), 2) for name, at in (("p50", 0.5), ("max", 1.0))}


def _measure_here(options: argparse.Namespace) -> dict[str, object]:
    outcome = Outcome()
    thieves: list[Thief] = []

    def new_engine(config: EngineConfig) -> Engine:
        thieves.append(Thief(outcome, options.cycles))
        return Engine(config, WatchedStages(config, outcome))

    tell(GIVEN)
    shown = ["--avatar", "amara", "--camera", CAMERA.camera_id, "--model", options.model]
    code = run_window([*shown, "--virtual-camera", "none", "--quality", "fixed", "--quiet"], new_engine)
    return {"exit": code, **figures(thieves[0])}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON; 0 where the goals are met and no thread, file or process was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, help="what the camera sees, with its absolute path")
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--model", default="geometric")
    parser.add_argument("--inside", action="store_true", help="in this process, on the screen there is")
    options = parser.parse_args(arguments)
    if options.inside:
        sys.stdout.write(json.dumps(_measure_here(options)) + "\n")
        return 0
    passed_on = [str(options.clip), "--cycles", str(options.cycles), "--model", options.model, "--inside"]
    with screen_of_its_own() as environment:
        control = Path(environment["XDG_RUNTIME_DIR"]) / "webcam"
        environment.update({CONTROL: str(control), CLIP: str(options.clip)})
        found = measured_beside(__spec__.name, passed_on, environment, 90.0 + options.cycles * 2 * GIVEN_UP_S)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if _good(found) else 1


def _good(found: dict[str, object]) -> bool:
    away, live, before, after = (found[name] for name in ("away_after_s", "live_after_s", "held_before", "held_after"))
    assert isinstance(away, dict)
    assert isinstance(live, dict)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    held = all(after[name] <= before[name] for name in ("threads", "files", "processes", "shared_memories"))
    return held and away["all"]["max"] <= GOAL_AWAY_S and live["all"]["max"] <= GOAL_LIVE_S


if __name__ == "__main__":
    leave(main())
