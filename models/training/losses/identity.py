"""Face-identity loss on an ArcFace network (Deng et al., 2019), for users who have its weights.

The network is InsightFace's IResNet; its depth (18, 34, 50, 100) is read from the names in the file.
"""

from __future__ import annotations

import re
from pathlib import Path

import torch.nn.functional as functional
from torch import Tensor, nn

from models.training.checkpoints import read_weights
from models.training.discriminator import region
from models.training.problems import TrainingProblem

WIDTHS = (64, 128, 256, 512)
SIDE_PX = 112
EMBEDDING = 512
MOST_BLOCKS = 64


class IResBlock(nn.Module):
    """BatchNorm, convolution, PReLU, convolution around an identity. Attribute names are those of the weights."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs, eps=1e-5)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, eps=1e-5)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs, eps=1e-5)
        same = stride == 1 and inputs == outputs
        short = [nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs, eps=1e-5)]
        self.downsample = None if same else nn.Sequential(*short)

    def forward(self, features: Tensor) -> Tensor:
        first = self.prelu(self.bn2(self.conv1(self.bn1(features))))
        inner: Tensor = self.bn3(self.conv2(first))
        short: Tensor = features if self.downsample is None else self.downsample(features)
        return inner + short


class FaceIdentity(nn.Module):
    """One minus the cosine between the embeddings of picture and truth, both cut around the face."""

    def __init__(self, depths: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0], eps=1e-5)
        self.prelu = nn.PReLU(WIDTHS[0])
        inputs = (WIDTHS[0], *WIDTHS[:-1])
        for number, (a, b, depth) in enumerate(zip(inputs, WIDTHS, depths, strict=True), start=1):
            blocks = [IResBlock(a, b, 2), *(IResBlock(b, b, 1) for _ in range(depth - 1))]
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        self.bn2 = nn.BatchNorm2d(WIDTHS[-1], eps=1e-5)
        self.fc = nn.Linear(WIDTHS[-1] * (SIDE_PX // 16) ** 2, EMBEDDING)
        self.features = nn.BatchNorm1d(EMBEDDING, eps=1e-5)

    @classmethod
    def read(cls, path: Path) -> FaceIdentity:
        """With weights in InsightFace's names (`layer1.0.conv1.weight`, ...).

        Raises:
            TrainingProblem: the file cannot be read or is no IResNet.
        """
        state = read_weights(path)
        depths = tuple(_depth(state, number) for number in range(1, 5))
        try:
            if not all(1 <= depth <= MOST_BLOCKS for depth in depths):
                raise RuntimeError("not the blocks of an IResNet")
            network = cls(depths)
            network.load_state_dict(state)
        except RuntimeError as error:
            raise TrainingProblem(
                f"{path.name} cannot be used for the identity loss.",
                why="It does not hold the layers of an ArcFace IResNet.",
                fix="Give InsightFace's arcface_torch weights (iresnet 18 to 100), or leave --face-identity out.",
            ) from error
        return network.eval().requires_grad_(False)

    def forward(self, picture: Tensor, truth: Tensor, landmarks: Tensor) -> Tensor:
        """Compare the faces at `landmarks` (B, 478, 3) in two batches of pictures (B, 3, S, S) in [0, 1]."""
        mine, theirs = (self._embed(region(values, landmarks, SIDE_PX, 0.55)) for values in (picture, truth))
        return 1 - functional.cosine_similarity(mine.float(), theirs.float()).mean()

    def _embed(self, face: Tensor) -> Tensor:
        features = self.prelu(self.bn1(self.conv1(face * 2 - 1)))
        for number in range(1, 5):
            features = self.get_submodule(f"layer{number}")(features)
        embedding: Tensor = self.features(self.fc(self.bn2(features).flatten(1)))
        return embedding


def _depth(state: dict[str, Tensor], number: int) -> int:
    found = [re.match(rf"layer{number}\.(\d{{1,3}})\.", name) for name in state]
    return max((int(match[1]) + 1 for match in found if match), default=0)
