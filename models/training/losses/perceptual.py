"""Perceptual loss on VGG-19 (Johnson et al., 2016), for users who have its weights: torchvision is not needed."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from models.training.checkpoints import read_weights
from models.training.problems import TrainingProblem

LAYOUT = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512)
"""Channels of the convolutions up to relu5_1; 0 is a pooling."""
READ_AFTER = (1, 6, 11, 20, 29)
"""relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 in torchvision's numbering."""
SCALES = (1, 2)


class Perceptual(nn.Module):
    """L1 between the features of picture and truth at five depths, at full and half size."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406])[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225])[:, None, None], persistent=False)
        layers: list[nn.Module] = []
        inputs = 3
        for outputs in LAYOUT:
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()] if outputs else [nn.MaxPool2d(2)]
            inputs = outputs or inputs
        self.features = nn.Sequential(*layers)

    @classmethod
    def read(cls, path: Path) -> Perceptual:
        """With weights in torchvision's names (`features.0.weight`, ...).

        Raises:
            TrainingProblem: the file cannot be read or is no VGG-19.
        """
        network = cls()
        state = {name: value for name, value in read_weights(path).items() if name in network.state_dict()}
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise TrainingProblem(
                f"{path.name} cannot be used for the perceptual loss.",
                why="It does not hold the convolutions of VGG-19.",
                fix="Give torchvision's vgg19 weights, or leave --vgg out.",
            ) from error
        return network.eval().requires_grad_(False)

    def forward(self, picture: Tensor, truth: Tensor, _landmarks: Tensor | None = None) -> Tensor:
        """Compare (B, 3, S, S) with (B, 3, S, S), both in [0, 1]."""
        total = []
        for scale in SCALES:
            seen = [self._maps(functional.avg_pool2d(values.float(), scale)) for values in (picture, truth)]
            total += [(a.float() - b.float()).abs().mean() for a, b in zip(*seen, strict=True)]
        return torch.stack(total).mean()

    def _maps(self, picture: Tensor) -> list[Tensor]:
        features, maps = (picture - self.mean) / self.deviation, []
        for number, layer in enumerate(self.features):
            features = layer(features)
            if number in READ_AFTER:
                maps.append(features)
        return maps
