"""How large a picture may be before memory is taken for it; files and devices from outside claim anything."""

from __future__ import annotations

MAX_SIDE_PX = 8192
MAX_PIXELS = 40_000_000


def too_large(size: tuple[int, int]) -> bool:
    """Whether a picture of `size` (h, w) is refused."""
    return max(size) > MAX_SIDE_PX or size[0] * size[1] > MAX_PIXELS
