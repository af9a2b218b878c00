"""The training-free animator: a portrait warped by geometry alone. Fallback, and the baseline networks must beat."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.checks import require_shape
from models.geometric.flow import GRID, FaceFlow, HeadView, RigidMotion
from models.geometric.mouth import cavity_colour
from models.geometric.opening import Edges
from models.geometric.parts import PlacedPart, correct_skin, fill_openings, place_parts
from models.geometric.skull import view_skull
from models.geometric.support import make_support
from models.motion.canonical import load_canonical
from models.motion.landmark import LandmarkMotionEncoder
from models.motion.landmark_sets import INNER_LIP_LOWER, INNER_LIP_UPPER
from models.motion.transfer import MotionTransfer, TurnLimit
from models.sampling import sample, unit_grid
from models.types import (
    LANDMARK_COUNT,
    AnimatedFrame,
    Animator,
    FaceView,
    ImageArray,
    MotionState,
    PortraitView,
    StepOptions,
    Transfer,
)

FRINGE = 0.012
"""Width, in sides of the square, of the rim around the mask that still goes along with the person: it holds hair that
the mask does not know. Farther out the portrait's own background stays, and between the two the change is gradual."""

SURELY_PERSON = 0.1
"""From this value of the mask on a pixel goes along with the person completely."""


TURNS = TurnLimit(free=0.22, more=0.12)
"""Relative motion turns the head by at most 20 degrees, up to 13 exactly. Chosen by eye on the shipped avatars."""


@dataclass(frozen=True)
class GeometricPortrait:
    """A portrait on the device, split into a person and what is behind.

    Shapes:
        layers: (1, 3 or 4, S, S) float32 in [0, 255]: the picture; or, with a mask, what the person adds to the
            background, and the mask times 255. `layers[:, :3] + (1 - mask) * behind` is the portrait, exactly.
        behind: (1, 3, S, S) float32 in [0, 255], or None without a mask.
        landmarks: (478, 3) unit coordinates.
        picture: (1, 3, S, S) float32 in [0, 255]. cavity: (3,), colour of the inside of the mouth.
        coverage: (1, 1, G, G), 1 where the portrait shows the person, or his head as far as it is known.
        grid: (1, 2, S, S), where every pixel reads itself; planes, because they sample faster than pairs.
    """

    state: MotionState
    layers: Tensor
    behind: Tensor | None
    landmarks: Tensor
    grid: Tensor
    picture: Tensor
    cavity: Tensor
    coverage: Tensor


class GeometricAnimator(Animator[GeometricPortrait]):
    """Warps a portrait's pixels so that its landmarks become the driver's.

    Raises:
        CheckpointError: the canonical face is not installed or is damaged.
    """

    name = "geometric"
    input_size = 512
    needs_pixels = False
    uses_references = False

    def __init__(self, device: torch.device) -> None:
        self.device = device
        face = load_canonical()
        self._encoder = LandmarkMotionEncoder(face)
        self._flow = FaceFlow(face, device)

    def observe(self, view: FaceView) -> MotionState:
        return self._encoder.encode(view.landmarks)

    def transfer(self, neutral: MotionState) -> Transfer:
        return MotionTransfer(neutral, retargeter=self.retargeter, turns=TURNS)

    @torch.no_grad()
    def prepare(self, portrait: PortraitView, references: Sequence[PortraitView] = ()) -> GeometricPortrait:
        size = require_shape("image", portrait.image, "H W 3")
        require_shape("image", portrait.image, "H W 3", W=size["H"])
        points = portrait.landmarks.astype(np.float32)
        state = self._encoder.encode(points)
        picture = self._planes(portrait.image)
        layers, behind = self._layers(portrait, picture)
        lips = Edges.of(points, INNER_LIP_UPPER, INNER_LIP_LOWER, state.scale)
        return GeometricPortrait(
            state=state,
            layers=layers,
            behind=behind,
            landmarks=torch.from_numpy(points).to(self.device),
            grid=unit_grid((size["H"], size["H"]), like=layers).permute(0, 3, 1, 2).contiguous(),
            picture=picture,
            cavity=torch.from_numpy(cavity_colour(portrait.image, points, lips)).to(self.device),
            coverage=self._coverage(layers, state),
        )

    def _coverage(self, layers: Tensor, state: MotionState) -> Tensor:
        if layers.shape[1] == 4:
            return functional.interpolate(layers[:, 3:] / 255.0, size=(GRID, GRID), mode="area")
        return view_skull(self._flow.field.axis, state).inside[None, None]

    def _layers(self, portrait: PortraitView, picture: Tensor) -> tuple[Tensor, Tensor | None]:
        if portrait.foreground is None or portrait.background is None:
            return picture, None
        mask = torch.from_numpy(portrait.foreground.astype(np.float32)).to(self.device)[None, None].clamp(0.0, 1.0)
        behind = self._planes(portrait.background)
        reach = max(1, round(FRINGE * mask.shape[-1]))
        grown = functional.max_pool2d(mask, 2 * reach + 1, 1, reach)
        moves = functional.avg_pool2d(grown, 2 * reach + 1, 1, reach, count_include_pad=False)
        moves = torch.maximum(moves, (mask / SURELY_PERSON).clamp(0.0, 1.0))
        person = moves * (picture - (1.0 - mask) * behind)
        behind = torch.where(mask < SURELY_PERSON, (picture - person) / (1.0 - mask), behind).clamp(0.0, 255.0)
        return torch.cat([person, 255.0 * mask], 1), behind

    def _planes(self, image: ImageArray) -> Tensor:
        return torch.from_numpy(np.array(image)).to(self.device).permute(2, 0, 1)[None].float().contiguous()

    def motion_of(self, prepared: GeometricPortrait) -> MotionState:
        return prepared.state

    @torch.no_grad()
    def step(self, prepared: GeometricPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        start = time.perf_counter()
        keypoints = driving.keypoints()
        require_shape("keypoints", keypoints, "N 3", N=LANDMARK_COUNT)
        goal = torch.from_numpy(keypoints).to(self.device)
        flow = self._person_flow(prepared, driving, goal, options)
        own = prepared.state.keypoints()
        scales = (prepared.state.scale, driving.scale)
        parts = place_parts(own, keypoints, scales, flow, prepared.grid)
        picture, mask = self._warped(prepared, flow, parts)
        fill_openings(picture, prepared.picture, prepared.cavity, parts, (own, keypoints))
        image = picture.add_(0.5).clamp_(0.0, 255.0)[0].to(torch.uint8).permute(1, 2, 0).contiguous()
        foreground = mask[0, 0].clamp(0.0, 1.0) if mask is not None and options.want_foreground else None
        return AnimatedFrame(image, foreground, 1.0, {"warp": (time.perf_counter() - start) * 1e3})

    def _warped(
        self, prepared: GeometricPortrait, flow: Tensor, parts: list[PlacedPart]
    ) -> tuple[Tensor, Tensor | None]:
        """(1, 3, S, S) in [0, 255], the person over what is behind, and the person's mask (1, 1, S, S)."""
        side = prepared.layers.shape[-1]
        offsets = functional.interpolate(flow[None], size=(side, side), mode="bilinear", align_corners=False)
        correct_skin(offsets, parts)
        positions = offsets.add_(prepared.grid).permute(0, 2, 3, 1)
        warped = sample(prepared.layers, positions)
        picture = warped[:, :3]
        if prepared.behind is None:
            return picture, None
        mask = warped[:, 3:].mul_(1.0 / 255.0)
        return picture.add_(prepared.behind).addcmul_(prepared.behind, mask, value=-1.0), mask

    def _person_flow(
        self, prepared: GeometricPortrait, driving: MotionState, goal: Tensor, options: StepOptions
    ) -> Tensor:
        motion = RigidMotion.between(prepared.state, driving)
        head = self._flow.head(prepared.landmarks, goal, motion, HeadView(driving, prepared.state, prepared.coverage))
        support = make_support(
            prepared.state,
            driving,
            self._flow.field.axis,
            stitching=options.stitching,
            masked=prepared.behind is not None,
        )
        return support.mixed(head)
