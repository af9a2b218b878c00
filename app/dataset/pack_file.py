"""Writes a training pack: whole under a temporary name, then renamed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.dataset.clip_packing import PackedClip, landmark_predictor
from app.dataset.options import MASK_PX, PackOptions
from app.errors import UsageProblem
from app.output.disk import unwritable
from app.output.movie_writer import temporary_beside
from models.training.pack_format import (
    MAGIC,
    MAX_FRAMES,
    MAX_PACK_BYTES,
    PREAMBLE,
    ClipEntry,
    PackHeader,
    Section,
    header_bytes,
)


def write_pack(path: Path, clips: Sequence[PackedClip], options: PackOptions) -> int:
    """Write `clips` in their order; returns the size of the file in bytes.

    Raises:
        UsageProblem: more than a pack may hold.
        EnvironmentProblem: the disk is full or may not be written to.
    """
    entries, sections, end = [], [], 0
    for clip in clips:
        entry, own, end = _entry(clip, end)
        entries.append(entry)
        sections += own
    header = PackHeader(options.size_px, MASK_PX if options.masks else 0, landmark_predictor(), tuple(entries))
    head = header_bytes(header)
    size = PREAMBLE.size + len(head) + end
    if size > MAX_PACK_BYTES or header.frame_count > MAX_FRAMES:
        raise _too_much(path, size, header.frame_count)
    digest = hashlib.sha256(head)
    for section in sections:
        digest.update(section)
    _write(path, (PREAMBLE.pack(MAGIC, size, len(head), digest.digest()), head, *sections))
    return size


def _entry(clip: PackedClip, start: int) -> tuple[ClipEntry, list[bytes], int]:
    """What the header says of a clip, its sections, and where the next one starts."""
    sections = [clip.movie, clip.landmarks] + ([clip.masks] if clip.masks is not None else [])
    places: list[Section] = []
    for section in sections:
        places.append((start, len(section)))
        start += len(section)
    entry = ClipEntry(
        identity=clip.source.identity,
        still=clip.source.still,
        held_out=clip.source.held_out,
        frames=clip.frames,
        provenance={**clip.source.provenance, "sha256": clip.sha256},
        movie=places[0],
        landmarks=places[1],
        mask=places[2] if clip.masks is not None else None,
    )
    return entry, sections, start


def _write(path: Path, parts: Iterable[bytes]) -> None:
    unfinished = temporary_beside(path)
    try:
        try:
            with unfinished.open("xb") as file:
                file.writelines(parts)
            os.replace(unfinished, path)
        except BaseException:
            if unfinished.is_file():
                unfinished.unlink()
            raise
    except OSError as error:
        raise unwritable(path, error) from error


def _too_much(path: Path, size: int, frames: int) -> UsageProblem:
    return UsageProblem(
        f"{path.name} would be too large.",
        why=f"It would hold {frames} frames in {size // 1024**2} MB, and {MAX_FRAMES} in {MAX_PACK_BYTES // 1024**2} "
        "MB are the most that is read.",
        fix="Take fewer clips, or a larger --stride.",
    )
