"""Errors for people. Each says what happened, why, and what to do; each knows its exit code (CONTRACT.md).

AppError
    UsageProblem          exit 2: a wrong argument or an unusable input file
    EnvironmentProblem    exit 3: the machine refuses (no such device, busy, no permission, disk full)
"""

from __future__ import annotations


class AppError(Exception):
    """A failure a person can meet and do something about.

    Args:
        what: one sentence, what happened.
        why: one sentence, the reason as far as it is known.
        fix: one sentence, what to do.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str, fix: str) -> None:
        super().__init__(f"{what} {why} {fix}")
        self.what, self.why, self.fix = what, why, fix


class UsageProblem(AppError):
    """A wrong argument or a file that cannot be used."""

    exit_code = 2


class EnvironmentProblem(AppError):
    """Something this machine does not have or does not allow."""

    exit_code = 3
