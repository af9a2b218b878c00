"""How long ago a process was started, for the figures of `--stats`."""

from __future__ import annotations

import sys
import time

import psutil


def process_age_s(process: psutil.Process) -> float:
    """Seconds since `process` was started, exact to the system's tick (10 ms on Linux).

    On Linux `create_time` is the time since the machine was started plus the date of that start, which the kernel
    gives in whole seconds: against the present date every process seems up to a second older than it is.
    """
    if sys.platform == "linux":
        t_started_s = process.create_time() - psutil.boot_time()
        return time.clock_gettime(time.CLOCK_BOOTTIME) - t_started_s
    return time.time() - process.create_time()
