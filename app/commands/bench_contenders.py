"""Who takes part in `bench`: models with numbers of references, opened and prepared."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psutil
import torch

from app.animators import FALLBACK_MODEL, open_animator
from app.avatars import shipped_avatars
from app.devices import choose_device
from app.errors import EnvironmentProblem
from app.own_weights import own_weights
from app.portrait import LoadedPortrait
from app.portrait_loader import PortraitLoader
from app.segmentation import SelfieSegmenter
from app.tracking.face_mesh import FaceMeshTracker
from app.tracking.motion_clip import MotionClip
from models.build import DEFAULT_PRESET, LIVEPORTRAIT, NETWORKS, ModelChoice, weights_of
from models.liveportrait.config import PRESETS as LIVEPORTRAIT_PRESETS
from models.motion.controls import MotionControls
from models.synergy.config import PRESETS
from models.types import Animator, FaceView, MotionState, StepOptions, Transfer

INSTALLED, NONE, RANDOM = "installed", "none", "random"

SLOW_STEP_MS = 250.0
MOST_ROUNDS_APART = 30
"""A model with slower steps takes part in one round out of so many as that time fits into its step, at most these."""

LONGEST_BUILDING_S = 60.0
"""How long an animator may take to build its faster ways before it is measured as it is."""

MEMORY_FOR_RANDOM = 5 << 30
"""What a preset of any size takes at most, the other models included; less free memory, and it is refused."""


@dataclass
class Contender:
    """One model with a number of references, ready to take its turns.

    weights: "installed", "none" where it needs none, or `RANDOM`.
    every: it takes part in every so many rounds; more than 1 where a step takes longer than people want to wait for.
    """

    name: str
    animator: Animator[Any]
    prepared: Any
    transfer: Transfer
    prepare_ms: float
    weights: str
    every: int = 1
    step_ms: list[float] = field(default_factory=list)
    stages_ms: dict[str, list[float]] = field(default_factory=dict)

    def warm_up(self, driver: MotionState) -> None:
        """Let an animator on a GPU build its faster ways, as a live run does between its frames."""
        if self.animator.device.type != "cuda":
            return
        deadline = time.perf_counter() + LONGEST_BUILDING_S
        self.take_turn(driver, measured=False)
        while self.animator.improve() and time.perf_counter() < deadline:
            self.take_turn(driver, measured=False)

    def take_turn(self, driver: MotionState, *, measured: bool) -> None:
        """Animate one frame, synchronised, so that the time is the whole step's."""
        driving = self.transfer.drive(self.animator.motion_of(self.prepared), driver, MotionControls())
        begin = time.perf_counter()
        frame = self.animator.step(self.prepared, driving, StepOptions())
        if self.animator.device.type == "cuda":
            torch.cuda.synchronize(self.animator.device)
        elapsed_ms = (time.perf_counter() - begin) * 1000.0
        if elapsed_ms > SLOW_STEP_MS:
            self.every = min(MOST_ROUNDS_APART, max(self.every, round(elapsed_ms / SLOW_STEP_MS)))
        if measured:
            self.step_ms.append(elapsed_ms)
            for stage, stage_ms in frame.stage_ms.items():
                self.stages_ms.setdefault(stage, []).append(stage_ms)


def open_contenders(
    models: Sequence[str], references: Sequence[int], device: str, motion: MotionClip
) -> Iterator[Contender]:
    """Every model with every number of references, in this order, prepared with a shipped avatar.

    Raises:
        UsageProblem, EnvironmentProblem: as `open_animator`; or there is not enough memory for a large preset.
    """
    portrait = _portrait(max(references))
    for text in dict.fromkeys(models):
        animator, weights = _open(text, device)
        neutral = animator.observe(FaceView(motion.landmarks[0], portrait.view.image))
        for count in dict.fromkeys(references):
            views = portrait.references[: count - 1] if animator.uses_references else ()
            begin = time.perf_counter()
            prepared = animator.prepare(portrait.view, views)
            prepare_ms = (time.perf_counter() - begin) * 1000.0
            name = f"{_name(text, animator)}@{count}"
            yield Contender(name, animator, prepared, animator.transfer(neutral), prepare_ms, weights)


def _name(text: str, animator: Animator[Any]) -> str:
    """The model's name, with the preset where it is not the usual one."""
    preset = text.partition(":")[2]
    return animator.name if preset in ("", DEFAULT_PRESET) else f"{animator.name}:{preset}"


def _open(text: str, device: str) -> tuple[Animator[Any], str]:
    """The model called `text` and where its weights come from.

    A preset named by name for which there are no weights is drawn at random: a step takes as long with any numbers.
    """
    name, _, preset = text.partition(":")
    if name in NETWORKS and preset in PRESETS and weights_of(ModelChoice(name, preset), own_weights()) is None:
        return _untrained(name, preset, device), RANDOM
    if (
        name == LIVEPORTRAIT
        and preset in LIVEPORTRAIT_PRESETS
        and weights_of(ModelChoice(name, preset), own_weights()) is None
    ):
        return _untrained_liveportrait(preset, device), RANDOM
    animator = open_animator(text, device)
    return animator, NONE if name == FALLBACK_MODEL else INSTALLED


def _untrained(name: str, preset: str, device: str) -> Animator[Any]:
    """On a GPU as it would run there; elsewhere in float32 and PyTorch as it is, the yardstick of faster ones."""
    from models.synergy.animator import SynergyAnimator
    from models.synergy.config import Stages
    from models.synergy.network import SynergyWarpNet
    from models.synergy.runtime import EagerRuntime

    _require_memory(preset)
    place, stages = choose_device(device), Stages(name)
    network = SynergyWarpNet(PRESETS[preset]).eval()
    if place.type == "cuda":
        from models.session.backend import backend_of
        from models.session.engine import Engine
        from models.synergy.engine_animator import EngineSynergyAnimator

        return EngineSynergyAnimator(network, Engine(backend_of(place)), stages)
    return SynergyAnimator(network, place, stages, EagerRuntime(network, stages, place, torch.float32))


def _untrained_liveportrait(preset: str, device: str) -> Animator[Any]:
    """As the original runs it: eager, on a GPU in float16; the yardstick, which can be had without its weights."""
    from models.liveportrait.animator import LivePortraitAnimator
    from models.liveportrait.network import LivePortraitNetwork

    _require_memory(preset)
    network = LivePortraitNetwork(LIVEPORTRAIT_PRESETS[preset]).eval()
    network.fix()
    return LivePortraitAnimator(network.requires_grad_(requires_grad=False), choose_device(device))


def _require_memory(preset: str) -> None:
    if psutil.virtual_memory().available < MEMORY_FOR_RANDOM:
        raise EnvironmentProblem(
            f"The preset {preset!r} cannot be measured.",
            why=f"It takes up to {MEMORY_FOR_RANDOM >> 30} GB of memory, and less is free.",
            fix="Close other programs, or measure without it.",
        )


def _portrait(pictures: int) -> LoadedPortrait:
    """A shipped avatar with enough references; its own are used again where there are too few."""
    avatars = shipped_avatars()
    if not avatars:
        raise EnvironmentProblem(
            "There is nothing to animate.",
            why="No shipped avatar was found.",
            fix="Get a complete copy of the program.",
        )
    avatar = avatars[0]
    pool = avatar.references or (avatar.portrait,)
    references = [pool[i % len(pool)] for i in range(pictures - 1)]
    with closing(FaceMeshTracker(static=True)) as tracker, closing(SelfieSegmenter()) as segmenter:
        return PortraitLoader(tracker, segmenter).load(avatar.portrait, references)
