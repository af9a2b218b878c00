from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.commands import doctor as module
from app.commands.doctor import doctor
from app.doctor.findings import Check, Finding, Verdict
from app.doctor.fixes import Lack, fix_for
from app.errors import EnvironmentProblem, UsageProblem


def use(monkeypatch: pytest.MonkeyPatch, *findings: Finding | Exception) -> None:
    def check(finding: Finding | Exception) -> Finding:
        if isinstance(finding, Exception):
            raise finding
        return finding

    def looking_at(finding: Finding | Exception) -> Callable[[], Finding]:
        return lambda: check(finding)

    checks = tuple(Check(f"check{i}", looking_at(finding)) for i, finding in enumerate(findings))
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

    assert doctor(None) == code


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

    doctor(tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["checks"] == [{"name": "python", "verdict": "ok", "sentence": "Python 3.11.", "fix": "", "why": ""}]


def test_a_report_that_cannot_be_written_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, Finding("python", Verdict.OK, "Python 3.11."))

    with pytest.raises(UsageProblem) as refused:
        doctor(tmp_path / "nowhere" / "report.json")

    assert "report.json" in refused.value.what
    assert "nowhere" in refused.value.why


def test_a_needed_part_that_breaks_is_missing_with_a_fix_and_not_just_limited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Finding:
        raise ImportError("libtorch.so: cannot open shared object file")

    monkeypatch.setattr(module, "CHECKS", (Check("device", broken, needed=True, fix=fix_for(Lack.PACKAGES)),))

    assert doctor(None) == 3
    assert capsys.readouterr().out.splitlines() == [
        "missing  device       The check itself failed: ImportError: libtorch.so: cannot open shared object file.",
        f"{'':22}{fix_for(Lack.PACKAGES)}",
    ]


def test_what_is_printed_and_written_says_nothing_about_the_person(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = Path.home() / "Secret plans" / "me.jpg"
    use(monkeypatch, Finding("settings", Verdict.LIMITED, f"{secret} is gone.", f"Look at {secret}.", f"{secret} was"))

    doctor(tmp_path / "report.json")

    for text in (capsys.readouterr().out, (tmp_path / "report.json").read_text()):
        assert "Secret" not in text
        assert str(Path.home()) not in text
    assert "~/….jpg is gone." in json.loads((tmp_path / "report.json").read_text())["checks"][0]["sentence"]
