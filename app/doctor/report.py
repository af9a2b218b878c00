"""The findings as text and as JSON, without what must not leave the machine (`app.support.redaction`)."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, replace

from app.doctor.findings import Finding
from app.support.redaction import Redactor
from app.version import VERSION

INDENT = 22


def redacted(finding: Finding, redact: Redactor) -> Finding:
    """The same in words that may be shown to anybody."""
    return replace(finding, sentence=redact(finding.sentence), why=redact(finding.why), fix=redact(finding.fix))


def line_of(finding: Finding) -> str:
    """One finding for people: verdict, name, what and why; the fix on a line of its own."""
    found = " ".join(part for part in (finding.sentence, finding.why) if part)
    fix = f"\n{'':{INDENT}}{finding.fix}" if finding.fix else ""
    return f"{finding.verdict.value:8} {finding.name:13}{found}{fix}\n"


def text_report(findings: Sequence[Finding], redact: Redactor, *more: str) -> str:
    """Everything on one page, to be copied. more: further paragraphs, such as the last crash."""
    system = f"Understudy {VERSION} on {platform.platform()}, Python {platform.python_version()}"
    page = "".join(line_of(finding) for finding in findings)
    return redact("\n\n".join((system, page.rstrip(), *(part.rstrip() for part in more))) + "\n")


def json_report(findings: Sequence[Finding], redact: Redactor) -> dict[str, object]:
    """The same for programs."""
    rows = [asdict(redacted(finding, redact)) | {"verdict": finding.verdict.value} for finding in findings]
    return {
        "version": VERSION,
        "system": redact(platform.platform()),
        "python": platform.python_version(),
        "checks": rows,
    }
