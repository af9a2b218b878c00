from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.capture import devices
from app.capture.devices import ListedCamera, find_camera, list_cameras, system_list, ways_to_open
from app.capture.problems import CameraGone, NoCameraFound, NoSuchCamera, OwnVirtualCamera

MSMF, DSHOW = 1400, 700
BUILT_IN = ListedCamera(0, "Integrated Webcam", r"\\?\usb#vid_0c45#6&1&0&0000#{e5323777}\global", MSMF)
USB = ListedCamera(1, "HD Pro Webcam C920", r"\\?\usb#vid_046d#7&2&0&0000#{e5323777}\global", MSMF)
USB_DSHOW = ListedCamera(0, "HD Pro Webcam C920", r"\\?\usb#vid_046d#7&2&0&0000#{65e8773d}\global", DSHOW)
OBS = ListedCamera(2, "OBS Virtual Camera", "", DSHOW)
ALL = (BUILT_IN, USB, USB_DSHOW, OBS)


def everything() -> Sequence[ListedCamera]:
    return ALL


def nothing() -> Sequence[ListedCamera]:
    return ()


def test_each_camera_is_listed_once_although_two_backends_see_it() -> None:
    assert [camera.name for camera in list_cameras(everything)] == ["Integrated Webcam", "HD Pro Webcam C920"]


@pytest.mark.parametrize(
    "name",
    ["OBS Virtual Camera", "OBS-Camera2", "Unity Video Capture #1", "Understudy", "Dummy video device (0x0000)"],
)
def test_virtual_cameras_that_this_program_writes_to_are_not_listed(name: str) -> None:
    assert list_cameras(lambda: [ListedCamera(0, name, "/dev/video9", 200)]) == []


def test_a_phone_used_as_a_webcam_is_listed() -> None:
    assert [c.name for c in list_cameras(lambda: [ListedCamera(0, "DroidCam", "/dev/video9", 200)])] == ["DroidCam"]


@pytest.mark.parametrize("text", [USB.path, USB.path.upper(), "HD Pro Webcam C920", "hd pro webcam c920", "c920", "1"])
def test_a_camera_is_found_by_id_by_name_by_a_part_of_it_and_by_its_place(text: str) -> None:
    found = find_camera(text, everything)

    assert (found.name, found.index, found.backend) == ("HD Pro Webcam C920", 1, MSMF)
    assert found.camera_id == USB.path


def test_a_part_of_a_name_that_fits_two_cameras_finds_none() -> None:
    with pytest.raises(NoSuchCamera):
        find_camera("webcam", everything)


def test_without_any_camera_the_sentence_says_so() -> None:
    with pytest.raises(NoCameraFound) as raised:
        find_camera("0", nothing)

    assert raised.value.exit_code == 3
    assert str(raised.value) == (
        "No camera was found. The system lists no camera that this program could read. "
        "Plug a camera in, or use a video file: --camera FILE."
    )


@pytest.mark.parametrize("text", ["7", "Kinect", "99999999999999999999", "²", ""])
def test_a_camera_that_is_not_there_is_named_with_those_that_are(text: str) -> None:
    with pytest.raises(NoSuchCamera) as raised:
        find_camera(text, everything)

    assert raised.value.exit_code == 3
    assert str(raised.value) == (
        f"There is no camera {text!r}. "
        "The cameras found are: 0 (Integrated Webcam), 1 (HD Pro Webcam C920). "
        "Choose one of them by its number, its name or its id."
    )


def test_a_virtual_camera_of_our_own_is_refused_by_name() -> None:
    with pytest.raises(OwnVirtualCamera) as raised:
        find_camera("obs virtual camera", everything)

    assert str(raised.value) == (
        "OBS Virtual Camera cannot be used as the camera. "
        "It is a virtual camera, which shows pictures of programs like this one and none of you. "
        "Choose a real camera."
    )


def test_a_camera_can_be_opened_through_every_backend_that_sees_it() -> None:
    ways = ways_to_open(find_camera("c920", everything), everything)

    assert [(way.backend, way.index) for way in ways] == [(MSMF, 1), (DSHOW, 0)]


def test_a_camera_that_moved_to_another_index_is_found_again_by_its_id() -> None:
    camera = find_camera("c920", everything)
    moved = ListedCamera(5, USB.name, USB.path, MSMF)

    assert [way.index for way in ways_to_open(camera, lambda: [moved])] == [5]


def test_a_camera_that_is_no_longer_listed_is_not_connected() -> None:
    with pytest.raises(CameraGone) as raised:
        ways_to_open(find_camera("c920", everything), lambda: [BUILT_IN])

    assert str(raised.value) == (
        "The camera HD Pro Webcam C920 is not connected. The system does not list it any more. "
        "Plug it in again; it is picked up by itself."
    )


def test_on_linux_the_id_is_the_link_that_survives_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-046d_C920_12AB-video-index0").symlink_to("/dev/video3")
    monkeypatch.setattr(devices, "STABLE_LINKS", (by_id,))
    rows = [ListedCamera(3, "C920", "/dev/video3", 200), ListedCamera(4, "Other", "/dev/video4", 200)]

    ids = [camera.camera_id for camera in list_cameras(lambda: rows)]

    assert ids == [str(by_id / "usb-046d_C920_12AB-video-index0"), "/dev/video4"]


def test_the_list_of_this_machine_can_be_read() -> None:
    for row in system_list():
        assert row.name
        assert row.index >= 0
