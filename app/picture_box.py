"""A part of a picture, as the window and the disk both speak of it. Light: the window needs it to open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A part of a picture, in shares of its width and height: 0 is the left or upper edge, 1 the right or lower."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Box) -> bool:
        """Whether all of `other` is inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


WHOLE = Box(0.0, 0.0, 1.0, 1.0)
