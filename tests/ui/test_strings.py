from __future__ import annotations

import re
from pathlib import Path

from ui import strings

UI = Path(strings.__file__).parent
NAMES = [name for name in vars(strings) if name.isupper()]


def test_every_sentence_is_used() -> None:
    code = "".join(path.read_text() for path in UI.rglob("*.py") if path.name != "strings.py")

    assert [name for name in NAMES if not re.search(rf"strings\.{name}\b", code)] == []


def test_sentences_are_free_of_jargon() -> None:
    jargon = re.compile(
        r"\b(tensor|keypoint|inference|latency|render|pipeline|thread|exception|null|sink|v4l2)\b", re.I
    )
    texts = [str(getattr(strings, name)) for name in NAMES]

    assert [text for text in texts if jargon.search(re.sub(r"\{[^}]*\}", "", text))] == []


def test_words_are_written_in_the_views_only_through_this_file() -> None:
    written = re.compile(r"set(?:Text|ToolTip|WindowTitle|AccessibleName|AccessibleDescription)\(\s*f?\"[A-Za-z]")
    wrong = [path.name for path in UI.rglob("*.py") if written.search(path.read_text())]

    assert wrong == []
