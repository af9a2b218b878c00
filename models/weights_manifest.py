"""Which weights are installed, from the manifest beside them. Light: asked before anything heavy is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = Path(__file__).resolve().parents[1] / "assets" / "weights"
MANIFEST = "manifest.json"
LARGEST_MANIFEST_BYTES = 1 << 20


@dataclass(frozen=True)
class WeightsFile:
    """Weights of one model.

    sha256: as published; None for a file of the person's own, which no manifest knows.
    """

    path: Path
    preset: str
    sha256: str | None = None


def find_weights(names: tuple[str, ...], preset: str, own: Path | None = None) -> WeightsFile | None:
    """The weights of the first of `names` that has any: NAME-PRESET.safetensors.

    A file in `own` goes before the shipped ones. A shipped file counts when the manifest lists it, even if it is gone:
    reading it then says so. None: neither.
    """
    listed = _listed(WEIGHTS / MANIFEST)
    for name in names:
        file = f"{name}-{preset}.safetensors"
        if own is not None and (own / file).is_file():
            return WeightsFile(own / file, preset)
        if file in listed:
            return WeightsFile(WEIGHTS / file, preset, listed[file])
    return None


def published_files() -> dict[Path, str]:
    """Every file that came with the program and its SHA-256 as published; nothing where the manifest is not usable."""
    return {WEIGHTS / name: sha256 for name, sha256 in _listed(WEIGHTS / MANIFEST).items()}


def _listed(manifest: Path) -> dict[str, str]:
    """SHA-256 by file name; nothing where the manifest is missing or broken."""
    try:
        if manifest.stat().st_size > LARGEST_MANIFEST_BYTES:
            return {}
        rows = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {str(row["file"]): str(row["sha256"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
