"""Small video files made on the spot, in which every frame says its number in its colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from models.types import ImageArray


@dataclass(frozen=True)
class Recipe:
    """What to write. stamps_ms: time stamps of the frames, in place of a steady rate."""

    frames: int = 10
    size: tuple[int, int] = (48, 64)
    rate: int = 25
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    stamps_ms: Sequence[int] = ()
    keyframe_every: int = 12


def numbered(number: int, size: tuple[int, int] = (48, 64)) -> ImageArray:
    """Red says the number: 20 times it."""
    image = np.empty((*size, 3), np.uint8)
    image[:] = (number * 20 % 256, 60, 180)
    return image


def number_of(image: ImageArray) -> int:
    """The number that `numbered` was given, 0 to 12."""
    return round(float(image[..., 0].mean()) / 20)


def write_video(path: Path, recipe: Recipe | None = None, images: Sequence[ImageArray] = ()) -> Path:
    """Write `images`, or `numbered` ones, to `path`."""
    made = recipe or Recipe()
    pictures = images or [numbered(number, made.size) for number in range(made.frames)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(made.codec, rate=made.rate, options={"g": str(made.keyframe_every)})
        stream.width, stream.height, stream.pix_fmt = made.size[1], made.size[0], made.pixel_format
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if made.stamps_ms:
                frame.pts, frame.time_base = made.stamps_ms[index], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_sound_only(path: Path) -> Path:
    """A tenth of a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4410), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
