from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch

from models.synergy.config import TINY
from models.synergy.network import SynergyWarpNet
from models.training.problems import TrainingProblem
from models.training.sheets import COLUMNS, write_sheet
from models.training.validation import Report, decibels, rank_correlation, validate
from tests.models.training.packs import corpora


@pytest.fixture(scope="module")
def report() -> Report:
    torch.manual_seed(0)
    return validate(SynergyWarpNet(TINY).eval(), corpora()[1], batches=1, batch=2)


def test_decibels_are_those_of_the_mean_square_error() -> None:
    truth = torch.zeros(2, 3, 4, 4)

    assert decibels(truth + 0.1, truth) == pytest.approx(20.0, abs=1e-3)
    assert decibels(truth + 0.01, truth) == pytest.approx(40.0, abs=1e-3)


def test_rank_correlation_sees_order_and_not_size() -> None:
    values = torch.linspace(0, 1, 50)

    assert rank_correlation(values, values**3) == pytest.approx(1.0)
    assert rank_correlation(values, -values) == pytest.approx(-1.0)
    assert rank_correlation(values, torch.ones(50)) == 0.0


def test_validation_measures_one_and_three_pictures_of_people_held_out(report: Report) -> None:
    assert set(report.psnr) == {1, 3}
    assert 5 < report.score < 60
    assert report.score == pytest.approx((report.psnr[1] + report.psnr[3]) / 2)
    assert 0.0 <= report.confidence <= 1.0
    assert -1.0 <= report.calibration <= 1.0


def test_the_same_network_is_always_measured_alike(report: Report) -> None:
    torch.manual_seed(0)
    again = validate(SynergyWarpNet(TINY).eval(), corpora()[1], batches=1, batch=2)

    assert again.values() == pytest.approx(report.values())


def test_a_sheet_has_a_column_for_each_picture_of_the_way(report: Report, tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheet.png", report.sample, report.output)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))

    assert sheet is not None
    assert sheet.shape == (2 * 64, len(COLUMNS) * 64, 3)
    source = torch.from_numpy(cv2.cvtColor(sheet, cv2.COLOR_BGR2RGB)[:64, :64]).permute(2, 0, 1) / 255
    torch.testing.assert_close(source, report.sample.pictures[0][0], atol=3e-3, rtol=0)


def test_a_sheet_that_cannot_be_written_is_a_sentence(report: Report, tmp_path: Path) -> None:
    with pytest.raises(TrainingProblem) as refused:
        write_sheet(tmp_path / "none" / "sheet.png", report.sample, report.output)

    assert refused.value.machine
    assert str(refused.value) == (
        "The sheet sheet.png could not be written. The disk refused: No such file or directory. "
        "Free some space or give another --output."
    )
