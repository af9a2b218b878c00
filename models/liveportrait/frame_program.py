"""A whole frame of LivePortrait's W, G and S for an engine: driving keypoints in, the finished square out."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.layers.joining import join_convolutions
from models.liveportrait.generator import SpadeGenerator, SpadeNorm
from models.liveportrait.layers import SpectralConv2d
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.warp import DenseMotion
from models.sampling import sample, unit_grid
from models.session.lanes import Lane, Lanes
from models.session.program import Finish, Recipe
from models.synergy.detail import as_bytes


@dataclass(frozen=True)
class WantedFrame:
    """What a frame is to be like. put_back: the square is shown inside the one the portrait came in."""

    stitching: bool = True
    put_back: bool = False
    foreground: bool = False


class LivePortraitProgram:
    """Implements `models.session.program.FrameProgram`.

    network: as `on_engine` makes it, shared with every other program of its engine.
    """

    def __init__(
        self, network: LivePortraitNetwork, dtype: torch.dtype, wanted: WantedFrame, finish: Finish | None = None
    ) -> None:
        self._network, self._dtype, self.wanted, self._finish = network, dtype, wanted, finish

    @property
    def key(self) -> Hashable:
        return (id(self._network), self.wanted, None if self._finish is None else self._finish.key)

    @property
    def row_length(self) -> int:
        """Of the driving keypoints."""
        return 3 * self._network.config.keypoints

    def kept(
        self,
        volume: Tensor,
        keypoints: Tensor,
        placing: tuple[Tensor, Tensor, Tensor] | None,
        mask: tuple[Tensor, Tensor] | None,
    ) -> tuple[Tensor, ...]:
        """What the engine is to keep of a person, in the order `run` reads it.

        Shapes:
            volume, keypoints: of the portrait. placing: (around, places, shown) of `ImplicitPortrait`, where the square
            is put back. mask: (1, 1, S, S), and (2, 2), see `mask_scale`; where the moved mask is wanted.
        """
        finish = () if self._finish is None else self._finish.kept(volume.device)
        return (volume, keypoints, *(placing or ()), *(mask or ()), *finish)

    def run(self, row: Tensor, kept: tuple[Tensor, ...], lanes: Lanes) -> tuple[Tensor, ...]:
        """The square as bytes, or what the finish made of it; confidence, which is 1; the moved mask if wanted."""
        volume, source, *rest = kept
        placing = tuple(rest.pop(0) for _ in range(3)) if self.wanted.put_back else None
        mask = tuple(rest.pop(0) for _ in range(2)) if self.wanted.foreground else None
        goal = row.view(1, -1, 3)
        if self.wanted.stitching:
            with lanes.on(Lane.MAIN, "stitch"):
                goal = self._stitched(source, goal)
        lower = self._dtype is not torch.float32
        with torch.autocast(row.device.type, self._dtype if lower else None, enabled=lower, cache_enabled=False):
            with lanes.on(Lane.MAIN, "warp"):
                warped = self._network.warping_module(volume, goal, source)
            with lanes.on(Lane.MAIN, "generate"):
                made = self._network.spade_generator(warped.features).float()
        if placing is not None:
            around, places, shown = placing
            made = torch.lerp(around, sample(made, places), shown)
        foreground = None if mask is None else _moved_mask(mask, placing, warped.motion)
        square, certain = as_bytes(made), torch.ones(1, device=row.device)
        if self._finish is not None:
            with lanes.on(Lane.MAIN, "finish"):
                return self._finish.run(square, foreground, tuple(rest)), certain
        return (square, certain) if foreground is None else (square, certain, foreground)

    def _stitched(self, source: Tensor, goal: Tensor) -> Tensor:
        """S on the device: (1, K, 3)."""
        network: nn.Module = self._network.retarget_shoulder
        answer: Tensor = network(torch.cat([source.flatten(1), goal.flatten(1)], dim=1))
        shift = torch.nn.functional.pad(answer[:, None, -2:], (0, 1))
        return goal + answer[:, :-2].view(1, -1, 3) + shift

    def recipe(self) -> Recipe | None:
        """Not compiled: its filters are attributes (`SpectralConv2d.fixed`) that a compiler would copy."""
        return None

    def weights(self) -> Mapping[str, Tensor]:
        return {}


def on_engine(network: LivePortraitNetwork, device: torch.device, dtype: torch.dtype) -> LivePortraitNetwork:
    """The network as programs run it: W and G with filters of `dtype`, channels last, SPADE's convolutions joined.

    F, M and the small networks stay in float32, they are asked rarely or are tiny.
    """
    made = copy.deepcopy(network).eval().requires_grad_(False)
    made.fix()
    join_middle(made.spade_generator)
    made.to(device)
    for part in (made.warping_module, made.spade_generator):
        for module in part.modules():
            if isinstance(module, (nn.Conv2d, nn.Conv3d)):
                module.to(dtype)
                if isinstance(module, nn.Conv2d):
                    module.weight.data = module.weight.data.contiguous(memory_format=torch.channels_last)
            elif isinstance(module, SpectralConv2d):
                _lower(module, dtype)
    return made


def join_middle(generator: SpadeGenerator) -> None:
    """The convolutions of all SPADE layers that read the warped features as they are; scale and shift of each layer."""
    paths = [
        f"{path}.mlp_shared.0"
        for path, module in generator.named_modules()
        if isinstance(module, SpadeNorm) and path.startswith("G_middle_")
    ]
    layers = [module for module in generator.modules() if isinstance(module, SpadeNorm)]
    if len(paths) > 1:
        join_convolutions(generator, "middle_reading", paths)
    for layer in layers:
        join_convolutions(layer, "modulation", ["mlp_gamma", "mlp_beta"])


def mask_scale(places: Tensor) -> Tensor:
    """(2, 2): offsets of the networks' square as offsets of the one around it, from how `places` (1, S, S, 2) goes on.

    Made once a person: to invert a matrix a GPU has to be waited for.
    """
    side = places.shape[1]
    steps = torch.stack([places[0, 0, 1] - places[0, 0, 0], places[0, 1, 0] - places[0, 0, 0]], dim=1)
    inverse: Tensor = torch.linalg.inv(steps)
    return inverse * (2.0 / side)


def _moved_mask(mask: tuple[Tensor, ...], placing: tuple[Tensor, ...] | None, motion: DenseMotion) -> Tensor:
    """(S, S): the person's mask moved as the volume is, by the mean of its flow over all depths."""
    foreground, scale = mask
    side = foreground.shape[-1]
    rows = motion.deformation.shape[2]
    still = torch.linspace(-1.0, 1.0, rows, device=foreground.device)  # the positions the networks start from
    flow = motion.deformation[..., :2].float().mean(1) - torch.stack(torch.meshgrid(still, still, indexing="xy"), -1)
    own = unit_grid((side, side), like=foreground)
    places = own if placing is None else placing[1]
    offsets = sample(flow.permute(0, 3, 1, 2), places).permute(0, 2, 3, 1)  # in the networks' square
    if placing is not None:
        offsets = placing[2][:, 0, ..., None] * offsets
    return sample(foreground, own + offsets @ scale.T)[0, 0]


def _lower(module: SpectralConv2d, dtype: torch.dtype) -> None:
    assert module.fixed is not None
    module.fixed = module.fixed.to(dtype, memory_format=torch.channels_last)
    if module.bias is not None:
        module.bias.data = module.bias.data.to(dtype)
    module.weight_orig.data = module.weight_orig.data.new_empty(0)  # what `fixed` was made of
