"""What the program says of problems, in the window's language: nothing is left out, nothing filled in is lost."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from app.audio.problems import Direction, SoundDeviceBusy
from app.control import Problem
from app.remembered import Language
from ui.language import speak
from ui.sentences import FILES, FOLDER, LEAST_LETTERS, Sentences, read_sentences, said
from ui.wording import notice_of, notice_of_error

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = list(FILES)

ELSEWHERE = ("app/commands", "app/dataset", "app/cli", "app/evaluation", "app/cross_evaluation", "app/contact_sheet")
"""Of the command line alone."""

SENTENCE = re.compile(r"""["“'{A-Z0-9].*\s.*[.!?]["”]?""", re.DOTALL)


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    speak(Language.ENGLISH)


def sentences_of(file: Path) -> set[str]:
    """Every text of a file that reads like a sentence, `{}` for what is filled in; not docstrings, not the log's."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    apart = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    apart |= {
        id(n) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for n in ast.walk(each) if n is not each
    }
    apart |= {id(each.args[0]) for each in ast.walk(tree) if _is_logged(each)}
    texts = {_template(each) for each in ast.walk(tree) if id(each) not in apart}
    return {text for text in texts if len(text) > 8 and SENTENCE.fullmatch(text)}


def _is_logged(node: ast.AST) -> TypeGuard[ast.Call]:
    called = node.func if isinstance(node, ast.Call) and node.args else None
    return isinstance(called, ast.Attribute) and ast.unparse(called.value) in ("log", "logger")


def _template(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def said_by_the_program() -> set[str]:
    files = [
        file for file in (ROOT / "app").rglob("*.py") if not file.relative_to(ROOT).as_posix().startswith(ELSEWHERE)
    ]
    return set().union(*(sentences_of(file) for file in files))


def tables_of(language: Language) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = json.loads((FOLDER / FILES[language]).read_text(encoding="utf-8"))
    return tables


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_every_sentence_of_the_program_is_translated(language: Language) -> None:
    missing = sorted(said_by_the_program() - set(tables_of(language)["sentences"]))

    assert missing == [], f"add these to ui/translations/{FILES[language]}"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_no_translation_is_left_of_a_sentence_that_is_gone(language: Language) -> None:
    assert sorted(set(tables_of(language)["sentences"]) - said_by_the_program()) == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_a_translation_takes_everything_that_is_filled_in(language: Language) -> None:
    for english, other in read_sentences(language).items():
        unnamed = {str(number) for number in range(english.count("{}"))}
        wanted = unnamed | set(re.findall(r"\{(\w+)\}", english))
        assert set(re.findall(r"\{(\w*)\}", other)) == wanted, english
        assert not wanted or sum(letter.isalpha() for letter in re.sub(r"\{\w*\}", "", english)) >= LEAST_LETTERS, (
            english
        )
        assert other.strip() != "", english


def test_what_is_filled_in_keeps_its_place_and_is_translated_where_it_is_known() -> None:
    table = {
        "The {} {} stopped.": "{1} ({0}) steht.",
        "sound output": "Tonausgabe",
        "All is well.": "Gut.",
        "It is {}there, {place}.": "{0}Da: {place}.",
    }
    words = Sentences(table)

    assert words.of("The sound output Desk stopped.") == "Desk (Tonausgabe) steht."
    assert words.of("The lamp A {0} b stopped. All is well.") == "A {0} b (lamp) steht. Gut."
    assert words.of("All is well. Nobody knows this. All is well.") == "Gut. Nobody knows this. Gut."
    assert words.of("The lamp A. B stopped.") == "A. B (lamp) steht."
    assert words.of("It is there, sound output.") == "Da: Tonausgabe."
    assert words.of("It is there, A. It is there, B.") == "Da: A. Da: B."
    assert words.of("") == ""


def test_chinese_sentences_stand_without_spaces_between_them() -> None:
    assert Sentences({"One.": "\u4e00\u3002", "Two.": "\u4e8c\u3002"}).of("One. Two.") == "\u4e00\u3002\u4e8c\u3002"


def test_a_message_in_the_window_speaks_its_language() -> None:
    busy = SoundDeviceBusy(Direction.INPUT, "Desk")
    english = notice_of_error("sound", busy)
    speak(Language.GERMAN)
    german = notice_of_error("sound", busy)

    assert (english.what, english.why, english.fix) == (busy.what, busy.why, busy.fix)
    assert "Desk" in german.what
    assert "Mikrofon" in german.what
    assert german.why == read_sentences(Language.GERMAN)[english.why]
    assert german.fix == read_sentences(Language.GERMAN)[english.fix]


def test_what_nobody_translated_stays_as_it_is() -> None:
    speak(Language.CHINESE)
    problem = Problem("part", "Zorg 5 fell over.", "It was pushed: ENOENT", "")

    assert notice_of(problem).what == "Zorg 5 fell over."
    assert said(problem.why) == problem.why
