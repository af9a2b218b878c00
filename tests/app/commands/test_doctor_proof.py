from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import run_command_line
from app.commands import doctor
from app.doctor.checks import CHECKS
from app.doctor.findings import Check, Finding, Verdict
from app.output import camera_proof
from app.output.camera_proof import CameraProof, ProofVerdict


@pytest.mark.parametrize(
    ("found", "verdict"), [(ProofVerdict.PROVED, Verdict.OK), (ProofVerdict.FROZEN, Verdict.LIMITED)]
)
def test_the_proof_takes_the_place_of_the_plain_check(
    monkeypatch: pytest.MonkeyPatch, found: ProofVerdict, verdict: Verdict
) -> None:
    monkeypatch.setattr(camera_proof, "prove_virtual_camera", lambda: CameraProof(found, "cam", "As it is.", "Do so."))
    checks = doctor.with_proof(CHECKS)
    assert [check.name for check in checks] == [check.name for check in CHECKS]
    virtual = next(check for check in checks if check.name == "virtual")
    assert virtual.look() == Finding("virtual", verdict, "As it is.", "Do so.")


def test_the_flag_asks_for_the_proof(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    only = (Check("virtual", lambda: Finding("virtual", Verdict.OK, "Opened.")),)
    monkeypatch.setattr(doctor, "CHECKS", only)
    proved = CameraProof(ProofVerdict.PROVED, "cam", "Read back.")
    monkeypatch.setattr(camera_proof, "prove_virtual_camera", lambda: proved)
    assert run_command_line(["doctor"]) == 0
    assert "Opened." in capsys.readouterr().out
    assert run_command_line(["doctor", "--prove-camera"]) == 0
    assert "Read back." in capsys.readouterr().out
