"""Where movement comes from and where the picture goes: the camera and the virtual camera."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui import strings
from ui.icons import icon
from ui.intents import CameraIntents, OutputIntents
from ui.shown import CameraEntry, CameraLine, DriverSeen, VirtualCameraLine
from ui.theme import Theme
from ui.views.controls import Switch, muted_label, section_title, set_object_name, switch_row, titled_section
from ui.views.keys import Keys, hint_with_key
from ui.views.sight import SightView

LABEL_PX = 180
"""Room for a camera's name in the side panel, whose width is fixed."""


class CameraPanel(QWidget):
    """The list of cameras with a refresh button, where the face is seen, and one line about it."""

    def __init__(self, intents: CameraIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = QComboBox(self)
        self._combo.setAccessibleName(strings.CAMERA)
        self._combo.setToolTip(strings.CAMERA_HINT)
        self._combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._combo.setMinimumContentsLength(12)
        self._combo.activated.connect(lambda row: intents.camera_chosen(self._combo.itemData(row)))
        self._refresh = QToolButton(self)
        self._refresh.setIconSize(QSize(18, 18))
        self._refresh.setFixedSize(34, 34)
        self._refresh.setAccessibleName(strings.CAMERA_REFRESH)
        self._refresh.setToolTip(hint_with_key(strings.CAMERA_REFRESH_HINT, Keys.REFRESH))
        self._refresh.clicked.connect(lambda: intents.cameras_wanted())
        section, body = titled_section(strings.CAMERA, self)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._combo, 1)
        row.addWidget(self._refresh)
        body.addLayout(row)
        self._sight, self._text = SightView(self), muted_label("", self, wraps=True)
        state = QHBoxLayout()
        state.setSpacing(10)
        state.addWidget(self._sight)
        state.addWidget(self._text, 1)
        body.addLayout(state)
        _fill(self, section)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._refresh.setIcon(icon("refresh", theme.text))
        self._sight.apply_theme(theme)

    def set_mirror(self, mirror: bool) -> None:
        """Draw the face like a mirror, or as the camera sees it."""
        self._sight.set_mirror(mirror)

    def show_seen(self, seen: DriverSeen | None) -> None:
        """Draw the face."""
        self._sight.show_seen(seen)

    def show_line(self, line: CameraLine) -> None:
        """Set the words beside it."""
        self._text.setText(line.text)
        set_object_name(self._text, "trouble" if line.trouble else "muted")

    def show_cameras(self, entries: Sequence[CameraEntry], selected: int, *, searching: bool) -> None:
        """Set the list; an open list is left alone until it closes."""
        self._refresh.setEnabled(not searching)
        if self._combo.view().isVisible():
            return
        self._combo.clear()
        for place, entry in enumerate(entries):
            self._combo.addItem(self._short(entry.label), place)  # its place, because the separator counts as a row
            self._combo.setItemData(place, entry.hint or entry.label, Qt.ItemDataRole.ToolTipRole)
        if len(entries) > 1:
            self._combo.insertSeparator(len(entries) - 1)
        self._combo.setCurrentIndex(selected)

    def _short(self, label: str) -> str:
        """A style sheet makes a list cut long names off; an ellipsis in the middle keeps both ends."""
        return self._combo.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, LABEL_PX)


class VirtualCameraPanel(QWidget):
    """A switch and one line that says where the picture arrives, or that it cannot, and why."""

    def __init__(self, intents: OutputIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = Switch(strings.VIRTUAL_CAMERA, self)
        self._switch.setToolTip(hint_with_key(strings.VIRTUAL_CAMERA_HINT, Keys.VIRTUAL_CAMERA))
        self._switch.clicked.connect(lambda checked: intents.virtual_camera_wanted(checked))
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._why = QPushButton(strings.VIRTUAL_WHY, self)
        self._why.setObjectName("link")
        self._why.setToolTip(strings.VIRTUAL_WHY_HINT)
        self._why.clicked.connect(lambda: intents.virtual_camera_explained())
        head, line = switch_row(section_title(strings.VIRTUAL_CAMERA, self), self._switch), QHBoxLayout()
        line.addWidget(self._text, 1)
        line.addWidget(self._why)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addLayout(head)
        body.addLayout(line)

    @property
    def switched_on(self) -> bool:
        """Where the switch stands."""
        return self._switch.isChecked()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._switch.apply_theme(theme)

    def show_line(self, line: VirtualCameraLine) -> None:
        """Set switch and words."""
        self._switch.setChecked(line.wanted)
        self._switch.setAccessibleDescription(line.text)
        self._text.setText(line.text)
        set_object_name(self._text, "trouble" if line.trouble else "muted")
        self._why.setVisible(line.trouble)


def _fill(panel: QWidget, section: QWidget) -> None:
    layout = QVBoxLayout(panel)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(section)
