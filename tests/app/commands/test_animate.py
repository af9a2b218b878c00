from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from skimage.data import astronaut

from app.cli import run_command_line
from models.types import ImageArray
from tests.helpers.videos import Recipe, write_video

MOTION = Path(__file__).resolve().parents[3] / "assets" / "motion" / "talking.motion"
SIDE = 256


@pytest.fixture(scope="module")
def face() -> ImageArray:
    """A real face framed as the clips are, 256 x 256."""
    square = Image.fromarray(astronaut()[0:280, 84:364])
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def face_file(face: ImageArray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("face") / "face.png"
    Image.fromarray(face).save(path)
    return path


def driving_video(path: Path, faces: str, face: ImageArray) -> Path:
    """A video with a face where the text has an x, and without where it has a dot."""
    nobody = np.full_like(face, 90)
    pictures = [np.roll(face, 2 * i, axis=1) if sign == "x" else nobody for i, sign in enumerate(faces)]
    return write_video(path, Recipe(size=(SIDE, SIDE), rate=25), pictures)


def frames_of(path: Path) -> list[ImageArray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def animate(*arguments: object) -> int:
    return run_command_line(["animate", *map(str, arguments), "--quiet", "--device", "cpu"])


def test_there_is_one_output_frame_per_driving_frame_at_its_rate_and_the_pictures_size(
    face: ImageArray, tmp_path: Path
) -> None:
    source = tmp_path / "astronaut.png"
    Image.fromarray(astronaut()[:401, :501]).save(source)
    driving = driving_video(tmp_path / "d.mp4", "xxxxxx", face)

    assert animate("--source", source, "--driving", driving, "--output", tmp_path / "out.mp4") == 0

    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 25
    frames = frames_of(tmp_path / "out.mp4")
    assert len(frames) == 6
    assert frames[0].shape == (400, 500, 3)
    assert not list(tmp_path.glob(".*")), "a temporary file was left"


def test_frames_without_a_face_repeat_the_last_and_the_portrait_comes_before_the_first(
    face: ImageArray, face_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driving = driving_video(tmp_path / "d.mp4", "..xxx...", face)
    arguments = [
        "animate",
        "--source",
        str(face_file),
        "--driving",
        str(driving),
        "--output",
        str(tmp_path / "out.mkv"),
    ]

    assert run_command_line([*arguments, "--absolute", "--no-crop", "--device", "cpu"]) == 0

    frames = frames_of(tmp_path / "out.mkv")
    assert len(frames) == 8
    np.testing.assert_array_equal(frames[0], face)
    np.testing.assert_array_equal(frames[1], face)
    for late in frames[5:]:
        np.testing.assert_array_equal(late, frames[4])
    assert not np.array_equal(frames[4], face)
    assert "5 frames of d.mp4 without a face: the picture before was repeated." in capsys.readouterr().err


def test_a_driving_video_in_which_nobody_is_seen_is_refused_and_nothing_is_written(
    face: ImageArray, face_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driving = driving_video(tmp_path / "empty-room.mp4", "....", face)

    assert animate("--source", face_file, "--driving", driving, "--output", tmp_path / "out.mp4") == 2

    assert capsys.readouterr().err == (
        "No face was found in any frame of empty-room.mp4. The driving video must show one person's face, large enough "
        "and lit well enough to be tracked. Choose another driving video.\n"
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty-room.mp4"]


def test_without_cropping_the_output_is_a_square_of_the_wanted_size(
    face: ImageArray, face_file: Path, tmp_path: Path
) -> None:
    driving = driving_video(tmp_path / "d.mp4", "xx", face)
    common = ("--source", face_file, "--driving", driving, "--no-crop", "--absolute")

    assert animate(*common, "--output", tmp_path / "native.mkv") == 0
    assert animate(*common, "--output", tmp_path / "small.mkv", "--size", 128) == 0

    assert frames_of(tmp_path / "native.mkv")[0].shape == (256, 256, 3)
    assert frames_of(tmp_path / "small.mkv")[0].shape == (128, 128, 3)


def test_a_portrait_that_drives_itself_hardly_changes(face: ImageArray, face_file: Path, tmp_path: Path) -> None:
    assert (
        animate("--source", face_file, "--driving", face_file, "--output", tmp_path / "o", "--no-crop", "--absolute")
        == 0
    )

    (only,) = sorted((tmp_path / "o").glob("*.png"))
    difference = np.abs(np.asarray(Image.open(only), float) - face)
    assert difference.mean() < 2.0


def test_a_motion_clip_drives_and_a_video_as_source_is_edited_frame_by_frame(face: ImageArray, tmp_path: Path) -> None:
    source = driving_video(tmp_path / "source.mp4", "xxx", face)

    assert animate("--source", source, "--driving", MOTION, "--output", tmp_path / "out.mkv", "--max-frames", 5) == 0

    assert len(frames_of(tmp_path / "out.mkv")) == 5


def test_references_of_a_model_that_uses_one_picture_are_ignored_with_one_notice(
    face: ImageArray, face_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driving = driving_video(tmp_path / "d.mp4", "x", face)
    arguments = ["animate", "--source", str(face_file), "--reference", str(face_file), "--driving", str(driving)]

    code = run_command_line(
        [*arguments, "--output", str(tmp_path / "o.mkv"), "--device", "cpu", "--model", "geometric"]
    )

    assert code == 0
    assert capsys.readouterr().err.count("The model 'geometric' uses one picture; the references are ignored.") == 1


@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"--source": "missing.png"}, 2, "missing.png"),
        ({"--driving": "missing.mp4"}, 2, "missing.mp4"),
        ({"--output": "out.gif"}, 2, "out.gif"),
        ({"--output": "nowhere/out.mp4"}, 2, "nowhere"),
        ({"--model": "liveportrait"}, 3, "The model 'liveportrait' cannot be used."),
        ({"--model": "magic"}, 2, "There is no model called 'magic'."),
        pytest.param(
            {"--device": "cuda"},
            3,
            "The device 'cuda' cannot be used.",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU"),
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_and_its_exit_code(
    changed: dict[str, str],
    code: int,
    sentence: str,
    face: ImageArray,
    face_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    driving = driving_video(tmp_path / "d.mp4", "x", face)
    flags = {"--source": str(face_file), "--driving": str(driving), "--output": "out.mp4", "--device": "cpu"} | changed

    assert run_command_line(["animate", "--quiet", *(part for flag in flags.items() for part in flag)]) == code

    line = capsys.readouterr().err
    assert sentence in line
    assert line.count("\n") == 1


def test_an_odd_size_is_made_even_for_h264_and_kept_elsewhere(
    face: ImageArray, face_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driving = driving_video(tmp_path / "d.mp4", "x", face)
    common = ["animate", "--source", str(face_file), "--driving", str(driving), "--no-crop", "--size", "101"]

    assert run_command_line([*common, "--output", str(tmp_path / "o.mp4"), "--device", "cpu"]) == 0
    assert "H.264 needs an even size: 102 instead of 101." in capsys.readouterr().err
    assert run_command_line([*common, "--output", str(tmp_path / "o.mkv"), "--device", "cpu"]) == 0

    assert frames_of(tmp_path / "o.mp4")[0].shape == (102, 102, 3)
    assert frames_of(tmp_path / "o.mkv")[0].shape == (101, 101, 3)


@pytest.mark.parametrize("flags", [(), ("--no-paste-back",)])
def test_a_source_frame_without_a_face_has_the_size_of_the_others(
    flags: tuple[str, ...], face: ImageArray, face_file: Path, tmp_path: Path
) -> None:
    wide = Image.new("RGB", (2200, 1100), "grey")
    wide.paste(Image.fromarray(face).resize((900, 900)), (600, 100))
    pictures = [np.asarray(wide), np.full((1100, 2200, 3), 90, np.uint8)]
    source = write_video(tmp_path / "source.mp4", Recipe(size=(1100, 2200), rate=25), pictures)

    assert animate("--source", source, "--driving", face_file, "--output", tmp_path / "one.mp4", *flags) == 0
    assert (
        animate("--source", source, "--driving", MOTION, "--output", tmp_path / "out.mkv", "--max-frames", 3, *flags)
        == 0
    )

    shapes = {frame.shape for frame in frames_of(tmp_path / "out.mkv")}
    assert shapes == {(512, 512, 3) if flags else (960, 1920, 3)}


def test_an_avatars_own_references_are_not_mentioned_to_someone_who_gave_none(
    face: ImageArray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driving = driving_video(tmp_path / "d.mp4", "x", face)
    arguments = ["animate", "--source", "tomas", "--driving", str(driving), "--output", str(tmp_path / "o.mkv")]

    assert run_command_line([*arguments, "--device", "cpu"]) == 0

    assert "references" not in capsys.readouterr().err


@pytest.mark.parametrize(("flags", "moving"), [((), [True, False]), (("--all-faces",), [True, True])])
def test_of_several_faces_the_main_one_is_animated_or_all_of_them(
    face: ImageArray, tmp_path: Path, flags: tuple[str, ...], moving: list[bool]
) -> None:
    small = np.asarray(Image.fromarray(face).resize((180, 180)))
    picture = np.full((300, 640, 3), 190, np.uint8)
    picture[20:276, 40:296], picture[60:240, 400:580] = face, small  # the larger is the main one
    Image.fromarray(picture).save(tmp_path / "both.png")
    driving = driving_video(tmp_path / "d.mp4", "xxxxxx", face)

    assert animate("--source", tmp_path / "both.png", "--driving", driving, "--output", tmp_path / "o.mkv", *flags) == 0

    changed = np.abs(frames_of(tmp_path / "o.mkv")[5].astype(int) - picture).max(-1)
    middles = (changed[100:180, 120:210], changed[110:180, 455:520])
    assert [bool(part.mean() > 3) for part in middles] == moving
    if not all(moving):
        assert middles[1].max() == 0


def test_all_faces_need_the_picture_they_are_in(
    face_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("--source", face_file, "--driving", MOTION, "--output", tmp_path / "o.mkv")

    assert animate(*common, "--all-faces", "--no-crop") == 2

    assert capsys.readouterr().err == (
        "--all-faces cannot be used here. Without pasting back the output is the square around one face. Leave "
        "--no-crop and --no-paste-back out.\n"
    )
