from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from app.cli import run_command_line
from tests.helpers.videos import Recipe, write_video

MEASURES = {
    "psnr",
    "ssim",
    "ms_ssim",
    "l1",
    "mouth_l1",
    "sharp",
    "akd_px",
    "expression",
    "pose_deg",
    "gaze",
    "found",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one clip: a real face that wanders to the right."""
    face = np.asarray(Image.fromarray(astronaut()[0:280, 84:364]).resize((256, 256)))
    pictures = [np.roll(face, i, axis=1) for i in range(20)]
    (tmp_path / "videos").mkdir()
    write_video(tmp_path / "videos" / "walk.mp4", Recipe(size=(256, 256)), pictures)
    write_video(tmp_path / "videos" / "unnamed.mp4", Recipe(size=(256, 256)), pictures)
    (tmp_path / "manifest.csv").write_text("file,identity\nvideos/walk.mp4,astronaut\n")
    return tmp_path


def test_the_report_has_still_and_geometric_with_every_measure(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, sheet = data / "r.json", data / "s.png"
    arguments = ["evaluate", "--data", str(data), "--references", "1,3", "--frames", "2", "--quiet", "--device", "cpu"]

    # Of 20 frames, only those 8 away from 0, 7 and 13 count for three references: none.
    assert run_command_line([*arguments, "--json", str(report)]) == 2
    assert "walk.mp4 is left out: too short" in capsys.readouterr().err

    arguments[arguments.index("1,3")] = "1"
    assert run_command_line([*arguments, "--json", str(report), "--sheet", str(sheet)]) == 0

    written = json.loads(report.read_text())
    assert written["data"] == str(data)
    assert set(written["models"]) == {"still@1", "geometric@1"}
    for result in written["models"].values():
        assert set(result["clips"]) == {"walk.mp4"}
        assert set(result["mean"]) == MEASURES
    assert written["models"]["geometric@1"]["mean"]["akd_px"] < written["models"]["still@1"]["mean"]["akd_px"]
    assert "geometric@1" in capsys.readouterr().out
    assert Image.open(sheet).size == (3 * 192, 208)


@pytest.mark.parametrize(
    ("spoil", "missing"),
    [
        (lambda d: (d / "manifest.csv").unlink(), "manifest.csv"),
        (lambda d: (d / "manifest.csv").write_text("file\n"), "videos/*.mp4"),
    ],
)
def test_a_folder_that_is_no_data_folder_is_refused_by_what_it_lacks(
    spoil: object, missing: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(data)

    assert run_command_line(["evaluate", "--data", str(data), "--quiet"]) == 2

    assert f"It has no {missing}" in capsys.readouterr().err


def test_on_real_clips_the_geometric_animator_beats_the_still_picture(clips: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    arguments = ["evaluate", "--data", str(clips / "eval"), "--frames", "3", "--limit", "3", "--json", str(report)]

    assert run_command_line([*arguments, "--quiet", "--device", "cpu"]) == 0

    models = json.loads(report.read_text())["models"]
    still, geometric = models["still@1"]["mean"], models["geometric@1"]["mean"]
    for measure in ("akd_px", "expression", "pose_deg"):
        assert geometric[measure] < still[measure]
