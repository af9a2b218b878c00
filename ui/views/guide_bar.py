"""The first steps, over the picture's column: one sentence at a time, beside the controls it speaks of."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import strings
from ui.icons import pixmap
from ui.shown import GuideStep
from ui.theme import LIGHT, Theme


class GuideBar(QFrame):
    """Shows one `GuideStep` or nothing."""

    next_wanted = Signal()
    back_wanted = Signal()
    skipped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeInfo")
        self.setAccessibleName(strings.GUIDE)
        self._theme, self._step = LIGHT, GuideStep(1, 1, "", "", done=False)
        self._sign, self._title, self._text = QLabel(self), QLabel(self), QLabel(self)
        self._skip, self._back = QPushButton(strings.GUIDE_SKIP, self), QPushButton(strings.GUIDE_BACK, self)
        self._next = QPushButton(strings.GUIDE_NEXT, self)
        self._next.setObjectName("primary")
        self._next.clicked.connect(self.next_wanted)
        self._back.clicked.connect(self.back_wanted)
        self._skip.clicked.connect(self.skipped)
        self._lay_out()
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._dress()

    def show_step(self, step: GuideStep | None) -> None:
        """Show a step, or go away."""
        if step is not None:
            self._step = step
            self._title.setText(strings.GUIDE_HEAD.format(step=step.number, steps=step.count, title=step.title))
            self._text.setText(step.text)
            last = step.number == step.count
            self._next.setText(strings.GUIDE_END if last else strings.GUIDE_NEXT)
            self._back.setVisible(step.number > 1)
            self._skip.setVisible(not last)
            self._dress()
        self.setVisible(step is not None)

    def _dress(self) -> None:
        name, colour = ("check", self._theme.live) if self._step.done else ("info", self._theme.accent)
        self._sign.setPixmap(pixmap(name, colour, 22, self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        self._title.setObjectName("noticeWhat")
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._sign, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self._skip, self._back, self._next):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
