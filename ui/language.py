"""Which language the window speaks. `ui.strings` holds the sentences in use; nobody reads them before this has chosen.

What the program says of problems (`AppError`, reasons, findings) is translated as it is shown (`ui.sentences`).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.remembered import Language
from ui import strings
from ui.sentences import speak_sentences
from ui.translations import chinese, german

TRANSLATIONS: dict[Language, ModuleType] = {Language.GERMAN: german, Language.CHINESE: chinese}
QT_FILES = {Language.GERMAN: "qtbase_de", Language.CHINESE: "qtbase_zh_CN"}
"""The words of Qt's own dialogs, which it brings along."""

NAMES = tuple(name for name in vars(strings) if name.isupper())
"""Every sentence by its name in `ui.strings`."""

ENGLISH = {name: getattr(strings, name) for name in NAMES}


def spoken(wish: Language, system: Iterable[str]) -> Language:
    """The language for a wish; SYSTEM takes the first of the system's languages ("de-AT") that is spoken here."""
    if wish is not Language.SYSTEM:
        return wish
    known = {language.value: language for language in Language if language is not Language.SYSTEM}
    short = (tag.replace("_", "-").split("-")[0].lower() for tag in system)
    return next((known[tag] for tag in short if tag in known), Language.ENGLISH)


def system_languages() -> list[str]:
    """What the system wants programs to speak, best first."""
    return QLocale.system().uiLanguages()


def speak(language: Language) -> None:
    """Put the sentences of a language in place; before any view is made."""
    table = TRANSLATIONS.get(language)
    for name in NAMES:
        setattr(strings, name, ENGLISH[name] if table is None else getattr(table, name))
    speak_sentences(language)


def translate_dialogs(app: QCoreApplication, language: Language) -> QTranslator | None:
    """Let Qt's own dialogs speak it too; what is returned must be kept, and removed at the end."""
    name = QT_FILES.get(language)
    translator = QTranslator(app)
    if name is None or not translator.load(name, QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        return None
    app.installTranslator(translator)
    return translator
