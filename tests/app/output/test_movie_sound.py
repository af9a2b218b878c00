"""The driving video's sound in the movie: in time, as long as the pictures, copied where it can be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.output.movie_writer import open_writer
from tests.helpers.sounding_video import make_video, tone_start_and_end_s

SIZE = (32, 48)


def write(target: Path, driving: Path, seconds: float, fps: int = 25) -> None:
    with open_writer(target, SIZE, Fraction(fps), audio_from=driving) as writer:
        for number in range(round(seconds * fps)):
            writer.write(np.full((*SIZE, 3), number % 256, np.uint8))
        writer.commit()


def sound_codec(path: Path) -> str | None:
    with av.open(str(path)) as container:
        return container.streams.audio[0].codec_context.name if container.streams.audio else None


@pytest.mark.parametrize(
    ("driving", "codec", "target", "expected"),
    [
        ("d.mp4", "aac", "m.mp4", "aac"),
        ("d.mp4", "aac", "m.mkv", "aac"),
        ("d.mkv", "pcm_s16le", "m.mkv", "pcm_s16le"),
        ("d.mkv", "pcm_s16le", "m.mp4", "aac"),
        ("d.mkv", "flac", "m.mp4", "aac"),
    ],
)
def test_sound_is_carried_over_in_time_and_cut_to_the_pictures(
    tmp_path: Path, driving: str, codec: str, target: str, expected: str
) -> None:
    make_video(tmp_path / driving, 3.0, codec, tone_at_s=0.5)
    write(tmp_path / target, tmp_path / driving, seconds=2.0)
    assert sound_codec(tmp_path / target) == expected
    loud_s, end_s = tone_start_and_end_s(tmp_path / target)
    assert loud_s == pytest.approx(0.5, abs=0.05)
    assert end_s == pytest.approx(2.0, abs=0.06)


def test_copied_sound_is_not_encoded_again(tmp_path: Path) -> None:
    make_video(tmp_path / "d.mp4", 1.0)
    write(tmp_path / "m.mp4", tmp_path / "d.mp4", seconds=1.0)
    bodies = []
    for name in ("d.mp4", "m.mp4"):
        with av.open(str(tmp_path / name)) as container:
            bodies.append([bytes(packet) for packet in container.demux(audio=0) if packet.size])
    copied = bodies[1]
    assert len(copied) >= 45
    assert any(bodies[0][skip : skip + len(copied)] == copied for skip in range(3))


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_a_clock_that_does_not_start_at_zero_moves_nothing(tmp_path: Path, codec: str) -> None:
    make_video(tmp_path / "d.mkv", 2.0, codec, tone_at_s=1.0, start_s=5.0)
    write(tmp_path / "m.mp4", tmp_path / "d.mkv", seconds=2.0)
    assert tone_start_and_end_s(tmp_path / "m.mp4")[0] == pytest.approx(1.0, abs=0.05)


def test_a_driving_video_shorter_than_the_movie_ends_its_sound_early(tmp_path: Path) -> None:
    make_video(tmp_path / "d.mp4", 1.0)
    write(tmp_path / "m.mp4", tmp_path / "d.mp4", seconds=2.0)
    assert tone_start_and_end_s(tmp_path / "m.mp4")[1] == pytest.approx(1.0, abs=0.06)


def test_a_driving_video_without_sound_gives_a_movie_without_sound(tmp_path: Path) -> None:
    with open_writer(tmp_path / "silent.mp4", SIZE, Fraction(25)) as writer:
        writer.write(np.zeros((*SIZE, 3), np.uint8))
        writer.commit()
    write(tmp_path / "m.mp4", tmp_path / "silent.mp4", seconds=0.2)
    assert sound_codec(tmp_path / "m.mp4") is None


def test_a_folder_of_pictures_takes_no_sound(tmp_path: Path) -> None:
    make_video(tmp_path / "d.mp4", 1.0)
    write(tmp_path / "pictures", tmp_path / "d.mp4", seconds=0.2)
    assert len(list((tmp_path / "pictures").iterdir())) == 5


def test_damage_in_the_sound_costs_no_more_than_the_damaged_part(tmp_path: Path) -> None:
    make_video(tmp_path / "d.mkv", 3.0, "flac")
    content = (tmp_path / "d.mkv").read_bytes()
    with av.open(str(tmp_path / "d.mkv")) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0)]
    damaged = packets[len(packets) // 2]
    (tmp_path / "d.mkv").write_bytes(content.replace(damaged, b"\0" * len(damaged), 1))
    write(tmp_path / "m.mp4", tmp_path / "d.mkv", seconds=3.0)
    assert tone_start_and_end_s(tmp_path / "m.mp4")[1] == pytest.approx(3.0, abs=0.1)


def test_a_sound_that_cannot_be_read_does_not_cost_the_movie(
    tmp_path: Path, expected_log: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "d.mp4").write_bytes(b"no video at all" * 100)
    write(tmp_path / "m.mp4", tmp_path / "d.mp4", seconds=0.2)
    assert sound_codec(tmp_path / "m.mp4") is None
    assert expected_log.messages[0].startswith(f"The sound of {tmp_path / 'd.mp4'} could not be read:")


@pytest.mark.parametrize("target", ["m.mp4", "m.mkv"])
def test_a_sound_in_an_unknown_format_is_left_out_with_one_notice(
    tmp_path: Path, target: str, expected_log: pytest.LogCaptureFixture
) -> None:
    make_video(tmp_path / "d.mkv", 1.0, "flac")
    content = (tmp_path / "d.mkv").read_bytes()
    assert content.count(b"A_FLAC") == 1
    (tmp_path / "d.mkv").write_bytes(content.replace(b"A_FLAC", b"A_NONE"))
    write(tmp_path / target, tmp_path / "d.mkv", seconds=0.4)
    with av.open(str(tmp_path / target)) as movie:
        assert [stream.type for stream in movie.streams] == ["video"]
        assert sum(1 for _ in movie.decode(video=0)) == 10
    assert expected_log.messages == ["The sound of d.mkv is left out: it is in a format that cannot be read here."]


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile secret.mp4\n",
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nsecret.ts\n#EXT-X-ENDLIST\n",
    ],
)
def test_sound_is_not_taken_from_another_file_that_the_driving_video_names(
    tmp_path: Path, playlist: str, expected_log: pytest.LogCaptureFixture
) -> None:
    for name in ("secret.mp4", "secret.ts"):
        make_video(tmp_path / name, 1.0)
    (tmp_path / "d.mp4").write_text(playlist)
    write(tmp_path / "m.mp4", tmp_path / "d.mp4", seconds=0.2)
    assert sound_codec(tmp_path / "m.mp4") is None
    assert "could not be read" in expected_log.text


def test_a_movie_that_is_given_up_closes_the_driving_video(tmp_path: Path) -> None:
    make_video(tmp_path / "d.mp4", 1.0)
    with open_writer(tmp_path / "m.mp4", SIZE, Fraction(25), audio_from=tmp_path / "d.mp4") as writer:
        writer.write(np.zeros((*SIZE, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["d.mp4"]
