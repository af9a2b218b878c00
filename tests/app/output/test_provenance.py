"""Every file says that it is synthetic: read back by this program's own libraries and by strangers."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from app.output.movie_writer import open_writer
from app.output.provenance import COMMENT, SOURCE_TYPE, XMP, marked_png
from app.output.recorder import Recorder
from app.output.snapshot import save_snapshot
from tests.helpers.frames import rendered

EXIFTOOL, FFPROBE = shutil.which("exiftool"), shutil.which("ffprobe")
MOVIES = ("film.mp4", "film.mkv")
RECORDINGS = ("live.mp4", "live.mov", "live.mkv")


def picture(number: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    noise = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.uint8)


def made(folder: Path, name: str) -> Path:
    """A movie of `animate` or a recording, complete."""
    path = folder / name
    if name in RECORDINGS:
        recorder = Recorder(path, (48, 64), 30)
        recorder.open()
        for number in range(20):
            recorder.send(rendered(picture(number), number, round(1e9 + number * 1e9 / 30)))
        recorder.close()
    else:
        with open_writer(path, (48, 64), Fraction(30)) as writer:
            for number in range(20):
                writer.write(picture(number))
            writer.commit()
    return path


def cut_off(folder: Path, name: str) -> Path:
    """What is on the disk of a recording that is not closed: what `kill -9` would leave."""
    path, left = folder / name, folder / f"left-{name}"
    recorder = Recorder(path, (48, 64), 30)
    recorder.open()
    for number in range(90):
        recorder.send(rendered(picture(number), number, round(1e9 + number * 1e9 / 30)))
    shutil.copyfile(path, left)
    recorder.close()
    return left


def lowered(tags: dict[str, str]) -> dict[str, str]:
    """Matroska writes the names of tags in capitals."""
    return {name.lower(): value for name, value in tags.items()}


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("name", [*MOVIES, *RECORDINGS])
def test_a_complete_file_says_that_it_is_synthetic_and_still_plays(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name)

    with av.open(str(path)) as container:
        tags = lowered(container.metadata)
    assert (tags["digitalsourcetype"], tags["comment"]) == (SOURCE_TYPE, COMMENT)
    assert frames_in(path) == 20
    assert (XMP in path.read_bytes()) == (path.suffix != ".mkv")


@pytest.mark.parametrize("name", ["live.mp4", "live.mkv"])
def test_a_recording_says_it_from_its_first_moment_also_after_kill_9(tmp_path: Path, name: str) -> None:
    path = cut_off(tmp_path, name)

    with av.open(str(path)) as container:
        assert lowered(container.metadata)["digitalsourcetype"] == SOURCE_TYPE
    assert frames_in(path) > 30
    if EXIFTOOL is not None:
        assert _exiftool(path)["digitalsourcetype"] == [SOURCE_TYPE]


def test_pictures_in_a_folder_and_snapshots_say_it_and_keep_their_pixels(tmp_path: Path) -> None:
    with open_writer(tmp_path / "frames", (48, 64), Fraction(30)) as writer:
        writer.write(picture())
        writer.commit()
    save_snapshot(rendered(picture(), 1, 1), tmp_path / "snapshot.png")

    for path in (tmp_path / "frames" / "frame_000001.png", tmp_path / "snapshot.png"):
        with Image.open(path) as image:
            image.load()
            assert image.info["XML:com.adobe.xmp"].encode() == XMP
            np.testing.assert_array_equal(np.asarray(image), picture())


def test_only_a_png_is_marked_as_one() -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        marked_png(b"\xff\xd8\xff\xe0 a JPEG with enough bytes to be cut")


def test_the_xmp_is_a_packet_of_well_formed_xml() -> None:
    import xml.etree.ElementTree as ElementTree

    found = ElementTree.fromstring(XMP.decode().replace("\ufeff", "")).iter(
        "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    )
    assert [element.text for element in found] == [SOURCE_TYPE]


@pytest.mark.skipif(FFPROBE is None, reason="ffprobe is not installed: no stranger has read the tags")
@pytest.mark.parametrize("name", [*MOVIES, *RECORDINGS])
def test_ffprobe_reads_it(tmp_path: Path, name: str) -> None:
    asked = (str(FFPROBE), "-v", "error", "-show_entries", "format_tags", "-of", "json", str(made(tmp_path, name)))
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)

    assert done.stderr == ""
    assert lowered(json.loads(done.stdout)["format"]["tags"])["digitalsourcetype"] == SOURCE_TYPE


@pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed: no stranger has read the metadata")
@pytest.mark.parametrize(("name", "times"), [("film.mp4", 2), ("film.mkv", 1), ("live.mp4", 2), ("live.mkv", 1)])
def test_exiftool_reads_it_from_the_header_and_as_xmp(tmp_path: Path, name: str, times: int) -> None:
    assert _exiftool(made(tmp_path, name))["digitalsourcetype"] == [SOURCE_TYPE] * times


@pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed: no stranger has read the metadata")
def test_exiftool_reads_it_from_a_picture(tmp_path: Path) -> None:
    save_snapshot(rendered(picture(), 1, 1), tmp_path / "snapshot.png")

    assert _exiftool(tmp_path / "snapshot.png")["digitalsourcetype"] == [SOURCE_TYPE]


def _exiftool(path: Path) -> dict[str, list[str]]:
    """All values by name in small letters, whatever group they are in; a warning fails."""
    asked = (str(EXIFTOOL), "-a", "-G1", "-n", "-json", str(path))
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, list[str]] = {}
    for name, value in json.loads(done.stdout)[0].items():
        found.setdefault(name.rpartition(":")[2].lower(), []).append(str(value))
    assert "warning" not in found or path.suffix == ".mkv", found["warning"]
    return found
