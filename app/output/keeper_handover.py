"""How a keeper whose program has died finds the next one: a note in a private folder, and a door to knock on.

So the program can be started again in mid-call and go on with the same camera, which never closes in between: the
meeting sees the away card and then the portrait. The door is a local socket (a named pipe on Windows) that lets
nobody in but while the keeper is orphaned, and whoever knocks must know the key in the note, which only the same
person can read.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import psutil

from app.output.camera_messages import KeeperOptions
from app.slots import Closed, LatestSlot
from app.support.folders import make_private, open_private
from app.worker import Worker

HELLO_S = 2.0
"""How long a visitor may take to say what it wants."""

LARGEST_BYTES = 8192
"""Of a note and of a visitor's words."""

LET_GO_S = 2.0
SAME_START_S = 2.0
"""A process that began within so long of what a note says is the one of the note; ids are used again."""


@dataclass(frozen=True)
class Visit:
    """What the next program wants: the camera with frames from memory `ring`, or only that it is let go (None)."""

    pipe: Connection
    ring: str | None


@dataclass(frozen=True)
class KeeperNote:
    """An orphaned keeper. camera: what it holds, as `camera_key` describes it."""

    pid: int
    began_s: float
    address: str
    key: str
    camera: str
    path: Path

    def knock(self, ring: str | None) -> Connection:
        """Say what is wanted; the pipe to the keeper.

        Raises:
            OSError: nobody is there.
        """
        pipe = Client(self.address)
        pipe.send_bytes(json.dumps({"key": self.key, "ring": ring}).encode())
        return pipe

    def let_go(self) -> None:
        """Have the keeper close its camera, by force if it does not in time."""
        process = AdoptedProcess(self.pid)
        try:
            self.knock(None).close()
        except (OSError, EOFError):
            process.kill()
        process.join(LET_GO_S)
        if process.is_alive():
            process.kill()
            process.join(LET_GO_S)
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


class AdoptedProcess:
    """A keeper that this program did not start, with as much of `multiprocessing.Process` as a child of one's own."""

    def __init__(self, pid: int) -> None:
        self.pid: int = pid
        self.exitcode: int | None = None  # only a parent learns it
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.Error:
            self._process = None

    def is_alive(self) -> bool:
        """Whether it runs; what nobody has buried does not."""
        try:
            return self._process is not None and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, `timeout` seconds at most."""
        with suppress(psutil.Error):
            if self._process is not None:
                self._process.wait(timeout)

    def kill(self) -> None:
        """End it by force."""
        with suppress(psutil.Error):
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Nothing is held."""


def camera_key(options: KeeperOptions) -> str:
    """Which camera a keeper holds, and how; another key is another camera."""
    wanted = (options.device, options.size, options.fps, options.backend, options.backend_loader)
    return json.dumps(wanted)


def orphaned_keepers(folder: Path | None) -> list[KeeperNote]:
    """The keepers that wait for a program; notes of those that are gone are removed."""
    if folder is None or not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.glob("camera-*.json")):
        note = _read(path)
        if note is not None and _lives(note):
            found.append(note)
        else:
            with suppress(OSError):
                path.unlink()
    return found


class Door:
    """The keeper's end: leaves the note, and hears whoever knocks, on a thread of its own.

    There is one for the keeper's life. A thread that waits for a visitor cannot be woken by closing the socket; one
    that was left behind would, once its call is begun anew (a machine that slept), listen to its successor's visitors.
    """

    name = "keeper door"

    def __init__(self, options: KeeperOptions, folder: Path) -> None:
        self._camera, self._folder = camera_key(options), folder
        self._key = ""  # nobody is let in
        self._path = folder / f"camera-{os.getpid()}.json"
        self._listener: Listener | None = None
        self._visits: LatestSlot[Visit] = LatestSlot(self.name)

    @classmethod
    def opened(cls, options: KeeperOptions, folder: Path) -> Door | None:
        """A door, nobody invited yet; None where there is no socket."""
        door = cls(options, folder)
        try:
            door._listener = Listener()
        except OSError:
            return None
        Worker(door, lambda name, error: door.close()).start()
        return door

    def invite(self) -> None:
        """Leave a note, with a key of its own, for the next program; where none can be left, nobody comes."""
        assert self._listener is not None  # it was opened
        self._key = secrets.token_hex(32)
        try:
            self._leave_note(str(self._listener.address))
        except OSError:
            self.shut()

    def shut(self) -> None:
        """Take the note away; who still comes is not let in."""
        self._key = ""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def visit(self) -> Visit | None:
        """Who has knocked since, with the right key."""
        return self._visits.take()

    def close(self) -> None:
        """Take note and door away. Idempotent."""
        self.unblock()
        self.shut()

    def open(self) -> None:
        """The door is open already."""

    def step(self) -> None:
        """Hear one visitor."""
        assert self._listener is not None  # the thread starts with an open door
        try:
            pipe = self._listener.accept()
        except OSError:
            raise Closed(self.name) from None
        visit = self._heard(pipe)
        if visit is None:
            pipe.close()
        else:
            self._visits.put(visit)

    def release(self) -> None:
        """`close` gives everything back."""

    def unblock(self) -> None:
        """No more visitors; a thread that waits for one ends with the process."""
        self._visits.close()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.close()

    def _heard(self, pipe: Connection) -> Visit | None:
        try:
            if not pipe.poll(HELLO_S):
                return None
            said = json.loads(pipe.recv_bytes(LARGEST_BYTES))
            key = self._key
            knows = key != "" and hmac.compare_digest(str(said["key"]).encode(), key.encode())
            ring = said["ring"]
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None
        return Visit(pipe, None if ring is None else str(ring)) if knows else None

    def _leave_note(self, address: str) -> None:
        make_private(self._folder)
        note = {
            "pid": os.getpid(),
            "began": psutil.Process().create_time(),
            "address": address,
            "key": self._key,
            "camera": self._camera,
        }
        written = self._path.with_suffix(".new")  # whoever reads half a note would take it for that of a dead keeper
        with open(written, "w", encoding="utf-8", opener=open_private) as file:
            json.dump(note, file)
        written.replace(self._path)


def _read(path: Path) -> KeeperNote | None:
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(LARGEST_BYTES))
        told = (str(raw["address"]), str(raw["key"]), str(raw["camera"]))
        return KeeperNote(int(raw["pid"]), float(raw["began"]), *told, path)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _lives(note: KeeperNote) -> bool:
    try:
        process = psutil.Process(note.pid)
        same = abs(process.create_time() - note.began_s) < SAME_START_S
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
