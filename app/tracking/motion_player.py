"""Plays motion clips by time, and makes recorded ones loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.tracking.motion_clip import MotionClip
from models.types import FloatArray


class MotionPlayer:
    """The landmarks of a clip at any time, between frames by interpolation.

    loop True plays over and over: a clip that `loops` from its last frame into its first, any other one forwards and
    backwards. loop False stays on the last frame.
    """

    def __init__(self, clip: MotionClip, *, loop: bool = True) -> None:
        self.clip, self._loop = clip, loop

    def at(self, time_ms: float) -> FloatArray:
        """(478, 3) float32 in unit coordinates, `time_ms` after the start."""
        clip = self.clip
        last = float(clip.times_ms[-1])
        if not self._loop or len(clip.times_ms) == 1:
            time_ms = min(max(time_ms, 0.0), last)
        elif clip.loops:
            time_ms %= clip.duration_ms
        else:
            time_ms = last - abs(time_ms % (2 * last) - last)
        after = int(np.searchsorted(clip.times_ms, time_ms, side="right"))
        before = after - 1
        end_ms = clip.duration_ms if after == len(clip.times_ms) else float(clip.times_ms[after])
        share = (time_ms - float(clip.times_ms[before])) / (end_ms - float(clip.times_ms[before]))
        first = clip.landmarks[before]
        if after == len(clip.times_ms) and not (self._loop and clip.loops):
            return np.array(first, np.float32)
        following = clip.landmarks[after % len(clip.times_ms)]
        return np.asarray(first + share * (following - first), np.float32)


def looped(clip: MotionClip, fade_frames: int) -> MotionClip:
    """The clip made to loop: its last `fade_frames` are blended into its first ones and dropped.

    Frames must be evenly spaced.

    Raises:
        ValueError: the clip is too short for that.
    """
    kept = len(clip.landmarks) - fade_frames
    if fade_frames < 1 or kept < 2 * fade_frames:
        raise ValueError(f"{len(clip.landmarks)} frames are too few to blend {fade_frames}")
    share = np.linspace(0.0, 1.0, fade_frames + 2)[1:-1]
    weight = (share * share * (3.0 - 2.0 * share)).astype(np.float32)[:, None, None]
    landmarks = clip.landmarks[:kept].copy()
    landmarks[:fade_frames] = weight * clip.landmarks[:fade_frames] + (1.0 - weight) * clip.landmarks[kept:]
    return replace(clip, landmarks=landmarks, times_ms=clip.times_ms[:kept], loops=True)


def starting_at(clip: MotionClip, frame: int) -> MotionClip:
    """A looping clip begun at another of its frames; in relative motion the first frame is the neutral one."""
    if not clip.loops:
        raise ValueError("only a clip that loops can begin somewhere else")
    return replace(clip, landmarks=np.roll(clip.landmarks, -frame, axis=0))
