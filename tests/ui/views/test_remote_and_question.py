"""The remote control's panel, the question about a likeness and the label's box, as real widgets."""

from __future__ import annotations

from unittest.mock import MagicMock, create_autospec

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton

from app.settings import OutputSettings
from ui import strings
from ui.intents import LookIntents, RemoteIntents
from ui.shown import LikenessQuestion, RemoteLine
from ui.theme import DARK
from ui.views.controls import Switch
from ui.views.picture_panel import PicturePanel
from ui.views.question_bar import QuestionBar
from ui.views.remote_panel import RemotePanel

LEFT = Qt.MouseButton.LeftButton


def test_the_switch_is_a_wish_and_the_address_can_be_copied_only_while_there_is_one(qt_app: QApplication) -> None:
    intents = create_autospec(RemoteIntents, instance=True)
    panel = RemotePanel(intents)
    panel.apply_theme(DARK)
    panel.show_line(RemoteLine(False, strings.REMOTE_OFF))
    panel.show()
    switch, address, copy = panel.findChild(Switch), panel.findChild(QLineEdit), panel.findChild(QPushButton)

    assert not address.isVisible()
    assert not copy.isVisible()
    QTest.mouseClick(switch, LEFT)
    intents.remote_wanted.assert_called_once_with(True)

    panel.show_line(RemoteLine(True, strings.REMOTE_ON, "ws://127.0.0.1:28412/…/control"))
    assert switch.isChecked()
    assert (address.text(), address.isReadOnly()) == ("ws://127.0.0.1:28412/…/control", True)
    QTest.mouseClick(copy, LEFT)
    intents.address_wanted.assert_called_once_with()
    panel.close()
    panel.deleteLater()


def test_a_question_has_two_answers_and_goes_away(qt_app: QApplication) -> None:
    bar, yes, no = QuestionBar(), MagicMock(), MagicMock()
    bar.confirmed.connect(lambda: yes())
    bar.refused.connect(lambda: no())
    bar.apply_theme(DARK)
    assert not bar.isVisible()

    bar.show_question(LikenessQuestion("Mum"))
    assert bar.isVisible()
    assert not bar.isModal()
    assert "May you show Mum?" in [label.text() for label in bar.findChildren(QLabel)]
    answers = {button.text(): button for button in bar.findChildren(QPushButton)}
    QTest.mouseClick(answers["It is me / I have permission"], LEFT)
    QTest.mouseClick(answers["Choose another"], LEFT)
    assert (yes.call_count, no.call_count) == (1, 1)

    bar.show_question(None)
    assert not bar.isVisible()
    bar.deleteLater()


def test_the_box_of_the_label_is_a_wish_and_setting_it_is_none(qt_app: QApplication) -> None:
    intents = create_autospec(LookIntents, instance=True)
    panel = PicturePanel(intents)
    panel.show_output(OutputSettings(badge=True))
    box = panel.findChild(QCheckBox)

    assert box.isChecked()
    intents.badge_wanted.assert_not_called()
    box.click()
    intents.badge_wanted.assert_called_once_with(False)
    panel.deleteLater()
