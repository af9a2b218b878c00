"""The flags of `run` for further outputs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.cli import run_command_line
from app.cli_parser import build_parser
from app.commands.run_options import RunOptions
from app.output.destinations import BROWSER_PORT
from app.settings import BackgroundMode


@pytest.fixture(autouse=True)
def settings_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "settings.json"))


def options(*flags: str) -> RunOptions:
    return RunOptions.from_arguments(build_parser().parse_args(["run", *flags]))


def test_nothing_further_is_opened_unless_it_is_asked_for() -> None:
    config = options().engine_config(None)
    assert (config.browser_source, config.stream) == (None, None)
    assert config.output.background.mode is BackgroundMode.KEEP


def test_the_browser_source_keeps_its_token_from_run_to_run_in_a_private_file(tmp_path: Path) -> None:
    first, second = options("--browser-source").browser_source, options("--browser-source", "5000").browser_source
    assert first is not None
    assert second is not None
    assert (first.port, second.port, first.token) == (BROWSER_PORT, 5000, second.token)
    assert stat.S_IMODE((tmp_path / "browser-source-token").stat().st_mode) & 0o077 == 0


def test_a_demo_takes_a_token_for_itself(tmp_path: Path) -> None:
    assert options("--demo", "--browser-source").browser_source is not None
    assert not list(tmp_path.glob("browser-source-token"))


def test_a_stream_is_never_shown_with_its_key() -> None:
    asked = options("--stream", "rtmp://host/app/SecretKey42")
    assert asked.stream is not None
    assert asked.stream.address.endswith("SecretKey42")
    assert "SecretKey42" not in repr(asked)
    assert "SecretKey42" not in repr(asked.engine_config(None))


def test_an_address_that_cannot_be_streamed_to_is_a_usage_error_that_does_not_repeat_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command_line(["run", "--headless", "--stream", "http://host/SecretKey42"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("This address cannot be streamed to. The address of a WHIP server begins with whips:// here")
    assert "SecretKey42" not in said


@pytest.mark.parametrize(
    ("flag", "mode"), [("green", BackgroundMode.COLOUR), ("transparent", BackgroundMode.TRANSPARENT)]
)
def test_the_background_can_be_chosen_without_a_window(flag: str, mode: BackgroundMode) -> None:
    background = options("--background", flag).engine_config(None).output.background
    assert (background.mode, background.colour) == (mode, (0, 177, 64))
