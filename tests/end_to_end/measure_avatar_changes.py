"""What others see while portraits change: `python -m tests.end_to_end.measure_avatar_changes CLIP`.

The program runs with its window on a screen of its own (Xvfb), a clip is the camera, and keys show the five shipped
portraits in turn. At the place of the virtual camera stands a sink that notes when each picture came and whether it
moved. Wanted: never a second without a moving picture.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer

from app.control import EngineConfig
from app.engine import Engine
from app.leaving import leave
from app.live_stages import NULL, LiveStages
from app.output.base import require_rendered
from app.packets import FrameStatus, RenderedFrame
from app.pipeline import Pipeline
from app.stats import quantile
from app.worker import Stage
from tests.helpers.real_window import main_window, measured_beside, press, run_window, screen_of_its_own

WARM_UP_S = 5.0
SHIPPED = 5
MOVED = 0.02
"""Mean difference from the picture before, in levels of 255: the head of a still person moves it more."""

OTHER_PORTRAIT = 15.0
"""The same between two portraits: the shipped ones differ in everything, a face in motion does not."""

GOAL_S = 1.0


@dataclass(frozen=True)
class Seen:
    """A picture that came out. change: mean difference from the one before it, in levels of 255."""

    t_s: float
    status: FrameStatus
    change: float


class WatchingSink:
    """Takes the place of the virtual camera."""

    name = "watching"

    def __init__(self, seen: list[Seen]) -> None:
        self._seen = seen
        self._before: npt.NDArray[np.int16] | None = None

    def open(self) -> None:
        """Nothing to acquire."""

    def send(self, frame: RenderedFrame) -> None:
        """Note it."""
        t_s, small = time.monotonic(), require_rendered(frame).image[::4, ::4].astype(np.int16)
        change = 0.0 if self._before is None else float(np.abs(small - self._before).mean())
        self._before = small
        self._seen.append(Seen(t_s, frame.status, change))

    def close(self) -> None:
        """Nothing to give back."""


class WatchedStages(LiveStages):
    """The real stages with that sink."""

    def __init__(self, config: EngineConfig, seen: list[Seen]) -> None:
        super().__init__(config)
        self._seen = seen

    def sink(self, virtual_camera: str, pipeline: Pipeline) -> Stage:
        return self.counted(WatchingSink(self._seen), NULL, pipeline)


class Visit:
    """Waits until it is live, then shows another portrait every few seconds, then closes the window."""

    def __init__(self, engine: Engine, changes: int, every_s: float) -> None:
        self._engine, self._changes, self._every_s = engine, changes, every_s
        self.pressed_s: list[float] = []
        self._keys: list[subprocess.Popen[bytes]] = []
        self.end_s = 0.0
        self._owner = QObject()
        timer = QTimer(self._owner)
        timer.timeout.connect(self._look)
        timer.start(20)

    def _look(self) -> None:
        t_first_ns = self._engine.stats.t_first_frame_ns
        due_s = len(self.pressed_s) * self._every_s + WARM_UP_S
        if t_first_ns is None or time.monotonic() - t_first_ns / 1e9 < due_s:
            return
        if len(self.pressed_s) == self._changes:
            self.end_s = self.end_s or time.monotonic()
            main_window().close()
            return
        self.pressed_s.append(time.monotonic())
        self._keys.append(press(str(len(self.pressed_s) % SHIPPED + 1)))


def figures(seen: Sequence[Seen], visit: Visit) -> dict[str, object]:
    """From the first change to the end."""
    begin_s = visit.pressed_s[0]
    watched = [each for each in seen if begin_s <= each.t_s <= visit.end_s]
    gaps_s = [after.t_s - before.t_s for before, after in pairwise(watched)]
    live = [each.t_s for each in watched if each.status is FrameStatus.LIVE and each.change > MOVED]
    still_s = [after - before for before, after in pairwise([begin_s, *live, visit.end_s])]
    shown_s = []
    for at_s, until_s in pairwise([*visit.pressed_s, visit.end_s]):
        jumps = [each.t_s for each in watched if at_s < each.t_s < until_s and each.change > OTHER_PORTRAIT]
        shown_s += [jumps[0] - at_s] if jumps else []
    before = [each for each in seen if begin_s - WARM_UP_S / 2 <= each.t_s < begin_s]
    return {
        "changes": len(visit.pressed_s),
        "changes_seen": len(shown_s),
        "pictures": len(watched),
        "not_live": sum(each.status is not FrameStatus.LIVE for each in watched),
        "fps_before": round(len(before) / (WARM_UP_S / 2), 1),
        "fps": round(len(watched) / (visit.end_s - begin_s), 1),
        "change_seen_after_s": _quantiles(shown_s),
        "gap_s": _quantiles(gaps_s),
        "without_moving_picture_s": _quantiles(still_s),
        "longest_without_moving_picture_s": [round(each, 3) for each in sorted(still_s, reverse=True)[:5]],
    }


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {name: round(quantile(values, at), 3) for name, at in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def _measure_here(options: argparse.Namespace) -> dict[str, object]:
    seen: list[Seen] = []
    visits: list[Visit] = []

    def new_engine(config: EngineConfig) -> Engine:
        engine = Engine(config, WatchedStages(config, seen))
        visits.append(Visit(engine, options.changes, options.every))
        return engine

    shown = ["--avatar", "amara", "--camera", str(options.clip), "--model", options.model]
    code = run_window([*shown, "--virtual-camera", "none", "--quality", "fixed", "--quiet"], new_engine)
    return {"exit": code, "model": options.model, **figures(seen, visits[0])}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON; 0 where all changes were seen and no second was without a moving picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, help="the camera, with its absolute path")
    parser.add_argument("--model", default="geometric")
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two portraits")
    parser.add_argument("--inside", action="store_true", help="in this process, on the screen there is")
    options = parser.parse_args(arguments)
    if options.inside:
        sys.stdout.write(json.dumps(_measure_here(options)) + "\n")
        return 0
    passed_on = [str(options.clip), "--model", options.model, "--changes", str(options.changes)]
    passed_on += ["--every", str(options.every), "--inside"]
    timeout_s = 60.0 + options.changes * options.every
    with screen_of_its_own() as environment:
        found = measured_beside(__spec__.name, passed_on, environment, timeout_s)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    longest = found["without_moving_picture_s"]
    assert isinstance(longest, dict)
    return 0 if found["changes_seen"] == found["changes"] and longest["max"] < GOAL_S else 1


if __name__ == "__main__":
    leave(main())
