"""What is shipped is complete, is what the manifest says, and can be used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.avatars import Avatar, shipped_avatars
from app.capture.video_reader import open_video
from app.picture_file import read_picture
from app.tracking.face_mesh import FaceMeshTracker
from app.tracking.motion_clip import load_motion

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def test_every_weights_file_is_in_the_manifest_with_its_checksum_and_nothing_else_is() -> None:
    listed = {row["file"]: row for row in json.loads((ASSETS / "weights" / "manifest.json").read_text())["files"]}
    there = {path.name: path for path in (ASSETS / "weights").glob("*.safetensors")}

    assert set(listed) == set(there)
    for name, path in there.items():
        data = path.read_bytes()
        assert (listed[name]["sha256"], listed[name]["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
        assert all(listed[name][key] for key in ("preset", "licence", "origin", "training_data"))


def test_there_are_three_avatars_with_a_front_view_and_three_references_each() -> None:
    avatars = shipped_avatars()

    assert len(avatars) >= 3
    for avatar in avatars:
        assert {"left", "right", "mouth_open"} <= {path.stem for path in avatar.references}
        with Image.open(avatar.portrait) as picture:
            assert min(picture.size) >= 768
        assert avatar.licence
        assert avatar.thumbnail is not None


@pytest.fixture(scope="module")
def tracker() -> Iterator[FaceMeshTracker]:
    made = FaceMeshTracker(static=True)
    yield made
    made.close()


@pytest.mark.parametrize("avatar", shipped_avatars(), ids=lambda avatar: avatar.key)
def test_the_face_of_every_picture_of_an_avatar_is_found(avatar: Avatar, tracker: FaceMeshTracker) -> None:
    pictures = (avatar.portrait, *avatar.references)
    found = {path.name: len(tracker.track(read_picture(path).rgb, 0)) for path in pictures}

    assert set(found.values()) == {1}, found


def test_the_face_of_the_demos_driver_is_found_throughout(tracker: FaceMeshTracker) -> None:
    video = open_video(ASSETS / "demo" / "driver.mp4")
    try:
        frames = list(video.frames())
    finally:
        video.close()

    assert len(frames) >= 100
    assert all(tracker.track(frame, 0) for frame in frames[::8])


@pytest.mark.parametrize("name", ["talking", "expressive", "calm"])
def test_motion_clips_hold_some_seconds_of_landmarks_and_say_where_they_come_from(name: str) -> None:
    clip = load_motion(ASSETS / "motion" / f"{name}.motion")

    assert clip.duration_ms > 5000
    assert clip.loops
    assert clip.licence
    assert clip.origin
