"""The program's own sentences about problems in the window's language.

`app` raises `AppError`s and tells reasons in English, as logs, reports and the command line are. The window shows them,
so it looks their translation up by their shape. `ui/translations/*_sentences.json` holds "sentences": each
English template of the source, with `{}` or `{name}` for what is filled in, and its translation, with `{0}`, `{1}` or
`{name}` for the same; and "parts": what is filled in out of a small set, and sentences put together from parts, in the
same form. What is not found stays English: what the system or a library says, and why `models` refuses a weights file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from app.remembered import Language

FOLDER = Path(__file__).parent / "translations"
FILES = {Language.GERMAN: "german_sentences.json", Language.CHINESE: "chinese_sentences.json"}

LEAST_LETTERS = 6
"""Templates with fewer letters of their own would fit anything."""

KEPT = 512
"""Texts whose translation is remembered: the window asks for the same ones several times a second."""

_BETWEEN = re.compile(r"(?<=[.!?]) (?=\S)")
"""Where a text can be parted into sentences."""

_FILLED_IN = re.compile(r"\{(\w*)\}")


class Shape:
    """A template with places to fill in. filling: what may stand there, as a regular expression."""

    def __init__(self, english: str, translation: str, filling: str) -> None:
        self._texts = _FILLED_IN.split(english)  # text, name, text, name, ..., text
        self._translation, self._filling = translation, filling

    def filled(self, text: str, say: Callable[[str], str]) -> str | None:
        """The translation of a text of this shape; `say` translates what is filled in. None: it is of another."""
        if not (text.startswith(self._texts[0]) and text.endswith(self._texts[-1])):
            return None  # nearly always, and no pattern has to be compiled for it
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        named = match.groupdict()
        unnamed = [match[number] for number in range(1, match.re.groups + 1) if number not in self._named]
        return self._translation.format(*map(say, unnamed), **{name: say(value) for name, value in named.items()})

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pairs = enumerate(self._texts)
        return re.compile("".join(re.escape(t) if n % 2 == 0 else self._place(t) for n, t in pairs), re.DOTALL)

    @cached_property
    def _named(self) -> set[int]:
        return set(self._pattern.groupindex.values())

    def _place(self, name: str) -> str:
        return f"(?P<{name}>{self._filling})" if name else f"({self._filling})"


class Sentences:
    """Translations by English template. table: templates to translations."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self._whole = {english: table[english] for english in table if not _FILLED_IN.search(english)}
        parts = sorted((english for english in self._whole if english[-1] not in ".!?"), key=len, reverse=True)
        filling = "|".join([*map(re.escape, parts), ".*?"])  # a known part before the shortest text
        shaped = [english for english in table if english not in self._whole and _letters(english) >= LEAST_LETTERS]
        shaped.sort(key=lambda english: (_letters(english), len(english)), reverse=True)  # the fullest one first
        self._shapes = [Shape(english, table[english], filling) for english in shaped]
        self.of = lru_cache(KEPT)(self._of)
        """A text in this language: as a whole, else sentence by sentence."""

    def _of(self, text: str) -> str:
        if text in self._whole:
            return self._whole[text]
        parts = _BETWEEN.split(text)
        found = [self._found(part) for part in parts]
        if None in found:  # something filled in may have looked like the end of a sentence
            whole = self._found(text)
            if whole is not None:
                return whole
        return _joined([said or part for said, part in zip(found, parts, strict=True)])

    def _found(self, text: str) -> str | None:
        if text in self._whole:
            return self._whole[text]
        return next((said for shape in self._shapes if (said := shape.filled(text, self._said)) is not None), None)

    def _said(self, part: str) -> str:
        return self._found(part) or part


def _letters(template: str) -> int:
    return sum(character.isalpha() for character in _FILLED_IN.sub("", template))


def _joined(sentences: list[str]) -> str:
    """Next to each other; Chinese full stops bring their own space."""
    return re.sub(r"(?<=[\u3002\uff01\uff1f]) ", "", " ".join(sentences))


def read_sentences(language: Language) -> Mapping[str, str]:
    """The table of a language; empty for English."""
    if language not in FILES:
        return {}
    tables: dict[str, dict[str, str]] = json.loads((FOLDER / FILES[language]).read_text(encoding="utf-8"))
    return tables["sentences"] | tables["parts"]


class Speech:
    """What is spoken now; one for the window, as `ui.strings` is."""

    def __init__(self) -> None:
        self._sentences = Sentences({})

    def speak(self, language: Language) -> None:
        """Say them in this language from now on."""
        self._sentences = Sentences(read_sentences(language))

    def said(self, english: str) -> str:
        """A sentence of the program in the language of the window."""
        return self._sentences.of(english)


_SPEECH = Speech()
speak_sentences = _SPEECH.speak
said = _SPEECH.said
