"""The remote control of a real engine, and of a run without a window."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.avatars import Avatar
from app.commands.headless import HeadlessRun
from app.commands.run_options import RunOptions
from app.control import EngineConfig
from app.engine import Engine
from app.errors import EnvironmentProblem
from app.packets import FrameStatus
from app.portrait import LoadedPortrait
from app.remote.server import RemoteControl
from app.remote.session import new_recording, remote_controlled
from app.settings import OutputSettings
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for
from tests.helpers.window import FakeEngine

CONFIG = EngineConfig(camera="synthetic", output=OutputSettings(width=320, height=192, fps=100.0))


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setattr("app.remote.session.platformdirs.user_videos_dir", lambda: str(tmp_path / "videos"))


def load(avatar: Avatar) -> LoadedPortrait:
    return small_portrait(avatar.name)


def ask(url: str, *messages: dict[str, object]) -> list[Any]:
    """Answers to messages, one after the other."""

    async def asking() -> list[Any]:
        answers = []
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as link:
            for message in messages:
                await link.send_str(json.dumps(message))
                while "event" in (answer := json.loads(await link.receive_str(timeout=10))):
                    pass
                answers.append(answer)
        return answers

    return asyncio.run(asyncio.wait_for(asking(), 30))


def url_in(line: str) -> str:
    return line.split()[2]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(CONFIG, TestStages(CONFIG))
    engine.set_portrait(small_portrait())
    yield engine
    engine.stop()


def test_every_command_reaches_a_running_engine(engine: Engine, tmp_path: Path) -> None:
    said: list[str] = []
    with remote_controlled(engine, 0, load, said.append):
        engine.start()
        wait_for(lambda: engine.status().frame_status is FrameStatus.LIVE, "live")
        url = url_in(said[0])

        assert ask(url, {"command": "away", "on": True})[0]["ok"]
        wait_for(lambda: engine.status().frame_status is FrameStatus.AWAY, "away")
        assert ask(url, {"command": "away", "on": False})[0]["ok"]
        wait_for(lambda: engine.status().frame_status is FrameStatus.LIVE, "live again")
        assert ask(url, {"command": "avatar", "name": "tomas"}, {"command": "calibrate"})[1]["ok"]
        wait_for(lambda: engine.status().portrait == "Tomas", "another portrait")
        assert ask(url, {"command": "record", "do": "start"}, {"command": "record", "do": "pause"})[1]["ok"]
        wait_for(lambda: engine.status().recording_paused, "a paused recording")
        recording = engine.status().recording
        assert recording is not None
        assert recording.parent == tmp_path / "videos"
        (answer,) = ask(url, {"command": "status"})
        assert (answer["status"]["avatar"], answer["status"]["recording"], answer["status"]["paused"]) == (
            "Tomas",
            True,
            True,
        )
        assert str(tmp_path) not in json.dumps(answer)
        assert ask(url, {"command": "record", "do": "resume"}, {"command": "record", "do": "stop"})[1]["ok"]
        wait_for(lambda: engine.status().recording is None, "the end of the recording")


def test_the_one_line_tells_address_and_place_of_the_token(tmp_path: Path) -> None:
    said: list[str] = []
    with remote_controlled(FakeEngine(), 0, load, said.append):
        url = url_in(said[0])
    token_path = tmp_path / "remote-token"
    token = token_path.read_text().strip()

    assert url.startswith("ws://127.0.0.1:")
    assert url.endswith(f"/{token}/control")
    assert said == [
        f"Remote control: {url} (who knows this address controls the program; its token is kept in {token_path})."
    ]
    with pytest.raises(aiohttp.ClientConnectorError):
        ask(url, {"command": "status"})


def test_without_a_port_nothing_listens_and_no_token_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(control: RemoteControl) -> str:
        raise AssertionError("it listens")

    monkeypatch.setattr(RemoteControl, "open", never)
    with remote_controlled(FakeEngine(), None, load, lambda line: None):
        pass

    assert not (tmp_path / "remote-token").exists()


def test_a_port_that_is_taken_ends_a_run_before_it_begins() -> None:
    said: list[str] = []
    with remote_controlled(FakeEngine(), 0, load, said.append):
        port = int(url_in(said[0]).split(":")[2].split("/")[0])
        options = RunOptions(headless=True, camera="synthetic", avatar="small", remote_control=port, duration_s=9)
        engines: list[Engine] = []

        def make_engine(config: EngineConfig) -> Engine:
            engines.append(Engine(config, TestStages(config)))
            return engines[0]

        with pytest.raises(EnvironmentProblem, match=f"Another program listens on port {port}"):
            HeadlessRun(options, make_engine, _portrait).run()

    assert engines[0].stats.t_first_frame_ns is None


def test_a_run_without_a_window_is_controlled_while_it_lasts(capsys: pytest.CaptureFixture[str]) -> None:
    options = RunOptions(headless=True, camera="synthetic", avatar="small", virtual_camera="none", duration_s=0.2)
    options = replace(options, size=(320, 192), remote_control=0)

    assert HeadlessRun(options, lambda config: Engine(config, TestStages(config)), _portrait).run() == 0

    said = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("Remote control: ws://127.0.0.1:") for line in said) == 1


def _portrait(who: str, references: Sequence[Path]) -> LoadedPortrait:
    return small_portrait(who)


def test_recordings_never_take_a_name_that_is_in_use(tmp_path: Path) -> None:
    now, folder = datetime(2026, 3, 4, 5, 6, 7), tmp_path / "videos"
    first = new_recording(folder, now)
    first.touch()
    second = new_recording(folder, now)

    assert (first.name, second.name) == ("understudy-2026-03-04-050607.mp4", "understudy-2026-03-04-050607-2.mp4")
