from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from app.cli import run_command_line
from app.dataset.workers import Result
from models.training.pack import read_pack
from tests.helpers.packs import packed_clip
from tests.helpers.videos import Recipe, write_video


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A clip and a still of a real face, a damaged clip, and one with nobody in it."""
    folder = tmp_path / "data"
    face = np.asarray(Image.fromarray(astronaut()[0:280, 84:364]).resize((256, 256)))
    for part in ("videos", "stills"):
        (folder / part).mkdir(parents=True)
    write_video(folder / "videos" / "walk.mp4", Recipe(size=(256, 256)), [np.roll(face, i, axis=1) for i in range(6)])
    write_video(folder / "videos" / "empty.mp4", Recipe(size=(64, 64)))
    (folder / "videos" / "torn.mp4").write_bytes((folder / "videos" / "walk.mp4").read_bytes()[:900])
    Image.fromarray(face).resize((512, 512)).save(folder / "stills" / "still.jpg")
    rows = ("videos/walk.mp4,astronaut", "videos/empty.mp4,nobody", "videos/torn.mp4,x", "stills/still.jpg,astronaut")
    (folder / "manifest.csv").write_text("file,identity\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "faces.pack"


def test_what_can_be_used_is_packed_and_the_rest_is_named_with_the_reason(
    data: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["prepare", "--data", str(data), "--output", str(output), "--quiet"]) == 0

    said = capsys.readouterr()
    assert "1 clips and 1 stills, 4 frames" in said.out
    assert "1 people, of whom " in said.out
    assert "videos/empty.mp4 is left out. No face was found in videos/empty.mp4." in said.err
    assert "videos/torn.mp4 is left out. The video torn.mp4 cannot be used." in said.err
    assert "Everybody in this pack is " in said.err
    assert os.listdir(output.parent) == [output.name]
    pack = read_pack(output)
    assert pack.frame.tolist() == [0, 2, 4, 0]
    assert pack.still.tolist() == [False, True]
    assert [where["file"] for where in pack.provenance] == ["videos/walk.mp4", "stills/still.jpg"]
    shift = pack.landmarks[2, :, 0].mean() - pack.landmarks[0, :, 0].mean()
    assert shift == pytest.approx(4 / 128, abs=0.01)
    assert pack.foreground is not None
    assert pack.foreground[0, 24, 32] > 200, "the face is foreground"


def test_a_folder_in_which_nothing_can_be_used_is_refused(
    data: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "manifest.csv").write_text("file,identity\nvideos/torn.mp4,x\n")

    assert run_command_line(["prepare", "--data", str(data), "--output", str(output), "--quiet"]) == 2

    assert "cannot be packed for training. Not one of its files can be used." in capsys.readouterr().err
    assert os.listdir(output.parent) == []


@pytest.mark.parametrize("place", ["missing/faces.pack", "data"])
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    data: Path, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.commands.prepare.pack_all", None)

    assert run_command_line(["prepare", "--data", str(data), "--output", str(data.parent / place)]) == 2

    assert "cannot be written" in capsys.readouterr().err


def test_an_interrupt_leaves_nothing_behind(
    data: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Iterator[Result]:
        yield 0, packed_clip("ada", (0,))
        raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.prepare.pack_all", interrupted)

    assert run_command_line(["prepare", "--data", str(data), "--output", str(output), "--quiet"]) == 130

    assert capsys.readouterr().err == "Interrupted.\n"
    assert os.listdir(output.parent) == []


@pytest.mark.parametrize(
    ("failure", "code", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 3, "The disk is full."),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)
def test_a_pack_that_cannot_be_finished_leaves_nothing_and_the_old_one_stays(
    failure: BaseException,
    code: int,
    line: str,
    data: Path,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise failure

    output.write_bytes(b"the old pack")
    monkeypatch.setattr("app.commands.prepare.pack_all", lambda *_: _one_clip())
    monkeypatch.setattr("app.dataset.pack_file.os.replace", fail)

    assert run_command_line(["prepare", "--data", str(data), "--output", str(output), "--quiet"]) == code

    assert line in capsys.readouterr().err
    assert os.listdir(output.parent) == [output.name]
    assert output.read_bytes() == b"the old pack"


def _one_clip() -> Iterator[Result]:
    yield 0, packed_clip("ada", (0, 1))


def test_too_much_for_one_pack_is_refused_with_what_helps(
    data: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.commands.prepare.pack_all", lambda *_: _one_clip())
    monkeypatch.setattr("app.dataset.pack_file.MAX_FRAMES", 1)

    assert run_command_line(["prepare", "--data", str(data), "--output", str(output), "--quiet"]) == 2

    assert "faces.pack would be too large. It would hold 2 frames" in capsys.readouterr().err


def test_a_real_clip_comes_back_at_40_db_from_under_4_kb_a_frame(clips: Path, tmp_path: Path) -> None:
    source = min((clips / "train" / "videos").glob("*.mp4"), key=lambda path: path.stat().st_size)
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / source.name).symlink_to(source)
    (tmp_path / "manifest.csv").write_text(f"file,identity\nvideos/{source.name},somebody\n")
    output = tmp_path / "one.pack"
    arguments = ["prepare", "--data", str(tmp_path), "--output", str(output), "--stride", "5", "--quiet"]

    assert run_command_line(arguments) == 0

    pack = read_pack(output)
    truth = _frames_of(source)
    error = truth[pack.frame].astype(np.float64) - pack.frames
    assert 10 * np.log10(255**2 / np.square(error).mean()) > 40
    assert abs(error.mean()) < 0.5
    parents_bytes = 8_000  # the header's, once a pack
    assert output.stat().st_size - parents_bytes < 4_000 * len(pack.frame)


def _frames_of(source: Path) -> np.ndarray:
    from app.capture.video_reader import open_video
    from app.resample import resized

    return np.stack([resized(frame, (256, 256)) for frame in open_video(source).frames()])
