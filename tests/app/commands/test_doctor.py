from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands import doctor as module
from app.commands.doctor import Finding, Verdict, doctor
from app.errors import EnvironmentProblem


def use(monkeypatch: pytest.MonkeyPatch, *findings: Finding | Exception) -> None:
    def check(finding: Finding | Exception) -> Finding:
        if isinstance(finding, Exception):
            raise finding
        return finding

    checks = tuple((f"check{i}", lambda finding=finding: check(finding)) for i, finding in enumerate(findings))
    monkeypatch.setattr(module, "CHECKS", checks)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.OK], 0),
        ([Verdict.OK, Verdict.LIMITED], 0),
        ([Verdict.OK, Verdict.MISSING, Verdict.LIMITED], 3),
    ],
)
def test_the_exit_code_says_whether_the_program_can_run(
    verdicts: list[Verdict], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, *(Finding("x", verdict, "Sentence.") for verdict in verdicts))

    assert doctor(None, quiet=True) == code


def test_a_lack_is_told_with_its_fix_and_a_check_that_breaks_does_not_end_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack = EnvironmentProblem("No virtual camera was found.", why="None is installed.", fix="Install OBS.")
    use(monkeypatch, lack, RuntimeError("broken driver"), Finding("python", Verdict.OK, "Python 3.11."))

    assert doctor(None) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=2) == ["limited", "check0", "No virtual camera was found. None is installed."]
    assert lines[1].strip() == "Install OBS."
    assert "The check itself failed: RuntimeError: broken driver." in lines[2]
    assert lines[3].startswith("ok")


def test_the_report_holds_every_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, Finding("python", Verdict.OK, "Python 3.11."))

    doctor(tmp_path / "report.json", quiet=True)

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["checks"] == [{"name": "python", "verdict": "ok", "sentence": "Python 3.11.", "fix": ""}]


def test_a_report_that_cannot_be_written_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, Finding("python", Verdict.OK, "Python 3.11."))

    with pytest.raises(EnvironmentProblem) as refused:
        doctor(tmp_path / "nowhere" / "report.json", quiet=True)

    assert refused.value.what == "The report report.json could not be written."
    assert refused.value.fix == "Choose a folder that exists, that you can write to and that has room."


def test_this_machine_can_run_the_program() -> None:
    findings = {name: check() for name, check in module.CHECKS if name in ("python", "opencv", "device", "tracker")}

    assert {name: finding.verdict for name, finding in findings.items()} == dict.fromkeys(findings, Verdict.OK)
