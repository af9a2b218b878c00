"""LivePortrait on an engine: after the driver's motion is known, a frame is one upload, one read-back and one wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch

from models.checks import require_shape
from models.liveportrait.animator import ImplicitPortrait, LivePortraitAnimator
from models.liveportrait.frame_program import LivePortraitProgram, WantedFrame, mask_scale, on_engine
from models.liveportrait.network import LivePortraitNetwork
from models.session.engine import Engine
from models.session.people import People, engine_frame
from models.session.program import Finish, Person
from models.types import AnimatedFrame, MotionState, PortraitView, StepOptions


@dataclass(frozen=True)
class EngineImplicitPortrait(ImplicitPortrait):
    """A portrait with the persons that the engine runs for it."""

    people: People = field(default_factory=People)


class EngineLivePortraitAnimator(LivePortraitAnimator):
    """`LivePortraitAnimator` with every step given to an engine. filters: dtype of W's and G's."""

    def __init__(self, network: LivePortraitNetwork, engine: Engine, filters: torch.dtype = torch.float16) -> None:
        device = engine.backend.device
        super().__init__(on_engine(network, device, filters), device)
        self.engine, self._filters = engine, filters
        self.runtime, self.dtype = engine.way.value, str(filters).removeprefix("torch.")

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> EngineImplicitPortrait:
        made = super().prepare(portrait, references)
        return EngineImplicitPortrait(**{part.name: getattr(made, part.name) for part in fields(made)})

    def step(self, prepared: ImplicitPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        assert isinstance(prepared, EngineImplicitPortrait)
        keypoints = driving.keypoints()
        require_shape("keypoints", keypoints, "K 3", K=self.network.config.keypoints)
        row = np.ascontiguousarray(keypoints, np.float32).reshape(-1)
        frame = engine_frame(self.engine, self._person(prepared, options), row, options.finish)
        self.runtime = self.engine.way.value
        return frame

    def step_in_pytorch(self, prepared: ImplicitPortrait, driving: MotionState) -> None:
        assert isinstance(prepared, EngineImplicitPortrait)
        row = np.ascontiguousarray(driving.keypoints(), np.float32).reshape(-1)
        self.engine.run_eagerly(self._person(prepared, StepOptions()), row)

    def improve(self) -> bool:
        return self.engine.improve()

    def release(self) -> None:
        self.engine.close()

    def _person(self, prepared: EngineImplicitPortrait, options: StepOptions) -> Person:
        finish = options.finish
        asked = options.want_foreground if finish is None else finish.needs_foreground
        wanted = WantedFrame(
            options.stitching and self._small is not None,
            prepared.around is not None,
            asked and prepared.foreground is not None,
        )
        return prepared.people.wanted(wanted, finish, lambda: self._new_person(prepared, wanted, finish))

    @torch.inference_mode()
    def _new_person(self, prepared: EngineImplicitPortrait, wanted: WantedFrame, finish: Finish | None) -> Person:
        program = LivePortraitProgram(self.network, self._filters, wanted, finish)
        placing = None if prepared.around is None else (prepared.around, prepared.places, prepared.shown)
        mask = None
        if wanted.foreground:
            assert prepared.foreground is not None
            mask = (prepared.foreground, mask_scale(prepared.places))
        return self.engine.new_person(Person(program, program.kept(prepared.volume, prepared.keypoints, placing, mask)))
