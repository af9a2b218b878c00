"""What executes the network's live step. Eager PyTorch is here; a faster runtime is anything with the same methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from models.layers.folding import fold_batch_norms
from models.layers.joining import join_spades
from models.synergy.config import Stages
from models.synergy.export import result_tensors
from models.synergy.motion import MotionBatch
from models.synergy.network import Bank, SynergyWarpNet
from models.types import MotionState


@dataclass(frozen=True)
class RuntimeFrame:
    """One animated frame with the maps the animator and the interface need; float32.

    Shapes:
        image: (1, 3, S, S) in [0, 1]. pixel_mask: (1, 1, S, S), 1 = the portrait's warped pixels are shown.
        flow: (1, H, W, 2), where each position reads the portrait, unit coordinates.
        confidence, visibility: (1, 1, H, W) in [0, 1]. choice: (1, R, H, W), share of each picture.
    """

    image: Tensor
    pixel_mask: Tensor
    flow: Tensor
    confidence: Tensor
    visibility: Tensor
    choice: Tensor


class StepRuntime(Protocol):
    """The network for one person at a time; made, prepared and run on one thread."""

    @property
    def name(self) -> str:
        """For reports: "eager", "openvino", ..."""
        ...

    @property
    def dtype(self) -> str:
        """What it computes in: "bfloat16" or "float32"."""
        ...

    def prepare_bank(self, pictures: Sequence[Tensor], states: Sequence[MotionState]) -> Any:
        """Everything about the pictures of one person that does not depend on the driver.

        Shapes:
            pictures: each (1, 3, S, S) in [0, 1] with S the network's output size; the portrait comes first.
        """
        ...

    def run(self, bank: Any, driving: MotionState) -> RuntimeFrame:
        """Animate the portrait of `bank`."""
        ...

    def run_in_pytorch(self, bank: Any, driving: MotionState) -> RuntimeFrame:
        """The same with PyTorch's operations, which can be counted and compared with."""
        ...


class EagerRuntime:
    """PyTorch as it is: needs no compiler, runs everywhere. BatchNorm folded, channels last, bfloat16 where native.

    joined: the SPADE branches that look at the same condition are one convolution each.
    """

    name = "eager"

    def __init__(
        self,
        network: SynergyWarpNet,
        stages: Stages,
        device: torch.device,
        dtype: torch.dtype | None = None,
        *,
        joined: bool = False,
    ) -> None:
        self._type = fastest_dtype(device) if dtype is None else dtype
        self.dtype = str(self._type).removeprefix("torch.")
        self._stages, self._device = stages, device
        self._network = fold_batch_norms(network).requires_grad_(False)
        if joined:
            for blocks in ("blocks", "upper"):
                join_spades(self._network.decoder, blocks)
        self._network.to(device)
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's own types
        for module in self._network.modules():  # cast once, not in every step
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                module.to(self._type)

    @property
    def filters(self) -> torch.dtype:
        """Of the filters; grids and geometry are float32."""
        return self._type

    @property
    def network(self) -> SynergyWarpNet:
        """The network as it is run: on its device, in its dtype."""
        return self._network

    @torch.inference_mode()
    def prepare_bank(self, pictures: Sequence[Tensor], states: Sequence[MotionState]) -> Bank:
        wanted = 1 if self._stages is Stages.EXPLICIT else len(pictures)
        with precision(self._device, self._type):
            known = [
                self._network.prepare(self._placed(picture), MotionBatch.of([state], self._device))
                for picture, state in list(zip(pictures, states, strict=True))[:wanted]
            ]
            bank: Bank = self._network.bank(known)
        return bank

    @torch.inference_mode()
    def run(self, bank: Bank, driving: MotionState) -> RuntimeFrame:
        with precision(self._device, self._type):
            output = self._network.animate(bank, MotionBatch.of([driving], self._device), self._stages)
        return RuntimeFrame(*(part.float() for part in result_tensors(output)))

    def run_in_pytorch(self, bank: Bank, driving: MotionState) -> RuntimeFrame:
        return self.run(bank, driving)

    def _placed(self, picture: Tensor) -> Tensor:
        return picture.to(self._device).contiguous(memory_format=torch.channels_last)


def precision(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """What a network whose filters are of `dtype` runs under; grids and geometry stay float32."""
    lower = dtype is not torch.float32
    return torch.autocast(device.type, dtype if lower else None, enabled=lower, cache_enabled=False)


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device computes in it natively, else float32: emulated it is slower than float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # private, so it may go; then float32 serves
    return torch.bfloat16 if device.type == "cpu" and native is not None and native() else torch.float32
