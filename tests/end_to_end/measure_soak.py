"""What the window holds after hours: `python -m tests.end_to_end.measure_soak CLIP --seconds 7200 --csv soak.csv`.

The program runs as a person runs it, in a screen of its own (Xvfb), with a clip as the camera; every ten seconds a real
key shows another portrait (xdotool). All its processes are looked at from outside, after each change: memory that is
resident, threads, and open files. Growth is the median of the last tenth of the run less that of the tenth after the
warm-up.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median

import psutil

WARM_UP_S = 300.0
PORTRAIT_KEYS = "12345"
MB = 1e6


@dataclass(frozen=True)
class Held:
    """What all processes of the program hold at one moment; memory in megabytes (10^6 bytes)."""

    at_s: float
    window_mb: float
    """Resident in the process with the window."""

    resident_mb: float
    """Resident in all of them, shared pages counted in each."""

    unique_mb: float
    """Private to them: what ending them would free."""

    processes: int
    threads: int
    files: int


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder, _screen(options.display):
        environment = _environment(Path(folder), options.display)
        stats = Path(folder) / "stats.json"
        command = [sys.executable, "main.py", "run", "--avatar", "tomas", "--camera", options.clip]
        command += ["--model", options.model, "--virtual-camera", "none", "--quality", "fixed"]
        command += ["--duration", str(options.seconds), "--stats", str(stats), "--quiet"]
        program = psutil.Popen(command, env=environment)
        try:
            rows = list(_watched(program, options.every, environment, options.csv))
        finally:
            if program.is_running():
                program.terminate()
            status = program.wait(60)
        answer: dict[str, object] = {
            "exit": status,
            "held": _summary(rows),
            "stats": json.loads(stats.read_text()),
        }
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    return 0 if status == 0 else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", help="the camera, with its absolute path")
    parser.add_argument("--seconds", type=float, default=7200.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two portraits")
    parser.add_argument("--model", default="geometric")
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--display", default=":93")
    return parser.parse_args(arguments)


@contextmanager
def _screen(display: str) -> Iterator[None]:
    xvfb = subprocess.Popen(["Xvfb", display, "-screen", "0", "1280x800x24"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        yield
    finally:
        xvfb.terminate()
        xvfb.wait(10)


def _environment(folder: Path, display: str) -> dict[str, str]:
    places = {name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    environment = {**os.environ, **places, "DISPLAY": display}
    environment.pop("QT_QPA_PLATFORM", None)
    return environment


def _watched(program: psutil.Popen, every_s: float, environment: dict[str, str], log: Path) -> Iterator[Held]:
    """Show the next portrait every `every_s` seconds and look at the program before each change, to its end."""
    began, changes = time.monotonic(), 0
    with log.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Held)])
        while _still_running_after(program, began + every_s * (changes + 1) - time.monotonic()):
            held = _held(program, time.monotonic() - began)
            writer.writerow(astuple(held))
            file.flush()
            yield held
            _press(PORTRAIT_KEYS[changes % len(PORTRAIT_KEYS)], environment)
            changes += 1


def _still_running_after(program: psutil.Popen, seconds: float) -> bool:
    try:
        program.wait(max(seconds, 0.0))
    except psutil.TimeoutExpired:
        return True
    return False


def _held(program: psutil.Popen, at_s: float) -> Held:
    family = [program, *program.children(recursive=True)]
    memory = [process.memory_full_info() for process in family]
    return Held(
        at_s=round(at_s, 1),
        window_mb=memory[0].rss / MB,
        resident_mb=sum(each.rss for each in memory) / MB,
        unique_mb=sum(each.uss for each in memory) / MB,
        processes=len(family),
        threads=sum(process.num_threads() for process in family),
        files=sum(process.num_fds() for process in family),
    )


def _press(key: str, environment: dict[str, str]) -> None:
    """A real key for the program's window; without a window manager the focus has to be given first."""
    focus = ["search", "--onlyvisible", "--name", "Understudy", "windowfocus"]
    subprocess.run(["xdotool", *focus, "key", key], env=environment, check=True, timeout=10, stdout=subprocess.DEVNULL)


def _summary(rows: Sequence[Held]) -> object:
    after = [row for row in rows if row.at_s >= WARM_UP_S] or list(rows)
    part = max(len(after) // 10, 1)
    answer: dict[str, object] = {"looks": len(rows), "after_warm_up": len(after)}
    for field in fields(Held)[1:]:
        values = [getattr(row, field.name) for row in after]
        first, last = median(values[:part]), median(values[-part:])
        answer[field.name] = {"first": first, "last": last, "growth": last - first, "most": max(values)}
    return answer


if __name__ == "__main__":
    raise SystemExit(main())
