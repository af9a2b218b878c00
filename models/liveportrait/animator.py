"""LivePortrait as an animator of the program (Algorithm 1): a driver's picture in, an animated square out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.autograd.profiler import record_function

from models.checks import require_shape
from models.errors import ModelError
from models.liveportrait.framing import DRIVER, WHOLE, InnerSquare, hand_over
from models.liveportrait.network import LivePortraitNetwork
from models.liveportrait.puppet import Puppet
from models.liveportrait.state import ImplicitMotion, Openness, motion_from_heads
from models.liveportrait.transfer import ImplicitTransfer
from models.liveportrait.warp import DenseMotion, Warped
from models.motion.openness import LIPS_WIDE_OPEN
from models.sampling import sample, unit_grid
from models.synergy.detail import as_bytes, at_size
from models.types import (
    AnimatedFrame,
    Animator,
    FaceView,
    FloatArray,
    ImageArray,
    MotionState,
    PortraitView,
    StepOptions,
    Transfer,
)

LARGEST_SQUARE_PX = 512
"""Side of the square an animated one is put back into; a finer portrait is made smaller first."""

USUAL_EYES = 0.35
"""Gap between the lids over the width of the eye of somebody who looks at you."""

PEOPLE_ONLY = "animals"
"""The preset whose stitching and retargeting networks were never trained for it."""


@dataclass(frozen=True)
class ImplicitPortrait:
    """A person on the device.

    Shapes:
        volume: (1, C, D, H, W), the appearance. keypoints: (1, K, 3), the portrait's own.
        around: (1, 3, S, S) in [0, 1], the square the portrait came in; None where the networks' own is all there is.
        places: (1, S, S, 2), where in the networks' square each position lies; shown: (1, 1, S, S), how much of it is
        shown there. foreground: (1, 1, S, S); None: unknown.
    """

    state: ImplicitMotion
    volume: Tensor
    keypoints: Tensor
    around: Tensor | None
    places: Tensor
    shown: Tensor
    foreground: Tensor | None


@dataclass(frozen=True)
class KeypointNetworks:
    """S, R_eyes and R_lip on the host's numbers. eyes, lips: openness from 0, shut, to 1."""

    network: LivePortraitNetwork
    device: torch.device

    def stitched(self, source: FloatArray, driving: FloatArray) -> FloatArray:
        """(K, 3): the driving keypoints changed so that shoulders and border can stay where they are."""
        answer = self._asked("retarget_shoulder", np.concatenate([source.ravel(), driving.ravel()]))
        moved = answer[:-2].reshape(-1, 3)
        moved[:, :2] += answer[-2:]
        return driving + moved

    def eyes(self, source: ImplicitMotion, wanted: float) -> FloatArray:
        own = source.openness
        target = wanted * max(USUAL_EYES, own.right_eye, own.left_eye)
        told = (source.keypoints().ravel(), [own.right_eye, own.left_eye, target])
        return self._asked("retarget_eye", np.concatenate(told)).reshape(-1, 3)

    def lips(self, source: ImplicitMotion, wanted: float) -> FloatArray:
        told = (source.keypoints().ravel(), [source.openness.lips, wanted * LIPS_WIDE_OPEN])
        return self._asked("retarget_mouth", np.concatenate(told)).reshape(-1, 3)

    @torch.inference_mode()
    def _asked(self, name: str, numbers: FloatArray) -> FloatArray:
        asked = torch.from_numpy(numbers.astype(np.float32))[None].to(self.device)
        return np.asarray(self.network.get_submodule(name)(asked)[0].float().cpu().numpy(), np.float32)


class LivePortraitAnimator(Animator[ImplicitPortrait]):
    """Animates with imported weights. Motion is read off the driver's picture; without one, off a puppet's.

    The puppet is the first portrait that was prepared: it stays the same for as long as the animator lives, so that a
    neutral state and what comes after it are seen in one face.

    Raises:
        CheckpointError: the canonical face, which the puppet needs, is not installed or is damaged.
    """

    name = "liveportrait"
    needs_pixels = True
    uses_references = False

    def __init__(self, network: LivePortraitNetwork, device: torch.device) -> None:
        self.device = device
        self.network = network.to(device)
        self.input_size = network.config.output_px
        self.framed_size = network.config.input_px
        self.made_size = network.config.output_px
        trained = network.config.name != PEOPLE_ONLY
        self._small = KeypointNetworks(self.network, device) if trained else None
        self._puppet: Puppet | None = None
        if device.type == "cuda":
            self.dtype = "float16"

    def observe(self, view: FaceView) -> ImplicitMotion:
        image = view.image
        if image is None:
            if self._puppet is None:
                raise ModelError("without the driver's picture a portrait has to be prepared before motion is observed")
            played = self._puppet.playing(view.landmarks)
            assert played.image is not None
            image, square = played.image, WHOLE if played.framed else DRIVER
        else:
            square = WHOLE if view.framed else DRIVER
        return self._motion(self._planes(image), square, view.landmarks)

    def transfer(self, neutral: MotionState) -> Transfer:
        return ImplicitTransfer(neutral, self._small)

    @torch.inference_mode()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> ImplicitPortrait:
        if self._puppet is None:
            self._puppet = Puppet.of(portrait, self.device)
        whole = self._planes(portrait.image)
        square = WHOLE if portrait.framed else InnerSquare.of_portrait(portrait.landmarks)
        state = self._motion(whole, square, portrait.landmarks)
        side = self.network.config.output_px if portrait.framed else min(whole.shape[-1], LARGEST_SQUARE_PX)
        places = square.places(side, whole)
        foreground = None
        if portrait.foreground is not None:
            mask = torch.from_numpy(portrait.foreground.astype(np.float32)).to(self.device)[None, None]
            foreground = at_size(mask.clamp(0.0, 1.0), side)
        return ImplicitPortrait(
            state=state,
            volume=self._volume(whole, square),
            keypoints=self._keypoints(state),
            around=None if portrait.framed else at_size(whole, side),
            places=places,
            shown=hand_over(places),
            foreground=foreground,
        )

    def motion_of(self, prepared: ImplicitPortrait) -> MotionState:
        return prepared.state

    @torch.inference_mode()
    def step(self, prepared: ImplicitPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        keypoints = driving.keypoints()
        require_shape("keypoints", keypoints, "K 3", K=self.network.config.keypoints)
        begin = time.perf_counter()
        if options.stitching and self._small is not None:
            keypoints = self._small.stitched(prepared.state.keypoints(), keypoints)
        goal = torch.from_numpy(keypoints)[None].to(self.device)
        with self._precision():
            with record_function("warp"):
                warped = self._warped(prepared, goal, driving.camera_from_head)
            at_warped = time.perf_counter()
            with record_function("generate"):
                made = self.network.spade_generator(warped.features).float()
        image = as_bytes(_put_back(prepared, made))
        foreground = None
        if options.want_foreground and prepared.foreground is not None:
            foreground = _moved_mask(prepared, warped.motion)
        laps = {"warp": (at_warped - begin) * 1e3, "generate": (time.perf_counter() - at_warped) * 1e3}
        return AnimatedFrame(image, foreground, 1.0, laps)

    def _warped(self, prepared: ImplicitPortrait, goal: Tensor, turned: FloatArray) -> Warped:
        """What the generator paints from. goal: (1, K, 3). turned: the driving head's rotation."""
        del turned  # one picture has to serve, however far the head turns
        warped: Warped = self.network.warping_module(prepared.volume, goal, prepared.keypoints)
        return warped

    def _motion(self, picture: Tensor, square: InnerSquare, landmarks: FloatArray) -> ImplicitMotion:
        with torch.inference_mode(), self._precision(), record_function("motion"):
            heads = self.network.motion_extractor(self._seen(picture, square))
        return motion_from_heads(heads, Openness.of(landmarks))

    def _volume(self, picture: Tensor, square: InnerSquare) -> Tensor:
        with self._precision():
            volume: Tensor = self.network.appearance_feature_extractor(self._seen(picture, square))
        return volume

    def _precision(self) -> torch.autocast:
        """As the original runs: float16 on a GPU, with grids and densities in float32; float32 elsewhere."""
        return torch.autocast(self.device.type, torch.float16, enabled=self.dtype == "float16")

    def _seen(self, picture: Tensor, square: InnerSquare) -> Tensor:
        """What F and M look at: (1, 3, input_px, input_px)."""
        side = self.network.config.input_px
        if square == WHOLE:
            return at_size(picture, side)
        return square.cut(picture, side)

    def _keypoints(self, state: MotionState) -> Tensor:
        return torch.from_numpy(state.keypoints())[None].to(self.device)

    def _planes(self, image: ImageArray) -> Tensor:
        """(1, 3, S, S) float32 in [0, 1]."""
        size = require_shape("image", image, "H W 3")
        require_shape("image", image, "H W 3", W=size["H"])
        return torch.from_numpy(np.array(image)).to(self.device).permute(2, 0, 1)[None].float() / 255.0


def _put_back(prepared: ImplicitPortrait, made: Tensor) -> Tensor:
    """The animated square in the one the portrait came in: (1, 3, S, S)."""
    if prepared.around is None:
        return made
    return torch.lerp(prepared.around, sample(made, prepared.places), prepared.shown)


def _moved_mask(prepared: ImplicitPortrait, motion: DenseMotion) -> Tensor:
    """(S, S): the person's mask moved as the volume is, by the mean of its flow over all depths."""
    assert prepared.foreground is not None
    rows = motion.deformation.shape[2]
    still = torch.linspace(-1.0, 1.0, rows, device=prepared.shown.device)  # the positions the networks start from
    flow = motion.deformation[..., :2].float().mean(1) - torch.stack(torch.meshgrid(still, still, indexing="xy"), -1)
    offsets = sample(flow.permute(0, 3, 1, 2), prepared.places).permute(0, 2, 3, 1)  # in the networks' square
    scale = _scale_of(prepared.places)
    shown = prepared.shown[:, 0, ..., None] if prepared.around is not None else torch.ones_like(offsets[..., :1])
    own = unit_grid(prepared.places.shape[1:3], like=prepared.places)
    return sample(prepared.foreground, own + shown * (offsets @ scale.T))[0, 0]


def _scale_of(places: Tensor) -> Tensor:
    """(2, 2): offsets of the networks' square as offsets of the one around it, from how `places` goes on."""
    side = places.shape[1]
    steps = torch.stack([places[0, 0, 1] - places[0, 0, 0], places[0, 1, 0] - places[0, 0, 0]], dim=1)
    inverse: Tensor = torch.linalg.inv(steps)
    return inverse * (2.0 / side)
