"""How movement is carried over: smoothing, strength, what moves, shoulders, eyes, mouth."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from app.settings import Gaze, MotionSettings, Region
from ui import strings
from ui.intents import LookIntents
from ui.views.controls import enum_choice, muted_label, percent_slider, section_title

GAIN_MAX_PERCENT = 200
OPEN_DEFAULT_PERCENT = 60
"""Where the eyes' and mouth's sliders stand before they were used: clearly open, not staring."""


class HoldControl:
    """A check box with a slider that counts only while it is checked: "hold this far open"."""

    def __init__(self, box: QCheckBox, slider: QSlider) -> None:
        self.box, self.slider = box, slider
        slider.setValue(OPEN_DEFAULT_PERCENT)
        slider.setVisible(False)
        box.toggled.connect(slider.setVisible)

    def value(self) -> float | None:
        """None follows the driver."""
        return self.slider.value() / 100.0 if self.box.isChecked() else None

    def show(self, value: float | None) -> None:
        """Set both."""
        self.box.setChecked(value is not None)
        if value is not None:
            self.slider.setValue(round(value * 100))


class MotionPanel(QWidget):
    """Shows and changes `MotionSettings`; fields without a control keep their value."""

    def __init__(self, intents: LookIntents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intents = intents
        self._motion = MotionSettings()
        self._showing = False  # set while values are put in, so that they do not come back as wishes
        self._reset = QPushButton(strings.RESET, self)
        self._reset.setObjectName("link")
        self._reset.setToolTip(strings.RESET_HINT)
        self._reset.clicked.connect(lambda: intents.motion_reset())
        self._smoothing = percent_slider(strings.SMOOTHING, strings.SMOOTHING_HINT, 100, self)
        self._gain = percent_slider(strings.GAIN, strings.GAIN_HINT, GAIN_MAX_PERCENT, self)
        self._gain_text = muted_label("", self)
        self._region = enum_choice(strings.REGIONS, Region, strings.REGION, strings.REGION_HINT, self)
        self._gaze = enum_choice(strings.GAZES, Gaze, strings.GAZE, strings.GAZE_HINT, self)
        self._stitching = self._check(strings.STITCHING, strings.STITCHING_HINT)
        self._eyes = self._hold(strings.EYES, strings.EYES_HINT, strings.EYES_AMOUNT)
        self._lips = self._hold(strings.LIPS, strings.LIPS_HINT, strings.LIPS_AMOUNT)
        self._lay_out()
        self._connect()

    def show_motion(self, motion: MotionSettings) -> None:
        """Set all controls."""
        self._showing, self._motion = True, motion
        self._smoothing.setValue(round(motion.smoothing * 100))
        self._gain.setValue(round(motion.gain * 100))
        self._region.setCurrentIndex(self._region.findData(motion.region))
        self._gaze.setCurrentIndex(self._gaze.findData(motion.gaze))
        self._stitching.setChecked(motion.stitching)
        self._eyes.show(motion.retarget_eyes)
        self._lips.show(motion.retarget_lips)
        self._gain_text.setText(strings.PERCENT.format(value=self._gain.value()))
        self._showing = False

    def _changed(self) -> None:
        self._gain_text.setText(strings.PERCENT.format(value=self._gain.value()))
        if self._showing:
            return
        self._motion = replace(
            self._motion,
            smoothing=self._smoothing.value() / 100.0,
            gain=self._gain.value() / 100.0,
            region=self._region.currentData(),
            gaze=self._gaze.currentData(),
            stitching=self._stitching.isChecked(),
            retarget_eyes=self._eyes.value(),
            retarget_lips=self._lips.value(),
        )
        self._intents.motion_changed(self._motion)

    def _connect(self) -> None:
        for slider in (self._smoothing, self._gain, self._eyes.slider, self._lips.slider):
            slider.valueChanged.connect(self._changed)
        for box in (self._stitching, self._eyes.box, self._lips.box):
            box.toggled.connect(self._changed)
        for choice in (self._region, self._gaze):
            choice.activated.connect(self._changed)

    def _check(self, name: str, hint: str) -> QCheckBox:
        box = QCheckBox(name, self)
        box.setToolTip(hint)
        return box

    def _hold(self, name: str, hint: str, amount: str) -> HoldControl:
        return HoldControl(self._check(name, hint), percent_slider(amount, hint, 100, self))

    def _lay_out(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(section_title(strings.MOTION, self), 1)
        head.addWidget(self._reset)
        body.addLayout(head)
        body.addLayout(self._smoothing_rows())
        body.addLayout(self._grid())
        body.addWidget(self._stitching)
        for hold in (self._eyes, self._lips):
            body.addWidget(hold.box)
            body.addWidget(hold.slider)

    def _smoothing_rows(self) -> QVBoxLayout:
        rows, ends = QVBoxLayout(), QHBoxLayout()
        rows.setSpacing(0)
        ends.addWidget(muted_label(strings.SMOOTHING_LOW, self), 1)
        ends.addWidget(muted_label(strings.SMOOTHING_HIGH, self), 0, Qt.AlignmentFlag.AlignRight)
        rows.addLayout(ends)
        rows.addWidget(self._smoothing)
        return rows

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        gain_label = QLabel(strings.GAIN, self)
        gain_label.setBuddy(self._gain)
        self._gain_text.setMinimumWidth(self._gain_text.fontMetrics().horizontalAdvance("200 %") + 2)
        self._gain_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(gain_label, 0, 0)
        grid.addWidget(self._gain, 0, 1)
        grid.addWidget(self._gain_text, 0, 2)
        for row, (name, choice) in enumerate(((strings.REGION, self._region), (strings.GAZE, self._gaze)), start=1):
            label = QLabel(name, self)
            label.setBuddy(choice)
            grid.addWidget(label, row, 0)
            grid.addWidget(choice, row, 1, 1, 2)
        return grid
