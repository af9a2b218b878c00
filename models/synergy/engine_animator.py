"""SynergyWarpNet on an engine: the whole frame on the device, one upload and one read-back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from models.checks import require_shape
from models.session.engine import Engine
from models.session.people import People, engine_frame
from models.session.program import Finish, Person
from models.synergy.animator import NO_NETWORKS, MotionNetworks, SynergyAnimator, SynergyPortrait
from models.synergy.config import Stages
from models.synergy.export import bank_tensors
from models.synergy.frame_program import SynergyProgram, Wanted, frame_row
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import EagerRuntime
from models.synergy.stitching import USUAL_NECK
from models.types import LANDMARK_COUNT, AnimatedFrame, MotionState, PortraitView, StepOptions


@dataclass(frozen=True)
class EnginePortrait(SynergyPortrait):
    """A portrait with the persons that the engine runs for it."""

    people: People = field(default_factory=People)


class EngineSynergyAnimator(SynergyAnimator):
    """`SynergyAnimator` with every step given to an engine; any number of portraits share it and the network.

    dtype: of the filters; grids, geometry and composition are float32. None: the fastest the device has.
    """

    def __init__(
        self,
        network: SynergyWarpNet,
        engine: Engine,
        stages: Stages = Stages.SYNERGY,
        motion_networks: MotionNetworks = NO_NETWORKS,
        dtype: torch.dtype | None = None,
    ) -> None:
        device = engine.backend.device
        self._on_device = EagerRuntime(network, stages, device, dtype, joined=True)
        self.engine, self._stages = engine, stages
        super().__init__(network, device, stages, self._on_device, motion_networks)
        self.runtime = engine.way.value

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> EnginePortrait:
        made = super().prepare(portrait, references)
        return EnginePortrait(made.state, made.bank, made.picture, made.detail, made.foreground)

    def step(self, prepared: SynergyPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        if options.want_maps or not isinstance(prepared, EnginePortrait):
            return super().step(prepared, driving, options)
        require_shape("canonical", driving.canonical, "N 3", N=LANDMARK_COUNT)
        neck = USUAL_NECK
        if options.stitching and self._stitching is not None:
            stitched = self._stitching.stitch(prepared.state, driving)
            driving, neck = stitched.driving, stitched.neck
        row = frame_row(prepared.state, driving, neck, prepared.picture.shape[-1])
        frame = engine_frame(self.engine, self._person(prepared, options), row, options.finish)
        self.runtime = self.engine.way.value
        return frame

    def step_in_pytorch(self, prepared: SynergyPortrait, driving: MotionState) -> None:
        assert isinstance(prepared, EnginePortrait)
        row = frame_row(prepared.state, driving, USUAL_NECK, prepared.picture.shape[-1])
        self.engine.run_eagerly(self._person(prepared, StepOptions()), row)

    def improve(self) -> bool:
        return self.engine.improve()

    def release(self) -> None:
        self.engine.close()

    def _person(self, prepared: EnginePortrait, options: StepOptions) -> Person:
        finish = options.finish
        wanted = Wanted(options.stitching, prepared.detail is not None, _has_mask(prepared, options, finish))
        return prepared.people.wanted(wanted, finish, lambda: self._new_person(prepared, wanted, finish))

    def _new_person(self, prepared: EnginePortrait, wanted: Wanted, finish: Finish | None) -> Person:
        runtime = self._on_device
        program = SynergyProgram(runtime.network, runtime.filters, self._stages, wanted, finish)
        bank = bank_tensors(prepared.bank)
        kept = program.kept(bank, prepared.picture, prepared.detail, prepared.foreground)
        return self.engine.new_person(Person(program, kept))


def _has_mask(prepared: EnginePortrait, options: StepOptions, finish: Finish | None) -> bool:
    asked = options.want_foreground if finish is None else finish.needs_foreground
    return asked and prepared.foreground is not None
