"""A program that died is started again and goes on with the same camera, which never closes in between."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path

import psutil
import pytest

from app.doctor.outputs import check_virtual_camera
from app.output.camera_messages import KeeperOptions
from app.output.keeper_handover import orphaned_keepers
from app.output.virtual_camera import VirtualCamera
from tests.helpers.fake_camera import LOADER, frames_of
from tests.helpers.frames import plain, rendered
from tests.helpers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
SIZE = (64, 96)
RED, BLUE = (200, 0, 0), (0, 0, 200)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")


class Orphan:
    """A keeper whose program was killed."""

    def __init__(self, folder: Path) -> None:
        self.log, self.notes = folder / "camera.log", folder / "notes"
        self.options = KeeperOptions(SIZE, backend_loader=LOADER + "register", notes=self.notes)
        arguments = [sys.executable, "-m", "tests.helpers.camera_parent", str(self.log), "60", str(self.notes)]
        with subprocess.Popen(
            arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            self.pid = int(program.stdout.readline())
            wait_for(lambda: self.shows(2), "live frames")
            program.send_signal(signal.SIGKILL)
            _, self.said = program.communicate(timeout=20)  # ends although the keeper has inherited the pipes
        wait_for(lambda: self.shows(0) and bool(orphaned_keepers(self.notes)), "the away card and the note")

    def shows(self, channel: int) -> bool:
        frames = frames_of(self.log)
        return bool(frames) and bool(frames[-1].quarters[0, channel] > 150)

    @property
    def openings(self) -> int:
        """How often the camera was opened."""
        return self.log.read_bytes().count(b'{"pid"')


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[Orphan]:
    made = Orphan(tmp_path)
    yield made
    for note in orphaned_keepers(made.notes):
        note.let_go()
    wait_for(lambda: not psutil.pid_exists(made.pid), "the end of the keeper")


def test_the_next_program_takes_the_camera_over_without_its_closing(orphan: Orphan) -> None:
    assert orphan.said == "", "no complaint about leaked memory"
    assert stat.S_IMODE(next(orphan.notes.glob("camera-*.json")).stat().st_mode) == 0o600
    before = len(frames_of(orphan.log))
    camera = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)

    camera.open()

    assert camera.keeper_pid == orphan.pid
    camera.send(rendered(plain(BLUE, SIZE), 1))
    wait_for(lambda: orphan.shows(2), "frames of the new program")
    assert orphan.openings == 1
    between = frames_of(orphan.log)[before:]
    assert all(frame.quarters[0].max() > 150 for frame in between), "card or frame, nothing else"
    assert not list(orphan.notes.glob("camera-*.json")), "the door is shut"
    camera.close()
    wait_for(lambda: not psutil.pid_exists(orphan.pid), "the end of the keeper")
    assert not [path for path in Path("/dev/shm").glob("psm_*") if _is_mapped_by_us(path)]


def test_a_camera_that_is_abandoned_waits_for_the_next_program_too(orphan: Orphan) -> None:
    first = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)
    first.open()
    first.send(rendered(plain(BLUE, SIZE), 1))
    wait_for(lambda: orphan.shows(2), "frames of the second program")

    first.abandon()

    wait_for(lambda: orphan.shows(0) and bool(orphaned_keepers(orphan.notes)), "the away card again")
    second = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)
    second.open()
    assert (second.keeper_pid, orphan.openings) == (orphan.pid, 1)
    second.close()


def test_a_keeper_that_was_frozen_while_it_was_orphaned_once_more_is_taken_over_too(orphan: Orphan) -> None:
    for _ in range(4):
        before = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)
        before.open()
        before.abandon()
        wait_for(lambda: bool(orphaned_keepers(orphan.notes)), "the note")

    os.kill(orphan.pid, signal.SIGSTOP)  # every call of the system that waits is begun anew after it
    wait_for(lambda: psutil.Process(orphan.pid).status() == psutil.STATUS_STOPPED, "a frozen keeper")
    os.kill(orphan.pid, signal.SIGCONT)

    after = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)
    after.open()
    assert (after.keeper_pid, orphan.openings) == (orphan.pid, 1)
    after.close()


def test_a_program_that_wants_another_camera_has_the_old_one_closed(orphan: Orphan) -> None:
    other = KeeperOptions((96, 128), backend_loader=LOADER + "register", notes=orphan.notes)
    camera = VirtualCamera(plain(RED, SIZE), str(orphan.log.with_name("other.log")), other)

    camera.open()

    assert camera.keeper_pid != orphan.pid
    wait_for(lambda: not psutil.pid_exists(orphan.pid), "the end of the old keeper")
    assert Path(f"{orphan.log}.closed").exists(), "closed in order"
    camera.close()


def test_who_does_not_know_the_key_gets_nothing(orphan: Orphan) -> None:
    note = json.loads(next(orphan.notes.glob("camera-*.json")).read_text())
    for words in (json.dumps({"key": "0" * 64, "ring": None}).encode(), b"nonsense", b"[]", b'{"key": 5}'):
        with Client(note["address"]) as stranger:
            stranger.send_bytes(words)
            with pytest.raises((EOFError, OSError)):
                stranger.recv_bytes()
    assert orphaned_keepers(orphan.notes)
    assert orphan.shows(0)


def test_a_keeper_that_does_not_answer_is_ended_and_replaced(orphan: Orphan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.output.camera_keeper.TAKE_OVER_TIMEOUT_S", 0.1)
    monkeypatch.setattr("app.output.keeper_handover.LET_GO_S", 0.2)
    os.kill(orphan.pid, signal.SIGSTOP)
    camera = VirtualCamera(plain(RED, SIZE), str(orphan.log), orphan.options)

    camera.open()

    assert camera.keeper_pid != orphan.pid
    camera.close()


def test_the_doctor_knows_whose_the_camera_is(orphan: Orphan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_STATE", str(orphan.notes))

    found = check_virtual_camera(str(orphan.log), orphan.options)

    assert found.sentence == "The virtual camera shows the away card of a run that crashed."
    assert orphan.shows(0)
    assert orphan.openings == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": 1}', json.dumps({"pid": 1, "began": 0, "address": "x", "key": "y", "camera": "z"})]
)
def test_a_note_of_nonsense_or_of_somebody_else_is_removed(text: str, tmp_path: Path) -> None:
    (tmp_path / "camera-1.json").write_text(text)

    assert orphaned_keepers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def _is_mapped_by_us(path: Path) -> bool:
    return str(path) in Path("/proc/self/maps").read_text()
