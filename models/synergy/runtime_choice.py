"""Which runtime executes the live step here: the fastest that gives the same pictures."""

from __future__ import annotations

import torch

from models.synergy.config import Stages
from models.synergy.guarded_runtime import GuardedRuntime
from models.synergy.network import SynergyWarpNet
from models.synergy.openvino_runtime import OpenVinoRuntime, openvino_serves
from models.synergy.runtime import EagerRuntime, StepRuntime


def fastest_runtime(network: SynergyWarpNet, stages: Stages, device: torch.device) -> StepRuntime:
    """OpenVINO for the whole network on a CPU for as long as it works, else PyTorch as it is.

    Medians of one run with one thread on a server CPU with bfloat16, `lite`, one picture (four): eager float32 55 ms
    (66), eager bfloat16 39 (52), OpenVINO float32 39 (46), bfloat16 26 (34); the last with two threads 15 (20).
    """

    def eager() -> StepRuntime:
        return EagerRuntime(network, stages, device)

    if stages is Stages.SYNERGY and openvino_serves(network, device):
        return GuardedRuntime(lambda: OpenVinoRuntime(network), eager)
    return eager()
