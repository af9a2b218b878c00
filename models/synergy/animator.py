"""SynergyWarpNet as an animator of the program: numbers of a driver in, animated square out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.checks import require_shape
from models.motion.landmark import LandmarkMotionEncoder
from models.motion.retarget import Retargeter
from models.sampling import sample
from models.synergy.config import Stages
from models.synergy.detail import as_bytes, at_size, detail_of, with_detail
from models.synergy.lids import with_lids
from models.synergy.network import SynergyWarpNet
from models.synergy.runtime import RuntimeFrame, StepRuntime
from models.synergy.runtime_choice import fastest_runtime
from models.synergy.stitching import USUAL_NECK, enlarged, enlarged_grid, hold_border
from models.synergy.stitching_network import StitchingNetwork
from models.types import (
    LANDMARK_COUNT,
    AnimatedFrame,
    Animator,
    FaceView,
    FloatArray,
    ImageArray,
    MotionState,
    PortraitView,
    StageMaps,
    StepOptions,
)


@dataclass(frozen=True)
class MotionNetworks:
    """The small networks that act on motion before the animation; None: the analytic ways serve alone."""

    stitching: StitchingNetwork | None = None
    retargeter: Retargeter | None = None


NO_NETWORKS = MotionNetworks()


@dataclass(frozen=True)
class SynergyPortrait:
    """A person on the device.

    bank: what the runtime keeps of the portrait and its references.

    Shapes:
        picture: (1, 3, S, S) float32 in [0, 1], the portrait at the network's output size.
        detail: (1, 3, F, F), what the portrait shows beyond `picture` at a finer size; None where it has no more.
        foreground: (1, 1, S, S) float32 in [0, 1]; None: unknown.
    """

    state: MotionState
    bank: Any
    picture: Tensor
    detail: Tensor | None
    foreground: Tensor | None


class SynergyAnimator(Animator[SynergyPortrait]):
    """Animates with a trained network; its name is that of the stages that run.

    Where the portrait is finer than the network's picture, its fine detail is carried along by the same flow and
    added wherever its own pixels are what is shown: the picture comes out at the portrait's size (up to 512).

    Raises:
        CheckpointError: the canonical face is not installed or is damaged.
    """

    needs_pixels = False

    def __init__(
        self,
        network: SynergyWarpNet,
        device: torch.device,
        stages: Stages = Stages.SYNERGY,
        runtime: StepRuntime | None = None,
        motion_networks: MotionNetworks = NO_NETWORKS,
    ) -> None:
        self.device = device
        self.name = stages.value
        self.uses_references = stages is not Stages.EXPLICIT
        self.input_size = network.config.image_px
        self.framed_size = network.config.output_px
        self.network: nn.Module = network
        self._encoder = LandmarkMotionEncoder()
        self._stitching = motion_networks.stitching
        self.retargeter = motion_networks.retargeter
        self._runtime = runtime or fastest_runtime(network, stages, device)
        self._name_runtime()

    def observe(self, view: FaceView) -> MotionState:
        return self._encoder.encode(view.landmarks)

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> SynergyPortrait:
        views = (portrait, *references) if self.uses_references else (portrait,)
        states = [self._encoder.encode(view.landmarks.astype(np.float32)) for view in views]
        whole = self._planes(portrait.image)
        pictures = [at_size(whole, self.framed_size)]
        pictures += [at_size(self._planes(view.image), self.framed_size) for view in views[1:]]
        bank = self._runtime.prepare_bank(pictures, states)
        self._name_runtime()
        foreground = None
        if portrait.foreground is not None:
            mask = torch.from_numpy(portrait.foreground.astype(np.float32)).to(self.device)[None, None]
            foreground = at_size(mask.clamp(0.0, 1.0), self.framed_size)
        return SynergyPortrait(states[0], bank, pictures[0], detail_of(whole, pictures[0]), foreground)

    def motion_of(self, prepared: SynergyPortrait) -> MotionState:
        return prepared.state

    @torch.inference_mode()
    def step(self, prepared: SynergyPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        require_shape("canonical", driving.canonical, "N 3", N=LANDMARK_COUNT)
        watch = _Watch()
        neck = USUAL_NECK
        if options.stitching and self._stitching is not None:
            stitched = self._stitching.stitch(prepared.state, driving)
            driving, neck = stitched.driving, stitched.neck
        made = self._runtime.run(prepared.bank, driving)
        self._name_runtime()
        watch.lap("network")
        image, flow = made.image, made.flow
        own = made.pixel_mask * enlarged(made.choice[:, :1], made.pixel_mask.shape[-1])  # the portrait's own pixels
        lids = with_lids(image, flow, prepared.picture, prepared.state, driving)
        if lids is not None:
            image, own = lids.image, own * (1.0 - lids.share)
            watch.lap("lids")
        if options.stitching:
            held = hold_border(image, flow, prepared.picture, prepared.state, driving, neck)
            image, flow = held.image, held.flow
            own = torch.lerp(torch.ones_like(own), own, held.shown)
            watch.lap("stitch")
        shown = as_bytes(image) if prepared.detail is None else with_detail(image, flow, prepared.detail, own)
        foreground = None
        if options.want_foreground and prepared.foreground is not None:
            foreground = sample(prepared.foreground, enlarged_grid(flow, len(shown)))[0, 0]
        return AnimatedFrame(
            image=shown,
            foreground=foreground,
            confidence=float(made.confidence.mean()),
            stage_ms=watch.finished("finish"),
            maps=_maps(made, flow) if options.want_maps else None,
        )

    def step_in_pytorch(self, prepared: SynergyPortrait, driving: MotionState) -> None:
        self._runtime.run_in_pytorch(prepared.bank, driving)

    def _name_runtime(self) -> None:
        """It may have been replaced since (`GuardedRuntime`)."""
        self.dtype, self.runtime = self._runtime.dtype, self._runtime.name

    def _planes(self, image: ImageArray) -> Tensor:
        """(1, 3, S, S) float32 in [0, 1]."""
        size = require_shape("image", image, "H W 3")
        require_shape("image", image, "H W 3", W=size["H"])
        picture = torch.from_numpy(np.array(image)).to(self.device).permute(2, 0, 1)[None]
        return (picture.float() / 255.0).contiguous()


class _Watch:
    """Milliseconds by stage, measured where the host waits anyway."""

    def __init__(self) -> None:
        self._laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1e3
        self._last = now

    def finished(self, stage: str) -> dict[str, float]:
        self.lap(stage)
        return self._laps


def _maps(made: RuntimeFrame, flow: Tensor) -> StageMaps:
    def host(values: Tensor) -> FloatArray:
        return np.asarray(values.cpu().numpy(), np.float32)

    picture = made.choice[0].argmax(0).to(torch.uint8).cpu().numpy()
    return StageMaps(
        host(flow[0]), host(made.visibility[0, 0]), np.asarray(picture, np.uint8), host(made.confidence[0, 0])
    )
