"""Pictures of a face in as many columns as there is room for, each with its control below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ui.shown import Picture

SHOT = QSize(208, 156)
SPACING_PX = 12
MOST_COLUMNS = 3


@dataclass(frozen=True)
class Shot:
    """One picture with what can be done about it."""

    picture: QLabel
    control: QWidget


class ShotGrid(QWidget):
    """Holds `Shot`s; its parent scrolls it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shots: tuple[Shot, ...] = ()
        self._columns = MOST_COLUMNS
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING_PX)

    def make_picture(self, picture: Picture, label: str) -> QLabel:
        """One picture, called `label`; Qt keeps its own copy, which goes with it."""
        made = QLabel(self)
        made.setPixmap(_pixmap(picture, self.devicePixelRatioF()))
        made.setAccessibleName(label)
        return made

    def short(self, label: str, room_px: int = SHOT.width() - 32) -> str:
        """As much of a name as fits below a picture; its ends, by which files differ, stay."""
        return QFontMetrics(self.font()).elidedText(label, Qt.TextElideMode.ElideMiddle, room_px)

    def fill(self, shots: Sequence[Shot]) -> None:
        """Hold these and no others."""
        for shot in self._shots:
            for widget in (shot.picture, shot.control):
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._shots = tuple(shots)
        self._place()

    def minimumSizeHint(self) -> QSize:
        """One column wide; the columns follow the width it gets."""
        return QSize(SHOT.width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = (self.width() + SPACING_PX) // (SHOT.width() + SPACING_PX)
        columns = max(1, min(columns, MOST_COLUMNS))
        if columns != self._columns:
            self._columns = columns
            self._place()

    def _place(self) -> None:
        for place, shot in enumerate(self._shots):
            row, column = divmod(place, self._columns)
            self._grid.addWidget(shot.picture, 2 * row, column, Qt.AlignmentFlag.AlignHCenter)
            self._grid.addWidget(shot.control, 2 * row + 1, column, Qt.AlignmentFlag.AlignHCenter)


def _pixmap(picture: Picture, ratio: float) -> QPixmap:
    h, w = picture.shape[:2]
    image = QImage(picture.tobytes(), w, h, 3 * w, QImage.Format.Format_RGB888)
    made = QPixmap.fromImage(
        image.scaled(SHOT * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    )
    made.setDevicePixelRatio(ratio)
    return made
