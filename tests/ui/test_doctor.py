"""The doctor's page: what is asked, what is shown as it comes, what can be copied."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.doctor.findings import Check, Finding, Verdict
from app.support import crash_report
from app.support.folders import log_folder
from app.support.run_mark import Crash
from tests.ui.conftest import Rig
from ui import strings
from ui.doctor_service import Doctor
from ui.shown import DoctorState, NoticeKind
from ui.wording import crash_notice

GOOD = Finding("python", Verdict.OK, "Python 3.11.")


def shown(rig: Rig) -> DoctorState:
    state: DoctorState = rig.view.show_doctor.call_args.args[0]
    return state


def test_findings_are_shown_as_they_come_and_the_report_can_be_copied_at_the_end(rig: Rig) -> None:
    rig.presenter.doctor.doctor_wanted()
    assert shown(rig) == DoctorState((), running=True, can_copy=False)
    rig.doctor.found(GOOD)
    assert shown(rig) == DoctorState((GOOD,), running=True, can_copy=False)
    rig.presenter.doctor.report_wanted()
    rig.view.copy_text.assert_not_called()

    rig.doctor.done("the report")

    assert shown(rig) == DoctorState((GOOD,), running=False, can_copy=True)
    rig.presenter.doctor.report_wanted()
    rig.view.copy_text.assert_called_once_with("the report")


def test_asking_again_meanwhile_only_shows_the_page(rig: Rig) -> None:
    rig.presenter.doctor.doctor_wanted()
    rig.presenter.doctor.doctor_wanted()
    assert len(rig.doctor.asked) == 1
    rig.doctor.done("the report")
    rig.presenter.doctor.doctor_wanted()
    assert len(rig.doctor.asked) == 2
    assert shown(rig) == DoctorState((), running=True, can_copy=False)


def test_the_log_folder_can_be_opened_and_the_service_is_closed_at_the_end(rig: Rig) -> None:
    rig.presenter.doctor.log_folder_wanted()
    rig.view.open_folder.assert_called_once_with(log_folder())
    rig.presenter.close()
    assert rig.doctor.closed


def test_the_checks_run_on_a_thread_of_their_own_and_what_leaves_it_is_redacted() -> None:
    threads: list[str] = []
    private = Path.home() / "Secret plans" / "me.png"

    def look() -> Finding:
        threads.append(threading.current_thread().name)
        return Finding("settings", Verdict.LIMITED, f"{private} is gone.")

    found: list[Finding] = []
    reports: list[str] = []
    done = threading.Event()
    doctor = Doctor(lambda answer: answer(), (Check("settings", look), Check("virtual", look)))
    doctor.examine("Understudy Camera", found.append, lambda report: (reports.append(report), done.set()))
    assert done.wait(10.0)
    doctor.close(5.0)

    assert threads == ["doctor"], "the camera that shows the portrait is not opened a second time"
    assert [finding.sentence for finding in found] == [
        "~/….png is gone.",
        "Virtual camera: Understudy Camera, in use by this program.",
    ]
    assert "Secret plans" not in reports[0]
    assert "~/….png is gone." in reports[0]


def test_a_check_that_comes_after_the_end_of_the_window_is_not_begun() -> None:
    begun, go_on = threading.Event(), threading.Event()
    second: list[bool] = []

    def wait() -> Finding:
        begun.set()
        assert go_on.wait(10.0)
        return GOOD

    def never() -> Finding:
        second.append(True)
        return GOOD

    doctor = Doctor(lambda answer: None, (Check("python", wait), Check("device", never)))
    doctor.examine(None, lambda finding: None, lambda report: None)
    assert begun.wait(10.0)
    doctor.close(0.0)
    go_on.set()
    doctor.close(5.0)
    assert second == []


def test_a_crash_is_told_with_a_report_to_copy(tmp_path: Path) -> None:
    (tmp_path / "crash.txt").write_text("what is known")

    notice = crash_notice(Crash(tmp_path / "crash.txt"), away=True)

    assert (notice.kind, notice.what, notice.why) == (NoticeKind.PROBLEM, strings.CRASHED, strings.CRASHED_WHY)
    assert (notice.fix, notice.copy) == (strings.CRASHED_AWAY, "what is known")


@pytest.mark.parametrize("report", [None, Path("/nowhere/crash.txt")])
def test_a_crash_without_a_report_offers_none(report: Path | None) -> None:
    notice = crash_notice(Crash(report), away=False)

    assert (notice.why, notice.fix, notice.copy) == (strings.CRASHED_UNKNOWN, "", "")


def test_a_notice_is_copied_where_it_holds_something(rig: Rig, tmp_path: Path) -> None:
    report = crash_report.write_crash_report("it fell over")
    rig.presenter.notice_copy_wanted()
    rig.view.copy_text.assert_not_called()

    rig.presenter.say(crash_notice(Crash(report), away=False))
    rig.presenter.notice_copy_wanted()

    assert "it fell over" in rig.view.copy_text.call_args.args[0]
