from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import run_command_line, with_default_command
from app.cli_parser import build_parser
from app.errors import EnvironmentProblem, UsageProblem
from main import main


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], ["run"]),
        (["--demo"], ["run", "--demo"]),
        (["run", "--demo"], ["run", "--demo"]),
        (["doctor"], ["doctor"]),
        (["--help"], ["--help"]),
    ],
)
def test_no_command_means_run(given: list[str], meant: list[str]) -> None:
    assert with_default_command(given) == meant


def test_run_reads_the_flags_of_the_contract() -> None:
    parsed = build_parser().parse_args(
        "run --avatar a.png --reference b.png c.png --reference d.png --camera clip.mp4 --virtual-camera none "
        "--record out.mp4 --size 640x352 --fps 25 --headless --duration 20 --stats s.json --model geometric".split()
    )

    assert parsed.reference == [Path("b.png"), Path("c.png"), Path("d.png")]
    assert (parsed.size, parsed.fps, parsed.duration) == ((640, 352), 25.0, 20.0)
    assert (parsed.camera, parsed.virtual_camera, parsed.headless) == ("clip.mp4", "none", True)


def test_run_says_how_motion_clips_and_another_face_model_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    parsed = build_parser().parse_args(["run", "--record-motion", "a.motion", "--face-model", "b.task"])
    assert (parsed.record_motion, parsed.face_model) == (Path("a.motion"), Path("b.task"))
    with pytest.raises(SystemExit):
        build_parser().parse_args(["run", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "a video file or a .motion clip" in said
    assert "landmarks only, no pictures" in said
    assert "FaceLandmarker model" in said


def test_the_defaults_of_run_are_those_of_the_contract() -> None:
    parsed = build_parser().parse_args(["run"])

    assert (parsed.size, parsed.fps, parsed.virtual_camera, parsed.device) == ((1280, 720), 30.0, None, "auto")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run", "--size", "1281x720"], "is not between 160x160 and 3840x2160 in multiples of 16"),
        (["run", "--size", "big"], "is not a size like 1280x720"),
        (["run", "--fps", "0"], "is not between 1 and 120"),
        (["run", "--nonsense"], "Unrecognized arguments: --nonsense"),
        (["animate"], "The following arguments are required: --source, --driving, --output"),
        (["evaluate", "--data", "d", "--references", "1,x"], "is not a list of numbers between 1 and 64"),
        (["animate", "--source", "a", "--driving", "b", "--output", "c", "--region", "nose"], "Argument --region"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_2(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line(arguments)

    line = capsys.readouterr().err
    seen = "" if "--nonsense" in arguments else f" {arguments[0]}"  # what no command knows, the root parser reports
    assert ended.value.code == 2
    assert reason in line
    assert line.startswith("The command line was not understood. ")
    assert line.endswith(f"See: python main.py{seen} --help\n")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("failure", "code", "line"),
    [
        (UsageProblem("It is wrong.", why="It is.", fix="Mend it."), 2, "It is wrong. It is. Mend it.\n"),
        (EnvironmentProblem("No camera.", why="None\nfound.", fix="Plug."), 3, "No camera. None found. Plug.\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (MemoryError(), 3, "Out of memory."),
        (RuntimeError("odd"), 1, "Understudy failed: RuntimeError: odd. This is a bug."),
    ],
)
def test_every_failure_is_one_line_and_its_exit_code(
    failure: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise failure

    monkeypatch.setattr("app.commands.doctor.doctor", fail)

    assert run_command_line(["doctor"]) == code
    printed = capsys.readouterr().err
    assert printed.startswith(line)
    assert printed.count("\n") == 1


def test_ctrl_c_while_the_command_line_is_loaded_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.cli.run_command_line", interrupted)

    assert main() == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_help_says_what_the_program_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--help"])

    assert "Your face moves a portrait" in capsys.readouterr().out
