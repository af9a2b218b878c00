"""The page of recorded movement: a list to play from, and a button that records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from ui import strings
from ui.icons import icon
from ui.intents import ClipIntents
from ui.shown import ClipLine, ClipsState
from ui.theme import LIGHT, Theme
from ui.views.controls import muted_label, set_object_name, spaced
from ui.views.pages import open_at

SIZE = QSize(560, 460)
LINE_ROLE = Qt.ItemDataRole.UserRole + 1


class ClipsPage(QDialog):
    """A window of its own beside the main one; what plays or is recorded goes on when it is closed."""

    def __init__(self, intents: ClipIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents, self._theme = intents, LIGHT
        self._state = ClipsState((), recording=None, can_record=False, text="")
        self.setWindowTitle(strings.CLIPS_TITLE)
        open_at(self, SIZE)
        self._text, self._list = muted_label("", self, wraps=True), QListWidget(self)
        self._list.setAccessibleName(strings.CLIPS_LIST)
        self._play, self._record = QPushButton(self), QPushButton(self)
        self._export, self._remove = QPushButton(strings.CLIP_EXPORT, self), QPushButton(strings.CLIP_REMOVE, self)
        self._import, self._close = (
            QPushButton(strings.CLIP_IMPORT, self),
            QPushButton(spaced(strings.CLIP_CLOSE), self),
        )
        self._record.clicked.connect(lambda: intents.record_toggled())
        self._play.clicked.connect(self._play_or_stop)
        self._import.clicked.connect(lambda: intents.import_wanted())
        self._export.clicked.connect(lambda: self._with_current(intents.export_wanted))
        self._remove.clicked.connect(lambda: self._with_current(intents.removal_wanted))
        self._close.clicked.connect(self.close)
        self._list.currentRowChanged.connect(lambda row: self._dress())
        self._list.itemActivated.connect(lambda item: intents.play_toggled(item.data(LINE_ROLE).path))
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._close.setIcon(icon("close", theme.text))
        self._dress()

    def show_state(self, state: ClipsState) -> None:
        """Open the page, or bring it up to date."""
        if state.clips != self._state.clips:
            self._fill(state.clips)
        self._state = state
        self._text.setText(state.text)
        self._dress()
        self.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._intents.clips_closed()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it like its button."""
        self._intents.clips_closed()
        super().reject()

    @property
    def _current(self) -> ClipLine | None:
        item = self._list.currentItem()
        line: ClipLine | None = None if item is None else item.data(LINE_ROLE)
        return line

    @property
    def _playing(self) -> bool:
        return any(clip.playing for clip in self._state.clips)

    def _play_or_stop(self) -> None:
        current = self._current
        if self._playing:
            self._intents.stop_wanted()
        elif current is not None:
            self._intents.play_toggled(current.path)

    def _with_current(self, wish: Callable[[Path], None]) -> None:
        current = self._current
        if current is not None:
            wish(current.path)

    def _fill(self, clips: tuple[ClipLine, ...]) -> None:
        before: Path | None = self._current.path if self._current is not None else None
        self._list.clear()
        for clip in clips:
            text = strings.CLIP_ITEM_OWN if clip.own else strings.CLIP_ITEM
            item = QListWidgetItem(text.format(name=clip.name, length=clip.length), self._list)
            item.setData(LINE_ROLE, clip)
            font = item.font()
            font.setBold(clip.playing)
            item.setFont(font)
        places = [clip.path for clip in clips]
        self._list.setCurrentRow(places.index(before) if before in places else 0)

    def _dress(self) -> None:
        state, current = self._state, self._current
        recording = state.recording is not None
        self._play.setText(spaced(strings.CLIP_STOP if self._playing else strings.CLIP_PLAY))
        self._play.setIcon(icon("stop" if self._playing else "resume", self._theme.text))
        self._play.setEnabled(not recording and (current is not None or self._playing))
        text = strings.CLIP_RECORD if state.recording is None else strings.CLIP_RECORD_STOP
        self._record.setText(spaced(text.format(length=state.recording)))
        self._record.setIcon(icon("stop" if recording else "record", self._theme.danger))
        self._record.setEnabled(state.can_record)
        set_object_name(self._record, "recording" if recording else "")
        self._export.setEnabled(current is not None)
        self._remove.setEnabled(current is not None and current.own)

    def _lay_out(self) -> None:
        for button in (self._play, self._record, self._export, self._remove, self._import, self._close):
            button.setAutoDefault(False)
        first, last = QHBoxLayout(), QHBoxLayout()
        for button in (self._play, self._export, self._remove):
            first.addWidget(button)
        first.addStretch(1)
        for button in (self._record, self._import):
            last.addWidget(button)
        last.addStretch(1)
        last.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(self._text)
        whole.addWidget(self._list, 1)
        whole.addLayout(first)
        whole.addLayout(last)
