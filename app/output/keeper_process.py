"""The keeper: a small process that owns the virtual camera and always has something to show.

It is a process of its own because pyvirtualcam is under the GPL-2.0, because a driver may hang, and because the people
in the meeting must see the away card, not a frozen face, when the program stalls or dies. It imports no torch, no Qt
and no mediapipe; `app.output.camera_keeper` starts it and talks to it.
"""

from __future__ import annotations

import importlib
import platform
import time
from multiprocessing.connection import Connection
from typing import Any

from app.child_process import ignore_the_terminal, leave_the_dead
from app.clock import NS_PER_S
from app.output.camera_messages import (
    CameraFailed,
    CameraOpened,
    CardReplaced,
    CardTaken,
    CloseCamera,
    FramePublished,
    FrameTaken,
    FromKeeper,
    KeeperOptions,
)
from app.output.frame_ring import FrameRing
from app.output.keeper_handover import Door, Visit
from app.output.pacing import Pacer
from models.types import ImageArray

LONGEST_SLEEP_S = 0.1
"""The pipe is looked at so often at least, also at one frame a second."""


def run_keeper(options: KeeperOptions, ring_name: str, pipe: Connection) -> None:
    """Open the camera, show the card, then frames, until told to close or orphaned for too long."""
    ignore_the_terminal()
    link = Link(FrameRing.attach(ring_name, options.size), pipe)
    try:
        Keeper(options, link).run()
    except Exception as error:  # noqa: BLE001 - the one border of this process
        text = f"{error}" if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
        _tell(link.pipe, CameraFailed(text))
    finally:
        link.close()


class Link:
    """What joins the keeper and its program; a program that takes the keeper over brings another."""

    def __init__(self, ring: FrameRing, pipe: Connection) -> None:
        self.ring, self.pipe = ring, pipe

    def close(self) -> None:
        """Unmap the memory, close the pipe. Idempotent."""
        self.ring.close()
        self.pipe.close()


class Keeper:
    """Sends at a steady rate: the newest frame while frames come, the away card otherwise."""

    def __init__(self, options: KeeperOptions, link: Link) -> None:
        import cv2

        from app.output.pixel_formats import converter_to

        cv2.setNumThreads(1)  # the conversion of one picture is not worth waking other cores for
        self._options, self._link = options, link
        self._camera, pixel_format = open_camera(options)
        self._convert = converter_to(pixel_format)
        self._pixel_format = pixel_format
        self._card = self._convert(link.ring.card())
        self._picture = self._card
        self._newest = 0  # number of the newest frame heard of
        self._t_news_ns: int | None = None  # when it was published
        self._t_orphaned_ns: int | None = None
        self._door: Door | None = None  # from the first time that it is orphaned
        self._told_to_close = False

    def run(self) -> None:
        """Until told to close, or `orphan_s` after the program died and none took over."""
        self._tell_program(self._opened())
        pacer = Pacer(self._options.fps, time.monotonic_ns())
        try:
            while not self._finished():
                remaining_s = pacer.remaining_s(time.monotonic_ns())
                if remaining_s > 0:
                    time.sleep(min(remaining_s, LONGEST_SLEEP_S))
                    if remaining_s > LONGEST_SLEEP_S:
                        self._listen()
                    continue
                taken = self._take_news()
                if taken is not None and self._t_news_ns is not None:
                    pacer.align(time.monotonic_ns() - self._t_news_ns)
                self._camera.send(self._choose())
                if taken is not None:
                    self._tell_program(FrameTaken(taken, time.monotonic_ns()))
                pacer.advance(time.monotonic_ns())
        finally:
            self._camera.close()
            if self._door is not None:
                self._door.close()

    def _opened(self) -> CameraOpened:
        return CameraOpened(self._camera.device, self._camera.backend, self._pixel_format)

    def _finished(self) -> bool:
        if self._told_to_close or self._t_orphaned_ns is None:
            return self._told_to_close
        return time.monotonic_ns() - self._t_orphaned_ns > self._options.orphan_s * NS_PER_S

    def _choose(self) -> ImageArray:
        """The picture to show now."""
        if self._t_news_ns is None or self._t_orphaned_ns is not None:
            return self._card
        silent_ns = time.monotonic_ns() - self._t_news_ns
        return self._card if silent_ns > self._options.away_after_s * NS_PER_S else self._picture

    def _take_news(self) -> int | None:
        """Read the newest frame, again if it was overwritten meanwhile; its number, None where there was none."""
        before = self._newest
        self._listen()
        taken = before
        while self._newest > taken and self._t_orphaned_ns is None:
            taken = self._newest
            picture = self._convert(self._link.ring.frame(taken))
            self._listen()
            if FrameRing.is_whole(taken, self._newest):
                self._picture = picture
                break
        return taken if taken > before else None

    def _listen(self) -> None:
        """Hear everything the program has said so far, or who wants to be the next one."""
        if self._door is not None and (visit := self._door.visit()) is not None:
            self._receive(visit)
        try:
            while self._t_orphaned_ns is None and self._link.pipe.poll(0):
                self._hear(self._link.pipe.recv())
        except (EOFError, OSError):
            self._be_orphaned()

    def _hear(self, message: object) -> None:
        if isinstance(message, FramePublished):
            self._newest, self._t_news_ns = message.number, message.t_published_ns
        elif isinstance(message, CardReplaced):
            self._card = self._convert(self._link.ring.card())
            self._tell_program(CardTaken())
        elif isinstance(message, CloseCamera):
            self._told_to_close = True

    def _tell_program(self, message: FromKeeper) -> None:
        if not _tell(self._link.pipe, message):
            self._be_orphaned()

    def _be_orphaned(self) -> None:
        """The program is gone. After `CloseCamera` that is as it should be, else the card stays for a while."""
        if self._told_to_close or self._t_orphaned_ns is not None:
            return
        self._t_orphaned_ns = time.monotonic_ns()
        self._link.ring.adopt()
        self._link.close()
        leave_the_dead()
        if self._options.notes is not None:
            self._door = self._door or Door.opened(self._options, self._options.notes)
            self._invite()

    def _receive(self, visit: Visit) -> None:
        """The next program wants the camera, or wants it gone."""
        if self._t_orphaned_ns is None:
            visit.pipe.close()  # two came at once, and the other one has it
            return
        if visit.ring is None:
            self._told_to_close = True
            visit.pipe.close()
            return
        try:
            ring = FrameRing.attach(visit.ring, self._options.size)
        except (OSError, ValueError):  # it died in the meantime, or is none of ours
            visit.pipe.close()
            self._invite()
            return
        if self._door is not None:
            self._door.shut()
        ring.untrack()
        self._link.ring, self._link.pipe = ring, visit.pipe
        self._newest, self._t_news_ns, self._t_orphaned_ns = 0, None, None
        self._card = self._convert(ring.card())
        self._tell_program(self._opened())

    def _invite(self) -> None:
        if self._door is not None:
            self._door.invite()


def open_camera(options: KeeperOptions) -> tuple[Any, str]:
    """The opened `pyvirtualcam.Camera` and the name of the pixel format it takes.

    Raises:
        RuntimeError: with the texts of the backends, for `camera_problems.explain_failure`.
    """
    import pyvirtualcam

    if options.backend_loader is not None:
        module, _, function = options.backend_loader.partition(":")
        getattr(importlib.import_module(module), function)()
    from app.output.pixel_formats import wanted_formats

    h, w = options.size
    refusal: RuntimeError | None = None
    for name in wanted_formats(platform.system()):
        try:
            camera = pyvirtualcam.Camera(
                w,
                h,
                options.fps,
                fmt=pyvirtualcam.PixelFormat[name],
                device=options.device,
                backend=options.backend,
            )
        except RuntimeError as error:
            refusal = error
            if "image format" not in str(error):
                break
        else:
            return camera, name
    assert refusal is not None  # at least one format was tried
    raise refusal


def _tell(pipe: Connection, message: FromKeeper) -> bool:
    """Whether the program could be told."""
    try:
        pipe.send(message)
    except OSError:
        return False
    return True
