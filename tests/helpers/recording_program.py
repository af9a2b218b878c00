"""A program that records, to be killed by tests: `python -m tests.helpers.recording_program FILE FRAMES FPS`.

Records FRAMES moving pictures with the times of FPS a second, says so, and then hangs with the file open.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from app.output.recorder import Recorder
from tests.helpers.frames import rendered
from tests.helpers.waiting import pause

SIZE = (144, 256)


def moving(number: int) -> np.ndarray:
    """A picture that is different for each number, and hard enough to compress."""
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 255, (SIZE[0], SIZE[1] * 2, 3), np.uint8)
    return np.ascontiguousarray(noise[:, number % SIZE[1] : number % SIZE[1] + SIZE[1]])


def main(path: str, frames: int, fps: float) -> None:
    recorder = Recorder(Path(path), SIZE, fps)
    recorder.open()
    for number in range(frames):
        recorder.send(rendered(moving(number), number, round(1e9 + number * 1e9 / fps)))
    sys.stdout.write("recorded\n")
    sys.stdout.flush()
    pause(60)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
