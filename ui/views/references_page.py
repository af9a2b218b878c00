"""The page of an avatar's further pictures: those it has, what was found, and where to look for more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import strings
from ui.icons import icon
from ui.intents import ReferenceIntents
from ui.shown import ReferenceShot, ReferencesPhase, ReferencesState
from ui.theme import Theme
from ui.views.controls import muted_label, spaced
from ui.views.pages import open_at, scrolled
from ui.views.shot_grid import Shot, ShotGrid

SIZE = QSize(760, 600)
BAR_PX = 8


class ReferencesPage(QDialog):
    """A window of its own beside the main one; files can be dropped on it. Closing it throws away what was not kept."""

    def __init__(self, intents: ReferenceIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._boxes: list[QCheckBox] = []
        self._shown: tuple[ReferencesPhase, tuple[ReferenceShot, ...]] = (ReferencesPhase.CLOSED, ())
        self.setAcceptDrops(True)
        open_at(self, SIZE)
        self._sentence, self._refused = QLabel(self), muted_label("", self, wraps=True)
        self._bar, self._shots = QProgressBar(self), ShotGrid(self)
        self._photos, self._video = QPushButton(self), QPushButton(self)
        self._keep, self._drop = QPushButton(self), QPushButton(self)
        self._cancel, self._close = QPushButton(self), QPushButton(self)
        self._inside = QWidget(self)
        self._scroll = scrolled(self._inside, strings.REFERENCES, self)
        self._dress()
        self._photos.clicked.connect(lambda: intents.photos_wanted())
        self._video.clicked.connect(lambda: intents.video_wanted())
        self._keep.clicked.connect(lambda: intents.references_kept(self._left_out()))
        self._drop.clicked.connect(lambda: intents.references_dropped())
        self._cancel.clicked.connect(lambda: intents.search_cancelled())
        self._close.clicked.connect(self.close)
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._photos.setIcon(icon("plus", theme.text))
        self._video.setIcon(icon("picture", theme.text))
        self._keep.setIcon(icon("check", theme.on_accent))
        for button in (self._drop, self._cancel, self._close):
            button.setIcon(icon("close", theme.text))

    def show_state(self, state: ReferencesState) -> None:
        """Open the page, or bring it up to date."""
        if state.phase is ReferencesPhase.CLOSED:
            self._show_shots(state.phase, ())
            self.hide()
            return
        listed, found = state.phase is ReferencesPhase.LISTED, state.phase is ReferencesPhase.FOUND
        looking, saving = state.phase is ReferencesPhase.LOOKING, state.phase is ReferencesPhase.SAVING
        self.setWindowTitle(strings.REFERENCES_TITLE.format(name=state.name))
        self._sentence.setText(state.sentence)
        self._bar.setValue(round(1000 * state.share))
        self._refused.setText("\n".join(state.refused))
        if not saving:
            self._show_shots(state.phase, state.shots)
        for widget, shown in (
            (self._bar, looking),
            (self._scroll, bool(state.shots) or bool(state.refused) or saving),
            (self._refused, bool(state.refused)),
            (self._photos, listed),
            (self._video, listed),
            (self._keep, found and bool(state.shots)),
            (self._drop, found),
            (self._cancel, looking),
        ):
            widget.setVisible(shown)
        if self.isHidden():
            self.show()
            self.raise_()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._end()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it like its button."""
        self._end()
        super().reject()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self._intents.files_chosen(files)

    def _end(self) -> None:
        self._show_shots(ReferencesPhase.CLOSED, ())
        self._intents.references_closed()

    def _left_out(self) -> tuple[int, ...]:
        return tuple(place for place, box in enumerate(self._boxes) if not box.isChecked())

    def _show_shots(self, phase: ReferencesPhase, shots: tuple[ReferenceShot, ...]) -> None:
        if self._shown == (phase, shots):
            return  # so that nothing that was unticked is ticked again
        self._shown = (phase, shots)
        self._boxes.clear()
        make = self._box if phase is ReferencesPhase.FOUND else self._remover
        self._shots.fill([Shot(self._shots.make_picture(shot.picture, shot.label), make(shot)) for shot in shots])

    def _box(self, shot: ReferenceShot) -> QWidget:
        box = QCheckBox(self._shots.short(shot.label), self._shots)
        box.setAccessibleName(shot.label)
        box.setChecked(True)
        box.setToolTip(f"{shot.label}\n{strings.REFERENCES_BOX_HINT}")
        self._boxes.append(box)
        return box

    def _remover(self, shot: ReferenceShot) -> QWidget:
        button = QPushButton(strings.REFERENCES_REMOVE, self._shots)
        button.setObjectName("link")
        button.setAccessibleName(strings.REFERENCES_REMOVE_NAME.format(picture=shot.label))
        button.setToolTip(strings.REFERENCES_REMOVE_HINT)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._intents.reference_removed(shot.name))
        return button

    def _dress(self) -> None:
        self._sentence.setWordWrap(True)
        self._keep.setObjectName("primary")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(BAR_PX)
        self._bar.setAccessibleName(strings.REFERENCES_PROGRESS)
        for button, text in (
            (self._photos, strings.REFERENCES_PHOTOS),
            (self._video, strings.REFERENCES_VIDEO),
            (self._keep, strings.REFERENCES_KEEP),
            (self._drop, strings.REFERENCES_DROP),
            (self._cancel, strings.REFERENCES_CANCEL),
            (self._close, strings.REFERENCES_CLOSE),
        ):
            button.setText(spaced(text))
            button.setAccessibleName(text)
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(16, 16, 16, 12)
        inside.addWidget(self._shots)
        inside.addWidget(self._refused)
        inside.addStretch(1)
        buttons = QHBoxLayout()
        for button in (self._photos, self._video, self._keep, self._drop, self._cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(self._sentence)
        whole.addWidget(self._bar)
        whole.addWidget(self._scroll, 1)
        whole.addStretch(0)
        whole.addLayout(buttons)
