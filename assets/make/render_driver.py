"""Render the demo's "webcam": a head that talks, looks about, blinks and smiles, in a seamless loop.

Why: the demo must not need, or show, a real person.

    python assets/make/render_driver.py FRAME_DIR [--first 0 --last 150]

Frames that exist are kept, so the work can be split over processes; when all are there the video is written.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import numpy as np
from characters import CHARACTERS, DRIVER
from person import Expression
from sitter import Sitter
from studio import Studio

OUT = Path(__file__).parent.parent / "demo" / "driver.mp4"
FRAMES, FPS = 144, 25
BEGIN = 62
"""The film begins in the middle of the acting, where the head looks straight ahead: the first second becomes the
neutral face, and turns are measured from it."""

# syllables: (start as share of the loop, jaw, lips wide (+) or rounded (-))
SPEECH = [
    (0.045, 0.10, 0.3), (0.075, 0.15, 0.1), (0.105, 0.06, -0.8), (0.135, 0.17, 0.2), (0.165, 0.05, 0.6),
    (0.200, 0.12, -0.6), (0.230, 0.19, 0.0), (0.262, 0.06, 0.5), (0.330, 0.14, 0.4), (0.360, 0.06, -1.0),
    (0.390, 0.20, 0.1), (0.422, 0.07, 0.7), (0.455, 0.13, -0.5), (0.485, 0.22, 0.0), (0.520, 0.05, 0.4),
    (0.550, 0.15, 0.5), (0.580, 0.07, -0.7),
]  # fmt: skip
BLINKS = (0.02, 0.30, 0.60, 0.86)
BROW_LIFTS = ((0.14, 0.05), (0.40, 0.07), (0.74, 0.035))


def bump(t: float, centre: float, width: float) -> float:
    """Smooth bump on the loop 0..1."""
    d = (t - centre + 0.5) % 1 - 0.5
    return float(np.exp(-((d / width) ** 2)))


def acting(t: float) -> Expression:
    """What the head does at ``t`` (0 to 1, and 1 is 0 again)."""
    turn = 2 * np.pi * t
    jaw = sum(j * bump(t, s, 0.0115) for s, j, _ in SPEECH)
    shape = sum(w * bump(t, s, 0.016) for s, _, w in SPEECH)
    smile = bump(t, 0.76, 0.085) + 0.15
    blink = max(bump(t, b, 0.0105) for b in BLINKS)
    yaw = 16 * np.sin(turn) + 4 * np.sin(2 * turn + 0.8) - 2.9
    return Expression(
        jaw=float(jaw + 0.05 * bump(t, 0.76, 0.07)),
        wide=float(0.05 * max(shape, 0)),
        pucker=float(0.03 * max(-shape, 0)),
        brow=float(sum(a * bump(t, c, 0.04) for c, a in BROW_LIFTS)),
        smile=float(smile),
        blink=float(-0.08 + 1.08 * blink),
        yaw=float(yaw),
        pitch=float(6 * np.sin(2 * turn + 1.9) + 3.5 * np.sin(5 * turn)),
        roll=float(5 * np.sin(turn + 2.2) + 2 * np.sin(3 * turn)),
        gaze=(float(-0.45 * yaw), float(-2 * np.sin(2 * turn + 1.9))),
    )


def encode(folder: Path) -> None:
    """Frames to H.264."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    command = ["ffmpeg", "-y", "-loglevel", "error", "-framerate", str(FPS), "-i", str(folder / "%04d.png")]
    command += [
        "-c:v",
        "libx264",
        "-preset",
        "veryslow",
        "-crf",
        "20",
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        "+faststart",
    ]
    subprocess.run([*command, "-map_metadata", "-1", str(OUT)], check=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=FRAMES, help="one past the last frame")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--samples", type=int, default=5)
    args = parser.parse_args()
    args.frames.mkdir(parents=True, exist_ok=True)
    todo = [i for i in range(args.first, args.last, args.step) if not (args.frames / f"{i:04d}.png").exists()]
    if todo:
        studio = Studio(Sitter(CHARACTERS[DRIVER], detail=0.6), args.size, args.samples)
    for i in todo:
        studio.shoot(acting((i + BEGIN) / FRAMES), args.frames / f"{i:04d}.png")
    if all((args.frames / f"{i:04d}.png").exists() for i in range(FRAMES)):
        encode(args.frames)


if __name__ == "__main__":
    main()
