"""The log is bounded, private and redacted, and whatever the disk does, nothing else fails."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.support import log_file
from app.support.identity import Identity
from app.support.log_file import LogFile, log_troubles, logging_to_file, newest_lines
from app.support.redaction import Redactor

log = logging.getLogger("tests.log_file")
REDACT = Redactor(Identity(homes=("/home/ada",), users=("ada",)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "understudy.log"


@pytest.fixture
def file(path: Path) -> Iterator[LogFile]:
    made = LogFile(path, REDACT, max_bytes=2000)
    yield made
    made.close()


def entry(text: str, *arguments: object) -> logging.LogRecord:
    return log.makeRecord(log.name, logging.INFO, __file__, 1, text, arguments, None)


def test_info_goes_to_the_file_and_only_warnings_to_the_console(
    path: Path, capsys: pytest.CaptureFixture[str], expected_log: pytest.LogCaptureFixture
) -> None:
    before = logging.getLogger().level
    with logging_to_file("warning", path):
        log.debug("too much")
        log.info("a step")
        log.warning("a trouble")
    log.warning("after the end")

    lines = path.read_text().splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == ["a step", "a trouble"]
    assert logging.getLogger().level == before
    assert capsys.readouterr().out == ""


def test_debug_goes_there_too_where_it_is_asked_for(path: Path) -> None:
    with logging_to_file("debug", path):
        log.debug("every step")

    assert "DEBUG" in path.read_text()


def test_entries_and_tracebacks_hold_no_home_and_no_pixels(path: Path) -> None:
    picture = np.full((8, 8, 3), 200, np.uint8)
    with logging_to_file("error", path):
        root = logging.getLogger()
        next(handler for handler in root.handlers if isinstance(handler, LogFile)).setFormatter(
            log_file.RedactingFormatter(REDACT)
        )
        try:
            raise ValueError(f"unexpected picture {picture!r} from /home/ada/Secret plans/me.png")
        except ValueError:
            log.info("step of %s failed", "/home/ada/x.png", exc_info=True)

    text = path.read_text()
    assert "Traceback" in text
    assert "unexpected picture <array> from ~/….png" in text
    assert "ada" not in text
    assert "200" not in text.split("Traceback")[1]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_only_the_owner_may_read_it(path: Path, file: LogFile) -> None:
    path.parent.mkdir()
    path.write_text("an older one\n")
    path.chmod(0o644)

    file.emit(entry("private"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_never_grows_beyond_its_bound(path: Path, file: LogFile) -> None:
    for number in range(500):
        file.emit(entry("entry %d with some words in it", number))

    sizes = [each.stat().st_size for each in path.parent.iterdir()]
    assert len(sizes) == 1 + log_file.OLD_FILES
    assert max(sizes) <= 2000
    assert "entry 499" in path.read_text()


def test_one_huge_entry_is_cut(path: Path, file: LogFile) -> None:
    file.emit(entry("x" * 10_000_000))

    assert path.stat().st_size < 10_000


@pytest.mark.parametrize(
    "obstacle", ["a file where the folder should be", "a folder where the file should be", "a link"]
)
def test_a_place_that_cannot_be_written_to_is_one_sentence_and_no_failure(
    obstacle: str, path: Path, file: LogFile, tmp_path: Path
) -> None:
    if obstacle.startswith("a file"):
        path.parent.write_text("")
    elif obstacle.startswith("a folder"):
        path.mkdir(parents=True)
    else:
        path.parent.mkdir()
        (tmp_path / "elsewhere").write_text("")
        path.symlink_to(tmp_path / "elsewhere")

    for _ in range(3):
        file.emit(entry("lost"))

    assert file.trouble is not None
    assert file.trouble.what == "The log cannot be written."
    assert file.trouble.fix == "Everything else works; free some space, or make that folder writable, to have a log."
    if obstacle == "a link":
        assert (tmp_path / "elsewhere").read_text() == ""


@pytest.mark.skipif(os.name != "posix", reason="a named pipe")
def test_a_pipe_in_its_place_does_not_hang_the_program(path: Path, file: LogFile) -> None:
    path.parent.mkdir()
    os.mkfifo(path)

    file.emit(entry("lost"))

    assert file.trouble is not None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk to write to")
def test_a_full_disk_is_said_once_and_tried_again_later(
    path: Path, file: LogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "open_private", lambda path, flags: os.open("/dev/full", os.O_WRONLY))
    file.emit(entry("lost"))
    trouble = file.trouble
    assert trouble is not None
    assert trouble.why.startswith("The disk is full.")
    monkeypatch.undo()

    file.emit(entry("too soon"))
    monkeypatch.setattr(file, "_t_retry_s", 0.0)
    file.emit(entry("room again"))

    assert path.read_text().endswith("room again\n")
    assert file.trouble is trouble


def test_a_file_that_cannot_be_rotated_costs_entries_and_nothing_else(
    path: Path, file: LogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise PermissionError(errno.EACCES, "in use by another process")

    monkeypatch.setattr(os, "rename", refuse)
    for number in range(100):
        file.emit(entry("entry %d with some words in it", number))

    assert path.stat().st_size <= 2000


def test_the_trouble_of_the_log_in_use_is_known(path: Path) -> None:
    path.parent.write_text("")
    with logging_to_file("error", path):
        assert log_troubles() == ()
        log.info("lost")
        assert [problem.part for problem in log_troubles()] == ["log"]
    assert log_troubles() == ()


def test_a_wrong_log_call_does_not_stop_the_file(path: Path, file: LogFile) -> None:
    file.emit(entry("%d", "no number"))
    file.emit(entry("next"))

    assert path.read_text().endswith("next\n")
    assert file.trouble is None


def test_the_newest_lines_are_the_end_of_it(path: Path, file: LogFile) -> None:
    for number in range(12):
        file.emit(entry("entry %d", number))

    assert newest_lines(2, path).splitlines()[-1].endswith("entry 11")
    assert len(newest_lines(2, path).splitlines()) == 2
    assert newest_lines(2, path.with_name("none")) == ""


def test_it_has_its_place_in_the_state_folder_of_the_tests() -> None:
    assert str(log_file.log_path()).startswith(os.environ["UNDERSTUDY_STATE"])
