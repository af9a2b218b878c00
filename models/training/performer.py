"""The network as training uses it: one call from sample to output, whatever the size, so that DDP can wrap it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.layers.encoding import gaussian_map
from models.synergy.config import Stages
from models.synergy.motion import MotionBatch
from models.synergy.network import Picture, SynergyOutput, SynergyWarpNet
from models.training.corpus import Sample
from models.training.losses.keypoints import bent, equivariance
from models.training.losses.pixels import PARTS
from models.training.motions import BatchMotionEncoder, columns_of

HIDDEN_FROM = 0.3
"""Height of a part's Gaussian map from which a token belongs to it."""


@dataclass(frozen=True)
class Performance:
    """What the network made of a sample. equivariance: a scalar, where landmarks were bent."""

    output: SynergyOutput
    equivariance: Tensor | None = None


class SizedNetworks:
    """One set of weights at several picture sizes.

    No parameter depends on the size, but grids and token counts do; so there is one module per size, all of them
    holding the very same parameters and buffers.
    """

    def __init__(self, network: SynergyWarpNet) -> None:
        self.network = network
        self._by_size = {network.config.image_px: network}

    def at(self, image_px: int) -> SynergyWarpNet:
        """The network for pictures of `image_px`, in the mode the first one is in."""
        if image_px not in self._by_size:
            twin = SynergyWarpNet(replace(self.network.config, image_px=image_px))
            twin = twin.to(next(self.network.parameters()).device)
            twin.load_state_dict(self.network.state_dict(keep_vars=True), assign=True)
            self._by_size[image_px] = twin
        chosen = self._by_size[image_px]
        if chosen.training != self.network.training:
            chosen.train(self.network.training)
        return chosen


class Performer(nn.Module):
    """Prepares the pictures, hides parts of them from global attention, and animates."""

    def __init__(self, network: SynergyWarpNet, encoder: BatchMotionEncoder, *, bfloat16: bool = True) -> None:
        super().__init__()
        self.network = network
        self._bfloat16 = bfloat16
        self._sizes = SizedNetworks(network)
        self._encoder = encoder

    def forward(
        self,
        sample: Sample,
        image_px: int,
        stages: Stages = Stages.SYNERGY,
        hidden: Tensor | None = None,
        affine: Tensor | None = None,
    ) -> Performance:
        """Animate.

        Shapes:
            hidden: (R, P, parts) bool, which parts of which picture global attention does not see; None hides none.
            affine: (B, 2, 3), how to bend the driving landmarks for the equivariance term; None leaves it out.
        """
        network = self._sizes.at(image_px)
        with torch.autocast(sample.truth.device.type, torch.bfloat16, enabled=self._bfloat16):
            pictures = [network.prepare(p, m) for p, m in zip(sample.pictures, sample.motions, strict=True)]
            if hidden is not None:
                pictures = [without_parts(p, h) for p, h in zip(pictures, hidden, strict=True)]
            if sample.consecutive:
                pictures = [twice(picture) for picture in pictures]
            output: SynergyOutput = network(pictures, sample.driving, stages)
        term = None if affine is None else self._equivariance(network, sample.driving, affine)
        return Performance(output, term)

    def _equivariance(self, network: SynergyWarpNet, driving: MotionBatch, affine: Tensor) -> Tensor:
        landmarks = driving.landmarks()
        turned = self._encoder.encode(bent(landmarks, affine))
        return equivariance(network.keypoints(driving), network.keypoints(turned), affine)


def without_parts(picture: Picture, hidden: Tensor) -> Picture:
    """The picture with face parts wiped from its tokens and token pixels (semantic dropout, Implicit Warping).

    Flow-aligned features stay whole: only global attention has learned keys for what no picture shows.

    Shapes:
        hidden: (B, parts) bool.
    """
    size = picture.small.shape[-1]
    maps = [gaussian_map(picture.view.landmarks[:, list(part)], size, 0.08).amax(1) for part in PARTS]
    inside = torch.stack(maps, 1) > HIDDEN_FROM  # (B, parts, T, T)
    wiped = (inside & hidden[:, :, None, None]).any(1, keepdim=True)
    tokens = picture.appearance.tokens.masked_fill(wiped, 0.0)
    small = picture.small.masked_fill(wiped, 0.5)
    return replace(picture, small=small, appearance=replace(picture.appearance, tokens=tokens))


def twice(picture: Picture) -> Picture:
    """The batch after itself, for two driving frames of the same people."""
    view, appearance = picture.view, picture.appearance
    motion = MotionBatch(*(_twice(column) for column in columns_of(view.motion)))
    return Picture(
        _twice(picture.pixels),
        _twice(picture.small),
        replace(view, motion=motion, keypoints=_twice(view.keypoints), landmarks=_twice(view.landmarks)),
        type(appearance)(
            _twice(appearance.features), _twice(appearance.volume), _twice(appearance.tokens), _twice(appearance.keys)
        ),
    )


def _twice(values: Tensor) -> Tensor:
    return torch.cat([values, values])


def hide_parts(sample: Sample, chance: float, rng: np.random.Generator) -> Tensor | None:
    """Draw what global attention must do without: (R, P, parts) bool, or None where nothing was drawn."""
    people = len(sample.pictures[0])
    drawn = rng.random((len(sample.pictures), people, len(PARTS))) < chance
    return torch.from_numpy(drawn).to(sample.truth.device) if drawn.any() else None


def random_affine(batch: int, rng: np.random.Generator, device: torch.device) -> Tensor:
    """Affine maps that are more than similarities, so that the landmark fit cannot undo them whole: (B, 2, 3)."""
    matrix = np.eye(2) + rng.uniform(-0.2, 0.2, (batch, 2, 2))
    shift = rng.uniform(-0.1, 0.1, (batch, 2, 1))
    return torch.from_numpy(np.concatenate([matrix, shift], -1).astype(np.float32)).to(device)


class Average:
    """The exponential moving average of a network's parameters and statistics: what is measured and shipped."""

    def __init__(self, network: SynergyWarpNet, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.sizes = SizedNetworks(self.network)
        self._decay = decay
        self._mine, self._theirs, self._counts = self._pairs(network)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the network's values in; early steps weigh more, so that the start is forgotten."""
        decay = min(self._decay, step / (step + 50))
        torch._foreach_lerp_(self._mine, self._theirs, 1 - decay)
        for mine, theirs in self._counts:
            mine.copy_(theirs)

    def _pairs(self, network: SynergyWarpNet) -> tuple[list[Tensor], list[Tensor], list[tuple[Tensor, Tensor]]]:
        both = list(zip(self.network.state_dict().values(), network.state_dict().values(), strict=True))
        smooth = [(a, b) for a, b in both if a.dtype.is_floating_point]
        counts = [(a, b) for a, b in both if not a.dtype.is_floating_point]
        return [a for a, _ in smooth], [b for _, b in smooth], counts


@contextmanager
def held_still(network: nn.Module) -> Iterator[None]:
    """No gradient reaches this network's parameters inside."""
    wanted = [parameter.requires_grad for parameter in network.parameters()]
    network.requires_grad_(False)
    try:
        yield
    finally:
        for parameter, gradient in zip(network.parameters(), wanted, strict=True):
            parameter.requires_grad_(gradient)
