"""What the doctor's page shows."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import MagicMock, create_autospec

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.doctor.findings import Finding, Verdict
from tests.ui.conftest import settle
from ui import strings
from ui.intents import DoctorIntents
from ui.shown import DoctorState
from ui.theme import DARK
from ui.views.doctor_page import DoctorPage

FINDINGS = (
    Finding("python", Verdict.OK, "Python 3.11."),
    Finding("cameras", Verdict.LIMITED, "No camera can be seen.", "Allow it.", "The system does not allow it."),
    Finding("device", Verdict.MISSING, "No torch.", "Install it."),
)


@pytest.fixture
def wishes() -> MagicMock:
    made: MagicMock = create_autospec(DoctorIntents, instance=True)
    return made


@pytest.fixture
def page(qt_app: QApplication, wishes: MagicMock) -> Iterator[DoctorPage]:
    made = DoctorPage(wishes)
    made.apply_theme(DARK)
    yield made
    made.close()
    made.deleteLater()


def texts(page: DoctorPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.text()]


def button(page: DoctorPage, name: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.accessibleName() == name)


def test_each_finding_has_its_verdict_its_reason_and_its_fix(page: DoctorPage, qt_app: QApplication) -> None:
    page.show_state(DoctorState(FINDINGS, running=False, can_copy=True))
    settle(qt_app)

    said = texts(page)
    for words in ("Python 3.11.", "No camera can be seen.", "The system does not allow it.", "Allow it.", "Camera"):
        assert words in said
    signs = {label.accessibleName() for label in page.findChildren(QLabel)}
    assert set(strings.DOCTOR_VERDICTS.values()) <= signs
    assert strings.DOCTOR_MISSING in said


def test_what_needs_doing_comes_first_once_all_is_known(page: DoctorPage, qt_app: QApplication) -> None:
    page.show_state(DoctorState(FINDINGS, running=True, can_copy=False))
    settle(qt_app)
    said = texts(page)
    assert said.index("Python 3.11.") < said.index("No torch.")
    page.show_state(DoctorState(FINDINGS, running=False, can_copy=True))
    settle(qt_app)
    said = texts(page)
    assert said.index("No torch.") < said.index("No camera can be seen.") < said.index("Python 3.11.")


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ((), strings.DOCTOR_OK),
        ((Verdict.OK,), strings.DOCTOR_OK),
        ((Verdict.OK, Verdict.LIMITED), strings.DOCTOR_LIMITED),
        ((Verdict.MISSING, Verdict.LIMITED), strings.DOCTOR_MISSING),
    ],
)
def test_one_sentence_sums_it_up(page: DoctorPage, verdicts: tuple[Verdict, ...], sentence: str) -> None:
    found = tuple(Finding(f"check{number}", verdict, "x") for number, verdict in enumerate(verdicts))

    page.show_state(DoctorState(found, running=False, can_copy=True))

    assert sentence in texts(page)


def test_the_buttons_ask_and_wait_for_the_end_of_the_checks(page: DoctorPage, wishes: MagicMock) -> None:
    again, copy = button(page, strings.DOCTOR_AGAIN), button(page, strings.COPY_REPORT)
    page.show_state(DoctorState((), running=True, can_copy=False))
    assert not again.isEnabled()
    assert not copy.isEnabled()
    page.show_state(DoctorState(FINDINGS, running=False, can_copy=True))
    for each in (again, copy, button(page, strings.DOCTOR_FOLDER)):
        each.click()

    wishes.doctor_wanted.assert_called_once_with()
    wishes.report_wanted.assert_called_once_with()
    wishes.log_folder_wanted.assert_called_once_with()
    button(page, strings.DOCTOR_CLOSE).click()
    assert not page.isVisible()
