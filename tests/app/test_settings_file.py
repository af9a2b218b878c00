from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.remembered import Language, Nonsense, Remembered, from_json, to_json
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, Region
from app.settings_file import MAX_BYTES, SettingsFile, default_settings_path

FULL = Remembered(
    avatar="ada",
    camera="usb-1",
    camera_name="HD Webcam",
    virtual_camera="none",
    mirror=False,
    motion=MotionSettings(True, Region.EYES, 1.5, 0.25, False, 0.5, None),
    fit=FitMode.FIT,
    background=Background(BackgroundMode.PICTURE, (1, 2, 3), Path("beach.jpg")),
    model="a model that is gone",
    geometry="AdnQywAD",
    gallery=("my-cat", "ada"),
    guided=True,
    language=Language.CHINESE,
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    assert SettingsFile(path).save(FULL) is None

    loaded = SettingsFile(path).load()

    assert loaded.values == FULL
    assert loaded.notice is None
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_a_first_start_has_defaults_and_nothing_to_say(tmp_path: Path) -> None:
    loaded = SettingsFile(tmp_path / "settings.json").load()

    assert loaded.values == Remembered()
    assert loaded.notice is None


NONSENSE = {
    "empty": b"",
    "not json": b"smoothing = 3",
    "not text": b"\xff\xfe\x00\x01",
    "a list": b"[1, 2]",
    "no version": b'{"mirror": true}',
    "version as text": b'{"version": "1"}',
    "deeply nested": b"[" * 50_000,
    "endless number": b'{"version": 1, "motion": {"gain": ' + b"9" * 4000 + b"}}",
    "not a number": b'{"version": 1, "motion": {"gain": NaN}}',
    "out of range": b'{"version": 1, "motion": {"smoothing": 7}}',
    "wrong kind": b'{"version": 1, "mirror": "yes"}',
    "unknown member": b'{"version": 1, "fit": "stretch"}',
    "wrong colour": b'{"version": 1, "background": {"colour": [0, 0, 300]}}',
    "picture missing": b'{"version": 1, "background": {"mode": "picture"}}',
    "model as a number": b'{"version": 1, "model": 3}',
    "zero in a path": b'{"version": 1, "avatar": "a\\u0000b"}',
    "gallery of numbers": b'{"version": 1, "gallery": [1]}',
    "gallery without end": b'{"version": 1, "gallery": [' + b'"a", ' * 1000 + b'"a"]}',
    "too large": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("content", NONSENSE.values(), ids=NONSENSE.keys())
def test_a_file_of_nonsense_is_moved_aside_and_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    file = SettingsFile(path)

    loaded = file.load()

    aside = tmp_path / "settings.json.bad"
    assert loaded.values == Remembered()
    assert aside.read_bytes() == content
    assert loaded.notice is not None
    assert loaded.notice.what == "Your settings could not be read, so the program starts with fresh ones."
    assert str(aside) in loaded.notice.why
    assert file.save(FULL) is None
    assert SettingsFile(path).load().values == FULL


def test_nonsense_moved_aside_earlier_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    for content in (b"first", b"second"):
        path.write_bytes(content)
        SettingsFile(path).load()

    assert (tmp_path / "settings.json.bad").read_bytes() == b"first"
    assert (tmp_path / "settings.json.2.bad").read_bytes() == b"second"


def test_a_folder_in_place_of_the_file_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()

    assert SettingsFile(path).load().notice is not None
    assert (tmp_path / "settings.json.bad").is_dir()


def test_a_file_of_a_newer_version_is_neither_read_nor_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    content = json.dumps({"version": 2, "mirror": "new meaning"})
    path.write_text(content)
    file = SettingsFile(path)

    loaded = file.load()

    assert loaded.values == Remembered()
    assert loaded.notice is not None
    assert loaded.notice.what == (
        "Your settings were made by a newer version of this program, so the usual ones are used."
    )
    assert file.save(FULL) is None
    assert path.read_text() == content


def test_a_folder_that_cannot_be_written_is_said_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    SettingsFile(path).save(FULL)

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)

    trouble = SettingsFile(path).save(replace(FULL, mirror=True))

    assert trouble is not None
    assert trouble.what == "Your settings could not be saved."
    assert trouble.why == f"The system says about {tmp_path}: Permission denied."
    assert SettingsFile(path).load().values == FULL
    assert [each.name for each in tmp_path.iterdir()] == ["settings.json"]


def test_a_file_that_may_not_be_read_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    SettingsFile(path).save(FULL)
    content = path.read_bytes()

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        file = SettingsFile(path)
        loaded = file.load()

    assert loaded.notice is not None
    assert file.save(Remembered()) is None
    assert path.read_bytes() == content


def test_missing_values_take_their_defaults_and_unknown_ones_are_ignored() -> None:
    assert from_json({"version": 1, "mirror": False, "hologram": True}) == Remembered(mirror=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(field=st.sampled_from(sorted(to_json(FULL))), value=JSON)
def test_any_value_is_either_taken_or_called_nonsense(field: str, value: object) -> None:
    try:
        values = from_json({**to_json(FULL), field: value})
    except (Nonsense, ValueError):
        return
    assert from_json(to_json(values)) == values


def test_the_file_can_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "other.json"))
    assert default_settings_path() == tmp_path / "other.json"

    monkeypatch.delenv("UNDERSTUDY_SETTINGS")
    assert default_settings_path().name == "settings.json"
