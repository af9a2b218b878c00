"""What a check is and what it finds; shared by the command, the page of the window and all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.errors import AppError


class Verdict(Enum):
    """How a check came out."""

    OK = "ok"
    LIMITED = "limited"  # works, without one feature
    MISSING = "missing"  # the program cannot run


@dataclass(frozen=True)
class Finding:
    """The result of one check: what was found, what to do, and the reason. Nothing is to be done where `fix` is empty.

    sentence: one or two sentences; what was found, not what it means for the program.
    why: the reason, or what it costs, where the sentence does not say it.
    """

    name: str
    verdict: Verdict
    sentence: str
    fix: str = ""
    why: str = ""


@dataclass(frozen=True)
class Check:
    """One thing to look at. `needed`: without it the program cannot run; `fix` is for when the check itself fails."""

    name: str
    look: Callable[[], Finding]
    needed: bool = False
    fix: str = ""


def run_check(check: Check) -> Finding:
    """One finding, whatever the check runs into: a broken machine throws broken things."""
    try:
        return check.look()
    except AppError as error:
        verdict, sentence, why, fix = Verdict.LIMITED, error.what, error.why, error.fix
    except Exception as error:  # noqa: BLE001 - a doctor must survive whatever it looks at
        verdict, why, fix = Verdict.LIMITED, "", ""
        sentence = f"The check itself failed: {type(error).__name__}: {error}."
    return Finding(check.name, Verdict.MISSING if check.needed else verdict, sentence, fix or check.fix, why)


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """The findings, one after the other as they come: some checks take seconds."""
    return (run_check(check) for check in checks)


def can_run(findings: Iterable[Finding]) -> bool:
    """Whether nothing that the program needs is missing."""
    return all(finding.verdict is not Verdict.MISSING for finding in findings)
