"""The words of the command line (CONTRACT.md), and nothing of what they do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from app.output.destinations import BROWSER_PORT, REMOTE_PORT
from app.version import VERSION

PROGRAM = "main.py"
COMMANDS = ("run", "animate", "evaluate", "bench", "prepare", "train", "import-weights", "doctor")
EXIT_USAGE = 2


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line: what, why, what to do."""

    def error(self, message: str) -> NoReturn:
        """Say it and exit with 2."""
        reason = message[:1].upper() + message[1:]
        print_line(f"The command line was not understood. {reason}. See: python {self.prog} --help")
        sys.exit(EXIT_USAGE)


def print_line(text: str) -> None:
    """One line for a person on stderr."""
    sys.stderr.write(" ".join(text.split()) + "\n")
    sys.stderr.flush()


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = OneLineParser(
        prog=PROGRAM, description="Your face moves a portrait, and the portrait is all that is sent."
    )
    parser.add_argument("--version", action="version", version=f"Understudy {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    common = _common_options()
    _add_run(commands.add_parser("run", prog=f"{PROGRAM} run", parents=[common], help="animate a portrait live"))
    _add_animate(
        commands.add_parser("animate", prog=f"{PROGRAM} animate", parents=[common], help="animate from a video file")
    )
    _add_evaluate(
        commands.add_parser("evaluate", prog=f"{PROGRAM} evaluate", parents=[common], help="measure on real clips")
    )
    _add_bench(commands.add_parser("bench", prog=f"{PROGRAM} bench", parents=[common], help="measure speed"))
    _add_prepare(
        commands.add_parser("prepare", prog=f"{PROGRAM} prepare", parents=[common], help="pack clips for training")
    )
    _add_train(commands.add_parser("train", prog=f"{PROGRAM} train", parents=[common], help="learn from a pack"))
    _add_import(
        commands.add_parser(
            "import-weights", prog=f"{PROGRAM} import-weights", parents=[common], help="use LivePortrait's weights"
        )
    )
    doctor = commands.add_parser(
        "doctor", prog=f"{PROGRAM} doctor", parents=[common], help="what this machine has and lacks"
    )
    doctor.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    doctor.add_argument(
        "--prove-camera", action="store_true", help="send a moving picture to the virtual camera and read it back"
    )
    return parser


def _common_options() -> OneLineParser:
    common = OneLineParser(add_help=False)
    common.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto", help="where the model runs")
    common.add_argument("--model", default=None, metavar="NAME[:PRESET]", help="which animator (default: the best)")
    common.add_argument("--quiet", action="store_true", help="no progress bars, no notices")
    common.add_argument("--log-level", choices=["debug", "info", "warning", "error"], default="warning")
    return common


def _add_run(parser: argparse.ArgumentParser) -> None:
    from app.cli_sound import add_sound

    parser.add_argument("--demo", action="store_true", help="a shipped avatar driven by a shipped clip, no webcam")
    parser.add_argument("--avatar", metavar="P", help="a picture, an avatar folder, or the name of a shipped avatar")
    parser.add_argument("--reference", type=Path, nargs="+", action="extend", default=[], metavar="P")
    parser.add_argument(
        "--camera",
        metavar="ID_OR_FILE",
        help="camera id, name or number, a video file or a .motion clip (both looped), or 'synthetic'",
    )
    parser.add_argument("--virtual-camera", default=None, metavar="auto|none|NAME")
    parser.add_argument("--record", type=Path, metavar="FILE", help="record what others see (.mp4 or .mkv)")
    parser.add_argument(
        "--browser-source",
        type=NumberBetween(0, 65535, whole=True),
        nargs="?",
        const=BROWSER_PORT,
        default=None,
        metavar="PORT",
        help="show the picture to OBS and browsers on this machine, at an address that is printed",
    )
    parser.add_argument(
        "--stream",
        metavar="URL",
        help="send to a server: rtmp://, rtmps://, srt:// or whips://, or @FILE that holds the address",
    )
    add_sound(parser)
    _add_run_rest(parser)


def _add_run_rest(parser: argparse.ArgumentParser) -> None:
    """How it runs and looks; before stand what it is made from and where it goes."""
    parser.add_argument(
        "--background",
        choices=["keep", "blur", "green", "transparent"],
        default=None,
        help="what is behind the person; transparent is seen in the browser source, elsewhere it is green",
    )
    parser.add_argument(
        "--record-motion",
        type=Path,
        metavar="FILE.motion",
        help="keep what the driver's face does as a clip for --camera or --driving: landmarks only, no pictures",
    )
    parser.add_argument(
        "--face-model",
        type=Path,
        metavar="FILE.task",
        help="track with this FaceLandmarker model of MediaPipe instead of the built-in tracker",
    )
    parser.add_argument(
        "--quality",
        choices=["auto", "fixed"],
        default=None,
        help="auto: lighter when the machine is too slow (the window's default); fixed: as asked for (--headless)",
    )
    parser.add_argument("--size", type=parse_size, default=(1280, 720), metavar="WxH")
    parser.add_argument("--fps", type=NumberBetween(1, 120), default=30.0)
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument("--duration", type=NumberBetween(0.1, 1e6), default=None, metavar="S")
    parser.add_argument("--stats", type=Path, metavar="FILE", help="write figures of the session as JSON")
    parser.add_argument("--badge", action="store_true", help="write 'AI avatar' into the corner of the picture")
    _add_right(parser)
    parser.add_argument(
        "--remote-control",
        type=NumberBetween(0, 65535, whole=True),
        nargs="?",
        const=REMOTE_PORT,
        default=None,
        metavar="PORT",
        help=f"let programs on this machine that know its token control it (docs/remote-control.md); {REMOTE_PORT}",
    )
    parser.add_argument("--away", action="store_true", help="begin with the away card, as after Away")
    parser.add_argument(
        "--restart-after-crash", action="store_true", help="a second, small process starts it again if it crashes"
    )


def _add_right(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--i-have-the-right",
        action="store_true",
        help="the portrait shows me, or I have the permission of the person it shows; kept for this picture",
    )


def _add_animate(parser: argparse.ArgumentParser) -> None:
    _add_right(parser)
    parser.add_argument(
        "--content-credentials",
        type=Path,
        nargs=2,
        default=None,
        metavar=("CERTIFICATE", "KEY"),
        help="sign the .mp4 with a certificate of your own (C2PA, docs/provenance.md)",
    )
    parser.add_argument(
        "--source", required=True, metavar="P", help="picture, avatar folder or name, or a video to edit"
    )
    parser.add_argument("--reference", type=Path, nargs="+", action="extend", default=[], metavar="P")
    parser.add_argument("--driving", type=Path, required=True, metavar="P", help="video, picture or motion clip")
    parser.add_argument("--output", type=Path, required=True, metavar="P", help=".mp4, .mkv (lossless) or a folder")
    parser.add_argument(
        "--absolute", action="store_true", help="keypoints as they are, not relative to the first frame"
    )
    parser.add_argument("--no-crop", action="store_true", help="everything is already framed alike and square")
    parser.add_argument("--size", type=NumberBetween(64, 2048, whole=True), default=None, metavar="N")
    parser.add_argument("--no-paste-back", action="store_true", help="write the animated square only")
    parser.add_argument(
        "--all-faces", action="store_true", help="animate every face in the picture, not only the main one"
    )
    parser.add_argument("--no-stitch", action="store_true", help="let the shoulders move")
    parser.add_argument("--retarget-eyes", type=NumberBetween(0, 1), default=None, metavar="X", help="0 closed, 1 open")
    parser.add_argument("--retarget-lips", type=NumberBetween(0, 1), default=None, metavar="X", help="0 closed, 1 open")
    parser.add_argument("--region", choices=["all", "pose", "expression", "eyes", "lips"], default="all")
    parser.add_argument(
        "--gain", type=NumberBetween(0, 3), default=1.0, metavar="X", help="1 carries motion over as it is"
    )
    parser.add_argument("--max-frames", type=NumberBetween(1, 1e7, whole=True), default=None, metavar="N")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--models", type=_names, default=None, metavar="a,b,c")
    parser.add_argument("--references", type=_counts, default=(1,), metavar="1,3,5")
    parser.add_argument("--frames", type=NumberBetween(1, 1e6, whole=True), default=None, metavar="N")
    parser.add_argument("--limit", type=NumberBetween(1, 1e6, whole=True), default=None, metavar="CLIPS")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png")
    parser.add_argument(
        "--scored",
        choices=["apart", "after-first"],
        default="apart",
        help="frames at least 8 away from every reference, or all but the first (one reference only)",
    )
    parser.add_argument("--cross", action="store_true", help="portraits follow another person of the folder")


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models", type=_names, default=None, metavar="a,b,c",
        help="side by side; NAME:PRESET without weights, like synergy:base, is drawn at random",
    )  # fmt: skip
    parser.add_argument("--references", type=_counts, default=(1,), metavar="1,3,5")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="stage spans, opens in Perfetto")
    parser.add_argument("--json", type=Path, metavar="FILE")


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="videos, stills and manifest.csv")
    parser.add_argument("--output", type=Path, required=True, metavar="PACK")
    parser.add_argument(
        "--stride", type=NumberBetween(1, 100, whole=True), default=2, metavar="N", help="take every Nth frame"
    )
    parser.add_argument(
        "--crf", type=NumberBetween(1, 40, whole=True), default=15, metavar="X", help="quality of the pictures"
    )
    parser.add_argument("--no-masks", action="store_true", help="leave the foreground masks out")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the public files of LivePortrait lie")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: where the program looks for weights")
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="NAME", help="an entry of the files that is not to be used"
    )
    parser.add_argument("--animals", action="store_true", help="DIR holds the animals' set, whatever it is called")


def _add_train(parser: argparse.ArgumentParser) -> None:
    from app.cli_training import add_train  # it uses the types below

    add_train(parser)


def parse_size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT, multiples of 16."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1280x720")
    w, h = int(width), int(height)
    if w % 16 or h % 16 or not (160 <= w <= 3840 and 160 <= h <= 2160):
        raise argparse.ArgumentTypeError(f"{text} is not between 160x160 and 3840x2160 in multiples of 16")
    return w, h


class NumberBetween:
    """An argument type: a number between two bounds."""

    def __init__(self, low: float, high: float, *, whole: bool = False) -> None:
        self.low, self.high, self.whole = low, high, whole

    def __call__(self, text: str) -> float | int:
        try:
            value = int(text) if self.whole else float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a {'whole ' if self.whole else ''}number") from None
        if not self.low <= value <= self.high:
            raise argparse.ArgumentTypeError(f"{text} is not between {self.low:g} and {self.high:g}")
        return value


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise argparse.ArgumentTypeError("no name given")
    return names


def _counts(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdigit() and 1 <= int(part) <= 64 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers between 1 and 64, like 1,3,5")
    return tuple(int(part) for part in parts)
