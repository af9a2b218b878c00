"""The line under the preview: badge, sentence, the promise about the camera's picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ui import strings
from ui.icons import icon, pixmap
from ui.shown import Badge, StatusLine
from ui.theme import LIGHT, Theme
from ui.views.controls import ElidedLabel


class BadgePill(QWidget):
    """One word on a rounded patch of its colour, with a dot before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._badge, self._word = LIGHT, Badge.STARTING, strings.BADGE_STARTING
        font = self.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.setFont(font)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_badge(self, badge: Badge, word: str) -> None:
        """Set word and colour."""
        if (badge, word) != (self._badge, self._word):
            self._badge, self._word = badge, word
            self.setAccessibleName(word)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._word) + 32, 26)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = QColor(getattr(self._theme, self._badge.value))
        patch = QColor(colour)
        patch.setAlphaF(0.16)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(patch)
        painter.drawRoundedRect(QRectF(self.rect()), 13, 13)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(10, self.height() / 2 - 3.5, 7, 7))
        painter.setPen(colour)
        painter.drawText(QRectF(22, 0, self.width() - 22, self.height()), Qt.AlignmentFlag.AlignVCenter, self._word)
        painter.end()


class StatusRow(QWidget):
    """Shows a `StatusLine`. In a narrow window it also holds the big switch, and the button for the side panel."""

    side_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._pill, self._sentence = BadgePill(self), ElidedLabel(self)
        self._shield, self._promise = QLabel(self), QLabel(strings.ONLY_AVATAR, self)
        self._promise.setObjectName("muted")
        self._shield.setAccessibleName(strings.ONLY_AVATAR)
        self._side = QToolButton(self)
        self._side.setCheckable(True)
        self._side.setAccessibleName(strings.SIDE)
        self._side.setToolTip(strings.SIDE_HINT)
        self._side.toggled.connect(self.side_wanted)
        self._side.hide()
        self._row = layout
        layout.addWidget(self._pill)
        layout.addWidget(self._sentence, 1)
        assurance = QHBoxLayout()
        assurance.setSpacing(5)
        assurance.addWidget(self._shield)
        assurance.addWidget(self._promise)
        layout.addLayout(assurance)
        layout.addWidget(self._side)
        self._find_room()

    @property
    def side_button(self) -> QToolButton:
        """Shows the side panel, and hides it again."""
        return self._side

    def take(self, switch: QWidget) -> None:
        """Hold the big switch, before the promise."""
        self._row.insertWidget(2, switch)

    def minimumSizeHint(self) -> QSize:
        """The words may go, what can be pressed may not."""
        spacing, kept = self._row.spacing(), [self._pill.sizeHint().width(), 40, self._shield.sizeHint().width()]
        kept += [self._side.sizeHint().width()] if self._side.isVisibleTo(self) else []
        kept += [held.minimumSizeHint().width()] if (held := self._held()) is not None else []
        return QSize(sum(kept) + spacing * len(kept), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._find_room()

    def event(self, event: QEvent) -> bool:
        """What it holds may have become wider."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._find_room()
        return super().event(event)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._pill.apply_theme(theme)
        self._shield.setPixmap(pixmap("shield", theme.live, 18, self.devicePixelRatioF()))
        self._side.setIcon(icon("controls", theme.text))

    def show_status(self, line: StatusLine) -> None:
        """Set everything."""
        self._pill.show_badge(line.badge, line.word)
        self._sentence.set_whole_text(line.sentence)
        self._find_room()

    def _held(self) -> QWidget | None:
        item = self._row.itemAt(2)
        return None if item is None else item.widget()

    def _find_room(self) -> None:
        """The promise is a word beside its shield where the sentence leaves room for it."""
        words = self._sentence.sizeHint().width() + self._promise.sizeHint().width()
        roomy = self.minimumSizeHint().width() + words + self._row.spacing() <= self.width()
        self._promise.setVisible(roomy)
        hint = strings.ONLY_AVATAR_HINT if roomy else f"{strings.ONLY_AVATAR}\n{strings.ONLY_AVATAR_HINT}"
        for label in (self._shield, self._promise):
            label.setToolTip(hint)
