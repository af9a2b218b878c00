"""What a folder of clips and stills holds, by its manifest; and which people are kept out of training."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.clip_manifest import UnusableManifest, read_manifest
from app.errors import UsageProblem

MAX_NAME_LENGTH = 1000

HOLD_OUT_ONE_IN = 10
"""Of all people, for validation."""

KINDS = {"videos": ("*.mp4", False), "stills": ("*.jpg", True)}
"""Folder: which files, and whether they are stills."""

KEPT = {
    "source_repo": "source_repo",
    "source_path": "source_path",
    "repo_license": "licence",
    "class": "class",
    "kind": "kind",
}
"""Columns of the manifest that go into the pack, and their names there."""


@dataclass(frozen=True)
class SourceFile:
    """One clip or still. name: as the manifest has it. provenance: where it comes from and under which licence."""

    path: Path
    name: str
    identity: str
    still: bool
    provenance: dict[str, str]

    @property
    def held_out(self) -> bool:
        """Whether this person is for validation."""
        return is_held_out(self.identity)


class NotATrainingFolder(UsageProblem):
    """The folder does not hold what `prepare` reads."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder} cannot be packed for training.",
            why=why,
            fix="Give a folder with videos/*.mp4 or stills/*.jpg and a manifest.csv that says who is in each.",
        )


def is_held_out(identity: str) -> bool:
    """About one identity in ten, the same ones on every machine and whatever else is in the folder."""
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:8], "big") % HOLD_OUT_ONE_IN == 0


def list_sources(folder: Path) -> tuple[list[SourceFile], list[str]]:
    """The files to pack by name, clips before stills, and a sentence about each thing that is left out.

    Raises:
        NotATrainingFolder: no folder, no readable manifest, or nothing in it that is there.
    """
    if not folder.is_dir():
        raise NotATrainingFolder(folder, "There is no such folder.")
    rows = _manifest(folder)
    found, left_out = [], []
    for part, (pattern, still) in KINDS.items():
        for path in sorted((folder / part).glob(pattern)):
            name = f"{part}/{path.name}"
            row = rows.pop(name, None)
            identity = (row or {}).get("identity", "").strip()
            if row is None or not identity:
                left_out.append(f"{name} is left out: the manifest does not say who it is.")
                continue
            found.append(SourceFile(path, name, identity, still, _provenance(name, identity, row)))
    left_out += [f"{name[:MAX_NAME_LENGTH]} is left out: the manifest names it, and it is not there." for name in rows]
    if not found:
        raise NotATrainingFolder(folder, "It has no videos/*.mp4 or stills/*.jpg named in the manifest.")
    return found, left_out


def _manifest(folder: Path) -> dict[str, Mapping[str, str]]:
    try:
        return read_manifest(folder, ("identity",))
    except UnusableManifest as error:
        raise NotATrainingFolder(folder, str(error)) from error


def _provenance(name: str, identity: str, row: Mapping[str, str]) -> dict[str, str]:
    told = {kept: row.get(column, "")[:MAX_NAME_LENGTH] for column, kept in KEPT.items()}
    return {"file": name, "identity": identity, **told}
