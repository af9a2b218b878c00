"""The documents say what is true of this tree: their links lead somewhere, their commands name what is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from app.display_libraries import QT_PACKAGES, X11_PACKAGES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|#|//)", re.IGNORECASE)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def relative_links(text: str) -> Iterator[str]:
    """Targets inside this tree of the links and pictures of a Markdown text, without the part after #."""
    for match in LINK.finditer(CODE.sub("", text)):
        target = match[1] or match[2]
        if not ELSEWHERE.match(target):
            yield unquote(target.partition("#")[0])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_picture_inside_the_tree_is_there(document: Path) -> None:
    links = relative_links(document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_links_of_every_form_are_found_and_others_left_alone() -> None:
    text = '![p](a.png "t") [b](b%20c.md#d) [w](https://x.org) [h](#h) <img width="9" src="d.png">\n```\n[c](no)\n```'

    assert list(relative_links(text)) == ["a.png", "b c.md", "d.png"]


@pytest.mark.parametrize("package", [*(package.name for package in QT_PACKAGES + X11_PACKAGES), "libportaudio2"])
def test_the_readme_names_every_package_a_bare_linux_needs(package: str) -> None:
    commands = re.findall(r"sudo apt install ((?:\\\n|[^`\n])+)", (ROOT / "README.md").read_text(encoding="utf-8"))

    assert any(package in command.split() for command in commands)
