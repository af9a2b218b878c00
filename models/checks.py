"""Checks of array and tensor shapes, with a message that says what was wanted and what came."""

from __future__ import annotations

from typing import Protocol

from models.errors import ShapeError


class Shaped(Protocol):
    """A numpy array or a torch tensor; only its shape is looked at."""

    @property
    def shape(self) -> tuple[int, ...]: ...


def require_shape(name: str, array: Shaped, spec: str, **fixed: int) -> dict[str, int]:
    """Check `array` against `spec` ("B C H W"; a number is a fixed size); return the sizes by letter.

    Raises:
        ShapeError: on another number of axes, or where a size differs from `fixed`.
    """
    letters = spec.split()
    got = " x ".join(map(str, array.shape))
    if len(array.shape) != len(letters):
        raise ShapeError(f"{name} must have axes ({spec}), got {len(array.shape)} axes: {got}")
    sizes = {letter: int(size) for letter, size in zip(letters, array.shape, strict=True)}
    for letter, size in fixed.items():
        if sizes[letter] != size:
            raise ShapeError(f"{name} must have axes ({spec}) with {letter}={size}, got {got}")
    if any(letter.isdigit() and int(letter) != size for letter, size in zip(letters, array.shape, strict=True)):
        raise ShapeError(f"{name} must have axes ({spec}), got {got}")
    return sizes
