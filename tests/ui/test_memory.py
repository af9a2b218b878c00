from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.control import EngineConfig, Problem
from app.remembered import Remembered
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, OutputSettings
from app.settings_file import SettingsFile
from tests.ui.conftest import HandClock
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.options import WindowOptions, session_config


def test_settings_are_written_once_a_change_has_rested(tmp_path: Path) -> None:
    path, clock = tmp_path / "settings.json", HandClock()
    memory = Memory(SettingsFile(path), clock, NoticeBoard())
    memory.update(replace(memory.values, mirror=False))
    memory.tick()
    assert not path.exists()

    clock.pass_s(0.6)
    memory.tick()

    assert json.loads(path.read_text())["mirror"] is False


def test_values_that_did_not_change_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    memory = Memory(SettingsFile(path), HandClock(), NoticeBoard())

    memory.update(replace(memory.values))
    memory.save()

    assert not path.exists()


class FullDisk(SettingsFile):
    tried = 0

    def save(self, values: Remembered) -> Problem | None:
        self.tried += 1
        return Problem("settings", "Your settings could not be saved.", "The disk is full.", "Free some space.")


def test_a_disk_that_refuses_is_said_once_and_nothing_is_lost(tmp_path: Path) -> None:
    notices = NoticeBoard()
    memory = Memory(FullDisk(tmp_path / "settings.json"), HandClock(), notices)
    memory.update(replace(memory.values, mirror=False))
    memory.save()
    notices.dismiss()
    memory.update(replace(memory.values, avatar="ben"))

    memory.save()

    assert notices.current() is None
    assert (memory.values.mirror, memory.values.avatar) == (False, "ben")


def test_what_could_not_be_written_is_written_once_there_is_space_again(tmp_path: Path) -> None:
    class Filling(SettingsFile):
        full = True

        def save(self, values: Remembered) -> Problem | None:
            return Problem("settings", "No.", "No.", "No.") if self.full else super().save(values)

    file, clock = Filling(tmp_path / "settings.json"), HandClock()
    memory = Memory(file, clock, NoticeBoard())
    memory.update(replace(memory.values, mirror=False))
    clock.pass_s(1.0)
    memory.tick()
    file.full = False
    clock.pass_s(1.0)
    memory.tick()
    assert not file.path.exists(), "not with every tick"

    clock.pass_s(30.0)
    memory.tick()

    assert SettingsFile(file.path).load().values == memory.values


def test_what_could_not_be_written_is_tried_once_more_at_the_end(tmp_path: Path) -> None:
    file = FullDisk(tmp_path / "settings.json")
    memory = Memory(file, HandClock(), NoticeBoard())
    memory.update(replace(memory.values, mirror=False))
    memory.save()

    memory.save()

    assert file.tried == 2


def test_without_a_file_nothing_is_read_or_written() -> None:
    memory = Memory(None, HandClock(), NoticeBoard())
    memory.update(Remembered(mirror=False))

    memory.save()

    assert memory.values.mirror is False


REMEMBERED = Remembered(
    camera="usb-2",
    virtual_camera="none",
    motion=MotionSettings(gain=0.5),
    fit=FitMode.FIT,
    background=Background(BackgroundMode.BLUR),
)


def test_a_session_starts_as_remembered() -> None:
    config = session_config(WindowOptions(), REMEMBERED)

    assert (config.camera, config.virtual_camera, config.motion.gain) == ("usb-2", "none", 0.5)
    assert config.output == OutputSettings(fit=FitMode.FIT, background=Background(BackgroundMode.BLUR))


@pytest.mark.parametrize("name", ["none", "My Loopback", "auto"])
def test_flags_win_over_what_was_remembered(name: str) -> None:
    flags = EngineConfig(camera="clip.mp4", output=OutputSettings(width=640, height=368))
    remembered = replace(REMEMBERED, virtual_camera="none" if name == "auto" else "auto")

    config = session_config(WindowOptions(flags, virtual_camera=name), remembered)

    assert (config.camera, config.virtual_camera) == ("clip.mp4", name)
    assert (config.output.width, config.output.height) == (640, 368)


@pytest.mark.parametrize(
    ("flag", "remembered", "used"),
    [
        (None, "synergy", "synergy"),
        ("explicit", "synergy", "explicit"),
        (None, "a model that is gone", "geometric"),
        (None, None, "geometric"),
    ],
)
def test_the_model_is_the_flags_or_the_remembered_one_if_it_is_still_installed(
    flag: str | None, remembered: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.options.live_models", lambda: ("geometric", "synergy"))

    config = session_config(WindowOptions(EngineConfig(model="geometric"), model=flag), Remembered(model=remembered))

    assert config.model == used
