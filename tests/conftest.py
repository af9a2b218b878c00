"""What holds for every test: nothing left running, no unexpected log line, no warning (pyproject.toml)."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("GLOG_minloglevel", "3")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Logs, crash reports and notes of everything that tests start; the real ones are the person's.
os.environ["UNDERSTUDY_STATE"] = tempfile.mkdtemp(prefix="understudy-tests-")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as main.py does, and for the same reason

import pytest

from ui.plain_imports import give_back_import


def pytest_configure() -> None:
    """Started in a shell's background, or by nohup, the suite is told to ignore these; its programs would be too."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
            signal.signal(getattr(signal, name), usual)


def pytest_sessionfinish() -> None:
    """Nothing of the tests' logs is left."""
    shutil.rmtree(os.environ["UNDERSTUDY_STATE"], ignore_errors=True)


def pytest_collection_finish() -> None:
    """As in the window: the tests that need PySide6 have imported it by now."""
    give_back_import()


CLIPS = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is read from or written to the folder in which a person's own settings lie."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path_factory.mktemp("settings") / "settings.json"))
        yield


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """A thread that a test started and did not stop fails it, by name."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline and _left_over(before):
        time.sleep(0.01)
    names = sorted(thread.name for thread in _left_over(before))
    assert not names, f"threads left running by this test: {', '.join(names)}"


def _left_over(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A log line of WARNING or above fails the test, unless it asked for the `expected_log` fixture."""
    yield
    if "expected_log" in request.fixturenames:
        return
    lines = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.WARNING]
    assert not lines, f"unexpected log lines: {lines}"


@pytest.fixture
def expected_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """For tests in which a warning is part of the rule; look at `.messages`."""
    return caplog


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real clips beside the checkout, or a visible skip."""
    if not CLIPS.is_dir():
        pytest.skip("the clips of ../shared/data are not here")
    return CLIPS


@pytest.fixture(scope="session")
def eval_clip(clips: Path) -> Path:
    """One short real clip of a talking head."""
    return sorted((clips / "eval" / "videos").glob("*.mp4"))[0]
