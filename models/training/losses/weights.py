"""How much each term counts; 0 switches a term off, and then it is not computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LossWeights:
    """What the network is told to care about.

    part_gain: extra weight of eyes, brows and lips. The last five need discriminators or weight files.
    """

    pixel: float = 4.0
    structure: float = 1.0
    gradient: float = 2.0
    warped: float = 1.0
    decoded: float = 1.0
    frequency: float = 5.0
    bands: float = 1.0
    energy: float = 2.0
    guide: float = 0.2
    spread: float = 0.5
    pose: float = 0.1
    offset: float = 0.02
    residual: float = 0.02
    equivariance: float = 0.2
    prefer_pixels: float = 0.02
    decide: float = 0.01
    choose: float = 0.02
    calibration: float = 0.1
    temporal: float = 2.0
    part_gain: float = 5.0
    adversarial: float = 0.02
    matching: float = 0.2
    perceptual: float = 0.1
    identity: float = 0.1
    reading: float = 1.0
