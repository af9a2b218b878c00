"""The page of guided capture: one sentence at a time, then the pictures that were picked, to be kept or thrown away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import strings
from ui.icons import icon
from ui.intents import CaptureIntents
from ui.shown import CapturePhase, CaptureShot, CaptureState, DriverSeen
from ui.theme import Theme
from ui.views.controls import muted_label, spaced
from ui.views.pages import open_at, scrolled
from ui.views.shot_grid import Shot, ShotGrid
from ui.views.sight import SightView

SIZE = QSize(720, 600)
BAR_PX = 8
SIGHT_SCALE = 2.4
NEUTRAL = "neutral"
"""The picture that becomes the portrait: without it there is no avatar, so it cannot be left out."""


class CapturePage(QDialog):
    """A window of its own beside the main one. Closing it throws away what was not kept."""

    def __init__(self, intents: CaptureIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._boxes: dict[str, QCheckBox] = {}
        self.setWindowTitle(strings.CAPTURE_TITLE)
        open_at(self, SIZE)
        self._asked, self._has_it = QLabel(self), muted_label("", self)
        self._hint = muted_label(strings.CAPTURE_HINT, self, wraps=True)
        self._bar, self._shots, self._sight = QProgressBar(self), ShotGrid(self), SightView(self, SIGHT_SCALE)
        self._missing, self._name = muted_label("", self, wraps=True), QLineEdit(strings.CAPTURE_NAME, self)
        self._keep, self._again = QPushButton(self), QPushButton(self)
        self._delete, self._close = QPushButton(self), QPushButton(self)
        self._dress()
        self._keep.clicked.connect(lambda: intents.capture_kept(self._name.text(), self._left_out()))
        self._again.clicked.connect(lambda: intents.capture_wanted())
        self._delete.clicked.connect(lambda: intents.capture_deleted())
        self._close.clicked.connect(self.close)
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._sight.apply_theme(theme)
        self._keep.setIcon(icon("check", theme.on_accent))
        self._again.setIcon(icon("refresh", theme.text))
        self._close.setIcon(icon("close", theme.text))

    def set_mirror(self, mirror: bool) -> None:
        """Draw the face like a mirror, or as the camera sees it."""
        self._sight.set_mirror(mirror)

    def show_seen(self, seen: DriverSeen | None) -> None:
        """Draw the face."""
        self._sight.show_seen(seen)

    def show_state(self, state: CaptureState) -> None:
        """Show one moment of it."""
        if state.phase is CapturePhase.CLOSED:
            self._show_shots(())
            self.hide()
            return
        asking, found = state.phase is CapturePhase.ASKING, state.phase is CapturePhase.FOUND
        self._asked.setText(_headline(state))
        self._has_it.setText(state.found)
        self._bar.setValue(round(1000 * state.share))
        self._missing.setText("\n".join(state.missing))
        if state.phase is not CapturePhase.SAVING:
            self._show_shots(state.shots)
        for widget, shown in (
            (self._bar, asking),
            (self._has_it, asking),
            (self._sight, asking),
            (self._hint, asking or state.phase is CapturePhase.STARTING),
            (self._shots, bool(state.shots)),
            (self._missing, bool(state.missing)),
            (self._name, found and state.can_keep),
            (self._keep, found and state.can_keep),
            (self._again, found or state.phase in (CapturePhase.REFUSED, CapturePhase.KEPT)),
            (self._delete, state.phase is CapturePhase.KEPT),
        ):
            widget.setVisible(shown)
        self._close.setText(spaced(strings.CAPTURE_DROP if found else strings.CAPTURE_CLOSE))
        self._close.setAccessibleName(strings.CAPTURE_DROP if found else strings.CAPTURE_CLOSE)
        self.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._end()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it like its button."""
        self._end()
        super().reject()

    def _end(self) -> None:
        self._show_shots(())
        self._intents.capture_closed()

    def _left_out(self) -> tuple[str, ...]:
        return tuple(goal for goal, box in self._boxes.items() if not box.isChecked())

    def _show_shots(self, shots: tuple[CaptureShot, ...]) -> None:
        self._boxes = {shot.goal: self._box(shot) for shot in shots}
        make = self._shots.make_picture
        self._shots.fill([Shot(make(shot.picture, shot.label), self._boxes[shot.goal]) for shot in shots])

    def _box(self, shot: CaptureShot) -> QCheckBox:
        box = QCheckBox(shot.label, self._shots)
        box.setChecked(True)
        box.setEnabled(shot.goal != NEUTRAL)
        box.setToolTip(strings.CAPTURE_BOX_HINT)
        return box

    def _dress(self) -> None:
        self._asked.setObjectName("captureAsked")
        self._asked.setWordWrap(True)
        self._asked.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._has_it.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(BAR_PX)
        self._keep.setObjectName("primary")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar.setAccessibleName(strings.CAPTURE_PROGRESS)
        self._name.setAccessibleName(strings.CAPTURE_NAME_LABEL)
        self._name.setToolTip(strings.CAPTURE_NAME_LABEL)
        self._name.setMaxLength(60)
        for button, text in (
            (self._keep, strings.CAPTURE_KEEP),
            (self._again, strings.CAPTURE_AGAIN),
            (self._delete, strings.CAPTURE_DELETE),
            (self._close, strings.CAPTURE_CLOSE),
        ):
            button.setText(spaced(text))
            button.setAccessibleName(text)
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        font = self._asked.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        self._asked.setFont(font)
        buttons = QHBoxLayout()
        buttons.addWidget(self._name)
        buttons.addWidget(self._keep)
        buttons.addWidget(self._delete)
        buttons.addStretch(1)
        buttons.addWidget(self._again)
        buttons.addWidget(self._close)
        inside = QWidget(self)
        middle = QVBoxLayout(inside)
        middle.setContentsMargins(16, 16, 16, 16)
        middle.setSpacing(12)
        middle.addStretch(1)
        middle.addWidget(self._asked)
        middle.addWidget(self._sight, alignment=Qt.AlignmentFlag.AlignHCenter)
        for widget in (self._has_it, self._bar, self._hint, self._shots, self._missing):
            middle.addWidget(widget)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(scrolled(inside, strings.CAPTURE_TITLE, self), 1)
        whole.addLayout(buttons)


def _headline(state: CaptureState) -> str:
    if state.phase is CapturePhase.STARTING:
        return strings.CAPTURE_STARTING
    if state.phase is CapturePhase.SAVING:
        return strings.CAPTURE_SAVING
    if state.phase is CapturePhase.FOUND:
        return strings.CAPTURE_FOUND if state.can_keep else strings.CAPTURE_NOTHING
    return state.asked
