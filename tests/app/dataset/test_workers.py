from __future__ import annotations

import multiprocessing
import os
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from app.dataset.clip_packing import PackedClip
from app.dataset.listing import SourceFile
from app.dataset.options import PackOptions
from app.dataset.workers import Broken, Refused, pack_all


def sources(*names: str) -> list[SourceFile]:
    return [SourceFile(Path(name), name, "ada", False, {}) for name in names]


def serve_by_name(connection: Connection, options: PackOptions) -> None:
    """A worker whose sources say in their names what becomes of them; a packed clip holds the worker's number."""
    while True:
        try:
            source = connection.recv()
        except EOFError:
            return
        if source.name == "dies":
            os._exit(7)
        if source.name == "breaks":
            connection.send(Broken("ValueError: odd"))
        elif source.name == "refused":
            connection.send(Refused(source, "It is no good."))
        elif source.name != "never answers":
            connection.send(PackedClip(source, "", (options.stride,), b"", b"", None, os.getpid()))


def children() -> list[str]:
    return [child.name for child in multiprocessing.active_children() if child.name == "pack-clips"]


def test_each_source_is_answered_once_with_its_place_by_two_processes_at_most() -> None:
    results = dict(pack_all(sources("a", "b", "refused", "c", "d"), PackOptions(stride=3), serve_by_name))

    assert sorted(results) == [0, 1, 2, 3, 4]
    refused = results.pop(2)
    assert isinstance(refused, Refused)
    assert refused.sentence == "It is no good."
    packed = [result for result in results.values() if isinstance(result, PackedClip)]
    assert [clip.source.name for clip in sorted(packed, key=lambda clip: clip.source.name)] == ["a", "b", "c", "d"]
    assert {clip.frames for clip in packed} == {(3,)}
    assert len({clip.faceless for clip in packed}) <= 2
    assert children() == []


def test_a_file_that_kills_its_process_is_left_out_and_the_others_go_on() -> None:
    results = dict(pack_all(sources("a", "dies", "b", "dies", "c"), PackOptions(), serve_by_name))

    for place in (1, 3):
        dead = results[place]
        assert isinstance(dead, Refused)
        assert dead.sentence == "dies ended the process that read it. It is damaged. Remove it."
    assert all(isinstance(results[place], PackedClip) for place in (0, 2, 4))
    assert children() == []


def test_an_error_of_ours_in_a_process_is_raised_here_with_the_files_name() -> None:
    with pytest.raises(RuntimeError, match="breaks: ValueError: odd"):
        list(pack_all(sources("breaks"), PackOptions(), serve_by_name))

    assert children() == []


def test_whoever_stops_listening_ends_the_processes_at_once() -> None:
    with closing(pack_all(sources("a", "never answers"), PackOptions(), serve_by_name)) as results:
        next(results)
        assert children() != []

    assert children() == []
