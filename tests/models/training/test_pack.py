from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import PackError
from models.training import pack as pack_module
from models.training.pack import read_pack
from models.training.pack_format import PREAMBLE
from tests.helpers.packs import SIDE_PX, mask_of, small_pack, smooth_picture, wandering_face, with_other_header

ROOT = Path(__file__).resolve().parents[3]
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return small_pack(tmp_path_factory.mktemp("made") / "small.pack").read_bytes()


@pytest.fixture
def path(tmp_path: Path, made: bytes) -> Path:
    (tmp_path / "small.pack").write_bytes(made)
    return tmp_path / "small.pack"


def test_a_pack_gives_back_pictures_landmarks_masks_and_where_they_come_from(path: Path) -> None:
    pack = read_pack(path, size_px=SIDE_PX)

    assert pack.frames.shape == (9, SIDE_PX, SIDE_PX, 3)
    assert pack.frames.dtype == np.uint8
    assert pack.clip.tolist() == [0] * 5 + [1] * 3 + [2]
    assert pack.frame.tolist() == [0, 2, 4, 8, 10, 1, 2, 3, 0]
    assert pack.identity == ("ada", "bob", "cid")
    assert pack.still.tolist() == [False, False, True]
    assert pack.provenance[1] == {"file": "videos/bob.mp4", "licence": "CC0", "sha256": "0" * 64}
    truth = np.stack([smooth_picture(i) for i in range(5)]).astype(int)
    assert np.abs(pack.frames[:5] - truth).mean() < 1.5
    assert abs((pack.frames[:5] - truth).mean()) < 0.5, "the colours are shifted"
    assert np.abs(pack.landmarks[:5] - wandering_face(5)).max() < 1e-4


def test_masks_are_255_where_the_person_is(path: Path) -> None:
    masks = read_pack(path).foreground

    assert masks is not None
    assert masks.shape == (9, 64, 64)
    truth = np.stack([mask_of(i) for i in range(5)]).astype(int)
    assert np.abs(masks[:5] - truth).mean() < 3
    assert masks[0, 2].min() > 250
    assert masks[0, 20].max() < 5


@pytest.mark.parametrize("size_px", [32, 128])
def test_frames_are_resized_to_the_side_that_is_asked_for(path: Path, size_px: int) -> None:
    pack = read_pack(path, size_px=size_px)

    assert pack.frames.shape == (9, size_px, size_px, 3)
    assert abs(float(pack.frames[3].mean()) - float(smooth_picture(3).mean())) < 1.5


def test_a_side_that_no_movie_can_have_is_the_callers_mistake(path: Path) -> None:
    with pytest.raises(ValueError, match="even squares of 32 to 1024 px, got 63"):
        read_pack(path, size_px=63)


def refusal(path: Path) -> str:
    with pytest.raises(PackError) as refused:
        read_pack(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"The training pack {path.name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_truncated_pack_is_refused_with_what_there_is_of_it(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1000])

    assert f"it is incomplete, {len(whole) - 1000} of {len(whole)} bytes" in refusal(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_pack_with_one_changed_byte_is_refused_by_its_checksum(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[max(PREAMBLE.size, int(share * len(data)))] ^= 1
    path.write_bytes(data)

    assert "it was changed or damaged, its checksum is " in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x80\x04 a pickle" * 40])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pack").write_bytes(content)

    assert "it is no training pack, `prepare` makes one" in refusal(tmp_path / "x.pack")


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory" in refusal(tmp_path / "none.pack")
    (tmp_path / "folder.pack").mkdir()
    assert "it is not a regular file" in refusal(tmp_path / "folder.pack")


def test_a_claim_to_be_huge_is_refused_before_the_rest_is_read(path: Path) -> None:
    data = path.read_bytes()
    magic, _, length, digest = PREAMBLE.unpack(data[: PREAMBLE.size])
    path.write_bytes(PREAMBLE.pack(magic, 2**40, length, digest) + data[PREAMBLE.size :])
    assert "it claims 1099511627776 bytes, and at most 2147483648 are read" in refusal(path)

    path.write_bytes(PREAMBLE.pack(magic, len(data), 2**40, digest) + data[PREAMBLE.size :])
    assert "at most" in refusal(path)


def test_more_pictures_than_memory_may_hold_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_module, "MAX_DECODED_BYTES", 1_000_000)

    assert "its 9 frames at 256 px take more than" in refusal(path)


def _more_frames(header: dict[str, Any]) -> None:
    header["clips"][1]["frames"] = [1, 2, 3, 4]


def _fewer_frames(header: dict[str, Any]) -> None:
    header["clips"][1]["frames"] = [1, 2]


def _falling_frames(header: dict[str, Any]) -> None:
    header["clips"][0]["frames"] = [0, 2, 2, 8, 10]


def _outside(header: dict[str, Any]) -> None:
    header["clips"][2]["movie"] = [10**9, 10]


def _landmarks_as_movie(header: dict[str, Any]) -> None:
    header["clips"][2]["movie"] = header["clips"][2]["landmarks"]


def _no_mask(header: dict[str, Any]) -> None:
    header["clips"][0]["mask"] = None


def _split_person(header: dict[str, Any]) -> None:
    for clip, held_out in zip(header["clips"], (True, False, False), strict=True):
        clip.update(identity="ada", held_out=held_out)


def _other_version(header: dict[str, Any]) -> None:
    header["version"] = 99


def _other_size(header: dict[str, Any]) -> None:
    header["size_px"] = 128


def _impossible_size(header: dict[str, Any]) -> None:
    header["size_px"] = 100_000


def _later_parents(header: dict[str, Any]) -> None:
    header["parents"][5] = [6, 7]


def _no_clips(header: dict[str, Any]) -> None:
    header["clips"] = []


def _text_for_truth(header: dict[str, Any]) -> None:
    header["clips"][0]["still"] = "no"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_more_frames, "only 3 of the 4 pictures of videos/bob.mp4"),
        (_fewer_frames, "the pictures of videos/bob.mp4 are not of the size or number"),
        (_falling_frames, "its frame numbers do not rise"),
        (_outside, "one of its sections lies outside the file"),
        (_landmarks_as_movie, "the pictures of stills/cid.jpg are no MP4"),
        (_no_mask, "the pictures of videos/ada.mp4 are no MP4"),
        (_split_person, "ada is both held out and trained on"),
        (_other_version, "it is of version 99, and this program reads 1"),
        (_other_size, "are not of the size or number"),
        (_impossible_size, "it claims squares of 100000 px"),
        (_later_parents, "its header cannot be understood"),
        (_no_clips, "it claims 0 frames"),
        (_text_for_truth, "its header cannot be understood"),
    ],
)
def test_a_header_that_lies_is_refused_though_its_checksum_fits(path: Path, change: Change, why: str) -> None:
    assert why in refusal(with_other_header(path, change))


def test_a_reader_needs_neither_the_program_nor_mediapipe_nor_pyav_nor_safetensors() -> None:
    code = (
        "import sys, models.training.pack;"
        "print([m for m in ('app', 'mediapipe', 'av', 'safetensors', 'PIL', 'tqdm') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
