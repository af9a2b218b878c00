"""The whole frame of SynergyWarpNet for an engine: motion in as one row of numbers, the finished square out.

What `SynergyAnimator.step` does with the host's help - eyelids, the still border, fine detail, bytes - is done here by
the device alone, with the same functions or ones that are tested to agree.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.sampling import sample
from models.session.lanes import ONE_LANE, Lane, Lanes
from models.session.program import Finish, Recipe
from models.synergy.config import Stages, SynergyConfig
from models.synergy.dense_warp import View
from models.synergy.detail import as_bytes, with_detail
from models.synergy.export import BANK, driving_arrays, result_tensors
from models.synergy.lid_row import ROW_LENGTH as LID_NUMBERS
from models.synergy.lid_row import lid_row, paint_lids
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, SynergyWarpNet
from models.synergy.runtime import EagerRuntime, RuntimeFrame, precision
from models.synergy.stitching import FACE_STEP, HeadPose, Neck, enlarged, enlarged_grid, hold_by, share_of
from models.types import LANDMARK_COUNT, FloatArray, MotionState

MOTION_SHAPES = ((LANDMARK_COUNT, 3), (LANDMARK_COUNT, 3), (3, 3), (), (3,))
"""Of `export.DRIVING`."""

MOTION_NUMBERS = sum(int(np.prod(shape)) for shape in MOTION_SHAPES)
HEAD_NUMBERS = 7


@dataclass(frozen=True)
class Wanted:
    """What a frame is to be like; each combination is a program of its own.

    detail: the portrait has more than the network's size shows. foreground: the moved mask is to be read back, or the
        finish needs it.
    """

    stitching: bool = True
    detail: bool = False
    foreground: bool = False


def frame_row(
    source: MotionState, driving: MotionState, neck: Neck, side: int, out: FloatArray | None = None
) -> FloatArray:
    """The numbers of a frame. side: of the network's picture, pixels; out: where they go."""
    head = HeadPose.of(source, driving, neck)
    place = (head.x, head.y, head.scale, head.down_x, head.down_y, head.begins, head.length)
    motion = [part.reshape(-1) for part in driving_arrays(driving)]
    parts = [*motion, np.array([float(value) for value in place], np.float32), lid_row(source, driving, side)]
    return np.concatenate(parts, out=out)


class SynergyProgram:
    """See the module; implements `models.session.program.FrameProgram`.

    network: as `EagerRuntime` keeps it, shared with every other program of its engine.
    """

    row_length = MOTION_NUMBERS + HEAD_NUMBERS + LID_NUMBERS

    def __init__(
        self,
        network: SynergyWarpNet,
        dtype: torch.dtype,
        stages: Stages,
        wanted: Wanted,
        finish: Finish | None = None,
    ) -> None:
        self._network, self._dtype, self._stages = network, dtype, stages
        self.wanted, self._finish = wanted, finish

    @property
    def key(self) -> Hashable:
        finish = None if self._finish is None else self._finish.key
        return (id(self._network), self._stages, self.wanted, finish)

    def kept(
        self, bank: tuple[Tensor, ...], picture: Tensor, detail: Tensor | None, foreground: Tensor | None
    ) -> tuple[Tensor, ...]:
        """What the engine is to keep of a person, in the order `run` reads it. bank: in the order of `export.BANK`."""
        optional = (detail if self.wanted.detail else None, foreground if self.wanted.foreground else None)
        finish = () if self._finish is None else self._finish.kept(picture.device)
        return (*bank, picture, *(tensor for tensor in optional if tensor is not None), *finish)

    def run(self, row: Tensor, kept: tuple[Tensor, ...], lanes: Lanes) -> tuple[Tensor, ...]:
        """The square as bytes, or what the finish made of it; mean confidence; the moved mask where it was asked for.

        Shapes:
            -> (S, S, 3) uint8, (1,) float32, and (S, S) float32.
        """
        return self.run_with(self._network, row, kept, lanes)

    def run_with(
        self, network: SynergyWarpNet, row: Tensor, kept: tuple[Tensor, ...], lanes: Lanes
    ) -> tuple[Tensor, ...]:
        """`run` with another network of the same configuration."""
        bank, picture, *rest = kept[: len(BANK)], *kept[len(BANK) :]
        detail = rest.pop(0) if self.wanted.detail else None
        mask = rest.pop(0) if self.wanted.foreground else None
        numbers, head, lids = torch.split(row, [MOTION_NUMBERS, HEAD_NUMBERS, LID_NUMBERS])
        motion = motion_of(numbers)
        with precision(row.device, self._dtype):
            output = network.animate(bank_of(bank), motion, self._stages, lanes)
        made = RuntimeFrame(*(part.float() for part in result_tensors(output)))
        with lanes.on(Lane.MAIN, "lids, border, detail"):
            square, flow = self._finished(made, motion, picture, detail, (head, lids))
        foreground = None if mask is None else sample(mask, enlarged_grid(flow, len(square)))[0, 0]
        confidence = made.confidence.mean().reshape(1)
        if self._finish is not None:
            with lanes.on(Lane.MAIN, "finish"):
                return self._finish.run(square, foreground, tuple(rest)), confidence
        return (square, confidence) if foreground is None else (square, confidence, foreground)

    def _finished(
        self,
        made: RuntimeFrame,
        motion: MotionBatch,
        picture: Tensor,
        detail: Tensor | None,
        numbers: tuple[Tensor, Tensor],
    ) -> tuple[Tensor, Tensor]:
        """The square (S, S, 3) uint8 and the flow that led to it."""
        head, lids = numbers
        own = made.pixel_mask * enlarged(made.choice[:, :1], made.pixel_mask.shape[-1])
        lidded = paint_lids(made.image, made.flow, picture, lids)
        image, flow, own = lidded.image, made.flow, own * (1.0 - lidded.share)
        if self.wanted.stitching:
            share = share_of(HeadPose(*head.unbind()), motion.landmarks()[:, :468:FACE_STEP], flow)
            held = hold_by(share, image, flow, picture)
            image, flow = held.image, held.flow
            own = torch.lerp(torch.ones_like(own), own, held.shown)
        return (as_bytes(image) if detail is None else with_detail(image, flow, detail, own)), flow

    def recipe(self) -> Recipe | None:
        """None with a finish, which is small, and of which other processes know nothing."""
        if self._finish is not None:
            return None
        arguments = {
            "config": asdict(self._network.config),
            "dtype": str(self._dtype).removeprefix("torch."),
            "stages": self._stages.value,
            "wanted": asdict(self.wanted),
        }
        return Recipe("models.synergy.frame_program:compilable", arguments)

    def weights(self) -> Mapping[str, Tensor]:
        return dict(self._network.state_dict())


class CompilableFrame(nn.Module):
    """A program whose weights are arguments, so that a compiled step holds none and all sessions share them."""

    def __init__(self, program: SynergyProgram, network: SynergyWarpNet) -> None:
        super().__init__()
        self._program, self.network = program, network

    def forward(self, row: Tensor, kept: tuple[Tensor, ...], weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
        named = {f"network.{name}": value for name, value in weights.items()}
        frame = _Bound(self._program, self.network)
        made: tuple[Tensor, ...] = torch.func.functional_call(frame, named, (row, kept))
        return made


class _Bound(nn.Module):
    def __init__(self, program: SynergyProgram, network: SynergyWarpNet) -> None:
        super().__init__()
        self._program, self.network = program, network

    def forward(self, row: Tensor, kept: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return self._program.run_with(self.network, row, kept, ONE_LANE)


def compilable(arguments: Mapping[str, object]) -> nn.Module:
    """What `SynergyProgram.recipe` names; its weights are drawn at random and never read."""
    config = _config(arguments["config"])
    dtype = getattr(torch, str(arguments["dtype"]))
    stages, wanted = Stages(arguments["stages"]), arguments["wanted"]
    assert isinstance(wanted, dict)
    runtime = EagerRuntime(SynergyWarpNet(config).eval(), stages, torch.device("cpu"), dtype, joined=True)
    return CompilableFrame(SynergyProgram(runtime.network, dtype, stages, Wanted(**wanted)), runtime.network)


def _config(fields: object) -> SynergyConfig:
    assert isinstance(fields, dict)
    return SynergyConfig(**{**fields, "hourglass_channels": tuple(fields["hourglass_channels"])})


def motion_of(numbers: Tensor) -> MotionBatch:
    """(MOTION_NUMBERS,) as one motion."""
    parts = torch.split(numbers, [int(np.prod(shape)) for shape in MOTION_SHAPES])
    return MotionBatch(*(part.view(1, *shape) for part, shape in zip(parts, MOTION_SHAPES, strict=True)))


def bank_of(tensors: tuple[Tensor, ...]) -> Bank:
    """The inverse of `export.bank_tensors`."""
    pixels, cameras, scales, translations, keypoints, landmarks, *cached = tensors
    seen, volume, compressed, memory = cached
    views = View(MotionBatch(landmarks, landmarks, cameras, scales, translations), keypoints, landmarks)
    return Bank(pixels, views, seen, volume, compressed, memory)
