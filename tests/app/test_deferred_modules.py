"""Modules whose code waits for its first use: small ones written for each test, in a process with the real importer."""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.deferred_modules import DeferringFinder

LOG = "import deferral_log; deferral_log.ran.append(__name__)\n"

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a module that notes when its code runs; all are forgotten afterwards."""
    before, finders = set(sys.modules), list(sys.meta_path)
    log = ModuleType("deferral_log")
    log.__dict__["ran"] = []
    monkeypatch.setitem(sys.modules, "deferral_log", log)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, code: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LOG + code)
        importlib.invalidate_caches()

    yield write
    sys.meta_path[:] = finders
    for name in set(sys.modules) - before:
        del sys.modules[name]


def ran() -> list[str]:
    """Names of the modules whose code ran, in that order."""
    return list(sys.modules["deferral_log"].ran)


def deferring(*names: str, needed_by: tuple[str, ...] = ()) -> DeferringFinder:
    finder = DeferringFinder(names, needed_by)
    finder.install()
    return finder


def test_the_code_of_a_module_waits_until_something_in_it_is_used(write: Write) -> None:
    write("waits.py", "value = 7\n")
    finder = deferring("waits")

    module = importlib.import_module("waits")

    assert (ran(), finder.waiting()) == ([], ["waits"])
    assert module.value == 7
    assert module.value == 7
    assert (ran(), finder.waiting()) == (["waits"], [])
    assert type(module) is ModuleType


def test_a_loaded_module_looks_like_any_other(write: Write) -> None:
    write("waits.py", "value = 7\n")
    deferring("waits")
    module = importlib.import_module("waits")

    assert "value" in dir(module)

    assert module.__spec__ is not None
    assert module.__loader__ is module.__spec__.loader
    assert "value = 7" in inspect.getsource(module)
    assert importlib.reload(module) is module


def test_names_that_are_not_given_are_imported_at_once(write: Write) -> None:
    write("other.py", "")
    deferring("waits")

    importlib.import_module("other")

    assert ran() == ["other"]


def test_looking_for_the_file_of_every_module_loads_none(write: Write) -> None:
    write("waits.py", "")
    finder = deferring("waits")
    importlib.import_module("waits")

    inspect.getmodule(inspect.currentframe())

    assert finder.waiting() == ["waits"]


@pytest.mark.parametrize("code", ["from waits import value", "from waits import *", "import waits; vars(waits)"])
def test_every_way_to_reach_into_a_module_loads_it(write: Write, code: str) -> None:
    write("waits.py", "value = 7\n")
    write("asks.py", code + "\n")
    deferring("waits")

    importlib.import_module("asks")

    assert ran() == ["asks", "waits"]


def test_the_import_of_a_submodule_loads_its_package_first_and_itself_once(write: Write) -> None:
    write("pack/__init__.py", "from pack import inner\n")
    write("pack/inner.py", "value = 7\n")
    write("pack/outer.py", "from pack import inner\n")
    deferring("pack")
    importlib.import_module("pack")

    inner = importlib.import_module("pack.inner")
    outer = importlib.import_module("pack.outer")

    assert ran() == ["pack", "pack.inner", "pack.outer"]
    assert outer.inner is inner is sys.modules["pack"].inner
    assert inner.__spec__ is not None
    assert inner.__spec__.origin == inner.__file__


def test_modules_that_use_each_other_load_each_other(write: Write) -> None:
    write("one.py", "import two\nearly = 1\nfrom two import value\n")
    write("two.py", "import one\nvalue = one.early + 1\n")
    deferring("one", "two")

    assert importlib.import_module("one").value == 2


def test_what_counts_on_the_waiting_modules_has_them_loaded_before(write: Write) -> None:
    write("waits.py", "")
    write("needs.py", "")
    deferring("waits", needed_by=("needs",))
    importlib.import_module("waits")

    importlib.import_module("needs")

    assert ran() == ["waits", "needs"]


def test_a_failure_comes_again_at_the_next_use(write: Write) -> None:
    write("broken.py", "value = 7\nraise OSError('no such thing')\n")
    deferring("broken")
    module = importlib.import_module("broken")

    for _ in range(2):
        with pytest.raises(OSError, match="no such thing"):
            _ = module.value

    assert ran() == ["broken", "broken"]


def test_a_module_that_is_not_there_is_missing_at_its_import() -> None:
    finders = list(sys.meta_path)
    try:
        deferring("nowhere_to_be_found")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("nowhere_to_be_found")
    finally:
        sys.meta_path[:] = finders


def test_two_threads_that_use_a_module_at_once_both_get_all_of_it(write: Write) -> None:
    write("waits.py", "deferral_log.begun.set()\nassert deferral_log.go.wait(10)\nvalue = 7\n")
    begun, go, seen = threading.Event(), threading.Event(), []
    sys.modules["deferral_log"].__dict__.update(begun=begun, go=go)
    deferring("waits")
    module = importlib.import_module("waits")
    users = [threading.Thread(target=lambda: seen.append(module.value)) for _ in range(2)]

    users[0].start()
    assert begun.wait(10)
    users[1].start()
    go.set()
    for user in users:
        user.join(10)

    assert seen == [7, 7]
    assert ran() == ["waits"]


def test_two_threads_that_begin_with_modules_that_use_each_other_both_get_on(write: Write) -> None:
    write("one.py", "early = 1\ndeferral_log.begun.set()\ndeferral_log.other.wait(0.5)\nfrom two import value\n")
    write("two.py", "deferral_log.other.set()\nimport one\nvalue = one.early + 1\n")
    begun, other, seen = threading.Event(), threading.Event(), []
    sys.modules["deferral_log"].__dict__.update(begun=begun, other=other)
    deferring("one", "two")
    one, two = importlib.import_module("one"), importlib.import_module("two")
    users = [threading.Thread(target=lambda m=m: seen.append(m.value), daemon=True) for m in (one, two)]

    users[0].start()
    assert begun.wait(10)
    users[1].start()
    for user in users:
        user.join(10)

    assert seen == [2, 2]
