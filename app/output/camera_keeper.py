"""The program's end of the keeper process: starts it, hands it frames without ever waiting for it, ends it."""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.process
import platform
import time
from collections import deque
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.process import BaseProcess

from app.child_process import birth
from app.output.camera_messages import (
    CameraFailed,
    CameraOpened,
    CardReplaced,
    CardTaken,
    CloseCamera,
    FramePublished,
    FrameTaken,
    KeeperOptions,
    ToKeeper,
)
from app.output.camera_problems import STOPPED, VirtualCameraUnavailable, ended, explain_failure, hung
from app.output.frame_ring import FrameRing
from app.output.keeper_handover import AdoptedProcess, KeeperNote, camera_key, orphaned_keepers
from app.output.keeper_process import run_keeper
from models.types import ImageArray

log = logging.getLogger(__name__)

MAX_UNREAD = 30
"""Frames said but not yet taken; beyond it frames are dropped. They fit into the smallest pipe of any system (8 kB),
so that a stuck keeper cannot make anybody wait."""

HUNG_AFTER_S = 5.0
"""A keeper that took nothing for so long, although there was something to take, is reported."""

LONGEST_COUNTED_S = 0.5
"""No more passes between two frames: while both processes were frozen, or the machine slept, nothing could be taken."""

START_TIMEOUT_S = 30.0
"""A cold start from a slow disk imports numpy, OpenCV and pyvirtualcam; a driver may take seconds to open."""

CARD_TIMEOUT_S = 5.0
"""As long as for frames: a starved keeper reads the card late, and ending it would take the camera away."""

CARD_LOOK_S = 0.1

TAKE_OVER_TIMEOUT_S = 5.0
"""A keeper answers within a frame's time, on a machine that has none to spare within seconds; one that does not hangs
in its driver and is ended."""

LOOKS = 50
"""Those seconds are waited for in so many parts: where both were frozen meanwhile, only one part has passed."""


class CameraKeeper:
    """One keeper process. Not thread-safe: `VirtualCamera` has the lock."""

    def __init__(self, options: KeeperOptions) -> None:
        self._options = options
        self._ring: FrameRing | None = None
        self._pipe: Connection | None = None
        self._process: SpawnProcess | AdoptedProcess | None = None
        self._number = 0  # of the last frame published
        self._taken = 0  # of the last frame the keeper took
        self._waited_s = 0.0  # since it did, or since there last was nothing to take
        self._t_published_s = 0.0
        self._card_taken = False
        self._shown: deque[tuple[int, int]] = deque(maxlen=MAX_UNREAD)
        self.dropped = 0

    @property
    def pid(self) -> int | None:
        """The keeper's process id, None before `start`."""
        return self._process.pid if self._process else None

    def start(self, card: ImageArray) -> CameraOpened:
        """Wait until the camera shows `card`: that of a keeper whose program died, else that of a new one.

        Raises:
            VirtualCameraUnavailable: with the reason the backend gave; nothing is left running then.
        """
        try:
            for note in orphaned_keepers(self._options.notes):
                opened = self._take_over(note, card)
                if opened is not None:
                    return opened
                note.let_go()
            self._spawn(card)
            return self._wait_for_opening()
        except BaseException:
            self.close()
            raise

    def take_shown(self) -> list[tuple[int, int]]:
        """What `publish` numbered and the camera has since been given, with the time of that in nanoseconds."""
        shown = list(self._shown)
        self._shown.clear()
        return shown

    def publish(self, image: ImageArray) -> int | None:
        """Hand over a picture of the right size; returns its number at once, None where it was dropped.

        Raises:
            VirtualCameraUnavailable: the camera failed, its process ended, or it hangs.
        """
        assert self._ring is not None  # start was called
        self._listen()
        before_s, self._t_published_s = self._t_published_s, time.monotonic()
        self._waited_s += min(LONGEST_COUNTED_S, self._t_published_s - before_s)
        if self._taken == self._number:
            self._waited_s = 0.0
        elif self._waited_s > HUNG_AFTER_S:
            raise hung(HUNG_AFTER_S)
        if self._number - self._taken >= MAX_UNREAD:
            self.dropped += 1
            return None
        self._ring.frame(self._number + 1)[:] = image
        self._number += 1
        self._tell(FramePublished(self._number, time.monotonic_ns()))
        return self._number

    def replace_card(self, card: ImageArray) -> None:
        """Show another away card from now on; waits until the keeper has read it, a frame's time or so.

        Raises:
            VirtualCameraUnavailable: as `publish`.
        """
        assert self._ring is not None  # start was called
        self._ring.card()[:] = card
        self._card_taken = False
        self._tell(CardReplaced())
        waited_s = 0.0
        while not self._card_taken:
            if waited_s >= CARD_TIMEOUT_S:
                raise hung(CARD_TIMEOUT_S)
            before_s = time.monotonic()
            self._listen(CARD_LOOK_S)
            waited_s += min(LONGEST_COUNTED_S, time.monotonic() - before_s)

    def close(self, timeout_s: float = 0.7) -> None:
        """Ask the keeper to end, kill it if it does not, remove the memory. Idempotent."""
        if self._pipe is not None:
            try:
                self._pipe.send(CloseCamera())
            except OSError:
                pass  # it has ended already, which is what is wanted
        if self._process is not None:
            self._process.join(timeout_s)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()  # not before it has ended: to a keeper that still speaks, it would look like our death
        if self._ring is not None:
            self._ring.close()
        self._pipe, self._process, self._ring = None, None, None

    def abandon(self) -> None:
        """Go without a word, as a program that dies does: the keeper shows the away card and waits for the next."""
        if self._pipe is not None:
            self._pipe.close()
        if isinstance(self._process, BaseProcess):
            _forget_child(self._process)
        if self._ring is not None:
            self._ring.disown()
            self._ring.close()
        self._pipe, self._process, self._ring = None, None, None

    def _take_over(self, note: KeeperNote, card: ImageArray) -> CameraOpened | None:
        """The camera of an orphaned keeper; None where it is another camera, or where it does not answer."""
        if note.camera != camera_key(self._options):
            return None
        with birth():  # as in `_spawn`
            ring = FrameRing.create(self._options.size)
        ring.untrack()
        ring.card()[:] = card
        try:
            pipe = note.knock(ring.name)
            message = pipe.recv() if _answers(pipe, TAKE_OVER_TIMEOUT_S) else "no answer"
        except (OSError, EOFError) as error:
            message = f"{type(error).__name__}: {error}"
        if not isinstance(message, CameraOpened):
            log.info("the camera's keeper of the last program cannot be taken over: %s", message)
            ring.close()
            return None
        self._ring, self._pipe, self._process = ring, pipe, AdoptedProcess(note.pid)
        return message

    def _spawn(self, card: ImageArray) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, keepers_end = context.Pipe()
        with birth(), keepers_end:  # closed here, so that each end notices when the other is gone
            self._ring = FrameRing.create(self._options.size)  # in here: the first shared memory starts a process too
            self._ring.card()[:] = card
            arguments = (self._options, self._ring.name, keepers_end)
            process = context.Process(target=run_keeper, args=arguments, name="understudy-camera", daemon=True)
            process.start()
        self._process = process

    def _wait_for_opening(self) -> CameraOpened:
        assert self._pipe is not None  # _spawn was called
        assert self._process is not None
        if not self._pipe.poll(START_TIMEOUT_S):
            raise hung(START_TIMEOUT_S)
        message = self._receive()
        if isinstance(message, CameraFailed):
            raise explain_failure(message.text, platform.system())
        assert isinstance(message, CameraOpened)  # the keeper says nothing else first
        return message

    def _listen(self, wait_s: float = 0.0) -> None:
        """Hear what the keeper has said, waiting at most `wait_s` for the first word."""
        assert self._pipe is not None  # start was called
        while self._poll(wait_s):
            wait_s = 0.0
            message = self._receive()
            if isinstance(message, FrameTaken):
                self._taken, self._waited_s = message.number, 0.0
                self._shown.append((message.number, message.t_sent_ns))
            elif isinstance(message, CardTaken):
                self._card_taken = True
            elif isinstance(message, CameraFailed):
                raise explain_failure(message.text, platform.system(), STOPPED)

    def _poll(self, wait_s: float) -> bool:
        assert self._pipe is not None  # start was called
        try:
            return self._pipe.poll(wait_s)
        except OSError:
            raise self._ended() from None

    def _receive(self) -> object:
        assert self._pipe is not None  # start was called
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None

    def _tell(self, message: ToKeeper) -> None:
        assert self._pipe is not None  # start was called
        try:
            self._pipe.send(message)
        except OSError:
            self._listen()  # its last words, if it had any, say more than the broken pipe
            raise self._ended() from None

    def _ended(self) -> VirtualCameraUnavailable:
        assert self._process is not None  # start was called
        self._process.join(1.0)
        return ended(self._process.exitcode)


def _answers(pipe: Connection, timeout_s: float) -> bool:
    return any(pipe.poll(timeout_s / LOOKS) for _ in range(LOOKS))


def _forget_child(process: BaseProcess) -> None:
    """Python ends the children of a program with it; this one is to outlive it."""
    children: set[BaseProcess] = vars(multiprocessing.process)["_children"]
    children.discard(process)
