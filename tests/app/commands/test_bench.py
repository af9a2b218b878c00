from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run_command_line
from app.commands import bench as module


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
        assert set(figures) == {"runtime", "dtype", "step_ms", "stages_ms", "prepare_ms", "parameters", "gflop"}
        assert 0 < figures["step_ms"]["p50"] <= figures["step_ms"]["p95"]
    assert written["end_to_end"] == {"fps": 25.0, "model": "geometric"}
    assert set(written["ratios"]) == {"geometric@3/geometric@1"}
    assert any(event.get("name") == "geometric@1" for event in json.loads(trace.read_text())["traceEvents"])
    assert "eager float32" in capsys.readouterr().out


def test_a_model_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["bench", "--models", "magic", "--quiet"]) == 2

    assert capsys.readouterr().err.startswith("There is no model called 'magic'.")
