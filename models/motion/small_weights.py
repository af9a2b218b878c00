"""Files of small networks that run on the host: safetensors, read with numpy, refused by name, reason and checksum."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from models.errors import CheckpointError, ModelError
from models.types import FloatArray

LARGEST_FILE_BYTES = 2 << 20
METADATA_KEY = "understudy"

Arrays = dict[str, FloatArray]
Shapes = Mapping[str, tuple[int, ...]]


class SmallWeightsRefused(CheckpointError):
    """A file is wrong, truncated or changed; the sentence names file, reason and checksum."""

    def __init__(self, path: Path, reason: str, sha256: str) -> None:
        self.reason, self.sha256 = reason, sha256
        super().__init__(f"{path.name} is refused: {reason}; its sha256 is {sha256}")


def save_small(path: Path, kind: str, arrays: Arrays, notes: Mapping[str, str]) -> str:
    """Write the arrays as float32, whole or not at all; the file's SHA-256. kind: what `load_small` asks for.

    Raises:
        ModelError: a number is not finite.
    """
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ModelError(f"{name} holds numbers that are not finite")
    stored = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    about = json.dumps({"format": kind, "notes": dict(notes)}, sort_keys=True)
    part = path.with_name(path.name + ".part")
    save_file(stored, part, metadata={METADATA_KEY: about})
    os.replace(part, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_small(path: Path, kind: str, shapes: Shapes, expected_sha256: str | None = None) -> Arrays:
    """The arrays of a file of `kind`; exactly those of `shapes`. `expected_sha256` is the manifest's, None for any.

    Raises:
        SmallWeightsRefused: the file is wrong, truncated or changed.
        CheckpointError: it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise CheckpointError(f"{path.name} is refused: it is larger than any file of its kind")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if expected_sha256 is not None and digest != expected_sha256:
            reason = f"it is not the file that was published, whose sha256 is {expected_sha256}"
            raise SmallWeightsRefused(path, reason, digest)
        return _read(path, kind, shapes, digest)
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error})") from error


def _read(path: Path, kind: str, shapes: Shapes, digest: str) -> Arrays:
    try:
        with safe_open(path, framework="numpy") as file:  # type: ignore[no-untyped-call]
            about = json.loads((file.metadata() or {}).get(METADATA_KEY, "{}"))
            if not isinstance(about, dict) or about.get("format") != kind:
                raise SmallWeightsRefused(path, f"it does not say that it is of the format {kind!r}", digest)
            names = set(file.keys())
            if names != set(shapes):
                first = min(names ^ set(shapes))
                raise SmallWeightsRefused(path, f"{first} is missing or too much in it", digest)
            arrays = {name: np.asarray(file.get_tensor(name), np.float32) for name in shapes}
    except (SafetensorError, ValueError, TypeError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise SmallWeightsRefused(path, "it is not a whole safetensors file", digest) from error
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise SmallWeightsRefused(path, f"{name} has the shape {arrays[name].shape} in place of {shape}", digest)
        if not np.isfinite(arrays[name]).all():
            raise SmallWeightsRefused(path, f"{name} holds numbers that are not finite", digest)
    return arrays
