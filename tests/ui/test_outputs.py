from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.control import EngineConfig, Problem
from app.output.destinations import StreamTarget
from app.remembered import Remembered
from app.settings_file import SettingsFile
from tests.helpers.window import rendered
from tests.ui.conftest import Rig
from ui.shown import LiveLine, VirtualCameraLine

NO_DEVICE = Problem("virtual camera", "There is no virtual camera.", "A module is missing.", "Install it.")
DISK_FULL = Problem("recorder", "The recording stopped.", "The disk is full.", "Free some space.")


def virtual_camera(rig: Rig) -> VirtualCameraLine:
    line: VirtualCameraLine = rig.view.show_virtual_camera.call_args.args[0]
    return line


def test_the_virtual_camera_says_off_starting_and_its_name(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(False)
    assert rig.engine.calls[-1] == ("set_virtual_camera", "none")
    assert virtual_camera(rig) == VirtualCameraLine(False, "Off")

    rig.presenter.outputs.virtual_camera_wanted(True)
    assert rig.engine.calls[-1] == ("set_virtual_camera", "auto")
    assert virtual_camera(rig) == VirtualCameraLine(True, "Starting…")

    rig.engine.now = replace(rig.engine.now, virtual_camera="Loopback")
    rig.presenter.tick()
    assert virtual_camera(rig) == VirtualCameraLine(True, "On: choose “Loopback” in your meeting.")


def test_the_switch_is_remembered(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(False)

    assert rig.memory.values.virtual_camera == "none"


@pytest.mark.parametrize(
    ("at_start", "remembered", "after"),
    [("Loopback 2", "auto", "Loopback 2"), ("none", "Loopback 2", "Loopback 2"), ("none", "none", "auto")],
)
def test_a_camera_chosen_by_name_is_that_one_again_after_off_and_on(
    make_rig: Callable[..., Rig], tmp_path: Path, at_start: str, remembered: str, after: str
) -> None:
    SettingsFile(tmp_path / "settings.json").save(Remembered(virtual_camera=remembered))
    rig = make_rig(EngineConfig(virtual_camera=at_start))
    rig.presenter.start()

    rig.presenter.outputs.virtual_camera_wanted(False)
    rig.presenter.outputs.virtual_camera_wanted(True)

    assert rig.engine.calls[-2:] == [("set_virtual_camera", "none"), ("set_virtual_camera", after)]
    assert rig.memory.values.virtual_camera == after


def test_a_virtual_camera_nobody_asked_for_complains_only_in_its_panel(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(virtual_camera="auto"))
    rig.presenter.start()
    rig.engine.now = replace(rig.engine.now, problems=(NO_DEVICE,))

    rig.presenter.tick()

    assert virtual_camera(rig) == VirtualCameraLine(True, "Not available", trouble=True)
    assert rig.notice is None


def test_asking_why_explains_what_why_and_fix(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(virtual_camera="auto"))
    rig.presenter.start()
    rig.engine.now = replace(rig.engine.now, problems=(NO_DEVICE,))

    rig.presenter.outputs.virtual_camera_explained()

    assert rig.notice is not None
    assert (rig.notice.what, rig.notice.why, rig.notice.fix) == (NO_DEVICE.what, NO_DEVICE.why, NO_DEVICE.fix)


def test_a_virtual_camera_switched_on_by_hand_complains_aloud(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(True)
    rig.engine.now = replace(rig.engine.now, problems=(NO_DEVICE,))

    rig.presenter.tick()

    assert rig.notice is not None
    assert rig.notice.what == NO_DEVICE.what


def test_recording_goes_to_the_videos_folder_under_the_time(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()

    assert rig.engine.calls[-1] == ("start_recording", rig.videos / "understudy-2026-03-04-050607.mp4")
    rig.view.show_recording.assert_called_with("0:00")


def test_a_second_recording_within_the_same_second_gets_a_name_of_its_own(rig: Rig) -> None:
    (rig.videos / "understudy-2026-03-04-050607.mp4").touch()

    rig.presenter.outputs.record_toggled()

    assert rig.engine.calls[-1] == ("start_recording", rig.videos / "understudy-2026-03-04-050607-2.mp4")


def test_the_length_counts_while_recording_and_the_end_is_said_with_the_file(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()
    rig.engine.now = replace(rig.engine.now, recording=Path("x.mp4"))
    rig.presenter.tick()
    rig.clock.pass_s(75)
    rig.presenter.tick()
    rig.view.show_recording.assert_called_with("1:15")

    rig.presenter.outputs.record_toggled()
    assert rig.engine.calls[-1] == ("stop_recording",)
    rig.engine.now = replace(rig.engine.now, recording=None)
    rig.presenter.tick()

    rig.view.show_recording.assert_called_with(None)
    assert rig.notice is not None
    assert rig.notice.what == "The recording was saved."
    assert rig.notice.why == f"It is 1:15 long: {rig.videos / 'understudy-2026-03-04-050607.mp4'}"


def test_a_recording_that_failed_is_not_called_saved(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()
    rig.engine.now = replace(rig.engine.now, recording=Path("x.mp4"))
    rig.presenter.tick()

    rig.engine.now = replace(rig.engine.now, recording=None, problems=(DISK_FULL,))
    rig.presenter.tick()

    rig.view.show_recording.assert_called_with(None)
    assert rig.notice is not None
    assert rig.notice.what == "The recording stopped."


def test_a_recording_that_never_began_ends_with_its_reason(rig: Rig) -> None:
    rig.presenter.outputs.record_toggled()
    rig.engine.now = replace(rig.engine.now, problems=(DISK_FULL,))

    rig.presenter.tick()

    rig.view.show_recording.assert_called_with(None)


def test_an_old_failure_does_not_end_a_new_recording(rig: Rig) -> None:
    rig.engine.now = replace(rig.engine.now, problems=(DISK_FULL,))
    rig.presenter.outputs.record_toggled()

    rig.presenter.tick()

    rig.view.show_recording.assert_called_with("0:00")


def test_a_recording_begun_by_the_command_line_can_be_stopped(rig: Rig) -> None:
    rig.engine.now = replace(rig.engine.now, recording=Path("x.mp4"))
    rig.presenter.tick()

    rig.presenter.outputs.record_toggled()

    assert rig.engine.calls[-1] == ("stop_recording",)


def test_the_neutral_face_is_taken_when_asked(rig: Rig) -> None:
    rig.presenter.outputs.calibrate()

    assert rig.engine.calls[-1] == ("calibrate",)


def test_going_away_twice_stays_away_and_the_button_comes_back(rig: Rig) -> None:
    rig.presenter.outputs.away_wanted(True)
    rig.presenter.outputs.away_wanted(True)
    assert rig.engine.calls[-2:] == [("set_away", True), ("set_away", True)]

    rig.presenter.outputs.away_toggled()

    assert rig.engine.calls[-1] == ("set_away", False)
    rig.view.show_away.assert_called_with(False)


def live(rig: Rig) -> LiveLine:
    line: LiveLine = rig.view.show_live.call_args.args[0]
    return line


def test_going_live_opens_the_virtual_camera_where_nothing_else_sends(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(False)
    assert live(rig) == LiveLine(False, "Nobody sees the portrait yet.")

    rig.presenter.outputs.live_wanted(True)

    assert rig.engine.calls[-2:] == [("set_virtual_camera", "auto"), ("set_away", False)]
    assert live(rig).live


def test_going_live_leaves_the_virtual_camera_off_where_a_browser_source_sends(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(False)
    rig.presenter.outputs.browser_source_wanted(True)

    rig.presenter.outputs.live_wanted(True)

    assert ("set_virtual_camera", "auto") not in rig.engine.calls
    assert live(rig) == LiveLine(True, "Others see the portrait.")


def test_going_off_shows_the_away_card_and_keeps_the_virtual_camera(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(True)

    rig.presenter.outputs.live_toggled()
    assert rig.engine.calls[-1] == ("set_away", True)
    assert live(rig) == LiveLine(False, "Others see the away card.")
    assert ("set_virtual_camera", "none") not in rig.engine.calls

    rig.presenter.outputs.live_toggled()
    assert rig.engine.calls[-1] == ("set_away", False)
    assert live(rig).live


def test_a_stream_of_the_command_line_counts_as_live(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(stream=StreamTarget.parse("rtmp://localhost/live/key")))
    rig.presenter.start()

    assert live(rig) == LiveLine(True, "Others see the portrait.")


def test_the_badge_says_ready_while_nobody_can_see_the_portrait(rig: Rig) -> None:
    rig.presenter.outputs.virtual_camera_wanted(True)
    rig.engine.preview.put(rendered())
    rig.presenter.on_news()
    assert rig.view.show_status.call_args.args[0].word == "READY"  # it is being opened
    rig.engine.now = replace(rig.engine.now, virtual_camera="Loopback")
    rig.presenter.tick()
    assert rig.view.show_status.call_args.args[0].word == "LIVE"
    rig.engine.now = replace(rig.engine.now, problems=(Problem("virtual camera", "It is gone.", "", ""),))
    rig.presenter.tick()
    assert rig.view.show_status.call_args.args[0].word == "READY"
    rig.engine.now = replace(rig.engine.now, problems=())
    rig.presenter.tick()
    assert rig.view.show_status.call_args.args[0].word == "LIVE"

    rig.presenter.outputs.virtual_camera_wanted(False)

    assert rig.view.show_status.call_args.args[0].word == "READY"
