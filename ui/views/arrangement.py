"""Where everything stands in the window: messages across, the picture with its row of portraits, the side panel.

It follows the room there is. A narrow window shows the side panel only when asked for, beside the picture alone; a low
one has small portraits, and its messages scroll. So all of it can be reached on a small screen at 200 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QScrollArea, QSlider, QVBoxLayout, QWidget

from ui.views.controls import rule
from ui.views.gallery import GalleryView
from ui.views.live_panel import LivePanel
from ui.views.status_row import StatusRow

SIDE_WIDTH = 316

NARROW_PX = 860
"""A window less wide has no room for the side panel beside everything else."""

LOW_PX = 520
"""A window less high has no room for large portraits."""

LEAST_BARS_PX = 56
BARS_SHARE = 0.35
"""Of the window's height; higher messages scroll, so that they never push the picture out."""


@dataclass(frozen=True)
class Parts:
    """All of the window, from the top. bars: across its width; row: between status and portraits; panels: at the side.

    The big switch, `live`, heads the side panel, or stands in the status row while that is not seen.
    """

    bars: Sequence[QWidget]
    preview: QWidget
    status: StatusRow
    row: Sequence[QWidget]
    gallery: GalleryView
    live: LivePanel
    panels: Sequence[QWidget]


class WheelGuard(QObject):
    """Turning the wheel scrolls the side panel, and never a value that happens to pass under the mouse."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Wheel:
            event.ignore()  # what is around it scrolls
            return True
        return super().eventFilter(watched, event)


class Bars(QScrollArea):
    """Messages above each other, as high as they are together, up to a limit."""

    def __init__(self, bars: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._at_most = 0
        self._body = QWidget(self)
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        for bar in bars:
            self._rows.addWidget(bar)
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what can be pressed scrolls into sight by itself
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body.installEventFilter(self)

    def set_limit(self, height: int) -> None:
        """Be no higher than this."""
        self._at_most = height
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wraps = self._rows.hasHeightForWidth()
        wanted = self._rows.heightForWidth(self.width()) if wraps else self._rows.sizeHint().height()
        self.setFixedHeight(max(0, min(wanted, self._at_most)))


class Arrangement(QWidget):
    """The middle of the main window; `arrange` is called once, before it is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._side_wanted = False
        self._parts: Parts | None = None

    def arrange(self, parts: Parts) -> None:
        """Put everything in its place."""
        self._parts, self._bars = parts, Bars(parts.bars, self)
        self._left, self._side, self._head = QVBoxLayout(), QFrame(self), QVBoxLayout()
        self._left.addWidget(parts.preview, 1)
        for part in (parts.status, *parts.row, parts.gallery):
            self._left.addWidget(part)
        self._fill_side(parts)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addLayout(self._left, 1)
        columns.addWidget(self._side)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._bars)
        whole.addLayout(columns, 1)
        parts.status.side_wanted.connect(self.show_side)
        self._fit(parts)

    @property
    def narrow(self) -> bool:
        """Whether the side panel is seen only when asked for."""
        return self.width() < NARROW_PX

    def show_side(self, wanted: bool) -> None:
        """Show the side panel in place of what is under the picture, or that again; a wide window has room for both."""
        if wanted != self._side_wanted and self._parts is not None:
            self._side_wanted = wanted
            self._parts.status.side_button.setChecked(wanted)
            self._fit(self._parts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._parts is not None:
            self._fit(self._parts)

    def _fit(self, parts: Parts) -> None:
        low, margin = self.height() < LOW_PX, 8 if self.narrow or self.height() < LOW_PX else 16
        seen = self._side_wanted or not self.narrow
        self._left.setContentsMargins(margin, margin, margin, 6)
        self._left.setSpacing(5 if low else 10)
        self._side.setVisible(seen)
        parts.status.side_button.setVisible(self.narrow)
        for part in (*parts.row, parts.gallery):
            part.setVisible(not (self.narrow and seen))
        parts.gallery.set_small(low)
        self._place_switch(parts, heads=seen)
        room = self.height() - self._left.minimumSize().height()
        self._bars.set_limit(min(round(BARS_SHARE * self.height()), max(room, LEAST_BARS_PX)))

    def _place_switch(self, parts: Parts, *, heads: bool) -> None:
        """The Tab key comes to it where it is seen."""
        if heads:
            self._head.addWidget(parts.live)
            self.setTabOrder(parts.gallery.last_control, parts.live.switch)
        else:
            parts.status.take(parts.live)
            below = [control for part in (*parts.row, parts.gallery) for control in _controls(part)]
            for before, after in pairwise((parts.live.switch, parts.status.side_button, *below)):
                self.setTabOrder(before, after)
        parts.live.set_slim(not heads)

    def _fill_side(self, parts: Parts) -> None:
        body, scroll = QWidget(self), QScrollArea(self)
        self._side.setObjectName("sidePanel")
        body.setObjectName("sidePanelBody")
        self._side.setFixedWidth(SIDE_WIDTH)
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(14)
        column.addLayout(self._head)
        for panel in parts.panels:
            column.addWidget(rule(body))
            column.addWidget(panel)
        column.addStretch(1)
        guard = WheelGuard(self)
        for control in (*body.findChildren(QSlider), *body.findChildren(QComboBox)):
            control.installEventFilter(guard)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        frame = QVBoxLayout(self._side)
        frame.setContentsMargins(1, 0, 0, 0)
        frame.addWidget(scroll)


def _controls(part: QWidget) -> list[QWidget]:
    """What takes the keyboard in a part of the window, in its order."""
    return [each for each in part.findChildren(QWidget) if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
