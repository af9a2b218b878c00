"""SynergyWarpNet on LivePortrait's networks as an animator: `synergy:liveportrait`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from models.liveportrait.animator import ImplicitPortrait, LivePortraitAnimator
from models.liveportrait.corrected import CorrectedNet, Motion, Seen
from models.liveportrait.framing import WHOLE, InnerSquare
from models.liveportrait.warp import Warped
from models.types import AnimatedFrame, FloatArray, MotionState, PortraitView, StepOptions


@dataclass(frozen=True)
class CorrectedPortrait(ImplicitPortrait):
    """A person with all pictures of them, the portrait first."""

    pictures: tuple[Seen, ...] = ()


class CorrectedAnimator(LivePortraitAnimator):
    """Three stages; motion, stitching and framing are those of `liveportrait`."""

    name = "synergy"
    uses_references = True

    def __init__(self, network: CorrectedNet, device: torch.device) -> None:
        super().__init__(network.base, device)
        self._corrected = network.to(device)
        self._confidence = 1.0

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> CorrectedPortrait:
        own = super().prepare(portrait)
        pictures = tuple(self._look(view) for view in (portrait, *references))
        return CorrectedPortrait(**{field.name: getattr(own, field.name) for field in fields(own)}, pictures=pictures)

    def step(self, prepared: ImplicitPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        frame = super().step(prepared, driving, options)
        return replace(frame, confidence=self._confidence)

    def _look(self, view: PortraitView) -> Seen:
        square = WHOLE if view.framed else InnerSquare.of_portrait(view.landmarks)
        picture = self._seen(self._planes(view.image), square)
        with self._precision():
            return self._corrected.see(picture, Motion.of(self.network.motion_extractor(picture)))

    def _warped(self, prepared: ImplicitPortrait, goal: Tensor, turned: FloatArray) -> Warped:
        assert isinstance(prepared, CorrectedPortrait)
        rotation = torch.from_numpy(turned)[None].to(self.device)
        fused = self._corrected.fuse(prepared.pictures, goal, rotation)
        self._confidence = float(fused.confidence.mean())
        return Warped(fused.features, fused.motion)
