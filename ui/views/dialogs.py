"""Small questions over the window: which file, what name, whether to delete. None of them stops the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

from ui import strings

MAX_NAME = 60
"""Of an avatar; longer ones would not be seen whole anywhere."""


@dataclass(frozen=True)
class RemovalTexts:
    """What a question about deleting says."""

    title: str
    what: str
    why: str


def ask_file(
    parent: QWidget, title: str, names: str, chosen: Callable[[Path], None], refused: Callable[[], None] | None = None
) -> None:
    """Let a person choose a file that exists."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(names)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    if refused is not None:
        dialog.rejected.connect(lambda: refused())
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_files(parent: QWidget, title: str, names: str, chosen: Callable[[list[Path]], None]) -> None:
    """Let a person choose any number of files that exist."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilter(names)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_target(parent: QWidget, title: str, names: str, proposed: str, chosen: Callable[[Path], None]) -> None:
    """Let a person choose where a file is written; an existing one is asked about by the dialog."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(names)
    dialog.setDefaultSuffix(Path(proposed).suffix.removeprefix("."))
    dialog.selectFile(proposed)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_name(parent: QWidget, name: str, chosen: Callable[[str], None]) -> None:
    """Let a person type another name for an avatar."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(strings.RENAME_TITLE)
    dialog.setLabelText(strings.RENAME_LABEL.format(name=name))
    dialog.setTextValue(name)
    for line in dialog.findChildren(QLineEdit):
        line.setMaxLength(MAX_NAME)
    dialog.textValueSelected.connect(lambda text: chosen(text))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_removal(parent: QWidget, texts: RemovalTexts, confirmed: Callable[[], None]) -> None:
    """Ask before something is deleted; Enter and Esc keep it."""
    dialog = QMessageBox(parent)
    dialog.setWindowTitle(texts.title)
    dialog.setText(texts.what)
    dialog.setInformativeText(texts.why)
    yes = dialog.addButton(strings.REMOVE_YES, QMessageBox.ButtonRole.DestructiveRole)
    no = dialog.addButton(strings.REMOVE_NO, QMessageBox.ButtonRole.RejectRole)
    dialog.setDefaultButton(no)
    dialog.setEscapeButton(no)
    yes.clicked.connect(lambda: confirmed())
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
