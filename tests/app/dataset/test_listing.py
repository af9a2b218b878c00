from __future__ import annotations

from pathlib import Path

import pytest

from app.dataset.listing import NotATrainingFolder, is_held_out, list_sources

HEADER = "file,kind,identity,class,source_repo,source_path,repo_license\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("videos/b.mp4", "videos/a.mp4", "stills/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"not looked into here")
    rows = (
        "videos/b.mp4,video,bob,real,some/repo,clips/b.mp4,MIT\n"
        "videos/a.mp4,video,ada,styled,some/repo,clips/a.mp4,MIT\n"
        "stills/c.jpg,still,ada,real,other/repo,c.jpg,CC0\n"
    )
    (tmp_path / "manifest.csv").write_text(HEADER + rows)
    return tmp_path


def test_clips_come_by_name_and_before_stills_with_where_they_come_from(data: Path) -> None:
    sources, left_out = list_sources(data)

    assert [source.name for source in sources] == ["videos/a.mp4", "videos/b.mp4", "stills/c.jpg"]
    assert [source.still for source in sources] == [False, False, True]
    assert sources[2].provenance == {
        "file": "stills/c.jpg",
        "identity": "ada",
        "source_repo": "other/repo",
        "source_path": "c.jpg",
        "licence": "CC0",
        "class": "real",
        "kind": "still",
    }
    assert left_out == []


def test_about_one_person_in_ten_is_held_out() -> None:
    held_out = sum(is_held_out(f"person {number}") for number in range(5000))

    assert 400 < held_out < 600


def test_who_is_held_out_never_changes() -> None:
    assert [number for number in range(40) if is_held_out(f"p{number}")] == HELD_OUT_OF_FORTY


HELD_OUT_OF_FORTY = [7, 25, 26, 27]


def test_all_files_of_a_person_are_on_one_side_of_the_split(data: Path) -> None:
    (data / "manifest.csv").write_text(
        HEADER + "".join(f"{n},,p{k},,,,\n" for k, n in enumerate(("videos/a.mp4", "videos/b.mp4", "stills/c.jpg")))
    )
    sides: dict[str, set[bool]] = {}
    for source in list_sources(data)[0]:
        sides.setdefault(source.identity, set()).add(source.held_out)

    assert all(len(side) == 1 for side in sides.values())


def test_a_file_that_nobody_names_and_a_name_without_a_file_are_said(data: Path) -> None:
    (data / "videos" / "stray.mp4").write_bytes(b"x")
    with (data / "manifest.csv").open("a") as file:
        file.write("videos/gone.mp4,video,eve,real,r,p,MIT\n../../etc/passwd,video,eve,real,r,p,MIT\n")

    sources, left_out = list_sources(data)

    assert len(sources) == 3
    assert left_out == [
        "videos/stray.mp4 is left out: the manifest does not say who it is.",
        "videos/gone.mp4 is left out: the manifest names it, and it is not there.",
        "../../etc/passwd is left out: the manifest names it, and it is not there.",
    ]


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (None, "It has no manifest.csv."),
        (b"", "Its manifest.csv has no columns `file` and `identity`."),
        (b"name,who\n", "Its manifest.csv has no columns `file` and `identity`."),
        (b"file,identity\n", "It has no videos/*.mp4 or stills/*.jpg named in the manifest."),
        (b"file,identity\n\xff\xfe\x00", "Its manifest.csv cannot be read."),
    ],
)
def test_a_folder_that_is_no_data_folder_is_refused_by_what_it_lacks(
    data: Path, manifest: bytes | None, why: str
) -> None:
    (data / "manifest.csv").unlink()
    if manifest is not None:
        (data / "manifest.csv").write_bytes(manifest)

    with pytest.raises(NotATrainingFolder) as refused:
        list_sources(data)

    assert refused.value.why == why


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotATrainingFolder, match="There is no such folder"):
        list_sources(tmp_path / "none")
