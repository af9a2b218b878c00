"""Imported weights of LivePortrait as one file: a safetensors file that says where its numbers come from.

Numbers are float32, as in the public files, and stand under their names there. The metadata holds the configuration,
the SHA-256 of every public file, and one of the numbers themselves, by which damage is found.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from models.errors import CheckpointError
from models.liveportrait.config import PRESETS, LivePortraitConfig
from models.liveportrait.network import LivePortraitNetwork
from models.synergy.weights import (
    COUNTERS,
    LARGEST_FILE_BYTES,
    METADATA_KEY,
    Header,
    Undrawn,
    WeightsRefused,
    Wrong,
    check_shapes,
    read_header,
    sha256_of,
)

FORMAT = "liveportrait-weights-1"
NAME = "liveportrait"

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Imported:
    """What an imported file says about itself.

    sources: SHA-256 of every public file by its name. contents: SHA-256 of the numbers.
    """

    config: LivePortraitConfig
    sources: Mapping[str, str]
    contents: str


def weights_name(config: LivePortraitConfig) -> str:
    """The file name under which the program looks for weights."""
    return f"{NAME}-{config.name}.safetensors"


def expected_shapes(config: LivePortraitConfig) -> Shapes:
    """Name and shape of every number a weights file holds; BatchNorm's counters are not among them."""
    with Undrawn():
        state = LivePortraitNetwork(config).state_dict()
    return {name: tuple(value.shape) for name, value in state.items() if not name.endswith(COUNTERS)}


def save_imported(
    path: Path, config: LivePortraitConfig, state: Mapping[str, Tensor], sources: Mapping[str, str]
) -> str:
    """Write the weights, whole or not at all; the file's SHA-256.

    Raises:
        OSError: as the system says; nothing is left behind.
    """
    contents = hashlib.sha256()
    for name in sorted(state):
        _add(contents, name, state[name])
    about = {"format": FORMAT, "config": asdict(config), "sources": dict(sources), "contents": contents.hexdigest()}
    part = path.with_name(path.name + ".part")
    try:
        save_file(dict(state), part, metadata={METADATA_KEY: json.dumps(about, sort_keys=True)})
        os.replace(part, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return sha256_of(path)


def load_imported(path: Path, *, preset: str | None = None) -> LivePortraitNetwork:
    """The networks of a file, for inference. `preset`: the configuration that was asked for, None takes any.

    Raises:
        WeightsRefused: the file is wrong or cut short.
        CheckpointError: it cannot be read.
    """
    about, header = _inspected(path)
    if preset is not None and about.config.name != preset:
        raise _refused(path, f"it holds the preset {about.config.name!r}, not {preset!r}")
    with Undrawn():
        network = LivePortraitNetwork(about.config)
    state = network.state_dict()
    try:
        fill(state, header.shapes, path)
    except Wrong as error:
        raise _refused(path, str(error)) from error
    for name, value in state.items():
        if name.endswith(COUNTERS):
            value.zero_()
    network.eval().requires_grad_(requires_grad=False)
    network.fix()
    return network


def inspect_imported(path: Path, *, whole: bool = False) -> Imported:
    """What a file says about itself, without loading it. whole: its numbers are read and compared with their checksum.

    Raises:
        WeightsRefused: the file is wrong, cut short or changed.
        CheckpointError: it cannot be read.
    """
    about, header = _inspected(path)
    if whole:
        contents = hashlib.sha256()
        with safe_open(path, framework="pt") as file:  # type: ignore[no-untyped-call]
            for name in sorted(header.shapes):
                _add(contents, name, file.get_tensor(name))
        if contents.hexdigest() != about.contents:
            raise _refused(path, "its numbers are not those that were imported")
    return about


def bounded_header(path: Path, wanted: str) -> Header:
    """The header of a file of the format `wanted` that is neither too large nor cut short.

    Raises:
        Wrong: the file is wrong or cut short.
        CheckpointError: it is too large.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise CheckpointError(f"{path.name} is refused: it has {size} bytes, more than any weights of this program")
    header = read_header(path, wanted)
    if size != header.file_bytes:
        raise Wrong(f"it is {size} bytes long and should be {header.file_bytes}, so it was cut short or added to")
    return header


def stated_config(metadata: Mapping[str, object]) -> LivePortraitConfig:
    """The preset a file is of.

    Raises:
        Wrong: none of this program.
    """
    raw = metadata.get("config")
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or name not in PRESETS or raw != json.loads(json.dumps(asdict(PRESETS[name]))):
        raise Wrong("its configuration is not one of this program's")
    return PRESETS[name]


def fill(state: Mapping[str, Tensor], names: Iterable[str], path: Path) -> None:
    """Copy what a checked file calls `names` into the tensors of those names.

    Raises:
        Wrong: a number is not finite.
    """
    with safe_open(path, framework="pt") as file:  # type: ignore[no-untyped-call]
        for name in names:
            state[name].copy_(file.get_tensor(name))
            if not torch.isfinite(state[name]).all():
                raise Wrong(f"{name} holds numbers that are not finite")


def _inspected(path: Path) -> tuple[Imported, Header]:
    try:
        header = bounded_header(path, FORMAT)
        about = _about(header.metadata)
        check_shapes(header.shapes, expected_shapes(about.config))
    except Wrong as error:
        raise _refused(path, str(error)) from error
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error})") from error
    return about, header


def _about(metadata: Mapping[str, object]) -> Imported:
    config, sources, contents = stated_config(metadata), metadata.get("sources"), metadata.get("contents")
    if not isinstance(sources, dict) or not isinstance(contents, str):
        raise Wrong("it does not say where its numbers come from")
    return Imported(config, {str(file): str(sha256) for file, sha256 in sources.items()}, contents)


def _refused(path: Path, reason: str) -> WeightsRefused:
    return WeightsRefused(path, reason, sha256_of(path))


def _add(digest: hashlib._Hash, name: str, value: Tensor) -> None:
    digest.update(name.encode())
    digest.update(value.detach().contiguous().numpy().data.cast("B"))
