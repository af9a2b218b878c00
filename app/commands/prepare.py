"""`prepare`: a folder of clips and stills as one compact training pack."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from app.cli_parser import print_line
from app.dataset.clip_packing import PackedClip
from app.dataset.listing import NotATrainingFolder, SourceFile, list_sources
from app.dataset.options import PackOptions
from app.dataset.pack_file import write_pack
from app.dataset.workers import Refused, pack_all
from app.output.disk import require_no_folder, require_writable_place
from app.progress import progress


@dataclass(frozen=True)
class PrepareOptions:
    """The flags of `prepare` (CONTRACT.md)."""

    data: Path
    output: Path
    packing: PackOptions = field(default_factory=PackOptions)
    quiet: bool = False

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> PrepareOptions:
        """Read what `app.cli_parser` parsed."""
        packing = PackOptions(stride=parsed.stride, crf=parsed.crf, masks=not parsed.no_masks)
        return cls(data=parsed.data, output=parsed.output, packing=packing, quiet=parsed.quiet)


def prepare(options: PrepareOptions) -> int:
    """Pack every file the manifest names; name those that cannot be used, and say what the pack holds.

    Raises:
        UsageProblem: the folder or the output cannot be used, or not one file can.
        EnvironmentProblem: the pack cannot be written.
    """
    require_writable_place(options.output)
    require_no_folder(options.output)
    sources, left_out = list_sources(options.data)
    for sentence in left_out:
        print_line(sentence)
    clips = _packed(sources, options)
    if not clips:
        raise NotATrainingFolder(options.data, "Not one of its files can be used.")
    size = write_pack(options.output, clips, options.packing)
    sys.stdout.write(_summary(options.output, clips, size))
    if len({clip.source.held_out for clip in clips}) == 1:
        side = "held out for validation" if clips[0].source.held_out else "trained on"
        print_line(f"Everybody in this pack is {side}. The split goes by person; add more people to have both sides.")
    return 0


def _packed(sources: list[SourceFile], options: PrepareOptions) -> list[PackedClip]:
    """The clips that could be packed, in the order of `sources`, whichever worker was done first."""
    by_place: dict[int, PackedClip] = {}
    refused: list[Refused] = []
    with closing(pack_all(sources, options.packing)) as results:
        counted: Iterable[tuple[int, PackedClip | Refused]] = progress(
            results, unit="file", quiet=options.quiet, total=len(sources)
        )
        for place, result in counted:
            if isinstance(result, Refused):
                refused.append(result)
            else:
                by_place[place] = result
    for each in refused:  # behind the bar, which they would break
        print_line(f"{each.source.name} is left out. {each.sentence}")
    return [by_place[place] for place in sorted(by_place)]


def _summary(output: Path, clips: list[PackedClip], size: int) -> str:
    people = {clip.source.identity: clip.source.held_out for clip in clips}
    stills = sum(clip.source.still for clip in clips)
    lines = (
        f"{output}: {size / 1024**2:.1f} MiB",
        f"  {len(clips) - stills} clips and {stills} stills, {sum(len(clip.frames) for clip in clips)} frames",
        f"  {len(people)} people, of whom {sum(people.values())} are held out for validation",
        f"  {sum(clip.faceless for clip in clips)} frames left out because no face was found",
    )
    return "\n".join(lines) + "\n"
