"""A run that does not end as it should is told at the next start, with a report that says nothing about the person."""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.errors import UsageProblem
from app.support import crash_report, run_mark
from app.support.run_mark import Crash, fault_path, marked_run, take_crash

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_STATE", str(tmp_path))
    return tmp_path


def marks(state: Path) -> list[str]:
    return [path.name for path in state.glob("run-*.json")]


def leave_mark(state: Path, pid: int, began: float, **more: object) -> None:
    mark = {"pid": pid, "began": began, "version": "0.1.0", "report": None, **more}
    (state / f"run-{pid}.json").write_text(json.dumps(mark))


def a_dead_process() -> tuple[int, float]:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        began = psutil.Process(process.pid).create_time()
    return process.pid, began


def test_a_run_leaves_a_mark_while_it_lasts(state: Path) -> None:
    with marked_run() as crash:
        assert crash is None
        assert marks(state) == [f"run-{os.getpid()}.json"]
    assert marks(state) == []


@pytest.mark.parametrize("end", [UsageProblem("It is wrong.", why="It is.", fix="Mend it."), KeyboardInterrupt()])
def test_an_end_that_a_person_understands_is_no_crash(end: BaseException, state: Path) -> None:
    with pytest.raises(type(end)), marked_run():
        raise end

    assert marks(state) == []
    assert take_crash() is None


def test_memory_that_ran_out_is_no_crash(state: Path) -> None:
    with pytest.raises(MemoryError), marked_run():
        raise MemoryError

    assert marks(state) == []


def test_a_bug_is_told_at_the_next_start_with_its_report(state: Path) -> None:
    private = Path.home() / "Secret plans" / "me.png"
    with pytest.raises(LookupError), marked_run():
        raise LookupError(f"no {private}")

    with marked_run() as crash:
        assert crash is not None
        assert crash.report is not None
        text = crash.report.read_text()
    assert "LookupError: no ~/….png" in text
    assert "Secret plans" not in text
    assert take_crash() is None, "it is told once"


def test_a_killed_run_is_told_at_the_next_start(state: Path) -> None:
    leave_mark(state, *a_dead_process())

    crash = take_crash()

    assert crash is not None
    assert crash.report is not None
    assert "ended from outside" in crash.report.read_text()
    assert marks(state) == []


def test_a_fault_of_native_code_is_in_the_report_and_its_file_is_gone(state: Path) -> None:
    pid, began = a_dead_process()
    leave_mark(state, pid, began)
    fault_path(pid).parent.mkdir()
    fault_path(pid).write_text(f'Fatal Python error: Segmentation fault\n  File "{Path.home()}/x/y.py", line 1\n')

    crash = take_crash()

    assert crash is not None
    assert crash.report is not None
    text = crash.report.read_text()
    assert "Segmentation fault" in text
    assert f"{Path.home()}/x" not in text
    assert not fault_path(pid).exists()


def test_a_run_that_lives_is_left_alone(state: Path) -> None:
    parent = psutil.Process().parent()
    assert parent is not None
    leave_mark(state, parent.pid, parent.create_time())

    assert take_crash() is None
    assert marks(state) == [f"run-{parent.pid}.json"]


def test_another_process_of_the_same_id_is_not_the_run(state: Path) -> None:
    parent = psutil.Process().parent()
    assert parent is not None
    leave_mark(state, parent.pid, parent.create_time() + 100)

    assert isinstance(take_crash(), Crash)


def test_what_ended_with_the_machine_is_no_crash(state: Path) -> None:
    pid, _ = a_dead_process()
    leave_mark(state, pid, psutil.boot_time() - 1000)

    assert take_crash() is None
    assert marks(state) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": "x"}', "[" * 100_000, '{"pid": 1, "began": "", "version": 1}']
)
def test_a_mark_of_nonsense_stops_nothing(text: str, state: Path) -> None:
    (state / "run-1.json").write_text(text)

    assert take_crash() is None


def test_a_report_named_by_a_mark_is_looked_for_in_the_log_folder_only(state: Path) -> None:
    leave_mark(state, *a_dead_process(), report="../../etc/passwd")

    crash = take_crash()

    assert crash == Crash(state / "log" / "passwd")


def test_no_state_of_the_disk_stops_a_run(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (state / "file").write_text("")
    monkeypatch.setenv("UNDERSTUDY_STATE", str(state / "file" / "below"))

    with marked_run() as crash:
        assert crash is None
    with pytest.raises(LookupError), marked_run():
        raise LookupError("a bug")


def test_faults_are_written_down_while_the_run_lasts(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faulthandler, "is_enabled", lambda: False)
    monkeypatch.setattr(faulthandler, "enable", lambda file: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)

    with marked_run():
        assert fault_path(os.getpid()).exists()
    assert not fault_path(os.getpid()).exists()


def test_only_the_newest_reports_are_kept(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(crash_report.KEPT + 3):
        monkeypatch.setattr(crash_report.time, "strftime", lambda *_, number=number: f"crash-20260101-00000{number}")
        crash_report.write_crash_report(f"crash {number}")

    assert len(crash_report.crash_reports()) == crash_report.KEPT
    assert f"crash {crash_report.KEPT + 2}" in crash_report.newest_report()


def test_two_crashes_are_told_as_the_newest(state: Path) -> None:
    for report, age_s in (("crash-old.txt", 50.0), ("crash-new.txt", 5.0)):
        pid, began = a_dead_process()
        leave_mark(state, pid, max(began - age_s, psutil.boot_time()), report=report)

    assert run_mark.take_crash() == Crash(state / "log" / "crash-new.txt")
    assert marks(state) == []
