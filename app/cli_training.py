"""The words of `train`; a flag that is not given is taken from the checkpoint, or is the default."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli_parser import NumberBetween


def add_train(parser: argparse.ArgumentParser) -> None:
    """All flags."""
    parser.add_argument("--pack", type=Path, required=True, metavar="PACK", help="what `prepare` wrote")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="checkpoints, weights, logs, sheets")
    parser.add_argument("--stage", choices=["base", "stitch", "retarget", "reader"], default="base")
    _add_start(parser)
    _add_length(parser)
    _add_learning(parser)


def _add_start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", default=None, metavar="P", help="tiny, lite or base")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="go on from a checkpoint, exactly")
    parser.add_argument(
        "--init",
        type=Path,
        metavar="WEIGHTS",
        help="start from weights, with a fresh optimiser; 'liveportrait' are the imported ones, with --preset base",
    )
    parser.add_argument("--unfreeze", action="store_true", help="after --init liveportrait: train its networks as well")
    parser.add_argument("--vgg", type=Path, metavar="FILE", help="VGG-19 weights: adds the perceptual loss")
    parser.add_argument("--face-identity", type=Path, metavar="FILE", help="ArcFace weights: adds the identity loss")
    parser.add_argument("--reader", type=Path, metavar="FILE", help="what --stage reader wrote: adds the reading loss")


def _add_length(parser: argparse.ArgumentParser) -> None:
    most = NumberBetween(0.01, 1e6)
    parser.add_argument(
        "--minutes", type=most, default=None, metavar="M", help="of the whole run, resumed parts included"
    )
    parser.add_argument("--steps", type=NumberBetween(1, 1e9, whole=True), default=None, metavar="N")
    parser.add_argument(
        "--checkpoint-minutes", type=most, default=5.0, metavar="M", help="how often to measure and keep"
    )
    parser.add_argument("--sheet-minutes", type=most, default=10.0, metavar="M", help="how often to draw a sheet")
    parser.add_argument("--threads", type=NumberBetween(1, 256, whole=True), default=None, metavar="N")


def _add_learning(parser: argparse.ArgumentParser) -> None:
    share = NumberBetween(0, 1)
    parser.add_argument(
        "--size", default=None, metavar="SIZE[@BEGIN][:BATCH],...", help="the curriculum, like 128,192@0.6,256@0.8:6"
    )
    parser.add_argument(
        "--batch", type=NumberBetween(2, 4096, whole=True), default=None, metavar="N", help="of each process"
    )
    parser.add_argument("--seed", type=NumberBetween(0, 2**31, whole=True), default=None, metavar="N")
    parser.add_argument("--learning-rate", type=NumberBetween(1e-7, 1), default=None, metavar="X")
    parser.add_argument("--floor", type=share, default=None, metavar="X", help="share of the rate left at the end")
    parser.add_argument("--warm-up", type=NumberBetween(0, 1e6, whole=True), default=None, metavar="STEPS")
    parser.add_argument(
        "--mix", type=share, nargs=3, default=None, metavar="X", help="chances of synergy, explicit and attention steps"
    )
    parser.add_argument(
        "--pictures",
        type=share,
        nargs="+",
        default=None,
        metavar="X",
        help="chances of 1, 2, ... pictures of the person",
    )
    parser.add_argument(
        "--still-share", type=share, default=None, metavar="X", help="samples made from single pictures"
    )
    parser.add_argument(
        "--rare-share", type=share, default=None, metavar="X",
        help="samples whose truth is a shut eye, a wide mouth or a look to the side",
    )  # fmt: skip
    parser.add_argument(
        "--temporal-share", type=share, default=None, metavar="X", help="steps with two frames in a row"
    )
    parser.add_argument(
        "--adversarial", type=share, default=None, nargs="?", const=0.6, metavar="BEGIN",
        help="switch discriminators on, from this share of the run (0.6)",
    )  # fmt: skip
    parser.add_argument(
        "--weight", type=_weight, action="append", default=[], metavar="TERM=X", help="how much a loss term counts"
    )


def _weight(text: str) -> tuple[str, float]:
    """Read TERM=X."""
    name, _, value = text.partition("=")
    try:
        amount = float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like pixel=4") from None
    if not 0 <= amount <= 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1000000")
    return name, amount
