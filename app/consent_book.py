"""The answers about loose pictures: in one file beside the settings, under the hash of what is in the picture.

So a copy or a new name asks nothing new. Losing the file only means being asked again, so nothing here ever stops a
call; a file that is not a book of this version is kept under another name before a new one is begun. (The answer about
an avatar lies in its folder.)
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.consent import Consent, consent_in
from app.settings_file import default_settings_path, free_name

log = logging.getLogger(__name__)

VERSION = 1
MAX_BYTES = 512 * 1024
MAX_PICTURES = 1000
"""Older answers are forgotten beyond it, which asks again."""

MAX_HASHED_BYTES = 128 * 1024 * 1024
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class _Pages:
    """What the file holds, by hash. told: pictures whose notice was shown, but whose question is not answered."""

    answers: Mapping[str, Consent]
    told: tuple[str, ...] = ()


class ConsentBook:
    """The answers about loose pictures, in one file. Nothing here raises for the state of a disk."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_settings_path().with_name("likeness.json")

    def answer(self, picture: Path) -> Consent | None:
        """What was said about what is in this picture."""
        return self._read().answers.get(_hash(picture) or "")

    def record(self, picture: Path, consent: Consent) -> None:
        """Keep an answer."""
        key = _hash(picture)
        if key is not None:
            pages = self._read()
            others = {each: said for each, said in pages.answers.items() if each != key}
            self._write(replace(pages, answers={**others, key: consent}))

    def first_notice(self, picture: Path) -> bool:
        """Whether the notice about this picture is due; from then on it is not."""
        key, pages = _hash(picture), self._read()
        if key is None or key in pages.answers or key in pages.told:
            return False
        self._write(replace(pages, told=(*pages.told, key)))
        return True

    def _read(self) -> _Pages:
        raw = self._ours()
        if raw is None:
            return _Pages({})
        answers, told = raw.get("answers"), raw.get("told")
        found = {key: consent_in(value) for key, value in answers.items()} if isinstance(answers, dict) else {}
        heard = tuple(key for key in told if isinstance(key, str)) if isinstance(told, list) else ()
        return _Pages({key: said for key, said in found.items() if said is not None}, heard)

    def _ours(self) -> Mapping[str, object] | None:
        """What the file says, if it is a book of this version."""
        try:
            with self.path.open("rb") as file:
                raw = json.loads(file.read(MAX_BYTES + 1))
        except (OSError, ValueError, RecursionError):
            return None
        return raw if isinstance(raw, dict) and raw.get("version") == VERSION else None

    def _write(self, pages: _Pages) -> None:
        answers = dict(list(pages.answers.items())[-MAX_PICTURES:])
        fields = {
            "version": VERSION,
            "answers": {key: said.to_json() for key, said in answers.items()},
            "told": list(pages.told[-MAX_PICTURES:]),
        }
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
            if self.path.is_file() and self._ours() is None:
                self.path.rename(free_name(self.path))  # of a newer version, or torn: not ours to overwrite
            temporary.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            log.info("the answer about a portrait was not kept in %s: %s", self.path, error)


def _hash(picture: Path) -> str | None:
    """SHA-256 of what is in a file, at most its first `MAX_HASHED_BYTES`; None where it cannot be read."""
    digest, left = hashlib.sha256(), MAX_HASHED_BYTES
    try:
        if not picture.is_file():
            return None
        with picture.open("rb") as file:
            while left > 0 and (piece := file.read(min(_PIECE, left))):
                digest.update(piece)
                left -= len(piece)
    except OSError:
        return None
    return digest.hexdigest()
