"""What torch's profiler saw of copies and waits: the engine's own counters, checked by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

COPIES = {"uploads": "Memcpy HtoD", "read_backs": "Memcpy DtoH"}
WAITS = ("cudaStreamSynchronize", "cudaEventSynchronize", "cudaDeviceSynchronize")


def profiled_per_frame(frames: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Copies between host and device, and calls that hold the host, a frame; the profiler adds one wait at its end."""
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        for frame in frames:
            frame()
    names = [str(event.name) for event in profiled.events()]
    found = {what: sum(name.startswith(said) for name in names) for what, said in COPIES.items()}
    found |= {name: names.count(name) for name in WAITS if name in names}
    return {what: count / len(frames) for what, count in found.items()}
