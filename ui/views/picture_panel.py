"""How the picture is framed and what is seen behind the person."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QColorDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.settings import BackgroundMode, FitMode, OutputSettings
from ui import strings
from ui.icons import icon
from ui.intents import LookIntents
from ui.theme import Theme
from ui.views.controls import enum_choice, section_title, spaced


class PicturePanel(QWidget):
    """Shows and changes frame and background."""

    def __init__(self, intents: LookIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._colour = OutputSettings().background.colour
        self._fit = enum_choice(strings.FITS, FitMode, strings.FIT, strings.FIT_HINT, self)
        self._mode = enum_choice(strings.BACKGROUNDS, BackgroundMode, strings.BACKGROUND, strings.BACKGROUND_HINT, self)
        self._pick_colour = QPushButton(spaced(strings.COLOUR_BUTTON), self)
        self._pick_picture = QPushButton(spaced(strings.BACKGROUND_BUTTON), self)
        self._badge = QCheckBox(strings.BADGE, self)
        self._badge.setToolTip(strings.BADGE_HINT)
        self._badge.clicked.connect(lambda checked: intents.badge_wanted(checked))
        self._fit.activated.connect(lambda: intents.fit_chosen(self._fit.currentData()))
        self._mode.activated.connect(lambda: intents.background_mode_chosen(self._mode.currentData()))
        self._pick_colour.clicked.connect(self._ask_colour)
        self._pick_picture.clicked.connect(lambda: intents.background_picture_wanted())
        self._lay_out()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._pick_picture.setIcon(icon("picture", theme.text))

    def show_output(self, output: OutputSettings) -> None:
        """Set all controls."""
        background = output.background
        self._colour = background.colour
        self._fit.setCurrentIndex(self._fit.findData(output.fit))
        self._badge.setChecked(output.badge)
        self._mode.setCurrentIndex(self._mode.findData(background.mode))
        self._pick_colour.setVisible(background.mode is BackgroundMode.COLOUR)
        self._pick_picture.setVisible(background.mode is BackgroundMode.PICTURE)
        self._pick_picture.setToolTip("" if background.picture is None else str(background.picture))
        swatch = QPixmap(QSize(32, 32))
        swatch.fill(QColor(*background.colour))
        self._pick_colour.setIcon(QIcon(swatch))

    def _ask_colour(self) -> None:
        dialog = QColorDialog(QColor(*self._colour), self)
        dialog.setWindowTitle(strings.COLOUR_DIALOG)
        dialog.colorSelected.connect(
            lambda colour: self._intents.background_colour_chosen((colour.red(), colour.green(), colour.blue()))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        body, grid = QVBoxLayout(self), QGridLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(section_title(strings.PICTURE, self))
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (text, control) in enumerate(((strings.FIT, self._fit), (strings.BACKGROUND, self._mode))):
            label = QLabel(text, self)
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        grid.addWidget(self._pick_colour, 2, 1)
        grid.addWidget(self._pick_picture, 2, 1)
        body.addLayout(grid)
        body.addWidget(self._badge)
