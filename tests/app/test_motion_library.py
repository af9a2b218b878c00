"""The clips a person can play: listed, kept, taken in from anywhere, handed out, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

import app.motion_library
from app.clock import NS_PER_MS
from app.errors import EnvironmentProblem, UsageProblem
from app.motion_library import SHIPPED, export_clip, import_clip, keep_recording, motion_clips, remove_clip
from app.tracking.motion_clip import load_motion
from app.tracking.motion_recorder import MotionRecorder
from tests.helpers.faces import seen_at


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees, or writes to, the clips of the person who runs it."""
    monkeypatch.setattr(app.motion_library, "motion_folder", lambda: tmp_path / "own")
    return tmp_path / "own"


def recorded(frames: int = 30) -> MotionRecorder:
    recorder = MotionRecorder()
    for k in range(frames):
        recorder.add(seen_at((640 + k, 360), 222), k * 40 * NS_PER_MS)
    return recorder


def test_own_clips_come_before_shipped_ones_and_broken_files_are_left_out(own_folder: Path) -> None:
    keep_recording(recorded(), "Nodding")
    (own_folder / "broken.motion").write_bytes(b"nothing")
    (own_folder / "notes.txt").write_text("not a clip")

    clips = motion_clips()

    assert [(clip.name, clip.own) for clip in clips] == [
        ("Nodding", True),
        ("Calm", False),
        ("Expressive", False),
        ("Talking", False),
    ]
    assert clips[0].seconds == pytest.approx(1.2, abs=0.01)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a/../b", "a .. b.motion"),
        ("...", "motion.motion"),
        ("x" * 99, "x" * 60 + ".motion"),
        ("Ü 1:2", "Ü 1 2.motion"),
    ],
)
def test_any_name_becomes_one_that_a_file_can_have(own_folder: Path, name: str, file: str) -> None:
    assert keep_recording(recorded(), name).path == own_folder / file


def test_a_second_recording_of_the_same_name_does_not_replace_the_first() -> None:
    first, second = keep_recording(recorded(), "Nod"), keep_recording(recorded(12), "Nod")

    assert (first.name, second.name) == ("Nod", "Nod 2")
    assert len(load_motion(first.path).landmarks) == 30


def test_a_clip_goes_out_and_comes_in_again_the_same(tmp_path: Path) -> None:
    kept = keep_recording(recorded(), "Nod")

    out = export_clip(kept.path, tmp_path / "usb")
    back = import_clip(out)

    assert out == tmp_path / "usb.motion"
    assert (back.name, back.own) == ("usb", True)
    assert (load_motion(back.path).landmarks - load_motion(kept.path).landmarks).max() < 0.003


def test_a_file_that_is_no_clip_is_not_taken_in(tmp_path: Path, own_folder: Path) -> None:
    (tmp_path / "x.motion").write_bytes(b"\0" * 100)

    with pytest.raises(UsageProblem) as caught:
        import_clip(tmp_path / "x.motion")

    assert caught.value.what == "The motion x.motion cannot be used."
    assert not own_folder.exists()


def test_shipped_clips_cannot_be_removed_and_own_ones_can() -> None:
    kept = keep_recording(recorded(), "Nod")
    remove_clip(kept.path)
    assert not kept.path.exists()

    with pytest.raises(UsageProblem) as caught:
        remove_clip(SHIPPED / "calm.motion")

    assert (caught.value.what, caught.value.why) == (
        "calm cannot be removed.",
        "It is not one of your own recordings.",
    )
    assert (SHIPPED / "calm.motion").is_file()


def test_a_folder_that_refuses_is_said(own_folder: Path) -> None:
    own_folder.write_text("a file where the folder should be")

    with pytest.raises(EnvironmentProblem) as caught:
        keep_recording(recorded(), "Nod")

    assert caught.value.what == "The motion could not be saved as Nod."
    assert caught.value.fix == "Free some space or check the folder's permissions, then try again."
