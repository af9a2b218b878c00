from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import run_command_line
from app.cli_parser import build_parser
from app.commands import train as command
from app.commands.train import Bar, train_from_arguments
from app.errors import EnvironmentProblem, UsageProblem
from app.own_weights import OWN_WEIGHTS
from models.training.losses.weights import LossWeights
from models.training.problems import TrainingProblem
from models.training.settings import Recipe, SizeStep, TrainingRun
from models.training.trainer import Ending, Listener, Standing


def parsed(text: str) -> argparse.Namespace:
    return build_parser().parse_args(["train", "--pack", "a.pack", "--output", "out", *text.split()])


class Trained:
    """Stands in for the training; keeps what it was asked for."""

    def __init__(self, ending: Ending = Ending.DONE) -> None:
        self.ending = ending
        self.run: TrainingRun
        self.recipe: Recipe

    def __call__(self, run: TrainingRun, recipe: Recipe, listener: Listener) -> Ending:
        self.run, self.recipe = run, recipe
        return self.ending


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    stand_in = Trained()
    monkeypatch.setattr(command, "train", stand_in)
    return stand_in


def test_the_flags_become_a_run_and_a_recipe(trained: Trained) -> None:
    flags = (
        "--preset tiny --stage base --minutes 5 --steps 100 --size 64,128@0.5:3 --batch 8 --seed 3 --threads 1 "
        "--init w.safetensors --learning-rate 1e-4 --floor 0.3 --mix 1 0 0 --adversarial --weight pixel=2 "
        "--vgg v.pth --face-identity f.pth --reader r.safetensors --still-share 0.2 --temporal-share 0 --warm-up 10 "
        "--rare-share 0.4 --pictures 0.5 0.2 0.3"
    )
    assert train_from_arguments(parsed(flags)) == 0

    run, recipe = trained.run, trained.recipe
    assert (run.pack, run.output, run.init, run.resume) == (Path("a.pack"), Path("out"), Path("w.safetensors"), None)
    assert (run.minutes, run.steps, run.threads) == (5.0, 100, 1)
    assert (run.vgg, run.face_identity, run.reader) == (Path("v.pth"), Path("f.pth"), Path("r.safetensors"))
    assert recipe.sizes == (SizeStep(64, 0.0, 8), SizeStep(128, 0.5, 3))
    assert (recipe.preset, recipe.seed, recipe.learning_rate, recipe.floor) == ("tiny", 3, 1e-4, 0.3)
    assert (recipe.stage_mix, recipe.adversarial_from, recipe.warm_up_steps) == ((1.0, 0.0, 0.0), 0.6, 10)
    assert (recipe.still_share, recipe.temporal_share) == (0.2, 0.0)
    assert (recipe.rare_share, recipe.picture_chances) == (0.4, (0.5, 0.2, 0.3))
    assert recipe.weights == LossWeights(pixel=2.0)


def test_without_flags_the_recipe_is_the_default_and_the_run_ends(trained: Trained) -> None:
    assert train_from_arguments(parsed("")) == 0

    assert trained.recipe == Recipe()
    assert (trained.run.minutes, trained.run.steps) == (60.0, None)


def test_an_interrupted_run_exits_with_130_and_says_how_to_go_on(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    trained.ending = Ending.INTERRUPTED

    assert train_from_arguments(parsed("")) == 130
    kept = Path("out") / "checkpoint.pth"
    assert capsys.readouterr().err == f"Interrupted. {kept} was written; go on with --resume {kept}.\n"


@pytest.mark.parametrize(("rank", "lines"), [("0", 1), ("1", 0)])
def test_of_many_processes_only_the_first_says_that_it_was_interrupted(
    trained: Trained,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rank: str,
    lines: int,
) -> None:
    monkeypatch.setenv("RANK", rank)
    trained.ending = Ending.INTERRUPTED

    assert train_from_arguments(parsed("")) == 130
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_an_interrupted_small_stage_does_not_promise_a_checkpoint(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    trained.ending = Ending.INTERRUPTED

    assert train_from_arguments(parsed("--stage stitch")) == 130
    assert capsys.readouterr().err == "Interrupted. Nothing was written; begin anew.\n"


@pytest.mark.parametrize(("machine", "code"), [(False, 2), (True, 3)])
def test_a_problem_of_the_training_is_a_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], machine: bool, code: int
) -> None:
    def refuse(*_: object) -> Ending:
        raise TrainingProblem("It did not work.", why="This is a test.", fix="Go on.", machine=machine)

    monkeypatch.setattr(command, "train", refuse)
    assert run_command_line(["train", "--pack", "a.pack", "--output", "out"]) == code
    assert capsys.readouterr().err == "It did not work. This is a test. Go on.\n"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            "--resume a.pth --init b.safetensors",
            "--resume and --init cannot be used together. A resumed run has its weights already. Give one of them.",
        ),
        (
            "--mix 0 0 0",
            "There is nothing to train. The chances of all stages are 0. Give at least one number of --mix that is ",
        ),
        ("--pictures 0 0", "The chances of the numbers of pictures cannot be used. There are none above 0, or more"),
        (
            "--resume a.pth",
            "How long to go on was not said. A checkpoint does not hold the length of its run. "
            "Give --steps or --minutes of the whole run again, resumed parts included.",
        ),
        (
            "--size 128,64@2",
            "--size 128,64@2 was not understood. It is no list of sizes like 128,192@0.6,256@0.8:6. "
            "Give SIZE[@BEGIN][:BATCH], separated by commas, the first beginning at 0.",
        ),
        ("--size 0", "--size 0 was not understood. It is no list of sizes like"),
        ("--size 128,64@nan", "--size 128,64@nan was not understood. It is no list of sizes like"),
        ("--size 128:-4", "The sizes cannot be trained. Each must be a multiple of 32 px"),
        ("--size 2048", "The sizes cannot be trained. Each must be a multiple of 32 px, at most 1024,"),
        ("--size 768 --preset base", "The sizes cannot be trained. Each must be a multiple of 32 px, at most 512,"),
        (
            "--weight beauty=1",
            "There is no loss term 'beauty'. Only known terms can be weighted. Use one of pixel, structure, gradient,",
        ),
        (
            "--resume none.pth --steps 9",
            "none.pth cannot be used. There is no such file. Give another file, or start without it",
        ),
    ],
)
def test_flags_that_make_no_sense_are_a_sentence(
    trained: Trained, capsys: pytest.CaptureFixture[str], flags: str, sentence: str
) -> None:
    assert run_command_line(["train", "--pack", "a.pack", "--output", "out", *flags.split()]) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_a_pack_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--pack", str(tmp_path / "none.pack"), "--output", str(tmp_path / "out"), "--device", "cpu"]

    assert run_command_line(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("The training pack none.pack cannot be read: No such file or directory.")
    assert said.count("\n") == 1
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert os.listdir(tmp_path) == ["out"]


def test_the_bar_is_redrawn_in_place_and_lines_stand_above_it(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar(quiet=False)
    bar.stands(Standing(50, 0.5, 90.0, 8.9, 0.123, float("-inf")))
    bar.says("one line")
    bar.end()

    said = capsys.readouterr().err
    assert said.startswith("\r############............  50%  step 50  1.5 min  8.9 samples/s  loss 0.123")
    assert said.endswith("\none line\n")


def test_a_quiet_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar(quiet=True)
    bar.stands(Standing(50, 0.5, 90.0, 8.9, 0.123, 21.0))
    bar.says("one line")

    assert capsys.readouterr().err == ""


def test_training_needs_no_tracker_no_video_library_and_no_window() -> None:
    unwanted = (
        "mediapipe",
        "av",
        "PySide6",
        "app.progress",
        "psutil",
        "platformdirs",
        "sounddevice",
        "PIL",
        "pyvirtualcam",
    )
    program = (
        "import sys; import app.cli, app.commands.train; from app.cli_parser import build_parser; build_parser();"
        f"print([name for name in {unwanted!r} if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )

    assert found.stdout.strip() == "[]"


def test_liveportrait_to_begin_with_is_the_imported_file(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))
    (tmp_path / "liveportrait-base.safetensors").touch()

    assert train_from_arguments(parsed("--preset base --init liveportrait --unfreeze --size 256")) == 0

    assert (trained.run.init, trained.run.unfreeze) == (tmp_path / "liveportrait-base.safetensors", True)


@pytest.mark.parametrize(
    ("flags", "kind", "what"),
    [
        ("--init liveportrait", UsageProblem, "--init liveportrait needs --preset base."),
        ("--init liveportrait --preset base", EnvironmentProblem, "There is nothing to start from."),
    ],
)
def test_liveportrait_that_cannot_be_begun_with_is_refused(
    flags: str, kind: type[UsageProblem], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWN_WEIGHTS, str(tmp_path))

    with pytest.raises(kind) as refused:
        train_from_arguments(parsed(flags))

    assert refused.value.what == what
