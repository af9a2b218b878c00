"""The measurement of a GPU, rehearsed on a CPU: what it writes, and that it needs none of the program's libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.benchmark.__main__ import main
from models.benchmark.people import drawn_network, drivers, face, person
from models.synergy.config import TINY

ROOT = Path(__file__).resolve().parents[3]

NOT_THERE = (
    "mediapipe",
    "av",
    "cv2",
    "PySide6",
    "openvino",
    "psutil",
    "PIL",
    "platformdirs",
    "aiohttp",
    "scipy",
)

BARE = f"""
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {NOT_THERE!r}:
            raise ModuleNotFoundError("a bare machine has no " + name)
sys.meta_path.insert(0, Nothing())
from models.benchmark.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_it_can_be_imported_where_there_is_little_more_than_torch() -> None:
    flags = ["--device", "cpu", "--minutes", "0"]
    done = subprocess.run(
        [sys.executable, "-c", BARE, *flags], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr


def test_it_writes_what_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, trace = tmp_path / "gpu.json", tmp_path / "trace.json"
    flags = ["--device", "cpu", "--presets", "tiny", "--references", "1,2", "--dtypes", "float32", "--frames", "2"]

    assert main([*flags, "--liveportrait", "tiny", "--json", str(report), "--trace", str(trace)]) == 0

    assert "synergy:tiny@2 float32" in capsys.readouterr().out
    written = json.loads(report.read_text())
    assert written["failed"] == {}
    assert set(written["models"]) == {
        "liveportrait@1",
        "liveportrait on the engine, without M",
        "synergy:tiny@1 float32",
        "synergy:tiny@2 float32",
    }
    assert set(written["ratios"]) == {
        "synergy:tiny@2 float32/synergy:tiny@1 float32",
        "synergy:tiny@1 float32/liveportrait@1",
    }
    figures = written["models"]["synergy:tiny@2 float32"]
    assert figures["levels_from_cpu"]["p99_9"] <= 1.0
    assert (figures["transfers"]["uploads"], figures["transfers"]["read_backs"], figures["transfers"]["waits"]) == (
        1,
        1,
        1,
    )
    assert {
        "compose the flow",
        "align references",
        "stage 1",
        "global attention",
        "stage 2",
        "stage 3",
        "decode",
    } <= set(figures["stages_ms"])
    assert written["end_to_end"]["synergy:tiny@1 float32"]["in_flight_fps"] > 0
    events = json.loads(trace.read_text())["traceEvents"]
    rows = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {"stage 1 and what follows", "reference side of stage 2", "upload", "read-back"} <= rows
    assert all(event["dur"] >= 0 for event in events if event["ph"] == "X")


def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    assert main(["--device", "cuda"]) == 3
    assert capsys.readouterr().err == "Torch does not find an NVIDIA GPU on this machine.\n"


def test_when_the_time_is_over_the_report_says_what_is_missing(tmp_path: Path) -> None:
    report = tmp_path / "gpu.json"

    assert main(["--device", "cpu", "--minutes", "0", "--presets", "tiny", "--json", str(report)]) == 0

    written = json.loads(report.read_text())
    assert written["models"] == {}
    assert set(written["failed"].values()) == {"not measured: no time was left"}


def test_a_case_that_fails_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr("models.benchmark.__main__.measure", refuse)
    report = tmp_path / "gpu.json"
    flags = ["--presets", "tiny", "--references", "1", "--dtypes", "float32", "--frames", "1", "--liveportrait", "none"]

    assert main(["--device", "cpu", *flags, "--json", str(report)]) == 0

    written = json.loads(report.read_text())
    assert written["failed"] == {"synergy:tiny@1 float32": "OutOfMemoryError: CUDA out of memory."}
    assert list(written["end_to_end"]) == ["synergy:tiny@1 float32"]
    assert "failed: CUDA out of memory." in capsys.readouterr().err


def test_made_up_people_are_the_same_every_time_and_drivers_move() -> None:
    first, second = person(2, 64), person(2, 64)
    moves = list(drivers(face(), 3))

    assert all((a.image == b.image).all() for a, b in zip(first, second, strict=True))
    assert (first[0].image != first[1].image).any()
    assert abs(moves[1].camera_from_head - moves[0].camera_from_head).max() > 0.01
    one, other = (drawn_network(TINY).state_dict()["decoder.head.0.weight"] for _ in range(2))
    assert torch.equal(one, other)
