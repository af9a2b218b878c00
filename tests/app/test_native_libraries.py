"""Libraries that are loaded before the import that needs them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.native_libraries import TRIED_ON, load_beside, package_folder

pytestmark = pytest.mark.skipif(sys.platform != TRIED_ON, reason="nothing is loaded beforehand on this system")


def test_a_library_that_cannot_be_loaded_is_left_to_the_import_that_needs_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")

    load_beside([tmp_path / "missing.so", broken], for_all=True)


def test_a_package_that_is_not_installed_has_no_folder() -> None:
    assert package_folder("no_such_package_anywhere") is None


def test_a_package_is_found_without_being_imported() -> None:
    folder = package_folder("wsgiref")

    assert folder is not None
    assert (folder / "__init__.py").is_file()
    assert "wsgiref" not in sys.modules
