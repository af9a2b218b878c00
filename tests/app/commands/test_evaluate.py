from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from app.cli import run_command_line
from app.own_weights import OWN_WEIGHTS
from models.synergy.config import TINY
from models.synergy.weights import save_weights
from tests.helpers.measure_tool import load_measure_tool
from tests.helpers.videos import Recipe, write_video
from tests.models.synergy.networks import random_network

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


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The independent checker, or a visible skip."""
    return load_measure_tool()


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


def test_a_model_with_a_confidence_is_asked_what_it_says_about_the_warp(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_weights(tmp_path / "synergy-tiny.safetensors", random_network(), TINY, {})
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))
    report, sheet = data / "r.json", data / "s.jpg"
    arguments = [
        "--models",
        "explicit:tiny,synergy:tiny",
        "--frames",
        "2",
        "--json",
        str(report),
        "--sheet",
        str(sheet),
    ]

    assert run_command_line(["evaluate", "--data", str(data), *arguments, "--device", "cpu"]) == 0

    written = json.loads(report.read_text())
    assert set(written["models"]) == {"still@1", "geometric@1", "explicit@1", "synergy@1"}
    assert set(written["confidence"]) == {"synergy@1"}  # stage 1 alone has none
    found = written["confidence"]["synergy@1"]
    assert set(found["clips"]["walk.mp4"]) == {"mean", "within_frame"}
    assert 0.0 < found["mean"] < 1.0
    assert all(-1.0 <= found[name] <= 1.0 for name in ("within_frame", "between_frames"))
    assert Image.open(sheet).size == (6 * 192, 208)  # source, driver, three models, confidence
    assert "1 of 1, walk.mp4: psnr still@1" in capsys.readouterr().err


def test_a_frame_that_is_a_reference_is_never_scored(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "--data", str(data), "--scored", "after-first", "--references", "1,3"]

    assert run_command_line(arguments) == 2

    assert capsys.readouterr().err == (
        "Every frame after the first cannot be scored with more than one reference. Some of these frames would be "
        "references themselves. Ask for --references 1, or leave --scored out.\n"
    )


def test_portraits_follow_other_people(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "manifest.csv").write_text("file,identity\nvideos/walk.mp4,one\nvideos/unnamed.mp4,two\n")
    report = data / "r.json"
    arguments = ["evaluate", "--data", str(data), "--cross", "--frames", "2", "--limit", "1", "--json", str(report)]

    assert run_command_line([*arguments, "--quiet", "--device", "cpu"]) == 0

    written = json.loads(report.read_text())
    assert written["drivers"] == {"unnamed.mp4": "walk.mp4"}
    assert set(written["cross"]) == {"still@1", "own_frames", "driver", "geometric@1"}
    still, moved = written["cross"]["still@1"]["mean"], written["cross"]["geometric@1"]["mean"]
    assert moved["akd_px"] < still["akd_px"]
    assert moved["found"] == 1.0
    assert "tremble_px" in capsys.readouterr().out


def test_nobody_can_drive_where_there_is_one_person(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["evaluate", "--data", str(data), "--cross", "--quiet", "--device", "cpu"]) == 2

    assert "It has no two people of whom one can drive the other." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda d: (d / "manifest.csv").unlink(), "It has no manifest.csv."),
        (lambda d: (d / "manifest.csv").write_text("file\n"), "It has no videos/*.mp4 named in the manifest."),
        (lambda d: (d / "manifest.csv").write_text("name\n"), "Its manifest.csv has no column `file`."),
        (lambda d: (d / "manifest.csv").write_bytes(b"file\n\xff\xfe\x00"), "Its manifest.csv cannot be read."),
    ],
)
def test_a_folder_that_is_no_data_folder_is_refused_with_the_reason(
    spoil: object, reason: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(data)

    assert run_command_line(["evaluate", "--data", str(data), "--quiet"]) == 2

    assert f"cannot be evaluated. {reason} Give a folder" in capsys.readouterr().err


def test_on_real_clips_the_geometric_animator_beats_the_still_picture(clips: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    arguments = ["evaluate", "--data", str(clips / "eval"), "--frames", "3", "--limit", "3", "--json", str(report)]

    assert run_command_line([*arguments, "--quiet", "--device", "cpu"]) == 0

    models = json.loads(report.read_text())["models"]
    still, geometric = models["still@1"]["mean"], models["geometric@1"]["mean"]
    for measure in ("akd_px", "expression", "pose_deg"):
        assert geometric[measure] < still[measure]


def test_the_independent_checker_finds_the_same_in_what_animate_writes(
    data: Path, tool: ModuleType, tmp_path: Path
) -> None:
    """The whole way of an outside check: `animate` without loss into a folder, measured against the clip."""
    clip, source, made, report = (tmp_path / name for name in ("videos/walk.mp4", "source.png", "made", "r.json"))
    truth = tool.read(str(clip))
    Image.fromarray(truth[0]).save(source)
    arguments = ["--source", str(source), "--driving", str(clip), "--output", str(made), "--model", "geometric"]
    assert run_command_line(["animate", *arguments, "--absolute", "--no-crop", "--quiet", "--device", "cpu"]) == 0
    assert run_command_line(["evaluate", "--data", str(data), "--json", str(report), "--quiet"]) == 0
    scored = range(8, len(truth))
    outputs = np.stack([np.asarray(Image.open(path)) for path in sorted(made.glob("*.png"))])

    models = json.loads(report.read_text())["models"]
    still = np.stack([truth[0]] * len(truth))
    for name, pictures in (("geometric@1", outputs), ("still@1", still)):
        wanted = tool.compare(truth[scored], pictures[scored])
        wanted["expression"] = wanted.pop("expr")
        for measure in MEASURES - {"ms_ssim"}:
            assert models[name]["mean"][measure] == pytest.approx(wanted[measure], rel=0.01), (name, measure)
