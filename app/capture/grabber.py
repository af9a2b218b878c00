"""The program's end of the grabber process: starts it, takes pictures from it, ends it whatever it does."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import threading
import time
import weakref
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.shared_memory import SharedMemory
from typing import Protocol, TypeVar

import numpy as np

from app.capture.grabber_messages import (
    CloseDevice,
    DeviceOpened,
    FirstPicture,
    GrabberFailed,
    GrabberOptions,
    GrabberStarted,
    PictureReady,
    UseMemory,
    WantPicture,
)
from app.capture.grabber_process import run_grabber
from app.child_process import birth, free_shared_memory
from app.slots import Closed
from models.types import ImageArray

ASK_S, TERMINATE_S, KILL_S = 0.6, 0.3, 0.5
"""How long an orderly end, SIGTERM and SIGKILL are waited for; the sum stays below what a worker has to stop."""

M = TypeVar("M")


class GrabberSilent(Exception):
    """What was waited for did not come in time."""


class GrabberGone(Exception):
    """The process has ended; `failure` holds its last words if it had any."""

    def __init__(self, failure: GrabberFailed | None, exit_code: int | None) -> None:
        super().__init__(failure, exit_code)
        self.failure, self.exit_code = failure, exit_code


class MemoryShort(Exception):
    """Too little shared memory is left for a picture."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(needed, free)
        self.needed, self.free = needed, free


class Doorbell:
    """Wakes a thread that waits for the grabber; rung once, it stays rung."""

    def __init__(self) -> None:
        self.reader, self._writer = multiprocessing.Pipe(duplex=False)
        self._once = threading.Lock()  # protects `_rung`; any thread may ring
        self._rung = False

    def ring(self) -> None:
        """Make `reader` readable for ever."""
        with self._once:
            if not self._rung:
                self._rung = True
                self._writer.send_bytes(b"!")


class Waitable(Protocol):
    """What a source hands in to be woken by."""

    reader: Connection


@dataclass(frozen=True)
class Picture:
    """One picture, copied out of the shared memory.

    Shapes:
        image: (H, W, 3) uint8 RGB, read-only.
    """

    number: int
    image: ImageArray
    t_capture_ns: int


class Grabber:
    """One grabber process. Everything on one thread; the doorbell interrupts a wait with `Closed`."""

    def __init__(self, options: GrabberOptions, doorbell: Waitable) -> None:
        self._doorbell = doorbell
        self._memory: PictureMemory | None = None
        self._asked = False
        context = multiprocessing.get_context("spawn")
        self._pipe, grabbers_end = context.Pipe()
        self._process: SpawnProcess | None = context.Process(
            target=run_grabber, args=(options, grabbers_end), name="understudy-grabber", daemon=True
        )
        with birth(), grabbers_end:  # closed here, so that each end notices when the other is gone
            self._process.start()

    @property
    def pid(self) -> int | None:
        """The process id, None after `close`."""
        return self._process.pid if self._process else None

    def wait_started(self, timeout_s: float) -> None:
        """Until the process has imported what it needs.

        Raises:
            GrabberSilent, GrabberGone, Closed: as all waiting here.
        """
        self._wait(GrabberStarted, timeout_s)

    def wait_opened(self, timeout_s: float) -> None:
        """Until the driver has opened the device."""
        self._wait(DeviceOpened, timeout_s)

    def wait_first_picture(self, timeout_s: float) -> None:
        """Until there is a picture; then memory for such pictures is set up.

        Raises:
            MemoryShort: there is not enough of it.
        """
        size = self._wait(FirstPicture, timeout_s).size
        self._memory = PictureMemory(size)
        self._send(UseMemory(self._memory.name, size))

    def take(self, timeout_s: float) -> Picture:
        """The newest picture not taken yet, waiting for it."""
        assert self._memory is not None  # wait_first_picture was called
        if not self._asked:
            self._send(WantPicture())
            self._asked = True
        ready = self._wait(PictureReady, timeout_s)
        self._asked = False
        return Picture(ready.number, self._memory.copy(), ready.t_capture_ns)

    def close(self) -> None:
        """Ask it to end, then make it end, and remove the memory. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            self._pipe.send(CloseDevice())
        except OSError:
            pass  # it has ended already, which is what is wanted
        process.join(ASK_S)
        if process.is_alive():
            process.terminate()
            process.join(TERMINATE_S)
        if process.is_alive():
            process.kill()
            process.join(KILL_S)
        self._pipe.close()
        if process.exitcode is not None:
            process.close()  # else: in a system call that even SIGKILL cannot end; it goes when that returns
        if self._memory is not None:
            self._memory.close()

    def _wait(self, wanted: type[M], timeout_s: float) -> M:
        assert self._process is not None  # not closed
        deadline_s = time.monotonic() + timeout_s
        sources: list[Connection | int] = [self._pipe, self._doorbell.reader, self._process.sentinel]
        while True:
            ready = multiprocessing.connection.wait(sources, max(0.0, deadline_s - time.monotonic()))
            if self._doorbell.reader in ready:
                raise Closed("camera")
            if not ready:
                raise GrabberSilent
            message = self._receive()  # also when only the sentinel is ready: last words may be in the pipe
            if isinstance(message, GrabberFailed):
                raise GrabberGone(message, None)
            if isinstance(message, wanted):
                return message

    def _receive(self) -> object:
        try:
            if self._pipe.poll(0):
                return self._pipe.recv()
        except (EOFError, OSError):
            pass  # the end of the pipe is the end of the process
        raise self._gone()

    def _send(self, message: WantPicture | UseMemory) -> None:
        try:
            self._pipe.send(message)
        except OSError:
            while True:  # ends with the pipe; last words, if there are any, say more than that it is broken
                last = self._receive()
                if isinstance(last, GrabberFailed):
                    raise GrabberGone(last, None) from None

    def _gone(self) -> GrabberGone:
        assert self._process is not None  # not closed
        self._process.join(KILL_S)
        return GrabberGone(None, self._process.exitcode)


class PictureMemory:
    """Shared memory for one picture, removed when closed, forgotten, or left over at the end of the program."""

    def __init__(self, size: tuple[int, int]) -> None:
        needed = size[0] * size[1] * 3
        free = free_shared_memory()
        if free is not None and free < needed:
            raise MemoryShort(needed, free)
        memory = SharedMemory(create=True, size=needed)
        self.name = memory.name
        self._memory = memory
        self._shape = (*size, 3)
        self._remove = weakref.finalize(self, _remove, memory)

    def copy(self) -> ImageArray:
        """What is in it now, as a read-only picture of its own."""
        shared: ImageArray = np.ndarray(self._shape, np.uint8, buffer=self._memory.buf)
        image = shared.copy()
        image.flags.writeable = False
        return image

    def close(self) -> None:
        """Unmap and remove. Idempotent."""
        self._remove()


def _remove(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()
