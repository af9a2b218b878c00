"""How often a frame makes host and device wait for each other, so that "overlapped" is a number."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Transfers:
    """What the engine did since it was made.

    waits: times the host was held until the device had finished something.
    """

    frames: int = 0
    uploads: int = 0
    uploaded_bytes: int = 0
    read_backs: int = 0
    read_back_bytes: int = 0
    waits: int = 0

    def plus(self, **more: int) -> Transfers:
        """With so many more of each."""
        return replace(self, **{name: getattr(self, name) + count for name, count in more.items()})

    def per_frame(self, since: Transfers) -> dict[str, float]:
        """What a frame took on average since then; empty where there was none."""
        frames = self.frames - since.frames
        if not frames:
            return {}
        names = ("uploads", "uploaded_bytes", "read_backs", "read_back_bytes", "waits")
        return {name: (getattr(self, name) - getattr(since, name)) / frames for name in names}
