"""PySide6 does not get to read the source of every module that is imported after it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import builtins, linecache, sys
import PySide6.QtCore
from ui.plain_imports import give_back_import
if sys.argv[1] == "give back":
    give_back_import()
import wave
print(any(name.endswith("wave.py") for name in linecache.cache))
"""


def source_of_an_import_was_read(what: str) -> str:
    return subprocess.run([sys.executable, "-c", SCRIPT, what], capture_output=True, text=True, check=True).stdout


def test_the_source_of_an_import_is_not_read() -> None:
    assert source_of_an_import_was_read("leave") == "True\n"  # else the wrapping is gone, and so may this module be
    assert source_of_an_import_was_read("give back") == "False\n"
