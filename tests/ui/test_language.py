"""The window in other languages: every sentence is there, and nothing the program fills in was lost."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.remembered import Language
from tests.ui.conftest import Rig
from ui import strings
from ui.language import ENGLISH, NAMES, TRANSLATIONS, speak, spoken, translate_dialogs
from ui.notices import Notice

UI = Path(strings.__file__).parent
LANGUAGES = list(TRANSLATIONS)

SAME = {"APP_NAME", "LANGUAGES", "CLIP_ITEM", "KEYS_PLACES_KEYS", "PERCENT", "CAPTURE_NAME"}
"""What may read the same in two languages, beside single words."""


def words_of(value: Any) -> list[str]:
    """All texts in a sentence, a table or a row of sentences, in order."""
    if isinstance(value, dict):
        return [text for _, text in sorted(value.items())]
    return list(value) if isinstance(value, tuple) else [value]


def fields_of(text: str) -> list[tuple[str, str]]:
    """What the program fills in, with how."""
    return sorted((name, form or "") for _, name, form, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_every_sentence_exists_in_every_language_and_no_other(language: Language) -> None:
    there = {name for name in vars(TRANSLATIONS[language]) if name.isupper()}

    assert sorted(set(NAMES) - there) == [], "add these to the translation"
    assert sorted(there - set(NAMES)) == [], "these are not in ui/strings.py any more"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_translations_have_the_same_parts_and_the_same_things_to_fill_in(language: Language) -> None:
    wrong = []
    for name in NAMES:
        english, other = ENGLISH[name], getattr(TRANSLATIONS[language], name)
        same_kind = type(english) is type(other) and len(words_of(english)) == len(words_of(other))
        same_keys = not isinstance(english, dict) or english.keys() == other.keys()
        pairs = zip(words_of(english), words_of(other), strict=True) if same_kind else ()
        if not same_kind or not same_keys or any(fields_of(a) != fields_of(b) for a, b in pairs):
            wrong.append(name)

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.value)
def test_no_sentence_was_left_in_english(language: Language) -> None:
    left = [
        name
        for name in set(NAMES) - SAME
        if isinstance(ENGLISH[name], str)
        and " " in ENGLISH[name]
        and ENGLISH[name] == getattr(TRANSLATIONS[language], name)
    ]

    assert left == []


def test_file_filters_name_the_same_endings_in_every_language() -> None:
    for name in ("PICTURE_FILTER", "VIDEO_FILTER", "CLIP_FILTER"):
        endings = re.findall(r"\*\.\w+|\(\*\)", ENGLISH[name])
        assert all(re.findall(r"\*\.\w+|\(\*\)", getattr(each, name)) == endings for each in TRANSLATIONS.values())


def test_no_sentence_is_read_while_a_module_loads() -> None:
    early = []
    for path in UI.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        late = {
            id(inner)
            for outer in ast.walk(tree)
            if isinstance(outer, (ast.FunctionDef, ast.Lambda))
            for part in (outer.body if isinstance(outer.body, list) else [outer.body])
            for inner in ast.walk(part)
        }
        for node in ast.walk(tree):
            of_strings = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if of_strings and node.value.id == "strings" and id(node) not in late:  # type: ignore[attr-defined]
                early.append(f"{path.name}:{node.lineno}")

    assert early == []


@pytest.mark.parametrize(
    ("wish", "system", "language"),
    [
        (Language.SYSTEM, ["de-AT", "en"], Language.GERMAN),
        (Language.SYSTEM, ["zh_CN"], Language.CHINESE),
        (Language.SYSTEM, ["fr-FR", "de"], Language.GERMAN),
        (Language.SYSTEM, ["fr-FR"], Language.ENGLISH),
        (Language.SYSTEM, [], Language.ENGLISH),
        (Language.SYSTEM, ["system"], Language.ENGLISH),
        (Language.ENGLISH, ["de"], Language.ENGLISH),
        (Language.CHINESE, ["de"], Language.CHINESE),
    ],
)
def test_the_language_is_the_wish_or_the_first_the_system_speaks(
    wish: Language, system: list[str], language: Language
) -> None:
    assert spoken(wish, system) is language


def test_speaking_changes_the_sentences_and_english_brings_them_back() -> None:
    speak(Language.GERMAN)
    assert strings.RECORD == "Aufnehmen"
    speak(Language.CHINESE)
    assert strings.RECORD == "录制"

    speak(Language.ENGLISH)

    assert {name: getattr(strings, name) for name in NAMES} == ENGLISH


@pytest.mark.parametrize(("language", "cancel"), [(Language.GERMAN, "Abbrechen"), (Language.CHINESE, "取消")])
def test_dialogs_of_the_toolkit_speak_it_too(qt_app: QApplication, language: Language, cancel: str) -> None:
    translator = translate_dialogs(qt_app, language)

    said = QCoreApplication.translate("QPlatformTheme", "Cancel")
    assert translator is not None
    qt_app.removeTranslator(translator)

    assert said == cancel
    assert translate_dialogs(qt_app, Language.ENGLISH) is None


def test_a_chosen_language_is_remembered_and_said_to_come_later(rig: Rig) -> None:
    rig.presenter.help.language_chosen(Language.GERMAN)
    rig.presenter.tick()

    assert rig.memory.values.language is Language.GERMAN
    rig.view.show_language.assert_called_with(Language.GERMAN)
    assert isinstance(rig.notice, Notice)
    assert rig.notice.what == "The window speaks this language from the next start on."
    assert strings.RECORD == "Record"


def test_choosing_the_language_in_use_says_nothing(rig: Rig) -> None:
    rig.presenter.help.language_chosen(Language.SYSTEM)
    rig.presenter.tick()

    assert rig.notice is None
