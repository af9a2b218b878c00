"""Trains the stitching network S with the base network frozen (LivePortrait Sec. 3.3), driven across identities.

A portrait of one person is driven by the motion of another. The picture as it is sent should keep the shoulders of the
portrait; where the face is it should be the picture that comes without stitching; neck and hair in between should
neither fold nor be pulled long; and S should change little. So that S does its part and does not leave all of it to the
geometric hold behind it (`models.synergy.stitching`), the network's own picture is asked to keep the shoulders as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from models.motion.controls import MotionControls
from models.motion.small_weights import Arrays
from models.motion.transfer import MotionTransfer
from models.synergy.config import ANCHORS
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, SynergyWarpNet
from models.synergy.stitching import NECK_FROM, Neck, head_share, hold_border
from models.synergy.stitching_network import BEGINS_BY, FARTHEST, LENGTH_BY, NAME, SIZES, spread
from models.types import MotionState

SHOULDERS_BELOW = 0.15
"""Shoulders begin so far below the chin, in half widths of the face, and are whole 0.2 further down."""

FOLD, PULL = 0.35, 2.2
"""Steps of the flow smaller and larger than so many cells count as folded and as pulled long."""


@dataclass(frozen=True)
class StitchRecipe:
    """How S is trained. image_px: side of the pictures. The rest below are weights of the losses.

    shoulders: of the picture as sent. own: of the network's own picture. face: against the unstitched picture.
    bend: of folds and pulls. size: of what S changes.
    """

    image_px: int = 128
    batch: int = 6
    steps: int = 400
    learning_rate: float = 2e-3
    shoulders: float = 4.0
    own: float = 0.5
    face: float = 4.0
    bend: float = 0.5
    size: float = 0.02
    seed: int = 0


@dataclass(frozen=True)
class StitchSample:
    """Portraits and what other people make them do. Shapes: pictures: (B, 3, S, S) in [0, 1]."""

    pictures: Tensor
    sources: Sequence[MotionState]
    drivings: Sequence[MotionState]


@dataclass(frozen=True)
class StitchTerms:
    """The losses before they are weighed; scalars."""

    shoulders: Tensor
    own: Tensor
    face: Tensor
    bend: Tensor
    size: Tensor

    def total(self, recipe: StitchRecipe) -> Tensor:
        """Weighed and added."""
        names = ("shoulders", "own", "face", "bend", "size")
        return torch.stack([float(getattr(recipe, name)) * getattr(self, name) for name in names]).sum()


class StitchModel(nn.Module):
    """`models.synergy.stitching_network.StitchingNetwork` with gradients, in batches."""

    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("spread", torch.from_numpy(spread()))
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(SIZES))
        nn.init.zeros_(self.layers[-1].weight)  # type: ignore[arg-type]

    def forward(self, source: MotionBatch, driving: MotionBatch) -> tuple[MotionBatch, list[Neck], Tensor]:
        """The changed motion, one neck per sample, and S's answer (B, 3 K + 4) in [-1, 1]."""
        answer = torch.tanh(self._answer(source, driving) - self._answer(source, source))
        count = 3 * len(ANCHORS)
        moved = FARTHEST * torch.unflatten(answer[:, :count], 1, (-1, 3)) @ driving.camera_from_head
        shift = nn.functional.pad(answer[:, count : count + 2], (0, 1)) * source.scale[:, None] * FARTHEST
        changed = MotionBatch(
            driving.canonical,
            driving.expression + self.spread @ moved,
            driving.camera_from_head,
            driving.scale,
            driving.translation + shift,
        )
        necks = [Neck(NECK_FROM + BEGINS_BY * a[-2], torch.exp(LENGTH_BY * a[-1])) for a in answer]
        return changed, necks, answer

    def arrays(self) -> Arrays:
        """What a weights file holds."""
        return {
            f"{NAME}.{number}.{part}": np.array(value.detach().cpu().numpy())
            for number, layer in enumerate(self.layers)
            for part, value in layer.named_parameters()
        }

    def _answer(self, source: MotionBatch, driving: MotionBatch) -> Tensor:
        anchors = list(ANCHORS)
        both = torch.cat([source.landmarks()[:, anchors], driving.landmarks()[:, anchors]], 1)
        values = ((both - source.translation[:, None]) / source.scale[:, None, None]).flatten(1)
        for number, layer in enumerate(self.layers):
            values = layer(nn.functional.silu(values) if number else values)
        return values


class StitchTrainer:
    """Trains S against one frozen network."""

    def __init__(self, network: SynergyWarpNet, recipe: StitchRecipe) -> None:
        self._network = network.eval().requires_grad_(False)
        self._recipe = recipe
        torch.manual_seed(recipe.seed)
        self._device = next(network.parameters()).device
        self.model = StitchModel().to(self._device)
        self._optimiser = torch.optim.Adam(self.model.parameters(), lr=recipe.learning_rate)

    def take_step(self, sample: StitchSample, progress: float) -> StitchTerms:
        """Learn from one batch. progress: share of the run that is done."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._recipe.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        terms = self.terms(sample)
        self._optimiser.zero_grad(set_to_none=True)
        terms.total(self._recipe).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimiser.step()
        return terms

    def terms(self, sample: StitchSample) -> StitchTerms:
        """The losses of one batch."""
        source, driving = (MotionBatch.of(states, self._device) for states in (sample.sources, sample.drivings))
        changed, necks, answer = self.model(source, driving)
        with torch.autocast(self._device.type, torch.bfloat16):
            with torch.no_grad():
                bank = self._network.bank([self._network.prepare(sample.pictures, source)])
                free = self._network.animate(bank, driving).image.float()
            image, flow = self._animated(bank, changed)
        rows = [
            self._row(sample, number, (image, flow, free), necks[number], _state(changed, number))
            for number in range(len(necks))
        ]
        shoulders, own, face, bend = torch.stack([torch.stack(row) for row in rows]).mean(0).unbind()
        return StitchTerms(shoulders, own, face, bend, answer.square().mean())

    def _animated(self, bank: Bank, motion: MotionBatch) -> tuple[Tensor, Tensor]:
        output = self._network.animate(bank, motion)
        return output.image.float(), output.flow.float()

    @staticmethod
    def _row(
        sample: StitchSample, number: int, made: tuple[Tensor, Tensor, Tensor], neck: Neck, driving: MotionState
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Shoulders, own shoulders, face and bend of one sample."""
        image, flow, free = (values[number : number + 1] for values in made)
        portrait, source = sample.pictures[number : number + 1], sample.sources[number]
        held = hold_border(image, flow, portrait, source, driving, neck)
        face = face_region(sample.drivings[number], portrait)
        body = shoulder_region(source, portrait) * (1 - face)
        return (
            _mean_change(held.image, portrait, body),
            _mean_change(image, portrait, body),
            _mean_change(held.image, free, face),
            bending(held.flow),
        )


def draw_pair(
    states: Sequence[MotionState], portrait: int, driver: int, neutral: int, gain: float = 1.0
) -> tuple[MotionState, MotionState]:
    """The portrait's state, and what it is to do when the driver, measured against `neutral`, does `driver`."""
    transfer = MotionTransfer(neutral=states[neutral])
    return states[portrait], transfer.drive(states[portrait], states[driver], MotionControls(gain=gain))


def shoulder_region(source: MotionState, like: Tensor) -> Tensor:
    """(1, 1, S, S): 1 below the portrait's chin, over the whole width; soft at its upper edge."""
    side = like.shape[-1]
    axis = (torch.arange(side, device=like.device, dtype=like.dtype) + 0.5) * (2.0 / side) - 1.0
    chin = float(source.keypoints()[:468, 1].max())
    rows = ((axis - chin) / source.scale - SHOULDERS_BELOW).div(0.2).clamp(0.0, 1.0)
    return rows[None, None, :, None].expand(1, 1, side, side)


def face_region(driving: MotionState, like: Tensor) -> Tensor:
    """(1, 1, S, S): 1 where the moved face is and a little around it."""
    side = like.shape[-1]
    never = Neck(-1e3, 1.0)  # a neck that begins above everything leaves the face alone
    return head_share(driving, driving, like.new_empty(1, side, side, 2), never)


def bending(flow: Tensor) -> Tensor:
    """How much a flow folds or pulls: mean excess of its steps from cell to cell beyond `FOLD` and `PULL`.

    Shapes:
        flow: (1, H, W, 2) unit coordinates.
    """
    cell = 2.0 / flow.shape[1]
    along_y, along_x = flow[..., 1].diff(dim=1) / cell, flow[..., 0].diff(dim=2) / cell
    return sum_excess(along_y) + sum_excess(along_x)


def sum_excess(steps: Tensor) -> Tensor:
    """Mean over positions of what is below `FOLD` and above `PULL`."""
    return (torch.relu(FOLD - steps) + torch.relu(steps - PULL)).mean()


def _mean_change(picture: Tensor, other: Tensor, where: Tensor) -> Tensor:
    return (where * (picture - other).abs()).sum() / (3 * where.sum()).clamp_min(1.0)


def _state(motion: MotionBatch, number: int) -> MotionState:
    """One state of a batch on the host, without gradients."""
    arrays = [
        np.asarray(column[number].detach().cpu().numpy(), np.float32)
        for column in (motion.canonical, motion.expression, motion.camera_from_head, motion.translation)
    ]
    return MotionState(arrays[0], arrays[1], arrays[2], float(motion.scale[number].detach()), arrays[3])
