"""The bar for messages: what, why, fix; it pushes the rest down and never blocks."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui import strings
from ui.icons import icon, pixmap
from ui.shown import Notice, NoticeKind
from ui.theme import LIGHT, Theme
from ui.views.controls import set_object_name


class NoticeBar(QFrame):
    """Shows one `Notice` or nothing."""

    dismissed = Signal()
    next_wanted = Signal()
    folder_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._notice = LIGHT, Notice(NoticeKind.INFO, "", "", "")
        self.setAccessibleName(strings.PROBLEM_BAR)
        self._picture, self._what, self._more = QLabel(self), QLabel(self), QLabel(self)
        self._folder = QPushButton(strings.OPEN_FOLDER, self)
        self._copy = QPushButton(strings.COPY_REPORT, self)
        self._copy.setToolTip(strings.COPY_REPORT_HINT)
        self._copy.clicked.connect(self.copy_wanted)
        self._next = QPushButton(self)
        self._next.setAccessibleName(strings.NEXT_NAME)
        self._close = QToolButton(self)
        self._close.setObjectName("quiet")
        self._close.setAccessibleName(strings.DISMISS)
        self._close.setToolTip(strings.DISMISS_HINT)
        self._close.clicked.connect(self.dismissed)
        self._next.clicked.connect(self.next_wanted)
        self._folder.clicked.connect(self.folder_wanted)
        self._lay_out()
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._close.setIcon(icon("close", theme.text, 16))
        self._folder.setIcon(icon("folder", theme.text))
        self._copy.setIcon(icon("copy", theme.text))
        self._show_kind()

    def show_notice(self, notice: Notice | None) -> None:
        """Show a message, or go away."""
        if notice is None:
            self.hide()
            return
        if notice == self._notice and self.isVisible():
            return
        self._notice = notice
        self._what.setText(notice.what)
        self._more.setText(" ".join(part for part in (notice.why, notice.fix) if part))
        self._folder.setVisible(notice.folder is not None)
        self._copy.setVisible(bool(notice.copy))
        self._next.setVisible(notice.count > 1)
        self._next.setText(strings.NEXT_PROBLEM.format(index=notice.index, count=notice.count))
        self._show_kind()
        self.show()

    def _show_kind(self) -> None:
        problem = self._notice.kind is NoticeKind.PROBLEM
        name, colour = ("warning", self._theme.danger) if problem else ("info", self._theme.accent)
        self._picture.setPixmap(pixmap(name, colour, 22, self.devicePixelRatioF()))
        set_object_name(self, "noticeProblem" if problem else "noticeInfo")

    def _lay_out(self) -> None:
        self._what.setObjectName("noticeWhat")
        for label in (self._what, self._more):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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
        for button in (self._folder, self._copy, self._next, self._close):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
