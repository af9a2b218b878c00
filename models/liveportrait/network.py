"""The seven networks of LivePortrait side by side, under the names of the public files."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from models.liveportrait.appearance import AppearanceExtractor
from models.liveportrait.config import LivePortraitConfig
from models.liveportrait.generator import SpadeGenerator
from models.liveportrait.layers import SpectralConv2d
from models.liveportrait.motion import MotionExtractor
from models.liveportrait.warp import WarpingModule

GROUPS = (
    "appearance_feature_extractor",
    "motion_extractor",
    "warping_module",
    "spade_generator",
    "retarget_shoulder",
    "retarget_mouth",
    "retarget_eye",
)
"""The networks by the names they have in the public files."""


class KeypointPerceptron(nn.Module):
    """A small network on keypoints: S, R_eyes or R_lip. Shapes: (B, inputs) -> (B, outputs)."""

    def __init__(self, inputs: int, widths: tuple[int, ...], outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b in pairwise((inputs, *widths, outputs)):
            layers += [nn.Linear(a, b), nn.ReLU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, numbers: Tensor) -> Tensor:
        answer: Tensor = self.mlp(numbers)
        return answer


class LivePortraitNetwork(nn.Module):
    """F, M, W, G, S, R_lip and R_eyes.

    S answers with a displacement of every keypoint and two numbers more, a shift of all of them; the two others with a
    displacement. S sees the source's and the driving keypoints; R_lip the source's, how open its lips are and how open
    they are to be; R_eyes the source's, how open both eyes are and how open they are to be.
    """

    def __init__(self, config: LivePortraitConfig) -> None:
        super().__init__()
        self.config = config
        numbers = 3 * config.keypoints
        self.appearance_feature_extractor = AppearanceExtractor(config)
        self.motion_extractor = MotionExtractor(config)
        self.warping_module = WarpingModule(config)
        self.spade_generator = SpadeGenerator(config)
        self.retarget_shoulder = KeypointPerceptron(2 * numbers, config.stitch_widths, numbers + 2)
        self.retarget_mouth = KeypointPerceptron(numbers + 2, config.lips_widths, numbers)
        self.retarget_eye = KeypointPerceptron(numbers + 3, config.eyes_widths, numbers)

    def fix(self) -> None:
        """Compute once what inference alone would compute at every step."""
        for module in self.modules():
            if isinstance(module, SpectralConv2d):
                module.fix()
