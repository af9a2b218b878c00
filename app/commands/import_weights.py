"""`import-weights`: the public files of LivePortrait as one checked file, where the program finds it."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.cli_parser import print_line
from app.errors import EnvironmentProblem, UsageProblem
from app.output.disk import require_no_folder, require_writable_place, unwritable
from app.own_weights import weights_folder
from app.progress import progress
from models.errors import CheckpointError
from models.liveportrait.config import PRESETS, LivePortraitConfig
from models.liveportrait.public_files import FILES, PublicSet, State, find_sets, read_public
from models.liveportrait.weights import expected_shapes, save_imported, weights_name

BYTES_EACH, SPARE_BYTES = 4, 16 << 20


@dataclass(frozen=True)
class ImportOptions:
    """The flags of `import-weights` (CONTRACT.md).

    output: None puts the file where the program looks for weights. animals: the folder holds the animals' set, whatever
        it is called. left_out: entries of the files that are not to be used. configs: the sizes of each set.
    """

    folder: Path
    output: Path | None = None
    animals: bool = False
    left_out: tuple[str, ...] = ()
    quiet: bool = False
    configs: Mapping[str, LivePortraitConfig] = field(default_factory=lambda: PRESETS)

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> ImportOptions:
        """Read what `app.cli_parser` parsed."""
        return cls(parsed.folder, parsed.output, parsed.animals, tuple(parsed.leave_out), parsed.quiet)


class NoWeightsFound(UsageProblem):
    """The folder is missing, or holds nothing that could be imported."""

    def __init__(self, folder: Path) -> None:
        why = "There is no such folder."
        if folder.is_dir():
            why = f"There is no {FILES[0]} in it, nor in base_models or liveportrait/base_models below it."
        super().__init__(
            f"No LivePortrait weights were found in {folder}.",
            why=why,
            fix="Name the folder with the downloaded files; docs/liveportrait.md says where they come from.",
        )


class NothingToLeaveOut(UsageProblem):
    """--leave-out names what is not there: a slip of the pen would else pass for an entry left aside."""

    def __init__(self, names: Collection[str], files: PublicSet) -> None:
        super().__init__(
            f"--leave-out names {', '.join(sorted(names))}, which none of the files has.",
            why=f"These are the files for {_who(files)}.",
            fix="Write the name as the refusal shows it; entries of the small networks are retarget_.../module....",
        )


class NotImportable(UsageProblem):
    """One of the files is not what it should be."""

    def __init__(self, error: CheckpointError) -> None:
        super().__init__(
            "The weights cannot be imported.",
            why=f"{error}.",
            fix="Download the file again; an entry that is too much can be left aside with --leave-out NAME.",
        )


def import_weights(options: ImportOptions) -> int:
    """Import every set in the folder; 0 when all are written.

    Raises:
        UsageProblem: the folder or a file in it cannot be used, with the reason.
        EnvironmentProblem: the result cannot be written.
    """
    try:
        sets = find_sets(options.folder, animals=options.animals)
        if not sets:
            raise NoWeightsFound(options.folder)
        if options.output is not None and len(sets) > 1:
            raise UsageProblem(
                "--output names one file, but two sets were found.",
                why=f"{options.folder} has the weights for people and those for animals.",
                fix="Name the folder of one of them, or leave --output out.",
            )
        for each in sets:
            _import(each, options)
    except CheckpointError as error:
        raise NotImportable(error) from error
    return 0


def _import(files: PublicSet, options: ImportOptions) -> None:
    config = options.configs[files.preset]
    output = _output(options, config)
    state, sources, left_out = State(), dict[str, str](), set[str]()
    for file in progress(files.files, unit="file", quiet=options.quiet):
        try:
            contents = read_public(file, config, options.left_out)
        except OSError as error:
            raise CheckpointError(f"{file.path.name} cannot be read ({error.strerror or error})") from error
        state |= contents.numbers
        sources[file.path.name] = contents.sha256
        left_out |= contents.left_out
    if unknown := set(options.left_out) - left_out:
        raise NothingToLeaveOut(unknown, files)
    try:
        sha256 = save_imported(output, config, state, sources)
    except OSError as error:
        raise unwritable(output, error) from error
    count = sum(value.numel() for value in state.values())
    sys.stdout.write("".join(_summary(files, output, sha256, count, options.left_out)))
    if options.output is not None and output.name != weights_name(config) and not options.quiet:
        print_line(f"The program finds it once it is called {weights_name(config)} and lies in {weights_folder()}.")


def _output(options: ImportOptions, config: LivePortraitConfig) -> Path:
    """Where the file goes; its folder is there and has room."""
    output = options.output
    if output is None:
        output = weights_folder() / weights_name(config)
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(output, error) from error
    require_writable_place(output)
    require_no_folder(output)
    needed = SPARE_BYTES + BYTES_EACH * sum(_numel(shape) for shape in expected_shapes(config).values())
    free = shutil.disk_usage(output.absolute().parent).free
    if free < needed:
        raise EnvironmentProblem(
            f"{output} cannot be written.",
            why=f"It takes {needed / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free.",
            fix="Free some space, or choose another place with --output.",
        )
    return output


def _numel(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _who(files: PublicSet) -> str:
    return "animals" if files.preset == "animals" else "people"


def _summary(files: PublicSet, output: Path, sha256: str, count: int, left_out: tuple[str, ...]) -> Iterator[str]:
    yield f"{output}: LivePortrait for {_who(files)}, {count / 1e6:.1f} million parameters\n"
    yield "  every entry of the files is in it but num_batches_tracked, which training alone reads\n"
    if left_out:
        yield f"  and what --leave-out names: {', '.join(left_out)}\n"
    yield f"  sha256 {sha256}\n"
