"""The square LivePortrait's networks are used to, inside the square this program lays around a face.

The original frames a portrait by its landmarks, which end at the brows: the square's side is 2.3 times the larger side
of their box, turned so that the line from eyes to lips is upright, and its centre lies an eighth of that side higher.
FaceMesh's points reach up to the hair. Here the box is that of those of them that lie below the upper edge of the
brows. On 20 training clips the resulting side is 0.864 (+- 0.03) of that of `app.crop.CropTransform.around_face`, and
its centre 0.041 (+- 0.01) of it higher: that is the square a driver is seen in, who must not be framed anew for every
picture, because that would hide his motion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.motion.landmark_sets import EYES, LIPS
from models.sampling import sample, unit_grid
from models.types import FloatArray

BOX_TO_SIDE = 2.3
CENTRE_UP = 0.125
"""How far the centre lies above that of the box, in sides of the square."""

BROWS = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
FACE_POINTS = 468

FEATHER, FEATHER_BELOW = 0.08, 0.16
"""Over which share of the square, from its edge, an animated one hands over to what is around it."""


@dataclass(frozen=True)
class InnerSquare:
    """A square in unit coordinates of another.

    centre: (x, y). half: half its side. angle: radians; positive turns it clockwise on the screen.
    """

    centre: tuple[float, float] = (0.0, 0.0)
    half: float = 1.0
    angle: float = 0.0

    @classmethod
    def of_portrait(cls, landmarks: FloatArray) -> InnerSquare:
        """Around a face as the original lays it; landmarks: (478, 3), unit coordinates of the outer square."""
        points = landmarks[:, :2].astype(np.float64)
        down = points[LIPS].mean(0) - points[EYES].mean(0)
        down = down / max(float(np.linalg.norm(down)), 1e-6)
        axes = np.array([[down[1], -down[0]], down])  # rows: right and down of the upright face
        turned = points[:FACE_POINTS] @ axes.T
        below = turned[turned[:, 1] >= turned[list(BROWS), 1].min()]
        low, high = below.min(0), below.max(0)
        half = BOX_TO_SIDE * float((high - low).max()) / 2.0
        centre = ((low + high) / 2.0 - np.array([0.0, CENTRE_UP * 2.0 * half])) @ axes
        return cls((float(centre[0]), float(centre[1])), half, math.atan2(-down[0], down[1]))

    def cut(self, picture: Tensor, side: int) -> Tensor:
        """What lies in the square: (1, C, S, S) -> (1, C, side, side); looked at twice as finely and averaged."""
        inner = unit_grid((2 * side, 2 * side), like=picture)
        positions = inner @ self._linear(picture).T + picture.new_tensor(self.centre)
        return functional.avg_pool2d(sample(picture, positions), 2)

    def places(self, side: int, like: Tensor) -> Tensor:
        """(1, side, side, 2): for each position of the outer square where in this one it lies."""
        outer = unit_grid((side, side), like=like) - like.new_tensor(self.centre)
        inverse: Tensor = torch.linalg.inv(self._linear(like))
        return outer @ inverse.T

    def _linear(self, like: Tensor) -> Tensor:
        c, s = math.cos(self.angle) * self.half, math.sin(self.angle) * self.half
        return like.new_tensor([[c, -s], [s, c]])


WHOLE = InnerSquare()
DRIVER = InnerSquare((0.0, -0.082), 0.864)
"""The square of a driver in the one that was laid around his first face."""


def hand_over(places: Tensor) -> Tensor:
    """How much an animated square is shown: 1 in it, 0 outside, soft towards its edge.

    Shapes:
        places: (1, S, S, 2), see `InnerSquare.places` -> (1, 1, S, S).
    """
    x, y = places.unbind(-1)
    beside = _smoothstep((1.0 - x.abs()) / (2.0 * FEATHER))
    above, below = (1.0 + y) / (2.0 * FEATHER), (1.0 - y) / (2.0 * FEATHER_BELOW)
    return (beside * _smoothstep(torch.minimum(above, below)))[:, None]


def _smoothstep(x: Tensor) -> Tensor:
    x = x.clamp(0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
