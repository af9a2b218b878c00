from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.capture import bounds, video_decoding
from app.capture.video_reader import open_video
from app.errors import UsageProblem
from tests.helpers.videos import Recipe, number_of, numbered, write_sound_only, write_video

OTHER = "Choose another file; MP4, MOV, MKV, WebM and AVI can be read."
AGAIN = "Export or download it again."


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.ts", "libx264"), ("a.webm", "libvpx")],
)
def test_every_frame_of_a_video_comes_once_and_in_order(tmp_path: Path, name: str, codec: str) -> None:
    with closing(open_video(write_video(tmp_path / name, Recipe(codec=codec)))) as reader:
        frames = list(reader.frames())

    assert [number_of(frame) for frame in frames] == list(range(10))
    assert (reader.size, reader.rate, reader.has_audio) == ((48, 64), Fraction(25), False)
    assert reader.frame_count in (10, None)
    assert not frames[0].flags.writeable


def test_frames_can_be_read_again_and_left_half_read(tmp_path: Path) -> None:
    with closing(open_video(write_video(tmp_path / "a.mp4"))) as reader:
        assert [number_of(frame) for frame in islice(reader.frames(), 3)] == [0, 1, 2]
        assert len(list(reader.frames())) == 10


def test_after_close_a_half_read_file_gives_no_more_frames(tmp_path: Path) -> None:
    reader = open_video(write_video(tmp_path / "a.mp4"))
    frames = reader.frames()
    next(frames)
    reader.close()

    assert list(frames) == []


def test_a_file_of_varying_rate_gives_each_frame_once_at_the_average_rate(tmp_path: Path) -> None:
    stamps = (0, 40, 80, 480, 520, 560, 600, 640, 680, 720)
    reader = open_video(write_video(tmp_path / "a.mkv", Recipe(stamps_ms=stamps)))

    assert [number_of(frame) for frame in reader.frames()] == list(range(10))
    assert 10 <= reader.rate <= 30


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)])
def test_colours_come_out_as_they_went_in(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    image = np.full((48, 64, 3), colour, np.uint8)
    frame = next(open_video(write_video(tmp_path / "a.mp4", images=[image])).frames())

    assert np.abs(frame[10, 10].astype(int) - colour).max() <= 3


def test_a_video_filmed_sideways_stands_upright(tmp_path: Path) -> None:
    """Phones turn the picture by a matrix in the file's header: 90 degrees clockwise in this one."""
    left_red = np.zeros((48, 64, 3), np.uint8)
    left_red[:, :32, 0] = 255
    path = write_video(tmp_path / "a.mp4", images=[left_red] * 3)
    one, minus_one, zero = b"\0\1\0\0", b"\xff\xff\0\0", b"\0\0\0\0"
    upright, turned = one + zero * 3 + one, zero + one + zero + minus_one + zero
    data = path.read_bytes()
    track = data.index(b"tkhd")
    path.write_bytes(data[:track] + data[track:].replace(upright, turned, 1))

    reader = open_video(path)
    frame = next(reader.frames())

    assert reader.size == (64, 48)
    assert frame.shape == (64, 48, 3)
    assert frame[5, 24, 0] > 200
    assert frame[60, 24, 0] < 50


def test_a_picture_is_a_video_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "still.PNG"
    Image.fromarray(numbered(5, (80, 100))).save(path)
    with closing(open_video(path)) as reader:
        frames = list(reader.frames())

    assert (reader.size, reader.frame_count, reader.has_audio) == ((80, 100), 1, False)
    assert len(frames) == 1
    assert number_of(frames[0]) == 5


def test_damage_in_the_middle_leaves_out_what_it_hit_and_no_more(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", Recipe(frames=12, codec="mjpeg", pixel_format="yuvj420p"))
    data = bytearray(path.read_bytes())
    middle = [at for at in range(len(data)) if data[at : at + 4] == b"00dc"][5]
    data[middle + 8 : middle + 300] = bytes(292)
    path.write_bytes(bytes(data))

    numbers = [number_of(frame) for frame in open_video(path).frames()]

    assert numbers[:5] == [0, 1, 2, 3, 4]
    assert numbers[-5:] == [7, 8, 9, 10, 11]


def refusal(path: Path) -> str:
    with pytest.raises(UsageProblem) as raised:
        open_video(path)
    assert raised.value.exit_code == 2
    return str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nosuch.mp4"

    assert refusal(path) == f"There is no file {path}. Nothing is found at this path. Check its spelling and folder."


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.mp4", b"", f"The file is empty. {AGAIN}"),
        ("text.mp4", b"I am a text.\n" * 500, f"It is not a video, or it is damaged from the start. {OTHER}"),
        ("noise.mp4", bytes(range(256)) * 99, f"It is not a video, or it is damaged from the start. {OTHER}"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:9,\na.mp4\n", f"It is not a video, or it is damaged from the start. {OTHER}"),
        (
            "concat.mp4",
            b"ffconcat version 1.0\nfile a.mp4\n",
            "It is not a video, or it is damaged from the start. " + OTHER,
        ),
    ],
)
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    write_video(tmp_path / "a.mp4")  # what the play lists point to
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name) == f"The video {name} cannot be used. {why}"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()

    assert refusal(folder) == f"The video clips cannot be used. It is a folder. {OTHER}"


def test_a_file_with_sound_only_is_refused(tmp_path: Path) -> None:
    path = write_sound_only(tmp_path / "song.mp4")

    assert refusal(path) == f"The video song.mp4 cannot be used. It has no picture, only sound or text. {OTHER}"


def test_a_file_without_frames_is_refused(tmp_path: Path) -> None:
    """The header of an AVI is whole and says what follows; nothing does."""
    path = write_video(tmp_path / "a.avi", Recipe(codec="mjpeg", pixel_format="yuvj420p"))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"movi") + 4])

    assert refusal(path) == f"The video a.avi cannot be used. Not a single picture in it can be read. {AGAIN}"


def test_a_file_with_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", Recipe(codec="mjpeg", pixel_format="yuvj420p"))
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"ZZZZ"))

    assert refusal(path) == (
        "The video a.avi cannot be used. Its pictures are in a format that is not known. Convert it to MP4 with H.264."
    )


def test_a_video_with_absurdly_large_pictures_is_refused(tmp_path: Path) -> None:
    recipe = Recipe(frames=1, size=(16, 9008), codec="mjpeg", pixel_format="yuvj420p")
    path = write_video(tmp_path / "a.avi", recipe)

    assert refusal(path) == (
        "The video a.avi cannot be used. Its pictures have more than 40 megapixels or a side over 8192 pixels. "
        "Convert it to 1920 pixels on the long side."
    )


def test_the_decoder_is_told_the_bound_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1000 allowed pixels in place of 40 million, pictures of 3072 are not decoded."""
    path = write_video(tmp_path / "a.avi", Recipe(codec="mjpeg", pixel_format="yuvj420p"))
    monkeypatch.setattr(video_decoding, "BOUNDED", {"max_pixels": "1000"})

    assert refusal(path) == f"The video a.avi cannot be used. Not a single picture in it can be read. {AGAIN}"


def test_a_picture_of_more_than_40_megapixels_is_too_large_and_one_below_is_not() -> None:
    assert bounds.too_large((8192, 8192))
    assert bounds.too_large((10, 8193))
    assert not bounds.too_large((4880, 8192))


@pytest.mark.clips
def test_a_real_clip_gives_as_many_frames_as_it_claims(eval_clip: Path) -> None:
    with closing(open_video(eval_clip)) as reader:
        assert sum(1 for _ in reader.frames()) == reader.frame_count
        assert reader.size == (320, 320)
