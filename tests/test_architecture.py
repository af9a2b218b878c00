"""The import direction main -> ui -> app -> models (DESIGN section 4), and what may not be loaded early."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FORBIDDEN = {
    "models": {"app", "ui", "PySide6", "mediapipe", "threading", "cv2", "main"},
    "app": {"ui", "PySide6", "main"},
    "ui": {"models", "torch", "cv2", "mediapipe", "main"},
}

ALLOWED_ANYWAY = {("models/training", "cv2")}

LIGHT_MODULES = ("app.control", "app.settings", "app.packets", "app.errors", "app.avatars", "app.cli", "app.worker")
HEAVY = ("torch", "mediapipe", "cv2", "av", "PySide6", "matplotlib")


def imports_of(path: Path) -> Iterator[str]:
    """Names imported anywhere in a file, also inside functions; not those for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _walk_without_type_checking(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def _walk_without_type_checking(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _walk_without_type_checking(child)


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_go_from_main_to_ui_to_app_to_models_and_never_back(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in imports_of(path)
        if name.split(".")[0] in FORBIDDEN[package] and not _allowed(path, name)
    ]

    assert wrong == []


def _allowed(path: Path, name: str) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    return any(relative.startswith(folder) and name.split(".")[0] == module for folder, module in ALLOWED_ANYWAY)


def test_only_the_worker_starts_threads() -> None:
    starters = [
        path.relative_to(ROOT).as_posix()
        for package in ("app", "ui", "models")
        for path in (ROOT / package).rglob("*.py")
        if "threading.Thread(" in path.read_text(encoding="utf-8") or "QThread(" in path.read_text(encoding="utf-8")
    ]

    assert starters == ["app/worker.py"]


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_what_the_window_needs_to_open_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"


def test_the_live_path_leaves_torch_to_whoever_imports_it_the_quick_way() -> None:
    modules = ("app.live_stages", "app.render.stage", "app.render.compositor", "app.offline", "app.tracking.face_mesh")
    code = f"import sys, {', '.join(modules)}; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stdout.strip() == "False", "see app.torch_import: more than a second of the start"


def test_exactly_one_distribution_provides_cv2_and_it_has_no_qt() -> None:
    owners = set(importlib.metadata.packages_distributions()["cv2"])

    assert owners == {"opencv-python-headless"}
    import cv2

    assert not (Path(cv2.__file__).parent / "qt").exists()


@pytest.mark.parametrize("first", ["cv2", "PySide6.QtWidgets"])
def test_qt_finds_its_own_plug_ins_whichever_is_imported_first(first: str) -> None:
    second = {"cv2": "PySide6.QtWidgets", "PySide6.QtWidgets": "cv2"}[first]
    code = (
        f"import {first}, {second}, os; from PySide6.QtWidgets import QApplication; a = QApplication([]);"
        "print(a.platformName(), 'cv2' in os.environ.get('QT_QPA_PLATFORM_PLUGIN_PATH', ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == ["offscreen", "False"]


def test_the_version_in_the_code_is_the_version_of_the_project() -> None:
    from app.version import VERSION

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_no_file_of_the_repository_needs_the_shared_folder_to_run() -> None:
    wrong = [
        path.relative_to(ROOT).as_posix()
        for package in ("app", "models", "ui")
        for path in (ROOT / package).rglob("*.py")
        if "shared/data" in path.read_text(encoding="utf-8")
    ]

    assert wrong == []
