"""Weights made by a rule (../shared/parity/README.md): every entry's numbers follow from its name, shape and a seed."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.liveportrait.network import GROUPS, LivePortraitNetwork

Numbers = npt.NDArray[np.float64]

STEPS = 100


def ruled_state(group: str, shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, Tensor]:
    """A state dict of one network."""
    state = {
        name: _entry(f"{group}/{name}", shape, seed)
        for name, shape in shapes.items()
        if not name.endswith(("weight_u", "weight_v"))
    }
    for name in [name for name in state if name.endswith("weight_orig")]:
        stem = name.removesuffix("orig")
        state[f"{stem}u"], state[f"{stem}v"] = _singular_vectors(state[name])
    return {name: state[name] for name in shapes}


def fill_by_rule(network: LivePortraitNetwork, seed: int) -> None:
    """All seven networks."""
    for group in GROUPS:
        part = network.get_submodule(group)
        part.load_state_dict(ruled_state(group, shapes_of(part), seed))


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Every entry of the state dict, with its shape."""
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def _entry(path: str, shape: tuple[int, ...], seed: int) -> Tensor:
    leaf = path.rsplit(".", 1)[-1]
    if leaf == "num_batches_tracked":
        return torch.zeros((), dtype=torch.int64)
    z = np.random.default_rng([seed, zlib.crc32(path.encode())]).standard_normal(shape)
    return torch.from_numpy(np.ascontiguousarray(_scaled(leaf, z).astype(np.float32)))


def _scaled(leaf: str, z: Numbers) -> Numbers:
    if leaf == "running_mean":
        return 0.1 * z
    if leaf == "running_var":
        return np.asarray(0.5 + np.abs(z))
    if leaf == "bias":
        return 0.05 * z
    if leaf in ("gamma", "beta"):
        return 0.3 * z
    if z.ndim <= 1:
        return 1.0 + 0.1 * z
    return np.asarray(z * np.sqrt(1.5 / np.prod(z.shape[1:])))


def _singular_vectors(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A hundred steps of the power iteration; all but the first on the small square matrix, which is the same."""
    w = weight.numpy().reshape(len(weight), -1).astype(np.float64)
    square = w @ w.T
    u = w @ np.full(w.shape[1], w.shape[1] ** -0.5)
    for _ in range(STEPS - 1):
        u = square @ (u / np.linalg.norm(u))
    u /= np.linalg.norm(u)
    v = w.T @ u
    v /= np.linalg.norm(v)
    return torch.from_numpy(u.astype(np.float32)), torch.from_numpy(v.astype(np.float32))
