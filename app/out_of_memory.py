"""Memory that ran out, told from bugs: every library says it in its own way, torch as a plain RuntimeError on a CPU."""

from __future__ import annotations

from app.errors import AppError, EnvironmentProblem

SAID = (
    "can't allocate memory",  # torch on a CPU: DefaultCPUAllocator
    "not enough memory",  # the same on Windows
    "cuda out of memory",
    "mps backend out of memory",
    "insufficient memory",  # OpenCV
    "cannot allocate memory",  # ENOMEM, also from FFmpeg and shared memory
    "failed to allocate",  # OpenVINO
    "bad allocation",  # C++ on Windows, and below elsewhere
    "std::bad_alloc",
)
GPU = ("cuda", "mps", "hip")


class OutOfMemory(EnvironmentProblem):
    """The machine has no memory left for what was asked."""

    def __init__(self, *, gpu: bool = False) -> None:
        where = "The GPU's memory" if gpu else "The memory of this machine"
        super().__init__(
            "Out of memory.",
            why=f"{where} does not hold the pictures, the model or the batch that was asked for.",
            fix="Close other programs, or ask for less: a smaller size, a smaller batch"
            + (", or --device cpu." if gpu else "."),
        )


def out_of_memory(error: BaseException) -> OutOfMemory | None:
    """`error` as a sentence if it says that memory ran out, in whatever library; None for everything else."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = str(error).lower()
    told = isinstance(error, (RuntimeError, OSError)) or type(error).__module__ == "cv2"
    if isinstance(error, MemoryError) or "OutOfMemoryError" in kinds or (told and any(part in text for part in SAID)):
        return OutOfMemory(gpu=any(name in text for name in GPU))
    return None


def is_expected(error: BaseException) -> bool:
    """Whether a run that ends so ended as it should: a person can do something about it, or asked for it."""
    return isinstance(error, (AppError, KeyboardInterrupt, SystemExit)) or out_of_memory(error) is not None
