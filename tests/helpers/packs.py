"""Small training packs made on the spot, and the ways in which a file can lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.dataset.clip_packing import PackedClip, landmark_predictor
from app.dataset.listing import SourceFile
from app.dataset.movie_code import MovieEncoder
from app.dataset.options import MASK_PX, PackOptions
from app.dataset.pack_file import write_pack
from models.training.landmark_code import encode_landmarks
from models.training.pack_format import PREAMBLE
from models.types import FloatArray, ImageArray
from tests.helpers.faces import neutral_face

SIDE_PX = 64
OPTIONS = PackOptions(size_px=SIDE_PX)


def smooth_picture(number: int, side_px: int = SIDE_PX) -> ImageArray:
    """A soft gradient whose red says the number: 20 times it at the left border."""
    ramp = np.linspace(0, 40, side_px)[None].repeat(side_px, 0)
    return np.stack([20 * number + ramp, 120 + ramp.T, 200 - ramp], axis=-1).astype(np.uint8)


def wandering_face(count: int) -> FloatArray:
    """(count, 478, 3) unit coordinates of a face that moves to the right with a little tremor."""
    rng = np.random.default_rng(count)
    face = 0.5 * neutral_face()[None] + rng.normal(0, 0.002, (count, 478, 3))
    face[..., 0] += 0.01 * np.arange(count)[:, None]
    return face.astype(np.float32)


def mask_of(number: int) -> ImageArray:
    """The upper rows are the person, more of them the higher the number."""
    mask = np.zeros((MASK_PX, MASK_PX), np.uint8)
    mask[: 8 * (number + 1)] = 255
    return mask


def packed_clip(identity: str, frames: tuple[int, ...], *, still: bool = False, masks: bool = True) -> PackedClip:
    """A clip as a worker hands it over."""
    name = f"{'stills' if still else 'videos'}/{identity}{'.jpg' if still else '.mp4'}"
    movie, mask = MovieEncoder(SIDE_PX, OPTIONS.crf), MovieEncoder(MASK_PX, OPTIONS.mask_crf)
    for place in range(len(frames)):
        movie.add(smooth_picture(place))
        mask.add(mask_of(place))
    return PackedClip(
        source=SourceFile(Path(name), name, identity, still, {"file": name, "licence": "CC0"}),
        sha256="0" * 64,
        frames=frames,
        movie=movie.finish(),
        landmarks=encode_landmarks(wandering_face(len(frames)), landmark_predictor()),
        masks=mask.finish() if masks else None,
        faceless=0,
    )


def small_pack(path: Path) -> Path:
    """Two clips and a still of three people: five, three and one frames."""
    clips = [packed_clip("ada", (0, 2, 4, 8, 10)), packed_clip("bob", (1, 2, 3)), packed_clip("cid", (0,), still=True)]
    write_pack(path, clips, OPTIONS)
    return path


def with_other_header(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The same file with another header and a checksum that fits, as somebody who means harm would make it."""
    data = path.read_bytes()
    magic, _, length, _ = PREAMBLE.unpack(data[: PREAMBLE.size])
    header = json.loads(data[PREAMBLE.size : PREAMBLE.size + length])
    change(header)
    text = json.dumps(header).encode()
    rest = text + data[PREAMBLE.size + length :]
    preamble = PREAMBLE.pack(magic, PREAMBLE.size + len(rest), len(text), hashlib.sha256(rest).digest())
    path.write_bytes(preamble + rest)
    return path
