"""Turn a training checkpoint into the weights the program ships: file, manifest entry, golden files.

Run with the program's environment, from the repository's root:

    python assets/make/ship_weights.py CHECKPOINT ... [--name synergy] [--preset lite] [--note steps="90 000" ...]

CHECKPOINT is a torch state dict (.pth, read without executing anything) or a weights file of this program. Several of
them, of runs that began with the same weights, are averaged (Wortsman et al., Model soups, 2022). For small
networks (--name stitch or retarget) the file that `train --stage` wrote, which is checked and taken as it is. What is
written says at its end which sentences of the model card have to be brought up to date.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models.motion.retarget import load_retargeter  # noqa: E402
from models.synergy.config import SynergyConfig, preset  # noqa: E402
from models.synergy.network import SynergyWarpNet  # noqa: E402
from models.synergy.stitching_network import load_stitching  # noqa: E402
from models.synergy.weights import State, build_network, load_weights, save_weights, sha256_of  # noqa: E402
from models.weights_manifest import MANIFEST, WEIGHTS  # noqa: E402
from tests.models.synergy.golden import write_golden  # noqa: E402

GOLDEN = ROOT / "tests" / "models" / "synergy" / "golden"
TRAINING_DATA = (
    "clips of talking heads of people other than those of the evaluation, from public repositories under MIT, "
    "Apache-2.0, BSD or CC0, and own renderings; the file holds filters, no pictures"
)
SMALL_TRAINING_DATA = (
    "motion of clips of talking heads, people other than those of the evaluation, from public repositories under MIT, "
    "Apache-2.0, BSD or CC0; the file holds layers of perceptrons, no pictures"
)
SMALL: dict[str, Callable[[Path], object]] = {"stitch": load_stitching, "retarget": load_retargeter}
"""Small networks by name, and what refuses a file that is not one of them."""

CARD = """Bring the model card up to date: file size and sha256 (above), steps and minutes of training, hardware, data
and its licences, the table of `evaluate` (all models, 1, 3, 5 references), the contact sheet, known limits; and the
lines under "What it can and cannot do today" of README.md."""


def main() -> None:
    """Read the checkpoint, write everything, say what is left to do."""
    options = _options()
    if options.name in SMALL:
        (trained,) = options.checkpoints
        ship_small(trained, options.name, options.preset, options.folder)
        return
    config, state = averaged([read_checkpoint(each, preset(options.preset)) for each in options.checkpoints])
    network = build_network(config, state)
    target = options.folder / f"{options.name}-{config.name}.safetensors"
    notes = dict(note.partition("=")[::2] for note in options.note)
    sha256 = save_weights(target, network, config, notes)
    if options.folder == WEIGHTS:
        origin = "trained from scratch with models/training; written by assets/make/ship_weights.py"
        enter_manifest(target, sha256, config.name, (origin, TRAINING_DATA))
    shipped_config, shipped = load_weights(target, sha256, preset=config.name)
    golden = (GOLDEN if options.folder == WEIGHTS else options.folder) / f"{target.stem}.golden.safetensors"
    write_golden(golden, build_network(shipped_config, shipped))
    print(f"{target.name}: {target.stat().st_size} bytes, sha256 {sha256}\ngolden: {golden.name}\n\n{CARD}")


def read_checkpoint(path: Path, config: SynergyConfig) -> tuple[SynergyConfig, State]:
    """The state in a checkpoint; a weights file brings its own configuration."""
    if path.suffix == ".safetensors":
        return load_weights(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = SynergyWarpNet(config)
    network.load_state_dict(state)
    return config, network.state_dict()


def averaged(read: list[tuple[SynergyConfig, State]]) -> tuple[SynergyConfig, State]:
    """The mean of all numbers; counters are those of the first.

    Raises:
        ValueError: they are of different configurations.
    """
    (config, first), *others = read
    if any(other != config for other, _ in others):
        raise ValueError("weights of different configurations cannot be averaged")
    states = [state for _, state in read]
    return config, {
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point() else value
        for name, value in first.items()
    }


def ship_small(trained: Path, name: str, preset_name: str, folder: Path) -> None:
    """Take a small network as it was trained into the folder and, where that is the program's, into the manifest.

    Raises:
        CheckpointError: it is no such network, or damaged; nothing is written then.
    """
    SMALL[name](trained)
    target = folder / f"{name}-{preset(preset_name).name}.safetensors"
    if trained.resolve() != target.resolve():
        shutil.copyfile(trained, target)
    sha256 = sha256_of(target)
    if folder == WEIGHTS:
        enter_manifest(target, sha256, preset_name, (f"trained with `train --stage {name}`", SMALL_TRAINING_DATA))
    print(f"{target.name}: {target.stat().st_size} bytes, sha256 {sha256}\n\n{CARD}")


def enter_manifest(path: Path, sha256: str, preset_name: str, about: tuple[str, str]) -> None:
    """Add the file to the manifest beside it, or bring its entry up to date. about: its origin and training data."""
    manifest = path.with_name(MANIFEST)
    content = json.loads(manifest.read_text(encoding="utf-8"))
    entry = {
        "file": path.name,
        "sha256": sha256,
        "bytes": path.stat().st_size,
        "preset": preset_name,
        "licence": "Apache-2.0",
        "origin": about[0],
        "training_data": about[1],
    }
    content["files"] = [*(row for row in content["files"] if row["file"] != path.name), entry]
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT")
    parser.add_argument("--name", choices=["synergy", "explicit", "attention", *SMALL], default="synergy")
    parser.add_argument("--preset", default="lite")
    parser.add_argument("--note", action="append", default=[], metavar="KEY=TEXT", help="goes into the file's metadata")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="elsewhere: for trying out, no manifest entry")
    return parser.parse_args()


if __name__ == "__main__":
    main()
