"""The right to show a face: who said so, when and how, as one value and its form as JSON. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

STATEMENT = "The portrait shows me, or I have the permission of the person it shows."

MAX_TEXT = 200


class How(Enum):
    """How the answer was given."""

    WINDOW = "window"
    COMMAND_LINE = "command line"
    CAPTURED = "captured"


@dataclass(frozen=True)
class Consent:
    """One answer: what was said, when (ISO 8601, UTC), and how."""

    statement: str
    date: str
    how: How

    @classmethod
    def now(cls, how: How) -> Consent:
        """The answer of this moment."""
        return cls(STATEMENT, datetime.now(UTC).isoformat(timespec="seconds"), how)

    def to_json(self) -> dict[str, object]:
        """Plain JSON values."""
        return {"statement": self.statement, "date": self.date, "how": self.how.value}


def consent_in(value: object) -> Consent | None:
    """The answer in JSON values; None where there is none, or something else."""
    if not isinstance(value, Mapping):
        return None
    statement, date, how = (value.get(name) for name in ("statement", "date", "how"))
    if not (_is_line(statement) and _is_line(date)):
        return None
    known = {each.value: each for each in How}
    return Consent(str(statement), str(date), known[str(how)]) if str(how) in known else None


def _is_line(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()
