"""What may go wrong on a device, told apart by what helps."""

from __future__ import annotations

from enum import Enum

import torch

from models.errors import CheckpointError

FAILURES = (CheckpointError, ImportError, MemoryError, OSError, RuntimeError, ValueError)
"""What drivers, compilers and allocators raise: torch's own kinds are RuntimeErrors."""

MEMORY_SAID = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
LOST_SAID = (
    "cuda error",  # sticky: after an illegal access or a launch failure every later call of the process fails
    "cuda driver error",
    "device-side assert",
    "cudnn_status_execution_failed",
    "cublas_status_execution_failed",
    "no kernel image is available",
    "no cuda gpus are available",
    "found no nvidia driver",
)


class Failure(Enum):
    """Kinds of failures of a device."""

    MEMORY = "memory"  # giving memory back, or a smaller network, may help
    LOST = "lost"  # the device is of no more use to this process
    OTHER = "other"


def failure_of(error: BaseException) -> Failure:
    """What kind an error is of."""
    text = str(error).lower()
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(part in text for part in MEMORY_SAID):
        return Failure.MEMORY
    accelerator = getattr(torch, "AcceleratorError", None)  # from torch 2.8 on
    if (accelerator is not None and isinstance(error, accelerator)) or any(part in text for part in LOST_SAID):
        return Failure.LOST
    return Failure.OTHER
