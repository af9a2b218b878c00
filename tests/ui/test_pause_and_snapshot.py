"""Pausing a recording and saving snapshots from the window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.control import Problem
from tests.ui.conftest import Rig

FULL = Problem("snapshot", "s.png cannot be written.", "The disk is full.", "Free some space.")


def recording(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()
    rig.engine.now = replace(rig.engine.now, recording=Path("x.mp4"))
    rig.presenter.tick()


def paused(rig: Rig, on: bool) -> None:
    rig.engine.now = replace(rig.engine.now, recording_paused=on)
    rig.presenter.tick()


def test_without_a_recording_there_is_nothing_to_pause(rig: Rig) -> None:
    rig.presenter.outputs.pause_toggled()
    rig.presenter.outputs.record_toggled()
    rig.presenter.outputs.pause_toggled()
    assert not [call for call in rig.engine.calls if call[0] == "pause_recording"], "it does not run yet"


def test_a_recording_is_paused_and_goes_on(rig: Rig) -> None:
    recording(rig)
    rig.presenter.outputs.pause_toggled()
    assert rig.engine.calls[-1] == ("pause_recording", True)
    paused(rig, True)
    rig.view.show_paused.assert_called_with(True)
    rig.presenter.outputs.pause_toggled()
    assert rig.engine.calls[-1] == ("pause_recording", False)
    paused(rig, False)
    rig.view.show_paused.assert_called_with(False)


def test_the_length_does_not_count_pauses(rig: Rig) -> None:
    recording(rig)
    rig.clock.pass_s(10)
    paused(rig, True)
    rig.view.show_recording.assert_called_with("0:10")
    rig.clock.pass_s(100)
    rig.presenter.tick()
    rig.view.show_recording.assert_called_with("0:10")
    paused(rig, False)
    rig.clock.pass_s(5)
    rig.presenter.tick()
    rig.view.show_recording.assert_called_with("0:15")


def test_a_recording_stopped_in_a_pause_is_as_long_as_it_was(rig: Rig) -> None:
    recording(rig)
    rig.clock.pass_s(65)
    paused(rig, True)
    rig.clock.pass_s(100)
    rig.engine.now = replace(rig.engine.now, recording=None, recording_paused=False)
    rig.presenter.tick()
    assert rig.notice is not None
    assert rig.notice.why.startswith("It is 1:05 long: ")
    rig.view.show_paused.assert_called_with(False)


def test_a_snapshot_gets_a_free_name_and_its_place_is_said_once(rig: Rig) -> None:
    taken = rig.videos / "understudy-2026-03-04-050607.png"
    taken.touch()
    rig.presenter.outputs.snapshot_wanted()
    path = rig.videos / "understudy-2026-03-04-050607-2.png"
    assert rig.engine.calls[-1] == ("save_snapshot", path)
    rig.engine.now = replace(rig.engine.now, snapshot=path)
    rig.presenter.tick()
    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.why, rig.notice.folder) == ("The snapshot was saved.", str(path), rig.videos)
    rig.presenter.notice_dismissed()
    rig.presenter.tick()
    assert rig.notice is None


def test_a_snapshot_that_could_not_be_saved_is_said(rig: Rig) -> None:
    rig.presenter.outputs.snapshot_wanted()
    rig.engine.now = replace(rig.engine.now, problems=(FULL,))
    rig.presenter.tick()
    assert rig.notice is not None
    assert rig.notice.why == "The disk is full."
