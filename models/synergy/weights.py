"""Weights of a SynergyWarpNet as one file: written small, read fast, and refused by name, reason and checksum.

A safetensors file (no code can hide in it). Matrices and filters are float16; vectors (BatchNorm statistics, biases,
gains) and the mean face stay float32. Everything else the program has to know stands in the file's metadata: format
version, configuration, notes on the origin.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from models.errors import CheckpointError, ModelError
from models.synergy.config import PRESETS, SynergyConfig
from models.synergy.network import SynergyWarpNet

FORMAT = "synergy-weights-1"
METADATA_KEY = "understudy"
LARGEST_FILE_BYTES = 1 << 30
LARGEST_HEADER_BYTES = 1 << 20
LARGEST_PICTURE_PX = 1024

FULL_PRECISION = ("keypoints.mean",)
COUNTERS = "num_batches_tracked"
DTYPES = {"F16", "F32"}

State = dict[str, Tensor]


@dataclass(frozen=True)
class Header:
    """What stands before the numbers of a safetensors file.

    shapes: of every tensor by name. file_bytes: how long the file has to be.
    """

    shapes: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, object]
    file_bytes: int


class Undrawn(TorchFunctionMode):
    """Makes modules without drawing the random numbers they begin with, which stored ones replace anyway.

    Memory that nothing is written to is not taken either. (Torch's own way, the meta device, imports its compiler for
    the first product of two numbers, which takes three seconds.)
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        del types
        if func in (torch.Tensor.uniform_, torch.Tensor.normal_):
            return args[0]
        return (torch.empty if func is torch.randn else func)(*args, **(kwargs or {}))


class WeightsRefused(CheckpointError):
    """A weights file is wrong, truncated or changed; the sentence names file, reason and checksum."""

    def __init__(self, path: Path, reason: str, sha256: str) -> None:
        self.reason, self.sha256 = reason, sha256
        super().__init__(f"{path.name} is refused: {reason}; its sha256 is {sha256}")


def save_weights(path: Path, network: SynergyWarpNet, config: SynergyConfig, notes: Mapping[str, str]) -> str:
    """Write the network's weights; whole or not at all. The file's SHA-256.

    Raises:
        ModelError: a weight is not finite or too large for float16, or the network is not of `config`.
    """
    state = {name: value for name, value in network.state_dict().items() if not name.endswith(COUNTERS)}
    if {name: tuple(value.shape) for name, value in state.items()} != expected_shapes(config):
        raise ModelError(f"the network is not of the configuration {config.name!r}")
    stored = {name: _stored(name, value) for name, value in state.items()}
    about = {"format": FORMAT, "config": asdict(config), "notes": dict(notes)}
    part = path.with_name(path.name + ".part")
    save_file(stored, part, metadata={METADATA_KEY: json.dumps(about, sort_keys=True)})
    os.replace(part, path)
    return sha256_of(path)


def load_weights(
    path: Path, expected_sha256: str | None = None, *, preset: str | None = None
) -> tuple[SynergyConfig, State]:
    """Configuration and float32 state of a weights file, checked key by key.

    `expected_sha256` is the manifest's, None for a file of the person's own; `preset` is the configuration's name that
    was asked for, None takes any.

    Raises:
        WeightsRefused: the file is wrong, truncated or changed.
        CheckpointError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise CheckpointError(f"{path.name} is refused: it has {size} bytes, more than any weights of this program")
        return _load(path, size, expected_sha256, preset)
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error})") from error


def build_network(config: SynergyConfig, state: State) -> SynergyWarpNet:
    """A network for inference with the given weights."""
    with Undrawn():
        network = SynergyWarpNet(config)
    network.load_state_dict(state)
    return network.eval()


def expected_shapes(config: SynergyConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor a weights file of `config` holds."""
    with Undrawn():
        state = SynergyWarpNet(config).state_dict()
    return {name: tuple(value.shape) for name, value in state.items() if not name.endswith(COUNTERS)}


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stored(name: str, value: Tensor) -> Tensor:
    if not torch.isfinite(value).all():
        raise ModelError(f"{name} holds numbers that are not finite")
    if value.ndim < 2 or name in FULL_PRECISION:
        return value.detach().float().contiguous()
    half = value.detach().half()
    if not torch.isfinite(half).all():
        raise ModelError(f"{name} holds numbers too large for float16")
    return half.contiguous()


def _load(path: Path, size: int, expected_sha256: str | None, preset: str | None) -> tuple[SynergyConfig, State]:
    digest = sha256_of(path)
    try:
        header = read_header(path)
        if size != header.file_bytes:
            raise Wrong(f"it is {size} bytes long and should be {header.file_bytes}, so it was cut short or added to")
        if expected_sha256 is not None and digest != expected_sha256:
            raise Wrong(f"it is not the file that was published, whose sha256 is {expected_sha256}")
        config = _config(header.metadata)
        if preset is not None and config.name != preset:
            raise Wrong(f"it holds the preset {config.name!r}, not {preset!r}")
        check_shapes(header.shapes, expected_shapes(config))
        return config, _read_state(path, header)
    except (Wrong, ModelError, SafetensorError) as error:
        raise WeightsRefused(path, str(error), digest) from error


class Wrong(Exception):
    """The reason of a refusal, on its way to `WeightsRefused`."""


def read_header(path: Path, wanted: str = FORMAT) -> Header:
    """What a safetensors file of the format `wanted` says about itself, in bounded memory.

    Raises:
        Wrong: it is no such file.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= LARGEST_HEADER_BYTES else b""
    try:
        if len(text) != length:
            raise ValueError
        raw = json.loads(text)
        about = json.loads(raw.pop("__metadata__", {}).get(METADATA_KEY, "{}"))
        shapes = {name: tuple(int(n) for n in entry["shape"]) for name, entry in raw.items()}
        end = max((int(entry["data_offsets"][1]) for entry in raw.values()), default=0)
        dtypes = {entry["dtype"] for entry in raw.values()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise Wrong("it is not a safetensors file") from error
    if not isinstance(about, dict) or about.get("format") != wanted:
        raise Wrong(f"it does not say that it is of the format {wanted!r}")
    if not dtypes <= DTYPES:
        raise Wrong(f"it holds numbers of the kinds {', '.join(sorted(map(str, dtypes)))}")
    return Header(shapes, about, 8 + length + end)


def _config(metadata: Mapping[str, object]) -> SynergyConfig:
    """The configuration the file names: a preset of this program, trained at any size of picture."""
    raw = metadata.get("config")
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(name, str) or name not in PRESETS:
        raise Wrong("its configuration is not one of this program's")
    config = PRESETS[name]
    known = json.loads(json.dumps(asdict(config)))  # tuples as lists, as in the file
    if any(field != "image_px" and (field not in known or known[field] != value) for field, value in raw.items()):
        raise Wrong(f"its configuration is not that of the preset {name!r} in this version of the program")
    side = raw.get("image_px", config.image_px)
    if type(side) is not int or not 0 < side <= LARGEST_PICTURE_PX:
        raise Wrong("its configuration has an impossible image_px")
    return replace(config, image_px=side)


def check_shapes(found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Every tensor is there, known, and of its shape.

    Raises:
        Wrong: naming the first that is not.
    """
    for problem, names in (("lacks", set(wanted) - set(found)), ("has an unknown", set(found) - set(wanted))):
        if names:
            first = min(names)
            raise Wrong(f"it {problem} {first}" + (f" and {len(names) - 1} more" if len(names) > 1 else ""))
    wrong = sorted(name for name in wanted if found[name] != wanted[name])
    if wrong:
        raise Wrong(f"{wrong[0]} has the shape {found[wrong[0]]} in place of {wanted[wrong[0]]}")


def _read_state(path: Path, header: Header) -> State:
    state: State = {}
    with safe_open(path, framework="pt") as file:  # type: ignore[no-untyped-call]
        for name in header.shapes:
            state[name] = file.get_tensor(name).float()
            if not torch.isfinite(state[name]).all():
                raise Wrong(f"{name} holds numbers that are not finite")
            if name.endswith("running_var"):
                state[name.removesuffix("running_var") + COUNTERS] = torch.zeros((), dtype=torch.int64)
    return state
