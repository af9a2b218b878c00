"""Hinge losses and feature matching: real texture, judged by networks that learn to tell it from painted one."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

Verdict = list[Tensor]
"""Feature maps of one critic, from shallow to deep; the last one is the score per patch."""


def critic_hinge(real: Verdict, fake: Verdict) -> Tensor:
    """What the critic minimises: real patches above 1, painted ones below -1."""
    return functional.relu(1 - real[-1].float()).mean() + functional.relu(1 + fake[-1].float()).mean()


def painter_hinge(fake: Verdict) -> Tensor:
    """What the painter minimises: patches that the critic takes for real."""
    return -fake[-1].float().mean()


def feature_matching(real: Verdict, fake: Verdict) -> Tensor:
    """L1 between what the critic sees in the truth and in the picture (Wang et al., pix2pixHD, 2018)."""
    pairs = zip(real[:-1], fake[:-1], strict=True)
    return torch.stack([(f.float() - r.detach().float()).abs().mean() for r, f in pairs]).mean()
