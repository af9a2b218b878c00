"""A pyvirtualcam backend that writes down when it got which picture, small and grey: for measuring delays.

The device's name is the path of the log: one record for each frame, `t_monotonic_ns` and a view of `VIEW` bytes.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LOADER = "tests.helpers.timed_camera:register"

VIEW = (36, 64)
"""(h, w): enough to tell one pose of a head from another."""

_HEAD = struct.Struct("<q")


@dataclass(frozen=True)
class Seen:
    """One frame as the camera got it. `view` (36, 64) uint8, brightness."""

    t_ns: int
    view: np.ndarray


class TimedBackend:
    """Takes I420 of any size that is a multiple of `VIEW`."""

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **_: object) -> None:
        if fourcc.to_bytes(4, "little") != b"I420":
            raise RuntimeError("Unsupported image format.")
        assert device is not None
        self._size, self._device = (height, width), device
        self._log = Path(device).open("ab", buffering=0)

    def send(self, frame: np.ndarray) -> None:
        t_ns = time.monotonic_ns()
        h, w = self._size
        luma = frame.reshape(-1)[: h * w].reshape(VIEW[0], h // VIEW[0], VIEW[1], w // VIEW[1])
        view = luma[:, ::4, :, ::4].mean(axis=(1, 3)).round().astype(np.uint8)
        self._log.write(_HEAD.pack(t_ns) + view.tobytes())

    def close(self) -> None:
        self._log.close()

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> None:
        return None


def register() -> None:
    """For `KeeperOptions.backend_loader`."""
    import pyvirtualcam

    pyvirtualcam.register_backend("timed", TimedBackend)


def seen_by(log: Path) -> list[Seen]:
    """Everything the camera was sent."""
    size = _HEAD.size + VIEW[0] * VIEW[1]
    data = log.read_bytes()
    records = (data[start : start + size] for start in range(0, len(data) - size + 1, size))
    return [
        Seen(_HEAD.unpack(record[: _HEAD.size])[0], np.frombuffer(record[_HEAD.size :], np.uint8).reshape(VIEW))
        for record in records
    ]
