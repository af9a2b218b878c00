"""Small videos with a tone, to drive with."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SOUND_RATE = 48_000


def make_video(path: Path, seconds: float, codec: str = "aac", *, tone_at_s: float = 0.0, start_s: float = 0.0) -> None:
    """A black 25 fps video with a 440 Hz tone from `tone_at_s` on, silence before; its clock starts at `start_s`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream(codec, rate=SOUND_RATE)
        sound.codec_context.layout = "mono"
        for number in range(round(seconds * 25)):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = number + round(start_s * 25), Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        times_s = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
        tone = np.where(times_s >= tone_at_s, 0.5 * np.sin(2 * np.pi * 440 * times_s), 0.0)
        for start in range(0, len(tone), 1024):
            block = (tone[None, start : start + 1024] * 32767).astype(np.int16)
            samples = av.AudioFrame.from_ndarray(block, "s16", "mono")
            samples.sample_rate, samples.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
            samples.pts = start + round(start_s * SOUND_RATE)
            container.mux(sound.encode(samples))
        container.mux(sound.encode(None))


def tone_start_and_end_s(path: Path) -> tuple[float, float]:
    """When the sound of a video becomes loud, and when it ends, on the video's clock."""
    with av.open(str(path)) as container:
        rate, loud_s, end_s = SOUND_RATE, None, 0.0
        for frame in container.decode(audio=0):
            rate = frame.sample_rate
            samples = frame.to_ndarray().astype(np.float64)
            samples = samples.reshape(-1) / (32768 if frame.format.name.startswith("s16") else 1)
            at_s = float(frame.time or 0)
            if loud_s is None and np.abs(samples).max() > 0.2:
                loud_s = at_s + float(np.argmax(np.abs(samples) > 0.2)) / rate
            end_s = at_s + frame.samples / rate
    assert loud_s is not None, "there is no tone"
    return loud_s, end_s
