"""The grabber: a small process that reads the webcam, because a hung driver call can be ended in no other way.

It imports OpenCV, numpy and the standard library, and nothing of this program that needs more. Its main thread opens,
reads and releases the device (AVFoundation asks for permission on a main thread only); a second one answers the
program and notices when the program has died, also while the driver hangs.
`app.capture.grabber` starts it and talks to it.

Time: `time.monotonic_ns` counts from the start of the machine on Linux (CLOCK_MONOTONIC), macOS
(mach_absolute_time) and Windows (GetTickCount64, in steps of 16 ms), so that stamps of this process and of the
program are of one clock.
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from app.capture.bounds import too_large
from app.capture.freezing import FreezeDetector
from app.capture.grabber_messages import (
    CloseDevice,
    DeviceOpened,
    Failure,
    FirstPicture,
    FromGrabber,
    GrabberFailed,
    GrabberOptions,
    GrabberStarted,
    PictureReady,
    UseMemory,
    WantPicture,
)
from app.capture.opencv_device import CaptureDevice, Opener, prepare_opencv
from app.child_process import ignore_the_terminal
from app.clock import NS_PER_S
from app.slots import LatestSlot
from app.worker import Worker
from models.types import ImageArray

LISTEN_S = 0.25
"""The pipe is looked at so often at least; the death of the program is noticed that late."""

FAREWELL_S = 0.5
"""How long the driver may take to release the device once the program has died."""

RETRY_S = 0.01
"""Pause after a read that failed at once, so that a lost camera does not cost a whole core."""


class GivingUp(Exception):
    """The device cannot be read (any more)."""

    def __init__(self, failure: Failure, text: str = "") -> None:
        super().__init__(failure.value, text)
        self.failure, self.text = failure, text


@dataclass(frozen=True)
class _Grabbed:
    number: int
    image: ImageArray  # (H, W, 3) uint8 BGR
    t_capture_ns: int


def run_grabber(options: GrabberOptions, pipe: Connection) -> None:
    """Read the device until told to stop, until it fails, or until the program has died; does not return.

    The process ends without the interpreter's own farewell, which waits for threads that a driver may have left.
    """
    ignore_the_terminal()
    desk = FrontDesk(pipe)
    exit_code = 1
    try:
        prepare_opencv()
        opener = _load(options.opener)
        Worker(desk, desk.on_failure).start()
        desk.tell(GrabberStarted())
        DeviceLoop(options, opener, desk).run()
        exit_code = 0
    except GivingUp as end:
        desk.tell(GrabberFailed(end.failure, end.text))
    except Exception as error:  # noqa: BLE001 - the one border of this process
        desk.tell(GrabberFailed(Failure.CRASHED, f"{type(error).__name__}: {error}"))
    with desk.farewell:
        os._exit(exit_code)


class DeviceLoop:
    """Opens the device and keeps its newest picture; on the main thread."""

    def __init__(self, options: GrabberOptions, opener: Opener, desk: FrontDesk) -> None:
        self._options, self._opener, self._desk = options, opener, desk
        frozen_after_s = options.frozen_after_s
        self._freeze = FreezeDetector(frozen_after_s) if frozen_after_s is not None else None
        self._size: tuple[int, int] | None = None
        self._number = 0
        self._t_last_ns = 0

    def run(self) -> None:
        """Until the desk was told to stop.

        Raises:
            GivingUp: the device does not open, or gives no pictures any more.
        """
        device = self._open()
        try:
            self._desk.tell(DeviceOpened())
            while not self._desk.stopping.is_set():
                image = self._read(device)
                if image is not None:
                    self._accept(image)
        finally:
            device.release()
            self._desk.device_released.set()

    def _open(self) -> CaptureDevice:
        try:
            device = self._opener(self._options)
        except Exception as error:  # drivers raise anything; all of it means the same
            raise GivingUp(Failure.REFUSED, f"{error}".strip()) from error
        if not device.is_open():
            device.release()
            raise GivingUp(Failure.REFUSED)
        return device

    def _read(self, device: CaptureDevice) -> ImageArray | None:
        """The next picture, or None if told to stop meanwhile."""
        t_begun_ns = time.monotonic_ns()
        while not self._desk.stopping.is_set():
            done, image = device.read()
            if done and image is not None and image.ndim == 3:
                return image
            if time.monotonic_ns() - t_begun_ns > self._options.failing_after_s * NS_PER_S:
                raise GivingUp(Failure.READS_FAIL)
            self._desk.stopping.wait(RETRY_S)
        return None

    def _accept(self, image: ImageArray) -> None:
        t_ns = max(time.monotonic_ns(), self._t_last_ns + 1)  # trackers want it to grow, also in coarse steps
        self._t_last_ns = t_ns
        size = (image.shape[0], image.shape[1])
        if self._size is None:
            if too_large(size):
                raise GivingUp(Failure.TOO_LARGE, f"{size[1]}x{size[0]}")
            self._size = size
            self._desk.tell(FirstPicture(size))
        if size != self._size:
            raise GivingUp(Failure.SIZE_CHANGED, f"{size[1]}x{size[0]}")
        if self._freeze is not None:
            if self._freeze.is_frozen(image, t_ns):
                raise GivingUp(Failure.FROZEN)
            if self._freeze.repeated:
                return
        self._number += 1
        self._desk.newest.put(_Grabbed(self._number, image, t_ns))


class FrontDesk:
    """Answers the program: a stage of its own thread, so that it stays awake while the driver hangs."""

    name = "grabber desk"

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._sending = threading.Lock()  # protects the pipe's writing end; both threads tell
        self.farewell = threading.Lock()  # whoever has it ends the process, and nobody else; never given back
        self._memory: SharedMemory | None = None
        self._target: ImageArray | None = None
        self.newest: LatestSlot[_Grabbed] = LatestSlot("grabbed")
        self.stopping = threading.Event()
        self.device_released = threading.Event()

    def open(self) -> None:
        """Nothing to acquire: memory comes with `UseMemory`."""

    def step(self) -> None:
        """Hear one message, if there is one."""
        message = self._hear(LISTEN_S)
        if isinstance(message, WantPicture):
            self._hand_over()
        elif isinstance(message, UseMemory):
            self._memory = SharedMemory(name=message.name)
            self._target = np.ndarray((*message.size, 3), np.uint8, buffer=self._memory.buf)
        elif isinstance(message, CloseDevice):
            self.stopping.set()

    def release(self) -> None:
        """Unmap the memory; the program removes it."""
        self._target = None
        if self._memory is not None:
            self._memory.close()

    def unblock(self) -> None:
        """Nothing waits longer than `LISTEN_S`."""

    def on_failure(self, name: str, error: Exception) -> None:
        """A desk that fails cannot answer: the process ends, which the program notices."""
        self.tell(GrabberFailed(Failure.CRASHED, f"{name}: {type(error).__name__}: {error}"))
        os._exit(1)

    def tell(self, message: FromGrabber) -> None:
        """Say something to the program; if that is gone, the process ends."""
        try:
            with self._sending:
                self._pipe.send(message)
        except OSError:
            self.stopping.set()  # the desk's own thread hears the end of the pipe and ends the process

    def _hear(self, wait_s: float) -> object:
        try:
            return self._pipe.recv() if self._pipe.poll(wait_s) else None
        except (EOFError, OSError):
            self._end_orphaned()
            raise

    def _hand_over(self) -> None:
        """Write the newest picture nobody has had; waits for one, listening for the end meanwhile."""
        while not self.stopping.is_set():
            try:
                grabbed = self.newest.get(LISTEN_S)
            except TimeoutError:
                if isinstance(self._hear(0.0), CloseDevice):
                    self.stopping.set()
                continue
            assert self._target is not None  # memory is given before a picture is asked for
            _write_rgb(grabbed.image, self._target)
            self.tell(PictureReady(grabbed.number, grabbed.t_capture_ns))
            return

    def _end_orphaned(self) -> None:
        """The program has died: remove the memory it cannot remove any more, and end even if the driver hangs."""
        self.farewell.acquire()
        self.stopping.set()
        self.device_released.wait(FAREWELL_S)
        if self._memory is not None:
            self._target = None
            self._memory.close()
            try:
                self._memory.unlink()
            except FileNotFoundError:
                pass  # the program was faster
        os._exit(1)


def _write_rgb(bgr: ImageArray, target: ImageArray) -> None:
    import cv2  # not at the top: `prepare_opencv` comes first

    cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=target)


def _load(name: str) -> Opener:
    module, _, function = name.partition(":")
    opener: Opener = getattr(importlib.import_module(module), function)
    return opener
