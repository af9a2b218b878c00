"""A real pyvirtualcam backend that writes down what it is sent; the keeper loads it by name.

The device's name is the path of the log: one line of JSON for the opening, then one record of `RECORD` for each frame.
The newest different frame is beside it as `.frame`, in the pixel format it came in.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RECORD = struct.Struct("<qqI12B")
"""t_monotonic_ns, bytes in the frame, crc32, RGB at the centre of each quarter, the two upper ones first."""

LOADER = "tests.helpers.fake_camera:"


@dataclass(frozen=True)
class Sent:
    """One frame as the fake camera got it; `quarters` (4, 3) RGB."""

    t_ns: int
    size: int
    crc: int
    quarters: np.ndarray


class FakeBackend:
    """Takes I420 of any size."""

    refuses = ("NV12", "UYVY")

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **_: object) -> None:
        code = fourcc.to_bytes(4, "little").decode()
        if code not in ("I420", "raw "):
            raise RuntimeError("Unsupported image format.")
        assert device is not None
        self._size, self._code, self._device, self._crc = (height, width), code, device, 0
        self._log = Path(device).open("ab", buffering=0)
        opening = {"pid": os.getpid(), "modules": sorted(sys.modules), "size": [height, width], "fps": fps}
        self._log.write(json.dumps(opening).encode() + b"\n")

    def send(self, frame: np.ndarray) -> None:
        crc = zlib.crc32(frame)
        if crc != self._crc:
            self._crc, self._picture = crc, self._rgb(frame)
            Path(self._device + ".frame").write_bytes(frame.tobytes())
        h, w = self._size
        quarters = self._picture[h // 4 :: h // 2, w // 4 :: w // 2][:2, :2].reshape(-1)
        self._log.write(RECORD.pack(time.monotonic_ns(), frame.size, crc, *quarters.tolist()))

    def close(self) -> None:
        self._log.close()
        Path(self._device + ".closed").touch()

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> None:
        return None

    def _rgb(self, frame: np.ndarray) -> np.ndarray:
        import cv2

        h, w = self._size
        if self._code == "raw ":
            return frame.reshape(h, w, 3)
        return cv2.cvtColor(frame.reshape(h * 3 // 2, w), cv2.COLOR_YUV2RGB_I420)


class RgbOnlyBackend(FakeBackend):
    def __init__(self, *, fourcc: int, **rest: object) -> None:
        if fourcc.to_bytes(4, "little") != b"raw ":
            raise RuntimeError("Unsupported image format.")
        super().__init__(fourcc=fourcc, **rest)  # type: ignore[arg-type]


class InspectingBackend(RgbOnlyBackend):
    """Looks for the patterns of `app.capture.synthetic` in every picture; notes each finding beside the log."""

    def send(self, frame: np.ndarray) -> None:
        from app.capture.synthetic import marker_share, wash_share

        known = self._crc
        super().send(frame)
        if self._crc != known:
            share = max(marker_share(self._picture), wash_share(self._picture))
            if share > 0:
                with Path(self._device + ".leaks").open("a") as leaks:
                    leaks.write(f"{time.monotonic_ns()} {share}\n")


class BusyBackend(FakeBackend):
    def __init__(self, *, device: str | None, **_: object) -> None:
        raise RuntimeError(f"Device {device} is already in use.")


class HangingBackend(FakeBackend):
    """Hangs in the driver from the first frame on."""

    def send(self, frame: np.ndarray) -> None:
        super().send(frame)
        time.sleep(3600)


class BreakingBackend(FakeBackend):
    """Refuses the sixth frame, as an unloaded kernel module does."""

    sent = 0

    def send(self, frame: np.ndarray) -> None:
        self.sent += 1
        if self.sent > 5:
            raise RuntimeError("Device /dev/video9 does not exist.")
        super().send(frame)


class CrashingBackend(FakeBackend):
    """Takes the process with it on the sixth frame, as a broken driver does."""

    sent = 0

    def send(self, frame: np.ndarray) -> None:
        self.sent += 1
        if self.sent > 5:
            os._exit(9)
        super().send(frame)


def _use(backend: type[FakeBackend]) -> None:
    import pyvirtualcam

    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("fake", backend)


def register() -> None:
    _use(FakeBackend)


def register_rgb_only() -> None:
    _use(RgbOnlyBackend)


def register_inspecting() -> None:
    _use(InspectingBackend)


def register_busy() -> None:
    _use(BusyBackend)


def register_hanging() -> None:
    _use(HangingBackend)


def register_breaking() -> None:
    _use(BreakingBackend)


def register_crashing() -> None:
    _use(CrashingBackend)


def opening_of(log: Path) -> dict[str, object]:
    """What the backend wrote when it was opened."""
    line, _, _ = log.read_bytes().partition(b"\n")
    opening: dict[str, object] = json.loads(line)
    return opening


def frames_of(log: Path) -> list[Sent]:
    """What it was sent so far, since the camera was first opened."""
    if not log.exists():
        return []
    _, _, body = log.read_bytes().partition(b"\n")
    whole = len(body) // RECORD.size * RECORD.size
    records = RECORD.iter_unpack(body[:whole])
    return [Sent(t, size, crc, np.array(rest, np.uint8).reshape(4, 3)) for t, size, crc, *rest in records]
