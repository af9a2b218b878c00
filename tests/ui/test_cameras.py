from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.control import EngineConfig
from app.remembered import Remembered
from tests.helpers.window import CAMERAS
from tests.ui.conftest import Rig
from ui.shown import CameraEntry


def labels(rig: Rig) -> list[str]:
    entries: Sequence[CameraEntry] = rig.view.show_cameras.call_args.args[0]
    return [entry.label for entry in entries]


def selected(rig: Rig) -> str:
    return labels(rig)[rig.view.show_cameras.call_args.args[1]]


def test_the_list_says_that_it_is_searching_and_then_what_was_found(rig: Rig) -> None:
    assert labels(rig) == ["Looking for cameras…", "Video file…"]
    assert rig.view.show_cameras.call_args.kwargs["searching"]

    rig.cameras.done(CAMERAS)

    assert labels(rig) == ["No camera", "HD Webcam", "Document Camera", "Video file…"]
    assert not rig.view.show_cameras.call_args.kwargs["searching"]


def test_no_camera_is_switched_on_without_being_asked_for(rig: Rig) -> None:
    rig.cameras.done(CAMERAS)

    assert selected(rig) == "No camera"
    assert not any(call[0] == "set_camera" for call in rig.engine.calls)


def test_choosing_a_camera_switches_to_it_and_remembers_it_with_its_name(rig: Rig) -> None:
    rig.cameras.done(CAMERAS)

    rig.presenter.cameras.camera_chosen(2)

    assert rig.engine.calls[-1] == ("set_camera", "usb-2")
    assert (rig.memory.values.camera, rig.memory.values.camera_name) == ("usb-2", "Document Camera")
    assert selected(rig) == "Document Camera"


def test_choosing_no_camera_lets_go_of_it(rig: Rig) -> None:
    rig.cameras.done(CAMERAS)
    rig.presenter.cameras.camera_chosen(1)

    rig.presenter.cameras.camera_chosen(0)

    assert rig.engine.calls[-1] == ("set_camera", None)
    assert rig.memory.values.camera is None


def test_choosing_the_same_camera_again_does_not_restart_it(rig: Rig) -> None:
    rig.cameras.done(CAMERAS)
    rig.presenter.cameras.camera_chosen(1)
    calls = len(rig.engine.calls)

    rig.presenter.cameras.camera_chosen(1)

    assert len(rig.engine.calls) == calls


def test_the_last_entry_asks_for_a_video_and_leaving_the_dialog_sets_the_list_back(rig: Rig) -> None:
    rig.cameras.done(CAMERAS)
    rig.presenter.cameras.camera_chosen(3)
    rig.view.ask_video.assert_called_once_with()

    rig.view.show_cameras.reset_mock()
    rig.presenter.cameras.video_refused()

    assert selected(rig) == "No camera"


def test_a_video_becomes_an_entry_of_its_own(rig: Rig, tmp_path: Path) -> None:
    clip = tmp_path / "talk.mp4"
    clip.touch()
    rig.cameras.done(CAMERAS)

    rig.presenter.cameras.video_chosen(clip)

    assert rig.engine.calls[-1] == ("set_camera", str(clip))
    assert selected(rig) == "talk.mp4"


def test_a_remembered_camera_that_is_unplugged_keeps_its_name(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(camera="usb-9"))
    rig.memory.update(Remembered(camera="usb-9", camera_name="Travel Cam"))
    rig.presenter.start()
    assert selected(rig) == "Travel Cam"

    rig.cameras.done(CAMERAS)

    assert selected(rig) == "Travel Cam (not connected)"


def test_a_camera_given_by_number_is_shown_by_its_name(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(camera="1"))
    rig.presenter.start()

    rig.cameras.done(CAMERAS)

    assert selected(rig) == "Document Camera"


def test_the_test_picture_is_called_so(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(EngineConfig(camera="synthetic"))
    rig.presenter.start()

    rig.cameras.done(())

    assert selected(rig) == "Test picture"


def test_a_list_that_cannot_be_made_is_said_until_the_next_search_works(rig: Rig) -> None:
    rig.cameras.error(OSError("no bus"))
    assert rig.notice is not None
    assert rig.notice.what == "The cameras could not be listed."
    assert labels(rig) == ["No camera found", "Video file…"]

    rig.presenter.cameras.cameras_wanted()
    rig.cameras.done(CAMERAS)

    assert rig.notice is None
    assert rig.cameras.searches == 2
