"""Reads a training pack: everything training needs in one file, with nothing but numpy and OpenCV to read it.

`prepare` writes it (app/dataset). The file may come from anywhere: its sizes are checked before memory is taken, its
checksum before anything in it is believed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.errors import PackError
from models.training.landmark_code import decode_landmarks
from models.training.pack_format import (
    MAGIC,
    MAX_HEADER_BYTES,
    MAX_PACK_BYTES,
    MP4_BRAND,
    PREAMBLE,
    SIDES_PX,
    ClipEntry,
    PackHeader,
    Section,
    parse_header,
)
from models.types import LANDMARK_COUNT, FloatArray, ImageArray

MAX_DECODED_BYTES = 24 * 1024**3
"""All pictures of a pack in memory; the pack of the project's own clips takes 2.3 GB."""

_SOFTWARE = [cv2.CAP_PROP_HW_ACCELERATION, cv2.VIDEO_ACCELERATION_NONE]
"""Every machine then decodes the very same pictures."""


@dataclass(frozen=True)
class TrainingPack:
    """Framed faces of many people, in memory.

    Shapes:
        frames: (N, S, S, 3) uint8 RGB.
        landmarks: (N, 478, 3) float32 in unit coordinates of the square, as FaceMesh saw the frame alone.
        clip: (N,) int32, which clip a frame belongs to; clips are contiguous, 0 .. C - 1.
        frame: (N,) int32, its number in the file it comes from; rises within a clip, with gaps where frames
            were skipped or showed no face.
        identity: per clip, who it is. still: (C,) bool, a picture and not a video.
        held_out: (C,) bool, for validation; all clips of one identity are on the same side.
        foreground: (N, Sm, Sm) uint8, 255 where the person is sure; None where the pack has no masks.
        provenance: per clip: file, sha256, source_repo, source_path, licence, kind, class, identity.
    """

    frames: ImageArray
    landmarks: FloatArray
    clip: npt.NDArray[np.int32]
    frame: npt.NDArray[np.int32]
    identity: tuple[str, ...]
    still: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]
    foreground: ImageArray | None
    provenance: tuple[dict[str, str], ...]


def read_pack(path: Path, *, size_px: int = 256) -> TrainingPack:
    """Read and decode a whole pack; frames of another size are resized to `size_px`.

    Raises:
        PackError: it is missing, no pack, truncated, tampered with, or too large; one sentence with name and reason.
        ValueError: `size_px` is not an even number between 32 and 1024.
    """
    if size_px not in SIDES_PX:
        raise ValueError(f"frames are even squares of 32 to 1024 px, got {size_px}")
    try:
        head, payload = _read_checked(path)
        header = parse_header(head, len(payload))
        _require_room(header, size_px)
        return _decoded(header, payload, size_px)
    except PackError as error:
        raise PackError(f"The training pack {path.name or path} cannot be used: {error}.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PackError(f"The training pack {path.name or path} cannot be read: {reason}.") from error


def _read_checked(path: Path) -> tuple[bytes, memoryview]:
    """Header and sections of a file of the right kind, length and checksum."""
    if path.exists() and not path.is_file():
        raise PackError("it is not a regular file")
    with path.open("rb") as file:
        preamble = file.read(PREAMBLE.size)
        if len(preamble) < PREAMBLE.size or not preamble.startswith(MAGIC):
            raise PackError("it is no training pack, `prepare` makes one")
        _, file_bytes, header_bytes, digest = PREAMBLE.unpack(preamble)
        actual = path.stat().st_size
        if file_bytes > MAX_PACK_BYTES or header_bytes > MAX_HEADER_BYTES or actual > MAX_PACK_BYTES:
            raise PackError(f"it claims {max(file_bytes, actual)} bytes, and at most {MAX_PACK_BYTES} are read")
        if actual != file_bytes or PREAMBLE.size + header_bytes > file_bytes:
            raise PackError(f"it is incomplete, {actual} of {file_bytes} bytes")
        rest = file.read(file_bytes)
    got = hashlib.sha256(rest)
    if got.digest() != digest:
        raise PackError(
            f"it was changed or damaged, its checksum is {got.hexdigest()[:12]} and not {digest.hex()[:12]}"
        )
    return rest[:header_bytes], memoryview(rest)[header_bytes:]


def _require_room(header: PackHeader, size_px: int) -> None:
    pixels = header.frame_count * (size_px**2 * 3 + header.mask_px**2)
    if pixels > MAX_DECODED_BYTES:
        gib = MAX_DECODED_BYTES // 1024**3
        raise PackError(f"its {header.frame_count} frames at {size_px} px take more than {gib} GiB of memory")


def _decoded(header: PackHeader, payload: memoryview, size_px: int) -> TrainingPack:
    count = header.frame_count
    frames = np.empty((count, size_px, size_px, 3), np.uint8)
    landmarks = np.empty((count, LANDMARK_COUNT, 3), np.float32)
    masks = np.empty((count, header.mask_px, header.mask_px), np.uint8) if header.mask_px else None
    start = 0
    with tempfile.TemporaryDirectory(prefix="understudy-pack-") as folder:
        movie = Path(folder) / "clip.mp4"
        for entry in header.clips:
            rows = slice(start, start := start + len(entry.frames))
            _fill(frames[rows], header.size_px, movie, payload, entry.movie, entry)
            data = bytes(_section_of(payload, entry.landmarks))
            landmarks[rows] = decode_landmarks(data, len(entry.frames), header.parents)
            if masks is not None:
                _fill(masks[rows], header.mask_px, movie, payload, entry.mask, entry)
    lengths = [len(entry.frames) for entry in header.clips]
    return TrainingPack(
        frames=frames,
        landmarks=landmarks,
        clip=np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
        frame=np.concatenate([np.array(entry.frames, np.int32) for entry in header.clips]),
        identity=tuple(entry.identity for entry in header.clips),
        still=np.array([entry.still for entry in header.clips], np.bool_),
        held_out=np.array([entry.held_out for entry in header.clips], np.bool_),
        foreground=masks,
        provenance=tuple(entry.provenance for entry in header.clips),
    )


def _section_of(payload: memoryview, section: Section) -> memoryview:
    start, length = section
    return payload[start : start + length]


def _fill(
    into: ImageArray, side_px: int, movie: Path, payload: memoryview, section: Section | None, entry: ClipEntry
) -> None:
    """Decode one movie into `into`: (n, S, S, 3) for pictures, (n, S, S) for masks."""
    name = entry.provenance.get("file", entry.identity)[:80]
    data = _section_of(payload, section) if section is not None else memoryview(b"")
    if data[4:8] != MP4_BRAND:
        raise PackError(f"the pictures of {name} are no MP4")
    movie.write_bytes(data)
    decoded = 0
    for picture in _pictures(movie, side_px):
        if picture is None or decoded == len(into):
            raise PackError(f"the pictures of {name} are not of the size or number its header says")
        _store(picture, into[decoded])
        decoded += 1
    if decoded != len(into):
        raise PackError(f"only {decoded} of the {len(into)} pictures of {name} can be decoded by this OpenCV")


def _pictures(movie: Path, side_px: int) -> Iterator[ImageArray | None]:
    """BGR pictures, as OpenCV has them; None for one of another size, before it is decoded where the file says so."""
    capture = cv2.VideoCapture(str(movie), cv2.CAP_FFMPEG, _SOFTWARE)
    try:
        claimed = [capture.get(side) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)]
        if capture.isOpened() and claimed != [side_px, side_px]:
            yield None
        while True:
            there, picture = capture.read()
            if not there:
                return
            yield np.asarray(picture, np.uint8) if picture.shape == (side_px, side_px, 3) else None
    finally:
        capture.release()


def _store(picture: ImageArray, into: ImageArray) -> None:
    """Copy a BGR picture to `into`: (S, S, 3) RGB, or (S, S) for a mask."""
    if into.ndim == 2:
        into[:] = picture[..., 0]
        return
    side = into.shape[0]
    if picture.shape[0] != side:
        smaller = side < picture.shape[0]
        mode = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, (side, side), interpolation=mode), np.uint8)
    cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, dst=into)  # several times faster than numpy with a reversed axis
