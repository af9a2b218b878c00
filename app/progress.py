"""Progress on stderr for commands that take a while."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")

tqdm.monitor_interval = 0  # its watchdog thread only matters for loops that stall; `Worker` alone starts threads here


def progress(items: Iterable[T], *, unit: str, quiet: bool, total: int | None = None) -> Iterable[T]:
    """The same items, with a bar that counts them; `quiet` shows none."""
    return tqdm(items, unit=unit, total=total, disable=quiet, file=sys.stderr)
