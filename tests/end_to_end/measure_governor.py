"""Quality left to the governor beside other programs: `python -m tests.end_to_end.measure_governor CLIP`.

The program runs with its window on a screen of its own (Xvfb), `synergy`, `--quality auto`, and the clip, slowed to a
rate that `synergy` can hold on two cores, as the camera. For a while busy processes take the cores. Wanted: a lighter
level within seconds, whose reason can be read in the window; the rate held; the best level back afterwards; no change
but those.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QLabel

from app.clock import NS_PER_S
from app.control import EngineConfig
from app.engine import Engine
from app.leaving import leave
from app.live_stages import live_engine
from app.stats import quantile
from tests.helpers.real_window import main_window, measured_beside, run_window, screen_of_its_own

LOOK_MS = 500
SETTLED_S = 12.0
"""So long after load came or went the rate is expected to be held again."""

BUSY_LOOP = "while True: pass"
REASON = "Your machine is busy"


@dataclass(frozen=True)
class Look:
    """What was seen at one moment. read: the reason stands in the window."""

    at_s: float
    place: int
    fps: float
    read: bool


class Visit:
    """Looks on; `load` is when, in seconds after the first frame, the busy processes begin and end."""

    def __init__(self, engine: Engine, options: argparse.Namespace) -> None:
        self._engine, self._options = engine, options
        self.looks: list[Look] = []
        self._busy: list[subprocess.Popen[bytes]] = []
        self._owner = QObject()
        timer = QTimer(self._owner)
        timer.timeout.connect(self._look)
        timer.start(LOOK_MS)

    def _look(self) -> None:
        t_first_ns = self._engine.stats.t_first_frame_ns
        if t_first_ns is None:
            return
        at_s = time.monotonic() - t_first_ns / NS_PER_S
        status, options = self._engine.status(), self._options
        read = any(REASON in label.text() for label in main_window().findChildren(QLabel) if label.isVisible())
        self.looks.append(Look(at_s, status.quality.place, status.fps, read))
        if options.calm <= at_s < options.calm + options.load and not self._busy:
            self._busy = [subprocess.Popen([sys.executable, "-c", BUSY_LOOP]) for _ in range(options.processes)]
        if at_s >= options.calm + options.load:
            self.end_load()
        if at_s >= options.calm + options.load + options.after:
            main_window().close()

    def end_load(self) -> None:
        """End the busy processes. Idempotent."""
        for process in self._busy:
            process.kill()
            process.wait(10)

    def figures(self) -> dict[str, object]:
        """What happened, by phase; a rate is that of the latest two seconds."""
        options, t_first_ns = self._options, self._engine.stats.t_first_frame_ns
        assert t_first_ns is not None
        on_s, off_s = options.calm, options.calm + options.load
        levels = self._engine.quality
        changes = [((change.t_ns - t_first_ns) / NS_PER_S, change.place) for change in levels.changes()]
        lighter = [at_s for at_s, place in changes if on_s <= at_s < off_s and place > 0]
        back = [at_s for at_s, place in changes if at_s >= off_s and place == 0]
        return {
            "changes": [
                f"{(change.t_ns - t_first_ns) / NS_PER_S:.1f} s: level {change.place}, {change.reason or 'the best'}"
                for change in levels.changes()
            ],
            "lighter_after_s": round(lighter[0] - on_s, 1) if lighter else None,
            "best_back_after_s": round(back[0] - off_s, 1) if back else None,
            "changes_in_the_end": sum(at_s > off_s + options.after / 2 for at_s, _ in changes),
            "reason_read": self._share_read(on_s + SETTLED_S, off_s),
            "fps": {
                "calm": self._rates(SETTLED_S, on_s),
                "load": self._rates(on_s + SETTLED_S, off_s),
                "after": self._rates(off_s + options.after / 2, off_s + options.after),
            },
        }

    def _rates(self, from_s: float, to_s: float) -> dict[str, float]:
        rates = [look.fps for look in self.looks if from_s <= look.at_s < to_s]
        return {name: round(quantile(rates, at), 1) for name, at in (("p10", 0.1), ("p50", 0.5))}

    def _share_read(self, from_s: float, to_s: float) -> float:
        """Of the looks at a lighter level, how many found the reason in the window."""
        looks = [look.read for look in self.looks if from_s <= look.at_s < to_s and look.place > 0]
        return round(sum(looks) / len(looks), 2) if looks else 0.0


def slowed(clip: Path, fps: int, folder: Path) -> Path:
    """The clip with as many pictures a second as wanted; it lasts as long as before."""
    path = folder / f"{clip.stem}_{fps}.mp4"
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "12"})
        stream.pix_fmt, number = "yuv420p", 0
        for frame in source.decode(video=0):
            stream.width, stream.height = frame.width, frame.height
            if frame.time is None or frame.time < number / fps:
                continue
            picture = frame.reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, fps)
            target.mux(stream.encode(picture))
            number += 1
        target.mux(stream.encode(None))
    return path


def _measure_here(options: argparse.Namespace) -> dict[str, object]:
    visits: list[Visit] = []

    def new_engine(config: EngineConfig) -> Engine:
        engine = live_engine(config)
        visits.append(Visit(engine, options))
        return engine

    shown = ["--avatar", "amara", "--camera", str(options.clip), "--model", options.model]
    try:
        code = run_window([*shown, "--virtual-camera", "none", "--quality", "auto", "--quiet"], new_engine)
    finally:
        for visit in visits:
            visit.end_load()
    return {"exit": code, "model": options.model, "camera_fps": options.fps, **visits[0].figures()}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, help="the camera, with its absolute path")
    parser.add_argument("--model", default="synergy")
    parser.add_argument("--fps", type=int, default=20, help="of the camera")
    parser.add_argument("--processes", type=int, default=2, help="how many busy ones")
    parser.add_argument("--calm", type=float, default=40.0, help="seconds before the load")
    parser.add_argument("--load", type=float, default=80.0, help="seconds of load")
    parser.add_argument("--after", type=float, default=180.0, help="seconds after it")
    parser.add_argument("--inside", action="store_true", help="in this process, on the screen there is")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON; 0 where it was lighter during the load, the best afterwards, and calm in the end."""
    options = _options(arguments)
    if options.inside:
        sys.stdout.write(json.dumps(_measure_here(options)) + "\n")
        return 0
    with screen_of_its_own() as environment:
        clip = slowed(options.clip, options.fps, Path(environment["XDG_RUNTIME_DIR"]))
        passed_on = [str(clip), "--inside", "--model", options.model]
        for name in ("fps", "processes", "calm", "load", "after"):
            passed_on += [f"--{name}", str(getattr(options, name))]
        timeout_s = options.calm + options.load + options.after + 90.0
        found = measured_beside(__spec__.name, passed_on, environment, timeout_s)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    good = found["lighter_after_s"] is not None and found["best_back_after_s"] is not None
    return 0 if good and found["changes_in_the_end"] == 0 else 1


if __name__ == "__main__":
    leave(main())
