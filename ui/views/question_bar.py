"""A question with two answers, in the row of the messages: it can wait as long as the person likes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import strings
from ui.icons import pixmap
from ui.shown import LikenessQuestion
from ui.theme import LIGHT, Theme


class QuestionBar(QFrame):
    """Shows one `LikenessQuestion` or nothing."""

    confirmed = Signal()
    refused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeInfo")
        self.setAccessibleName(strings.LIKENESS_BAR)
        self._theme = LIGHT
        self._picture, self._what, self._more = QLabel(self), QLabel(self), QLabel(strings.LIKENESS_WHY, self)
        self._yes = QPushButton(strings.LIKENESS_YES, self)
        self._yes.setObjectName("primary")
        self._no = QPushButton(strings.LIKENESS_NO, self)
        self._yes.clicked.connect(self.confirmed)
        self._no.clicked.connect(self.refused)
        self._lay_out()
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._picture.setPixmap(pixmap("person", theme.accent, 22, self.devicePixelRatioF()))

    def show_question(self, question: LikenessQuestion | None) -> None:
        """Ask, or go away."""
        if question is not None:
            self._what.setText(strings.LIKENESS_WHAT.format(name=question.name))
        self.setVisible(question is not None)

    def _lay_out(self) -> None:
        self._what.setObjectName("noticeWhat")
        for label in (self._what, self._more):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._what)
        words.addWidget(self._more)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._picture, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self._no, self._yes):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
