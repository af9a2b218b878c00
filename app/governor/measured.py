"""What the governor knows of a live run: plain figures of the time since it last looked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """The time between two looks.

    face_share: share of the pictures looked at that showed a face; where few did, nothing is learned.
    captured_fps: pictures that came from the camera a second. followed_fps: those that became frames and were sent.
    track_ms, render_ms: mean time of the two threads for one picture. latency_ms: median, grab returns -> sent.
    machine_busy: share of all cores in use by everything, 0 to 1.
    """

    face_share: float
    captured_fps: float
    followed_fps: float
    track_ms: float
    render_ms: float
    latency_ms: float
    machine_busy: float = 0.0

    @property
    def slowest_ms(self) -> float:
        """The thread that limits the rate: tracking and rendering run side by side."""
        return max(self.track_ms, self.render_ms)
