"""A program that records, to be killed by tests: `python -m tests.helpers.recording_program FILE FRAMES FPS ...`.

Records FRAMES moving pictures with the times of FPS a second, says so, and then hangs with the file open.
`--pause A B` pauses it from picture A to picture B.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from app.output.recorder import Recorder
from app.output.recording_time import RecordingTime
from tests.helpers.frames import rendered
from tests.helpers.waiting import pause

SIZE = (144, 256)


def moving(number: int) -> np.ndarray:
    """A picture that is different for each number, and hard enough to compress."""
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 255, (SIZE[0], SIZE[1] * 2, 3), np.uint8)
    return np.ascontiguousarray(noise[:, number % SIZE[1] : number % SIZE[1] + SIZE[1]])


def main(path: Path, frames: int, fps: float, pause_between: tuple[int, int]) -> None:
    time = RecordingTime()
    recorder = Recorder(path, SIZE, fps, time=time)
    recorder.open()
    for number in range(frames):
        t_ns = round(1e9 + number * 1e9 / fps)
        if number == pause_between[0]:
            time.pause(t_ns)
        if number == pause_between[1]:
            time.resume(t_ns)
        recorder.send(rendered(moving(number), number, t_ns))
    sys.stdout.write("recorded\n")
    sys.stdout.flush()
    pause(60)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("frames", type=int)
    parser.add_argument("fps", type=float)
    parser.add_argument("--pause", type=int, nargs=2, default=(-1, -1))
    asked = parser.parse_args()
    main(asked.path, asked.frames, asked.fps, tuple(asked.pause))
