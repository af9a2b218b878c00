"""The shipped graph of the live step as one small file: OpenVINO's topology and constants, no weights."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import CheckpointError
from models.synergy.config import SynergyConfig

FORMAT = "synergy-step-graph-1"
ABOUT, TOPOLOGY, CONSTANTS = "about.json", "graph.xml", "graph.bin"
LARGEST_PART_BYTES = 32 << 20

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What `zipfile` raises on archives it cannot read; RuntimeError where one is encrypted."""

FIXED_TIME = (2020, 1, 1, 0, 0, 0)
"""Of every part: the same graph makes the same file."""


@dataclass(frozen=True)
class GraphFile:
    """One graph.

    fingerprint: of the traced code it was made from (`models.synergy.export.fingerprint`).
    topology, constants: the two halves of OpenVINO's IR.
    """

    config: SynergyConfig
    fingerprint: str
    topology: bytes
    constants: bytes


def write_graph(path: Path, graph: GraphFile) -> None:
    """Write it, the same bytes for the same graph."""
    about = {"format": FORMAT, "config": asdict(graph.config), "fingerprint": graph.fingerprint}
    parts = {
        ABOUT: json.dumps(about, sort_keys=True).encode(),
        TOPOLOGY: graph.topology,
        CONSTANTS: graph.constants,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), content, zipfile.ZIP_DEFLATED, 9)


def read_graph(path: Path, config: SynergyConfig) -> GraphFile:
    """The graph in a file, if it is one of `config`.

    Raises:
        CheckpointError: it is missing, damaged, or of another configuration.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(_part(archive, ABOUT))
            topology, constants = _part(archive, TOPOLOGY), _part(archive, CONSTANTS)
        made_for, fingerprint = about["config"], str(about["fingerprint"])
        known = about["format"] == FORMAT
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read ({error.strerror or error})") from error
    except (*DAMAGE, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path.name} is not a graph of this program, or is damaged") from error
    if not known or made_for != json.loads(json.dumps(asdict(config))):
        raise CheckpointError(f"{path.name} was made for another configuration than that of the weights")
    return GraphFile(config, fingerprint, topology, constants)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(name)
    if entry.file_size > LARGEST_PART_BYTES or entry.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError(f"{name} is too large or packed in another way")
    return archive.read(name)
