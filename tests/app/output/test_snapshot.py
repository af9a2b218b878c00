"""Snapshots: what the others see, as a PNG that is whole or not there, and a sentence where it cannot be."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.capture.base import CapturedFrame
from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.output import snapshot
from app.output.snapshot import MAX_WAITING, Snapshots, save_snapshot
from app.packets import Cutout
from tests.helpers.frames import plain, quarters, rendered

SIZE = (48, 64)
COLOURS = [(220, 40, 30), (40, 200, 60), (30, 40, 210), (200, 170, 140)]


class Desk:
    def __init__(self) -> None:
        self.saved: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self.failed: queue.SimpleQueue[AppError] = queue.SimpleQueue()
        self.snapshots = Snapshots(self.saved.put, self.failed.put)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.snapshots.close()


def test_the_file_shows_exactly_the_frame(tmp_path: Path) -> None:
    image = quarters(COLOURS, SIZE)
    save_snapshot(rendered(image), tmp_path / "s.png")
    assert (np.asarray(Image.open(tmp_path / "s.png")) == image).all()
    assert [path.name for path in tmp_path.iterdir()] == ["s.png"]


@pytest.mark.parametrize("wrong", [plain((1, 2, 3), SIZE), CapturedFrame(1, plain((1, 2, 3), SIZE), 0, "camera")])
def test_nothing_but_a_rendered_frame_is_saved(tmp_path: Path, desk: Desk, wrong: object) -> None:
    for save in (save_snapshot, desk.snapshots.take):
        with pytest.raises(TypeError, match="a sink accepts only RenderedFrame"):
            save(wrong, tmp_path / "s.png")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_transparent_background_is_transparent_in_the_file_and_leaves_no_fringe(tmp_path: Path) -> None:
    person, behind = np.array((200, 150, 120)), np.array((0, 177, 64))
    alpha = np.linspace(0, 255, SIZE[1]).round().astype(np.uint8)[None].repeat(SIZE[0], 0)
    share = alpha[..., None] / 255.0
    image = (share * person + (1 - share) * behind).round().astype(np.uint8)
    save_snapshot(replace(rendered(image), cutout=Cutout(alpha, (0, 177, 64))), tmp_path / "s.png")
    saved = np.asarray(Image.open(tmp_path / "s.png"))
    assert (saved[..., 3] == alpha).all()
    clear = saved[..., 3] > 40
    assert np.abs(saved[..., :3][clear].astype(int) - person).max() <= 4


def test_snapshots_taken_faster_than_they_are_written_are_all_there(tmp_path: Path, desk: Desk) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(MAX_WAITING)]
    for number, path in enumerate(paths):
        desk.snapshots.take(rendered(plain((number, 0, 0), SIZE)), path)
    assert [desk.saved.get(timeout=5.0) for _ in paths] == paths
    assert [int(np.asarray(Image.open(path))[0, 0, 0]) for path in paths] == list(range(MAX_WAITING))


def test_what_waits_at_the_end_is_saved(tmp_path: Path, desk: Desk) -> None:
    for number in range(3):
        desk.snapshots.take(rendered(plain((number, 0, 0), SIZE)), tmp_path / f"{number}.png")
    desk.snapshots.close()
    assert len(list(tmp_path.glob("*.png"))) == 3
    desk.snapshots.take(rendered(plain((9, 0, 0), SIZE)), tmp_path / "after.png")
    desk.snapshots.close()
    assert (tmp_path / "after.png").exists()


def test_more_than_the_disk_can_follow_is_said(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(frame: object, path: Path) -> None:
        begun.set()
        assert go_on.wait(10.0)

    monkeypatch.setattr(snapshot, "save_snapshot", slow)
    desk.snapshots.take(rendered(plain((0, 0, 0), SIZE)), tmp_path / "first.png")
    assert begun.wait(10.0)
    for number in range(MAX_WAITING + 1):
        desk.snapshots.take(rendered(plain((0, 0, 0), SIZE)), tmp_path / f"{number}.png")
    go_on.set()
    problem = desk.failed.get(timeout=5.0)
    assert (problem.what, problem.why) == ("The snapshot was not saved.", "8 others are still being written.")


def test_without_a_picture_there_is_nothing_to_save(tmp_path: Path, desk: Desk) -> None:
    desk.snapshots.take(None, tmp_path / "s.png")
    problem = desk.failed.get_nowait()
    assert str(problem) == (
        "The snapshot was not saved. There is no picture yet. Wait until the portrait is seen, then try again."
    )


def test_a_name_that_is_no_png_or_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="A snapshot is a PNG picture"):
        save_snapshot(rendered(plain((1, 1, 1), SIZE)), tmp_path / "s.jpg")
    with pytest.raises(UsageProblem, match="There is no folder"):
        save_snapshot(rendered(plain((1, 1, 1), SIZE)), tmp_path / "no" / "s.png")


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    desk.snapshots.take(rendered(plain((1, 1, 1), SIZE)), tmp_path / "s.png")
    problem = desk.failed.get(timeout=5.0)
    assert isinstance(problem, EnvironmentProblem)
    assert problem.why == "The disk is full."
    assert not list(tmp_path.iterdir())
