"""Small building blocks that several panels share."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFrame, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from ui.theme import LIGHT, Theme

E = TypeVar("E", bound=Enum)

RING_PX = 3
"""Room around a switch for the ring that shows the keyboard."""


class ElidedLabel(QLabel):
    """One line of text that ends in an ellipsis where there is no room, with all of it in the tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole, self._hint = "", ""

    def set_hint(self, hint: str) -> None:
        """What the tool tip says, below the whole text where that does not fit."""
        if hint != self._hint:
            self._hint = hint
            self._elide()

    def set_whole_text(self, text: str) -> None:
        """Show `text`, as much of it as fits."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(0, self.width()))
        self.setText(shown)
        lines = (self._whole if shown != self._whole else "", self._hint)
        self.setToolTip("\n".join(line for line in lines if line))
        self.updateGeometry()


class Switch(QAbstractButton):
    """An on/off switch, painted; behaves like a check box for the keyboard and for screen readers.

    scale: 1 is as large as the words beside it.
    """

    def __init__(self, name: str, parent: QWidget | None = None, scale: float = 1.0) -> None:
        super().__init__(parent)
        self._scale = scale
        self._theme = LIGHT
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def set_scale(self, scale: float) -> None:
        """Be larger or smaller."""
        self._scale = scale
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(46 * self._scale), round(28 * self._scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale, self._scale)
        track = QRectF(4, 4, 38, 20)
        on = self.isChecked()
        painter.setPen(QPen(QColor(self._theme.accent if on else self._theme.muted), 1.4))
        painter.setBrush(QColor(self._theme.accent if on else self._theme.field))
        painter.drawRoundedRect(track, 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.on_accent if on else self._theme.muted))
        painter.drawEllipse(QPointF(32 if on else 14, 14), 6.5, 6.5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, 44, 26), 13, 13)
        painter.end()


def switch_row(title: QLabel, switch: Switch) -> QHBoxLayout:
    """A heading with its switch at the far end, whose track ends where the controls below do."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, -RING_PX, 0)
    row.addWidget(title, 1)
    row.addWidget(switch)
    return row


def titled_section(title: str, parent: QWidget) -> tuple[QWidget, QVBoxLayout]:
    """A group of controls under a heading."""
    section = QWidget(parent)
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    layout.addWidget(section_title(title, section))
    return section, layout


def section_title(title: str, parent: QWidget) -> QLabel:
    """A heading."""
    label = QLabel(title, parent)
    label.setObjectName("sectionTitle")
    return label


def muted_label(text: str, parent: QWidget, *, wraps: bool = False) -> QLabel:
    """Text of less weight."""
    label = QLabel(text, parent)
    label.setObjectName("muted")
    label.setWordWrap(wraps)
    return label


def rule(parent: QWidget) -> QFrame:
    """A thin line between two groups."""
    line = QFrame(parent)
    line.setObjectName("rule")
    return line


def percent_slider(name: str, hint: str, maximum: int, parent: QWidget) -> QSlider:
    """A slider from 0 to `maximum` percent, in steps of 5 by the keyboard."""
    slider = QSlider(Qt.Orientation.Horizontal, parent)
    slider.setRange(0, maximum)
    slider.setSingleStep(5)
    slider.setPageStep(20)
    slider.setAccessibleName(name)
    slider.setAccessibleDescription(hint)
    slider.setToolTip(hint)
    return slider


def enum_choice(names: Mapping[str, str], kind: type[E], name: str, hint: str, parent: QWidget) -> QComboBox:
    """A list of an enum's members under their names for people."""
    combo = QComboBox(parent)
    for member in kind:
        combo.addItem(names[member.value], member)
    combo.setAccessibleName(name)
    combo.setToolTip(hint)
    return combo


def set_object_name(widget: QWidget, name: str) -> None:
    """Change how the style sheet sees a widget."""
    if widget.objectName() != name:
        widget.setObjectName(name)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def spaced(text: str) -> str:
    """Words of a button with an icon: Qt sets them too close to it."""
    return f" {text}"
