from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from app.cli import run_command_line
from app.commands import bench as module
from app.commands import bench_contenders
from app.commands.bench_contenders import Contender
from app.own_weights import OWN_WEIGHTS
from models.motion.transfer import MotionTransfer
from models.types import AnimatedFrame, MotionState
from tests.helpers.fake_time import FakeClock
from tests.models.faces import face_state


def test_the_report_has_the_machine_every_model_and_a_trace_that_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "MEASURED_STEPS", 3)
    monkeypatch.setattr(module, "measure_live", lambda model, device: {"fps": 25.0, "model": model})
    report, trace = tmp_path / "bench.json", tmp_path / "trace.json"
    arguments = ["bench", "--models", "geometric", "--references", "1,3", "--device", "cpu", "--quiet"]

    assert run_command_line([*arguments, "--json", str(report), "--trace", str(trace)]) == 0

    written = json.loads(report.read_text())
    assert set(written) == {"machine", "models", "end_to_end", "ratios"}
    assert written["machine"]["device"] == "cpu"
    assert set(written["models"]) == {"geometric@1", "geometric@3"}
    for figures in written["models"].values():
        assert set(figures) == {
            "runtime",
            "dtype",
            "weights",
            "step_ms",
            "stages_ms",
            "prepare_ms",
            "parameters",
            "gflop",
        }
        assert 0 < figures["step_ms"]["p50"] <= figures["step_ms"]["p95"]
    assert written["end_to_end"] == {"fps": 25.0, "model": "geometric"}
    assert set(written["ratios"]) == {"geometric@3/geometric@1"}
    assert any(event.get("name") == "geometric@1" for event in json.loads(trace.read_text())["traceEvents"])
    assert "eager float32" in capsys.readouterr().out


def test_a_model_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["bench", "--models", "magic", "--quiet"]) == 2

    assert capsys.readouterr().err.startswith("There is no model called 'magic'.")


def test_a_preset_without_weights_is_drawn_at_random_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "MEASURED_STEPS", 2)
    monkeypatch.setattr(module, "measure_live", lambda model, device: {})
    report, trace = tmp_path / "bench.json", tmp_path / "trace.json"
    files = ["--json", str(report), "--trace", str(trace)]

    assert run_command_line(["bench", "--models", "synergy,synergy:tiny", "--quiet", *files]) == 0

    written = json.loads(report.read_text())
    traced = {event.get("name") for event in json.loads(trace.read_text())["traceEvents"]}
    assert {"synergy@1, by stage", "MAIN: stage 1", "REFERENCES: align references", "MAIN: decode"} <= traced
    usual, tiny = written["models"]["synergy@1"], written["models"]["synergy:tiny@1"]
    assert (usual["weights"], tiny["weights"]) == ("installed", "random")
    assert (tiny["runtime"], tiny["dtype"]) == ("eager", "float32")
    assert tiny["parameters"] < usual["parameters"]
    assert set(written["ratios"]) == {"synergy:tiny@1/synergy@1", "network synergy:tiny@1/synergy@1"}
    assert "eager float32, random weights" in capsys.readouterr().out


def test_liveportraits_networks_are_measured_without_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "MEASURED_STEPS", 2)
    monkeypatch.setattr(module, "measure_live", lambda model, device: {})
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))
    report = tmp_path / "bench.json"

    assert run_command_line(["bench", "--models", "liveportrait:tiny", "--quiet", "--json", str(report)]) == 0

    measured = json.loads(report.read_text())["models"]["liveportrait:tiny@1"]
    assert (measured["weights"], measured["runtime"]) == ("random", "eager")
    assert measured["gflop"] > 0


@pytest.mark.parametrize(("weights", "model"), [("installed", "synergy:base"), ("random", "synergy")])
def test_end_to_end_is_measured_with_the_preset_that_was_asked_for(
    weights: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    animator: Any = SimpleNamespace(name="synergy")

    assert (
        module._live_model(Contender("synergy:base@2", animator, None, MotionTransfer(face_state()), 0.0, weights))
        == model
    )


def test_a_large_preset_is_refused_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=4 << 30))

    assert run_command_line(["bench", "--models", "synergy:base", "--quiet"]) == 3

    assert capsys.readouterr().err == (
        "The preset 'base' cannot be measured. It takes up to 5 GB of memory, and less is free. "
        "Close other programs, or measure without it.\n"
    )


class _Slow:
    device = torch.device("cpu")

    def __init__(self, clock: FakeClock, step_s: float) -> None:
        self._clock, self._step_s = clock, step_s

    def motion_of(self, prepared: object) -> MotionState:
        return face_state()

    def step(self, prepared: object, driving: MotionState, options: object) -> AnimatedFrame:
        self._clock.advance(self._step_s)
        return AnimatedFrame(torch.zeros(4, 4, 3, dtype=torch.uint8))


@pytest.mark.parametrize(("step_s", "every"), [(0.02, 1), (2.0, 8), (60.0, 30)])
def test_a_slow_model_takes_part_in_fewer_rounds(monkeypatch: pytest.MonkeyPatch, step_s: float, every: int) -> None:
    clock = FakeClock()
    monkeypatch.setattr(bench_contenders, "time", SimpleNamespace(perf_counter=lambda: clock.now_ns() / 1e9))
    animator: Any = _Slow(clock, step_s)
    slow = Contender("slow@1", animator, None, MotionTransfer(face_state()), 0.0, "none")

    slow.take_turn(face_state(), measured=True)

    assert slow.every == every
    assert slow.step_ms == [pytest.approx(step_s * 1000.0)]
