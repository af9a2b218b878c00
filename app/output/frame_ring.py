"""Shared memory through which frames reach the keeper: a small ring of pictures, and one more for the away card.

The ring itself has no locks and no headers. Which picture is where is told through a pipe (`camera_messages`), and the
pipe's system calls order memory on every processor: the writer fills slot n, then says "n"; the reader reads slot n,
then asks the pipe again. If it has not heard of n + SLOTS - 1 by then, the writer had not begun to fill slot n anew,
and what was read is whole.
"""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from app.child_process import SHARED_MEMORY, free_shared_memory
from app.errors import EnvironmentProblem
from models.types import ImageArray

SLOTS = 4
"""Frames in flight; the reader has the time of three frames to read one."""

CAMERA_NOT_OPENED = "The virtual camera could not be opened."


class FrameRing:
    """Pictures of one size in shared memory, written by one process and read by another.

    Numbers count up from 1 for ever; frame n is in slot n % SLOTS.
    """

    def __init__(self, memory: SharedMemory, size: tuple[int, int], *, owner: bool) -> None:
        self._memory: SharedMemory | None = memory
        self._shape = (*size, 3)
        self._owner = owner
        self._tracked = True
        self.name = memory.name

    @classmethod
    def create(cls, size: tuple[int, int], what: str = CAMERA_NOT_OPENED) -> FrameRing:
        """Take new memory for pictures of `size` (h, w); `close` removes it. what: cannot be done without.

        Raises:
            EnvironmentProblem: too little shared memory is left.
        """
        needed = (SLOTS + 1) * size[0] * size[1] * 3
        _require_room(needed, what)
        return cls(SharedMemory(create=True, size=needed), size, owner=True)

    @classmethod
    def attach(cls, name: str, size: tuple[int, int]) -> FrameRing:
        """Map the memory another process created."""
        return cls(SharedMemory(name=name), size, owner=False)

    def frame(self, number: int) -> ImageArray:
        """The picture numbered `number`, as a view that must not outlive `close`.

        Shapes:
            returns: (h, w, 3) uint8 RGB.
        """
        return self._view(number % SLOTS)

    def card(self) -> ImageArray:
        """The away card, in a slot that frames never use; a view like `frame`."""
        return self._view(SLOTS)

    @staticmethod
    def is_whole(read: int, newest: int) -> bool:
        """Whether frame `read` cannot have been overwritten while it was read, `newest` being asked for afterwards."""
        return newest < read + SLOTS - 1

    def adopt(self) -> None:
        """Become responsible for removing the memory, because the process that created it has died."""
        self._owner = True

    def disown(self) -> None:
        """Leave the memory to the other process: `close` only unmaps it."""
        self._owner = False

    def untrack(self) -> None:
        """Have Python's own tracker forget the memory: it removes it when *one* of the two processes ends.

        Needed where the two were not started by each other; those that were share a tracker. Whoever outlives the
        other removes the memory then.
        """
        if self._tracked and self._memory is not None and os.name == "posix":
            resource_tracker.unregister(self._tracked_name, "shared_memory")
            self._tracked = False

    def close(self) -> None:
        """Unmap; the owner also removes it from the system. Idempotent."""
        if self._memory is None:
            return
        memory, self._memory = self._memory, None
        memory.close()
        if self._owner:
            if not self._tracked:
                resource_tracker.register(self._tracked_name, "shared_memory")  # `unlink` takes it from the tracker
            with suppress(FileNotFoundError):  # a keeper that took us for dead has removed it
                memory.unlink()

    @property
    def _tracked_name(self) -> str:
        return f"/{self.name}"

    def _view(self, slot: int) -> ImageArray:
        if self._memory is None:
            raise ValueError("the frame ring is closed")
        offset = slot * int(np.prod(self._shape))
        return np.ndarray(self._shape, np.uint8, buffer=self._memory.buf, offset=offset)


def _require_room(needed: int, what: str) -> None:
    free = free_shared_memory()
    if free is not None and free < needed:
        raise EnvironmentProblem(
            what,
            why=f"It needs {needed >> 20} MB of shared memory and {free >> 20} MB are free in {SHARED_MEMORY}.",
            fix="Close other programs, or give the container more (docker run --shm-size=256m).",
        )
