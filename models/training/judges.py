"""Other networks that judge the output: critics that learn beside it, and fixed ones whose weights a user gives."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models.synergy.network import SynergyOutput
from models.training.discriminator import Critics, judge_both
from models.training.losses.adversarial import critic_hinge, feature_matching, painter_hinge
from models.training.losses.identity import FaceIdentity
from models.training.losses.perceptual import Perceptual
from models.training.losses.reading import LandmarkReader
from models.training.losses.total import Terms
from models.training.losses.weights import LossWeights
from models.training.performer import held_still
from models.training.settings import Recipe, TrainingRun
from models.training.world import World

CRITIC_RATE = 4e-4


class Judges:
    """All of them; those that are not there cost nothing."""

    def __init__(self, world: World, critics: Critics | None, fixed: dict[str, nn.Module]) -> None:
        self._fixed, self._critics = fixed, critics
        if critics is not None:
            self._wrapped = world.wrap(critics)
            self._optimiser = torch.optim.AdamW(critics.parameters(), lr=CRITIC_RATE, betas=(0.5, 0.99))

    @classmethod
    def of(cls, run: TrainingRun, recipe: Recipe, world: World) -> Judges:
        """What the recipe wants and the run has files for.

        Raises:
            TrainingProblem: a weights file cannot be used.
        """
        wants = recipe.adversarial_from < 1.0
        critics = Critics().to(world.device, memory_format=torch.channels_last) if wants else None  # type: ignore[call-overload]
        fixed: dict[str, nn.Module] = {}
        if run.vgg is not None:
            fixed["perceptual"] = Perceptual.read(run.vgg).to(world.device)
        if run.face_identity is not None:
            fixed["identity"] = FaceIdentity.read(run.face_identity).to(world.device)
        if run.reader is not None:
            fixed["reading"] = LandmarkReader.read(run.reader).to(world.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(world, critics, fixed)

    def terms(self, output: SynergyOutput, truth: Tensor, weights: LossWeights, *, adversarial: bool) -> Terms:
        """What they have against the output, weighted."""
        terms: Terms = {}
        gains = {"perceptual": weights.perceptual, "identity": weights.identity, "reading": weights.reading}
        with torch.autocast(truth.device.type, torch.bfloat16):
            for name, network in self._fixed.items():
                terms[name] = gains[name] * network(output.image, truth, output.driving.landmarks)
            if self._critics is None or not adversarial:
                return terms
            with held_still(self._critics):
                pairs = judge_both(self._critics, truth, output.image.float(), output.driving.landmarks)
        terms["adversarial"] = weights.adversarial * torch.stack([painter_hinge(fake) for _, fake in pairs]).mean()
        terms["matching"] = weights.matching * torch.stack([feature_matching(*pair) for pair in pairs]).mean()
        return terms

    def learn(self, output: SynergyOutput, truth: Tensor) -> Terms:
        """One step of the critics on the same batch."""
        if self._critics is None:
            return {}
        painted = output.image.detach().float()
        with torch.autocast(truth.device.type, torch.bfloat16):
            pairs = judge_both(self._wrapped, truth, painted, output.driving.landmarks.detach())
        loss = torch.stack([critic_hinge(*pair) for pair in pairs]).mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return {"critics": loss.detach()}

    def states(self) -> dict[str, dict[str, Any]]:
        """For a checkpoint."""
        if self._critics is None:
            return {}
        return {"critics": self._critics.state_dict(), "critics_optimiser": self._optimiser.state_dict()}

    def restore(self, states: dict[str, dict[str, Any]]) -> None:
        """From a checkpoint; critics that it lacks begin anew."""
        if self._critics is not None and "critics" in states:
            self._critics.load_state_dict(states["critics"])
            self._optimiser.load_state_dict(states["critics_optimiser"])
