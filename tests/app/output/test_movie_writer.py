"""Movies and folders of pictures: true to the pixels, complete or not there, with a sentence when impossible."""

from __future__ import annotations

import errno
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from app.errors import AppError, EnvironmentProblem, UsageProblem
from app.output.movie_writer import open_writer
from tests.helpers.frames import plain, quarters

SIZE = (64, 96)
RATE = Fraction(30_000, 1001)
COLOURS = [(220, 40, 30), (40, 200, 60), (30, 40, 210), (200, 170, 140)]


def noise(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (*SIZE, 3), np.uint8)


def write(path: Path, images: list[np.ndarray], rate: Fraction = RATE) -> None:
    with open_writer(path, SIZE, rate) as writer:
        for image in images:
            writer.write(image)
        writer.commit()


def write_until_interrupted(path: Path) -> None:
    with open_writer(path, SIZE, RATE) as writer:
        writer.write(noise(1))
        assert [other for other in path.parent.iterdir() if ".partial" in other.name], "it grows beside its target"
        raise KeyboardInterrupt


def rgb_of(frame: av.VideoFrame) -> np.ndarray:
    """A limited-range BT.709 frame as RGB."""
    return frame.to_ndarray(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )


def test_an_mp4_has_every_frame_at_its_rate_and_says_what_its_colours_mean(tmp_path: Path) -> None:
    write(tmp_path / "m.mp4", [noise(n) for n in range(20)])
    with av.open(str(tmp_path / "m.mp4")) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert times == pytest.approx([n / float(RATE) for n in range(20)], abs=1e-4)
    assert (context.name, context.pix_fmt, context.height, context.width) == ("h264", "yuv420p", *SIZE)
    assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
    assert stream.average_rate == RATE


def test_flat_colours_survive_an_mp4_within_three_levels(tmp_path: Path) -> None:
    write(tmp_path / "m.mp4", [quarters(COLOURS, SIZE)] * 3)
    with av.open(str(tmp_path / "m.mp4")) as container:
        pictures = [rgb_of(frame) for frame in container.decode(video=0)]
    for picture in pictures:
        centres = picture[16::32, 24::48].reshape(4, 3).astype(int)
        assert np.abs(centres - COLOURS).max() <= 3


def test_a_matroska_movie_gives_back_the_very_same_pixels(tmp_path: Path) -> None:
    images = [noise(n) for n in range(5)]
    write(tmp_path / "m.mkv", images)
    with av.open(str(tmp_path / "m.mkv")) as container:
        assert container.streams.video[0].codec_context.name == "ffv1"
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    np.testing.assert_array_equal(decoded, images)


@pytest.mark.parametrize("made_before", [False, True])
def test_a_folder_gets_numbered_pictures_with_the_very_same_pixels(tmp_path: Path, made_before: bool) -> None:
    images = [noise(n) for n in range(3)]
    if made_before:
        (tmp_path / "out").mkdir()
    write(tmp_path / "out", images)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == ["frame_000001.png", "frame_000002.png", "frame_000003.png"]
    for file, image in zip(files, images, strict=True):
        np.testing.assert_array_equal(cv2.imread(str(file))[..., ::-1], image)


@pytest.mark.parametrize("name", ["m.mp4", "m.mkv", "folder"])
def test_an_interrupted_movie_leaves_nothing_and_keeps_what_was_there(tmp_path: Path, name: str) -> None:
    if name != "folder":
        (tmp_path / name).write_text("the movie of yesterday")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        write_until_interrupted(tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == before
    if name != "folder":
        assert (tmp_path / name).read_text() == "the movie of yesterday"


def test_leaving_without_commit_is_abort_and_commit_is_final(tmp_path: Path) -> None:
    with open_writer(tmp_path / "m.mp4", SIZE, RATE) as writer:
        writer.write(noise(1))
    assert not list(tmp_path.iterdir())
    writer.commit()
    writer.abort()
    with pytest.raises(ValueError, match="already finished"):
        writer.write(noise(1))
    assert not list(tmp_path.iterdir())


def test_a_finished_movie_replaces_the_one_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "m.mp4").write_text("the movie of yesterday")
    write(tmp_path / "m.mp4", [noise(1)])
    assert [path.name for path in tmp_path.iterdir()] == ["m.mp4"]
    with av.open(str(tmp_path / "m.mp4")) as container:
        assert container.streams.video[0].frames == 1


def test_pictures_of_another_shape_and_odd_sides_are_programming_errors(tmp_path: Path) -> None:
    with open_writer(tmp_path / "m.mp4", SIZE, RATE) as writer:
        with pytest.raises(ValueError, match=r"is \(64, 96, 3\) uint8, got \(64, 95, 3\) uint8"):
            writer.write(noise(1)[:, 1:])
        with pytest.raises(ValueError, match="float32"):
            writer.write(noise(1).astype(np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"H\.264 needs even sides, got 95x64"):
        open_writer(tmp_path / "m.mp4", (64, 95), RATE)
    assert not list(tmp_path.iterdir())


def test_lossless_movies_and_folders_take_odd_sides(tmp_path: Path) -> None:
    image = plain((1, 2, 3), (5, 7))
    for name in ("m.mkv", "folder"):
        with open_writer(tmp_path / name, (5, 7), RATE) as writer:
            writer.write(image)
            writer.commit()
    with av.open(str(tmp_path / "m.mkv")) as container:
        np.testing.assert_array_equal(next(container.decode(video=0)).to_ndarray(format="rgb24"), image)


def problem_of(path: Path) -> AppError:
    with pytest.raises(AppError) as problem:
        open_writer(path, SIZE, RATE)
    return problem.value


def test_an_unknown_ending_is_a_usage_problem_that_lists_what_is_known(tmp_path: Path) -> None:
    problem = problem_of(tmp_path / "m.avi")
    assert isinstance(problem, UsageProblem)
    assert problem.why == "The ending '.avi' is not known."
    assert problem.fix == "Write to a name ending in .mp4 (H.264) or .mkv (lossless), or to a folder (PNG pictures)."


def test_targets_that_are_in_the_way_or_missing_are_usage_problems(tmp_path: Path) -> None:
    (tmp_path / "m.mp4").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "picture.png").touch()
    assert problem_of(tmp_path / "m.mp4").why == "It is a folder."
    assert problem_of(tmp_path / "file").why == "It is a file, not a folder."
    assert problem_of(tmp_path / "full").why == "The folder is not empty."
    missing = problem_of(tmp_path / "none" / "m.mp4")
    assert (missing.exit_code, missing.why) == (2, f"There is no folder {tmp_path / 'none'}.")
    assert (tmp_path / "full" / "picture.png").exists()


@pytest.mark.parametrize("name", ["m.mp4", "m.mkv", "folder"])
def test_a_place_that_cannot_be_written_is_an_environment_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    problem = problem_of(tmp_path / "file" / name)
    assert isinstance(problem, EnvironmentProblem)
    assert problem.why == "Part of the path is a file, not a folder."
    if Path("/proc/self").exists():
        assert problem_of(Path("/proc") / name).exit_code == 3


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.EACCES, "You may not write there."),
        (errno.EROFS, "The disk is read-only."),
        (errno.ENAMETOOLONG, "The system says: File name too long."),
    ],
)
def test_a_refusing_system_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, why: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "File name too long")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    for name in ("folder", "m.mp4"):
        assert (problem_of(tmp_path / name).exit_code, problem_of(tmp_path / name).why) == (3, why)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("name", ["m.mp4", "m.mkv"])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real_open = av.open
    monkeypatch.setattr("app.output.movie_file.av.open", lambda _path, *a, **k: real_open("/dev/full", *a, **k))
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        write(tmp_path / name, [noise(n) for n in range(90)])
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_under_a_folder_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_write = Path.write_bytes

    def until_full(path: Path, data: bytes) -> int:
        if path.name == "frame_000003.png":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(path, data)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        write(tmp_path / "folder", [noise(n) for n in range(4)])
    assert not list(tmp_path.iterdir())
