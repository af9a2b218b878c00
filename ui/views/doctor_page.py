"""The doctor's page: one row per check with its verdict, what was found, why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.doctor.findings import Finding, Verdict
from ui import strings
from ui.icons import icon, pixmap
from ui.intents import DoctorIntents
from ui.sentences import said
from ui.shown import DoctorState
from ui.theme import LIGHT, Theme
from ui.views.controls import muted_label, rule, spaced
from ui.views.pages import open_at, scrolled

SIZE = QSize(760, 620)
ICONS = {Verdict.OK: "check", Verdict.LIMITED: "info", Verdict.MISSING: "warning"}


class DoctorPage(QDialog):
    """A window of its own beside the main one; the call goes on meanwhile."""

    def __init__(self, intents: DoctorIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._state = LIGHT, DoctorState((), running=False, can_copy=False)
        self.setWindowTitle(strings.DOCTOR_TITLE)
        open_at(self, SIZE)
        self._summary = muted_label(strings.DOCTOR_RUNNING, self, wraps=True)
        self._body, self._rows = QWidget(self), QVBoxLayout()
        self._again, self._copy = QPushButton(self), QPushButton(self)
        self._folder, self._close = QPushButton(self), QPushButton(self)
        for button, text, hint in (
            (self._again, strings.DOCTOR_AGAIN, strings.DOCTOR_AGAIN_HINT),
            (self._copy, strings.COPY_REPORT, strings.COPY_REPORT_HINT),
            (self._folder, strings.DOCTOR_FOLDER, strings.DOCTOR_FOLDER_HINT),
            (self._close, strings.DOCTOR_CLOSE, ""),
        ):
            button.setText(spaced(text))
            button.setAccessibleName(text)
            button.setToolTip(hint)
            button.setAutoDefault(False)
        self._again.clicked.connect(lambda: intents.doctor_wanted())
        self._copy.clicked.connect(lambda: intents.report_wanted())
        self._folder.clicked.connect(lambda: intents.log_folder_wanted())
        self._close.clicked.connect(self.close)
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._again.setIcon(icon("refresh", theme.text))
        self._copy.setIcon(icon("copy", theme.text))
        self._folder.setIcon(icon("folder", theme.text))
        self._close.setIcon(icon("close", theme.text))
        self._fill()

    def show_state(self, state: DoctorState) -> None:
        """Show what is known so far."""
        if state != self._state:
            self._state = state
            self._fill()
        self.show()

    def _fill(self) -> None:
        while self._rows.count():
            item = self._rows.takeAt(0)
            row = None if item is None else item.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for place, finding in enumerate(self._in_order()):
            if place:
                self._rows.addWidget(rule(self._body))
            self._rows.addWidget(self._row(finding))
        self._again.setEnabled(not self._state.running)
        self._copy.setEnabled(self._state.can_copy)
        self._summary.setText(self._sum())

    def _in_order(self) -> list[Finding]:
        """As they come while they come; then what needs doing first."""
        found = list(self._state.findings)
        weights = {Verdict.MISSING: 0, Verdict.LIMITED: 1, Verdict.OK: 2}
        return found if self._state.running else sorted(found, key=lambda finding: weights[finding.verdict])

    def _sum(self) -> str:
        if self._state.running:
            return strings.DOCTOR_RUNNING
        verdicts = [finding.verdict for finding in self._state.findings]
        if Verdict.MISSING in verdicts:
            return strings.DOCTOR_MISSING
        return strings.DOCTOR_LIMITED if Verdict.LIMITED in verdicts else strings.DOCTOR_OK

    def _row(self, finding: Finding) -> QWidget:
        row = QWidget(self._body)
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 8, 0, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        sign = QLabel(row)
        colours = {Verdict.OK: self._theme.live, Verdict.LIMITED: self._theme.held, Verdict.MISSING: self._theme.danger}
        sign.setPixmap(pixmap(ICONS[finding.verdict], colours[finding.verdict], 20, self.devicePixelRatioF()))
        sign.setAccessibleName(strings.DOCTOR_VERDICTS[finding.verdict.value])
        sign.setToolTip(strings.DOCTOR_VERDICTS[finding.verdict.value])
        title = QLabel(strings.DOCTOR_NAMES.get(finding.name, finding.name), row)
        title.setObjectName("noticeWhat")
        grid.addWidget(sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(title, 0, 1)
        why = _words(said(finding.why), row, muted=True)
        texts = (_words(said(finding.sentence), row), why, _words(said(finding.fix), row))
        for line, words in enumerate((words for words in texts if words is not None), start=1):
            grid.addWidget(words, line, 1)
        grid.setColumnStretch(1, 1)
        return row

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._body)
        column.setContentsMargins(16, 6, 16, 6)
        column.addLayout(self._rows)
        column.addStretch(1)
        self._rows.setSpacing(0)
        buttons = QHBoxLayout()
        for button in (self._copy, self._again, self._folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(12)
        whole.addWidget(self._summary)
        whole.addWidget(scrolled(self._body, strings.DOCTOR_TITLE, self), 1)
        whole.addLayout(buttons)


def _words(text: str, parent: QWidget, *, muted: bool = False) -> QLabel | None:
    if not text:
        return None
    label = muted_label(text, parent, wraps=True) if muted else QLabel(text, parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
