"""How well it goes, in one line: frame rate, delay, what was left out, what it runs on, and why it is slow."""

from __future__ import annotations

from collections import deque

from app.clock import NS_PER_S
from app.control import EngineStatus
from ui import strings
from ui.sentences import said
from ui.shown import HealthLine

DROPS_OVER_NS = 10 * NS_PER_S

FOLLOWED = ("captured", "tracked")
"""The slots in which pictures of the camera wait to be followed; what is left out there is movement nobody sees."""


class DropCount:
    """Pictures of the camera that were left out over the last ten seconds."""

    def __init__(self) -> None:
        self._totals: deque[tuple[int, int]] = deque()

    def note(self, now_ns: int, dropped: dict[str, int]) -> int:
        """Take the totals of now; how many came to them lately."""
        self._totals.append((now_ns, sum(dropped.get(slot, 0) for slot in FOLLOWED)))
        while now_ns - self._totals[0][0] > DROPS_OVER_NS and len(self._totals) > 1:
            self._totals.popleft()
        return max(0, self._totals[-1][1] - self._totals[0][1])


def health_line(status: EngineStatus, drops: int) -> HealthLine:
    """The line; without figures while nothing was measured."""
    quality = status.quality
    slow = said(quality.camera_note or quality.reason or "")
    if status.fps <= 0:
        return HealthLine("", "", slow)
    figures = strings.HEALTH.format(
        fps=status.fps, latency_ms=status.latency_ms.p50, drops=drops, model=status.model, device=_device(status.device)
    )
    hint = strings.HEALTH_HINT.format(
        camera_fps=status.camera_fps, p50=status.latency_ms.p50, p95=status.latency_ms.p95, p99=status.latency_ms.p99
    )
    return HealthLine(figures, hint, slow)


def _device(name: str) -> str:
    """As people write it: torch says cuda or mps where the graphics card works."""
    return "CPU" if name == "cpu" else "GPU"
