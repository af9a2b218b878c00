"""The layout of a training pack, shared by who writes it (`app.dataset`) and who reads it (`models.training.pack`).

    preamble   magic, bytes of the whole file, bytes of the header, SHA-256 of everything behind the preamble
    header     JSON: the sizes, the landmark predictor, and for each clip who, which frames, from where, which sections
    sections   one after the other: per clip an H.264 movie, coded landmarks, and an H.264 movie of masks or nothing

Nothing in it is ever executed: JSON, H.264 in MP4, and numbers under LZMA.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from models.errors import PackError
from models.training.landmark_code import Parents
from models.types import LANDMARK_COUNT

MAGIC = b"USTDPACK"
VERSION = 1
PREAMBLE = struct.Struct("<8sQQ32s")

MAX_PACK_BYTES = 2 * 1024**3
MAX_HEADER_BYTES = 64 * 1024**2
MAX_CLIPS = 100_000
MAX_FRAMES = 250_000
MAX_FRAME_NUMBER = 2**31 - 1
SIDES_PX = range(32, 1025, 2)
"""Sides a square may have: H.264 wants even ones."""

MP4_BRAND = b"ftyp"
"""Bytes 4 to 8 of every MP4; without them a decoder would guess, and some formats read other files and addresses."""

Section = tuple[int, int]
"""Where in the file and how many bytes."""


@dataclass(frozen=True)
class ClipEntry:
    """What the header says about one clip; its sections are offsets in the file. mask is None where there is none."""

    identity: str
    still: bool
    held_out: bool
    frames: tuple[int, ...]
    provenance: dict[str, str]
    movie: Section
    landmarks: Section
    mask: Section | None


@dataclass(frozen=True)
class PackHeader:
    """Everything but the sections. mask_px: side of the masks, 0 where there are none."""

    size_px: int
    mask_px: int
    parents: Parents
    clips: tuple[ClipEntry, ...]

    @property
    def frame_count(self) -> int:
        """Frames of all clips."""
        return sum(len(clip.frames) for clip in self.clips)


def header_bytes(header: PackHeader) -> bytes:
    """The header as JSON. Its sections count from the end of the header, whose length they therefore do not change."""
    clips = [
        {
            "identity": clip.identity,
            "still": clip.still,
            "held_out": clip.held_out,
            "frames": list(clip.frames),
            "provenance": clip.provenance,
            "movie": clip.movie,
            "landmarks": clip.landmarks,
            "mask": clip.mask,
        }
        for clip in header.clips
    ]
    content = {
        "version": VERSION,
        "size_px": header.size_px,
        "mask_px": header.mask_px,
        "parents": header.parents.tolist(),
        "clips": clips,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def parse_header(text: bytes, payload_bytes: int) -> PackHeader:
    """Read and check a header; `payload_bytes` is what follows it in the file.

    Raises:
        PackError: it is no header, of another version, or its numbers cannot be true.
    """
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise PackError(f"it is of version {str(content['version'])[:20]}, and this program reads {VERSION}")
        size_px, mask_px = _whole(content["size_px"]), _whole(content["mask_px"])
        if size_px not in SIDES_PX or (mask_px and mask_px not in SIDES_PX):
            raise PackError(f"it claims squares of {size_px} px and masks of {mask_px} px")
        if len(content["clips"]) > MAX_CLIPS:
            raise PackError(f"it claims more than {MAX_CLIPS} clips")
        clips = tuple(_clip(entry, payload_bytes) for entry in content["clips"])
        header = PackHeader(size_px, mask_px, _parents(content["parents"]), clips)
    except PackError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        raise PackError("its header cannot be understood") from error
    _require_one_side_of_the_split(header.clips)
    if not 0 < header.frame_count <= MAX_FRAMES:
        raise PackError(f"it claims {header.frame_count} frames, and between 1 and {MAX_FRAMES} are read")
    return header


def _clip(entry: dict[str, Any], payload_bytes: int) -> ClipEntry:
    frames = tuple(_whole(number) for number in entry["frames"])
    rising = all(a < b for a, b in pairwise(frames))
    if not frames or not rising or not 0 <= frames[0] <= frames[-1] <= MAX_FRAME_NUMBER:
        raise PackError("its frame numbers do not rise")
    provenance = entry["provenance"]
    if not isinstance(entry["identity"], str) or not all(isinstance(v, str) for v in provenance.values()):
        raise ValueError("names must be text")
    return ClipEntry(
        identity=entry["identity"],
        still=_truth(entry["still"]),
        held_out=_truth(entry["held_out"]),
        frames=frames,
        provenance=dict(provenance),
        movie=_section(entry["movie"], payload_bytes),
        landmarks=_section(entry["landmarks"], payload_bytes),
        mask=None if entry["mask"] is None else _section(entry["mask"], payload_bytes),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _section(value: Sequence[object], payload_bytes: int) -> Section:
    start, length = (_whole(part) for part in value)
    if start < 0 or length < 1 or start + length > payload_bytes:
        raise PackError("one of its sections lies outside the file")
    return start, length


def _parents(rows: object) -> Parents:
    parents = np.array(rows, np.int64)
    before = parents.shape == (LANDMARK_COUNT, 2) and bool((parents[1:] < np.arange(1, LANDMARK_COUNT)[:, None]).all())
    if not before or (parents < 0).any():
        raise ValueError("no predictor")
    return parents


def _require_one_side_of_the_split(clips: Sequence[ClipEntry]) -> None:
    sides: dict[str, bool] = {}
    for clip in clips:
        if sides.setdefault(clip.identity, clip.held_out) is not clip.held_out:
            raise PackError(f"{clip.identity[:60]} is both held out and trained on")
