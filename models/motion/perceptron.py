"""A small perceptron on the host: a few microseconds where a tensor library would spend more on the call itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.types import FloatArray


@dataclass(frozen=True)
class Perceptron:
    """Linear layers with SiLU between them.

    Shapes:
        weights: each (out, in) float32; biases: each (out,).
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    def __call__(self, inputs: FloatArray) -> FloatArray:
        """(in,) -> (out,), or rows of a batch (B, in) -> (B, out)."""
        values = inputs
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if layer:
                values = values / (1.0 + np.exp(-values))
            values = values @ weight.T + bias
        return np.asarray(values, np.float32)

    @classmethod
    def of(cls, arrays: dict[str, FloatArray], name: str, sizes: tuple[int, ...]) -> Perceptron:
        """The perceptron whose layers are called NAME.0.weight, NAME.0.bias, NAME.1.weight, ..."""
        layers = range(len(sizes) - 1)
        return cls(
            tuple(arrays[f"{name}.{layer}.weight"] for layer in layers),
            tuple(arrays[f"{name}.{layer}.bias"] for layer in layers),
        )


def layer_shapes(name: str, sizes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of a perceptron with layers of these sizes, as `Perceptron.of` reads them."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        shapes[f"{name}.{layer}.weight"] = (outputs, inputs)
        shapes[f"{name}.{layer}.bias"] = (outputs,)
    return shapes
