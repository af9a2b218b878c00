from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.commands import doctor as module
from app.commands.doctor import Check, Finding, Verdict, doctor
from app.display_libraries import Package
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
    assert report["checks"] == [{"name": "python", "verdict": "ok", "sentence": "Python 3.11.", "fix": ""}]


def test_a_report_that_cannot_be_written_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, Finding("python", Verdict.OK, "Python 3.11."))

    with pytest.raises(UsageProblem) as refused:
        doctor(tmp_path / "nowhere" / "report.json")

    assert "report.json" in refused.value.what
    assert "nowhere" in refused.value.why


def test_this_machine_can_run_the_program() -> None:
    needed = [check for check in module.CHECKS if check.needed]

    assert [check.name for check in needed] == ["python", "opencv", "device", "tracker"]
    assert {check.look().verdict for check in needed} == {Verdict.OK}


def test_a_needed_part_that_breaks_is_missing_with_a_fix_and_not_just_limited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Finding:
        raise ImportError("libtorch.so: cannot open shared object file")

    monkeypatch.setattr(module, "CHECKS", (Check("device", broken, needed=True, fix=module.REINSTALL),))

    assert doctor(None) == 3
    assert capsys.readouterr().out.splitlines() == [
        "missing  device    The check itself failed: ImportError: libtorch.so: cannot open shared object file.",
        f"{'':19}{module.REINSTALL}",
    ]


def test_libraries_the_window_lacks_are_named_with_their_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(module, "missing_display_libraries", lambda: [Package("libEGL.so.1", "libegl1")])

    finding = module.check_display()

    assert finding == Finding(
        "display",
        Verdict.LIMITED,
        "The window lacks libEGL.so.1.",
        "On Debian and Ubuntu: sudo apt install libegl1",
    )


def test_without_portaudio_everything_but_sound_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)

    finding = module.check_sound()

    assert (finding.verdict, finding.sentence) == (Verdict.LIMITED, "PortAudio is not installed: no sound.")
