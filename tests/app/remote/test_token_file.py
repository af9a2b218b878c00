"""The remote control's token: nobody else can read it, and it stays the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import EnvironmentProblem
from app.output.destinations import TOKEN_PATTERN
from app.remote.token_file import default_token_path, kept_token

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions of files are another matter on Windows")


def test_a_token_is_made_once_in_a_file_that_nobody_else_can_read(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "remote-token"

    token = kept_token(path)

    assert TOKEN_PATTERN.fullmatch(token)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == token + "\n"
    assert kept_token(path) == token
    assert list(path.parent.iterdir()) == [path]


def test_it_lies_beside_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "settings.json"))

    assert default_token_path() == tmp_path / "remote-token"


def test_a_token_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "remote-token"
    token = kept_token(path)
    path.chmod(0o644)

    assert kept_token(path) != token
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"a" * 5000])
def test_what_is_no_token_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "remote-token"
    path.write_bytes(content)
    path.chmod(0o600)

    assert TOKEN_PATTERN.fullmatch(kept_token(path))
    assert path.read_bytes() != content


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "remote-token"
    victim.write_text("a" * 43)
    victim.chmod(0o600)
    path.symlink_to(victim)

    assert kept_token(path) != "a" * 43
    assert victim.read_text() == "a" * 43
    assert not path.is_symlink()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(EnvironmentProblem) as caught:
        kept_token(tmp_path / "file" / "remote-token")

    assert caught.value.what == "The remote control could not be started."
    assert caught.value.why == f"Its token could not be saved in {tmp_path / 'file'}: File exists."
    assert caught.value.fix == "Give yourself permission for that folder, or free some space."
