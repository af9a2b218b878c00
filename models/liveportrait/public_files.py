"""Reads LivePortrait's public files, which come from outside and are trusted in nothing.

Four files hold a state dict each; the fifth holds three of them, whose names begin with `module.`. A file is looked at
from the outside first: its size, and that of everything in it, against what the networks need. Then PyTorch reads it
with `weights_only=True`, mapped into memory, so that no code in it runs and nothing is loaded before its name, kind and
shape are known to be right.
"""

from __future__ import annotations

import pickle
import pickletools
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.errors import CheckpointError
from models.liveportrait.config import LivePortraitConfig
from models.liveportrait.network import LivePortraitNetwork
from models.synergy.weights import COUNTERS, Undrawn, sha256_of

BASE_FILES = {
    "appearance_feature_extractor.pth": "appearance_feature_extractor",
    "motion_extractor.pth": "motion_extractor",
    "spade_generator.pth": "spade_generator",
    "warping_module.pth": "warping_module",
}
"""One network each, by file."""

SMALL_FILE = "stitching_retargeting_module.pth"
SMALL_NETWORKS = ("retarget_shoulder", "retarget_mouth", "retarget_eye")
SMALL_PREFIX = "module."

FILES = (*BASE_FILES, SMALL_FILE)

SET_FOLDERS = ("liveportrait", "liveportrait_animals")
"""What the folders of the two sets are called where they are published."""

KINDS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
ROOM_SHARE, ROOM_BYTES = 2.5, 8 << 20
"""How much larger than its numbers in float32 a file may be: one could hold float64, and names take room."""

MAKERS = ("torch._utils", "torch.serialization")
"""Modules of what a state dict calls to make its arrays again."""

HOLDERS = (("collections", "OrderedDict"), ("torch", "Size"))

TUPLE_CODES = ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")

DAMAGED = "it is damaged, or holds something else than numbers"

MOST_ENTRIES_EACH = 4
LARGEST_PICKLE_BYTES = 4 << 20
LONGEST_SHOWN_NAME = 80

State = dict[str, Tensor]
Shapes = Mapping[str, tuple[int, ...]]

UNREADABLE: tuple[type[Exception], ...] = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    RuntimeError,  # and what is derived from it, such as too deep a recursion
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    ArithmeticError,
    ImportError,
)
"""What PyTorch and zipfile raise on a file that is not what it should be."""


class FileRefused(CheckpointError):
    """A public file is wrong; the sentence names it and says what is."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path.name} is refused: {reason}")


@dataclass(frozen=True)
class PublicFile:
    """One of the five files, and the networks in it by the key they have there; "" where the file is one network."""

    path: Path
    networks: Mapping[str, str]


@dataclass(frozen=True)
class PublicSet:
    """The files of one set: that of people ("base") or that of animals ("animals")."""

    preset: str
    files: tuple[PublicFile, ...]


@dataclass(frozen=True)
class Contents:
    """What was read of one file.

    numbers: under the names they have in `LivePortraitNetwork`; float32, and they may lie in the file still.
    sha256: of the file. left_out: the entries that were not to be used and were there.
    """

    numbers: State
    sha256: str
    left_out: frozenset[str]


def find_sets(folder: Path, *, animals: bool = False) -> list[PublicSet]:
    """The sets in a folder: the files lie in it, as published below it, or below `liveportrait*` in it.

    The two sets have the same names and shapes. animals: those in the folder are the animals', whatever it is called;
    else it is by the folder's name that they are told apart.

    Raises:
        FileRefused: a set is begun but one of its files is missing.
    """
    roots = [folder, folder / "liveportrait_animals"] if animals else [folder, *map(folder.joinpath, SET_FOLDERS)]
    return [made for root in roots if (made := _set_in(root, animals=animals)) is not None]


def read_public(file: PublicFile, config: LivePortraitConfig, left_out: Collection[str] = ()) -> Contents:
    """The numbers of one file; BatchNorm's counters are checked and left out.

    left_out: entries that are not to be used though the file has them, by their name in the file.

    Raises:
        FileRefused: the file is not what it should be.
        OSError: it cannot be read.
    """
    wanted = _wanted(file, config)
    _look_from_outside(file.path, wanted)
    entries = _read(file)
    found = {name: value for name, value in entries.items() if name not in left_out}
    _check_names(file.path, found, wanted)
    state = {}
    for name, (target, shape) in wanted.items():
        value = _checked(file.path, name, found[name], shape)
        if not name.endswith(COUNTERS):
            state[target] = value
    return Contents(state, sha256_of(file.path), frozenset(entries.keys() - found.keys()))


def _set_in(root: Path, *, animals: bool) -> PublicSet | None:
    begun = next((place for place in _places(root, "base_models") if (place / FILES[0]).is_file()), None)
    if begun is None:
        return None
    files = [PublicFile(_required(begun, name), {"": network}) for name, network in BASE_FILES.items()]
    small = next((p for p in _places(root, "retargeting_models") if (p / SMALL_FILE).is_file()), root)
    files.append(PublicFile(_required(small, SMALL_FILE), {key: key for key in SMALL_NETWORKS}))
    return PublicSet("animals" if animals or "animal" in root.resolve().name.lower() else "base", tuple(files))


def _places(root: Path, folder: str) -> Iterator[Path]:
    """Where files of a kind can be below `root`; of several versions the newest is first."""
    yield root
    yield from sorted((place for place in root.glob(f"{folder}*") if place.is_dir()), reverse=True)


def _required(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise FileRefused(folder / name, "it is missing beside the others")
    return folder / name


def _wanted(file: PublicFile, config: LivePortraitConfig) -> dict[str, tuple[str, tuple[int, ...]]]:
    """By name in the file: the name in `LivePortraitNetwork`, and the shape."""
    with Undrawn():
        network = LivePortraitNetwork(config)
    wanted = {}
    for key, group in file.networks.items():
        begin = f"{key}/{SMALL_PREFIX}" if key else ""
        for name, value in network.get_submodule(group).state_dict().items():
            wanted[begin + name] = (f"{group}.{name}", tuple(value.shape))
    return wanted


def _look_from_outside(path: Path, wanted: Mapping[str, tuple[str, tuple[int, ...]]]) -> None:
    """Sizes, before anything is unpacked: a small file may claim to be a large one."""
    numbers = sum(torch.Size(shape).numel() for _, shape in wanted.values())
    most = int(4 * numbers * ROOM_SHARE) + ROOM_BYTES
    size = path.stat().st_size
    if size > most:
        raise FileRefused(path, f"it has {size} bytes, and at most {most} are possible")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except UNREADABLE as error:
        raise FileRefused(path, "it is not a weights file of PyTorch") from error
    if len(entries) > MOST_ENTRIES_EACH * len(wanted) + 64:
        raise FileRefused(path, f"it has {len(entries)} parts, far more than it should")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise FileRefused(path, "it is compressed, which weights files of PyTorch are not")
    if sum(entry.file_size for entry in entries) > size:
        raise FileRefused(path, "it claims to hold more than it has")
    pickles = [entry for entry in entries if entry.filename.endswith(".pkl")]
    if any(entry.file_size > LARGEST_PICKLE_BYTES for entry in pickles):
        raise FileRefused(path, "its list of names is far too long")
    try:
        with zipfile.ZipFile(path) as archive:
            names = [archive.read(entry) for entry in pickles]
        known = all(_calls_only_what_makes_arrays(each) and not _uses_a_tuple_again(each) for each in names)
    except UNREADABLE as error:
        raise FileRefused(path, DAMAGED) from error
    if not known:
        raise FileRefused(path, DAMAGED)


def _calls_only_what_makes_arrays(names: bytes) -> bool:
    """PyTorch itself also lets a file call `bytearray`, with which a few bytes of it take any amount of memory."""
    for code, argument, _ in pickletools.genops(names):
        if code.name in ("STACK_GLOBAL", "INST"):  # PyTorch writes neither
            return False
        if code.name == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            if not (module in MAKERS or (module, name) in HOLDERS or (module == "torch" and name.endswith("Storage"))):
                return False
    return True


def _uses_a_tuple_again(names: bytes) -> bool:
    """No state dict does. Thirty tuples that each hold the one before twice take a day to be used as a name."""
    kept_as_tuple: dict[object, bool] = {}
    before = ""
    for code, argument, _ in pickletools.genops(names):
        if code.name in ("PUT", "BINPUT", "LONG_BINPUT"):
            kept_as_tuple[argument] = before in TUPLE_CODES
        elif code.name == "MEMOIZE":
            kept_as_tuple[len(kept_as_tuple)] = before in TUPLE_CODES
        elif code.name == "DUP" or (code.name.endswith("GET") and kept_as_tuple.get(argument, False)):
            return True
        before = code.name
    return False


def _read(file: PublicFile) -> dict[str, object]:
    """Every entry by its name; those of several networks in one file as `network/name`."""
    try:
        content = torch.load(file.path, map_location="cpu", weights_only=True, mmap=True)
    except UNREADABLE as error:
        raise FileRefused(file.path, DAMAGED) from error
    if not isinstance(content, dict):
        raise FileRefused(file.path, f"it holds a {type(content).__name__} in place of names and numbers")
    if "" in file.networks:
        return {str(name): value for name, value in content.items()}
    entries: dict[str, object] = {}
    for key, value in content.items():
        if key in file.networks and isinstance(value, dict):
            entries |= {f"{key}/{name}": part for name, part in value.items()}
        else:
            entries[str(key)] = value
    return entries


def _check_names(path: Path, found: Collection[str], wanted: Collection[str]) -> None:
    missing, foreign = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    reasons = [
        f"it {verb} {', '.join(_shown(name) for name in names[:3])}"
        + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        for verb, names in (("lacks", missing), ("has an unknown", foreign))
        if names
    ]
    if reasons:
        raise FileRefused(path, " and ".join(reasons))


def _shown(name: str) -> str:
    """A name from a file as it may stand in a sentence: no control characters, not without end."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST_SHOWN_NAME])
    return shown + ("..." if len(name) > LONGEST_SHOWN_NAME else "")


def _checked(path: Path, name: str, value: object, shape: tuple[int, ...]) -> Tensor:
    if not isinstance(value, Tensor) or value.layout != torch.strided or value.device.type != "cpu":
        raise FileRefused(path, f"{name} is not an array of numbers")
    if tuple(value.shape) != shape:
        raise FileRefused(path, f"{name} has the shape {tuple(value.shape)} in place of {shape}")
    if name.endswith(COUNTERS):
        return value
    if value.dtype not in KINDS:
        raise FileRefused(path, f"{name} holds numbers of the kind {str(value.dtype).removeprefix('torch.')}")
    numbers = value.detach().to(torch.float32).contiguous()
    if not torch.isfinite(numbers).all():
        raise FileRefused(path, f"{name} holds numbers that are not finite")
    return numbers
