"""Animators by name. The only place that knows which class stands behind a model name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import CheckpointError
from models.weights_manifest import WeightsFile, find_weights

if TYPE_CHECKING:  # torch takes seconds to import
    import torch

    from models.synergy.animator import MotionNetworks
    from models.types import Animator

MODEL_NAMES = (
    "geometric",
    "explicit",
    "attention",
    "synergy",
    "liveportrait",
    "explicit-multi",
    "implicit",
    "codebooks",
    "synergy-codebook",
)


ONE_PICTURE_MODELS = frozenset({"geometric", "explicit", "liveportrait"})
"""Models that make nothing of references beyond the portrait (CONTRACT.md, `animate`)."""

NETWORKS = {"synergy": ("synergy",), "explicit": ("explicit", "synergy"), "attention": ("attention",)}
"""Stages of SynergyWarpNet by name, and whose weights each takes: its own if it was trained alone, else, where that
gives a picture, the whole's. Attention alone does not: trained as a whole, the decoder counts on aligned pixels."""

DEFAULT_PRESET = "lite"

LIVEPORTRAIT = "liveportrait"
EXPLICIT_MULTI = "explicit-multi"
"""Stage 1 on several pictures: on LivePortrait's weights where they are imported, else on this program's own."""

IMPORTED_PRESET = "base"
"""What LivePortrait's weights for people are called."""

IMPORTED_PRESETS = (IMPORTED_PRESET, "animals")


@dataclass(frozen=True)
class ModelChoice:
    """A model as named on the command line, NAME[:PRESET]."""

    name: str
    preset: str | None = None

    @property
    def uses_references(self) -> bool:
        """Whether further pictures of the person change the result; known without loading the model."""
        return self.name not in ONE_PICTURE_MODELS

    @classmethod
    def parse(cls, text: str) -> ModelChoice:
        """Read NAME[:PRESET].

        Raises:
            ValueError: for a name that does not exist.
        """
        name, _, preset = text.partition(":")
        if name not in MODEL_NAMES:
            raise ValueError(f"unknown model {name!r}; there are {', '.join(MODEL_NAMES)}")
        return cls(name, preset or None)


class NotImported(CheckpointError):
    """Weights that do not ship with the program, and that the person has not imported."""


class NotTrained(CheckpointError):
    """Weights that no release ships: the person trains them, or brings them along."""


def weights_of(choice: ModelChoice, own_weights: Path | None = None) -> WeightsFile | None:
    """The weights that would be loaded for a model; None where none are installed or it needs none."""
    if choice.name in (LIVEPORTRAIT, EXPLICIT_MULTI):
        imported = find_weights((LIVEPORTRAIT,), choice.preset or IMPORTED_PRESET, own_weights)
        if imported is not None or choice.name == LIVEPORTRAIT:
            return imported
        return find_weights(NETWORKS["explicit"], choice.preset or DEFAULT_PRESET, own_weights)
    names = NETWORKS.get(choice.name, ())
    return find_weights(names, choice.preset or DEFAULT_PRESET, own_weights) if names else None


def build_animator(choice: ModelChoice, device: torch.device, own_weights: Path | None = None) -> Animator[Any]:
    """The animator behind a name; weights in the folder `own_weights` go before the shipped ones.

    Raises:
        CheckpointError: its weights are not installed or not usable, with the reason.
        NotImported, NotTrained: nobody but the person can get them.
    """
    if choice.name == "geometric":
        from models.geometric.animator import GeometricAnimator

        return GeometricAnimator(device)
    weights = weights_of(choice, own_weights)
    if weights is None and choice.name == LIVEPORTRAIT:
        wanted = choice.preset or IMPORTED_PRESET
        if wanted not in IMPORTED_PRESETS:
            wanted += f"; the sets are called {' and '.join(IMPORTED_PRESETS)}"
        raise NotImported(f"Its weights are not imported ({wanted})")
    if weights is None:
        preset = f" and the preset {choice.preset!r}" if choice.preset else ""
        missing = NotTrained if choice.preset not in (None, DEFAULT_PRESET) else CheckpointError
        raise missing(f"This release ships no weights for {choice.name!r}{preset}, and none were found here")
    if (choice.name, weights.preset) == ("synergy", LIVEPORTRAIT):
        from models.liveportrait.corrected_animator import CorrectedAnimator
        from models.liveportrait.correction_file import load_corrected

        imported = weights_of(ModelChoice(LIVEPORTRAIT), own_weights)
        return CorrectedAnimator(load_corrected(weights.path, imported.path if imported else None), device)
    if weights.path.name.startswith(f"{LIVEPORTRAIT}-"):
        return _on_imported(choice, weights, device)
    from models.synergy.animator import SynergyAnimator
    from models.synergy.config import Stages
    from models.synergy.weights import build_network, load_weights

    config, state = load_weights(weights.path, weights.sha256, preset=weights.preset)
    networks = motion_networks(weights.preset, own_weights)
    if choice.name == EXPLICIT_MULTI:
        from models.synergy.several import SeveralRuntime, build_several

        together = build_several(config, state)
        runtime = SeveralRuntime(together, device)
        return SynergyAnimator(together, device, Stages.EXPLICIT_MULTI, runtime, networks)
    return SynergyAnimator(build_network(config, state), device, Stages(choice.name), motion_networks=networks)


def _on_imported(choice: ModelChoice, weights: WeightsFile, device: torch.device) -> Animator[Any]:
    """What runs on imported weights."""
    from models.liveportrait.animator import LivePortraitAnimator
    from models.liveportrait.several import SeveralAnimator
    from models.liveportrait.weights import load_imported

    network = load_imported(weights.path, preset=weights.preset)
    return SeveralAnimator(network, device) if choice.name == EXPLICIT_MULTI else LivePortraitAnimator(network, device)


def motion_networks(preset: str, own_weights: Path | None) -> MotionNetworks:
    """Those that are installed for a preset."""
    from models.motion.retarget import load_retargeter
    from models.synergy.animator import MotionNetworks
    from models.synergy.stitching_network import load_stitching

    stitch, retarget = (find_weights((name,), preset, own_weights) for name in ("stitch", "retarget"))
    return MotionNetworks(
        load_stitching(stitch.path, stitch.sha256) if stitch else None,
        load_retargeter(retarget.path, retarget.sha256) if retarget else None,
    )
