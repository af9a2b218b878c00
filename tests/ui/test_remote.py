"""The switch of the remote control, and what a remote control does in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.avatars import shipped_avatars
from app.control import EngineConfig, EngineState, SoundStatus
from app.errors import EnvironmentProblem
from app.remote.messages import Calibrate, ChooseAvatar, Record, RecordAction, SetAway, SetMuted
from app.remote.target import RemoteTarget
from app.settings import SoundSettings
from tests.helpers.waiting import wait_for
from tests.helpers.window import FakeEngine
from tests.ui.conftest import Rig
from ui import strings
from ui.remote import WindowHands
from ui.remote_service import Remotes
from ui.shown import AvatarTile, RemoteLine

ADDRESS = "ws://127.0.0.1:28412/secret-token/control"


def shown(rig: Rig) -> RemoteLine:
    line: RemoteLine = rig.view.show_remote.call_args.args[0]
    return line


def test_it_is_off_until_it_is_switched_on_and_the_choice_is_remembered(rig: Rig) -> None:
    assert rig.remote.calls == []
    assert shown(rig) == RemoteLine(False, strings.REMOTE_OFF)

    rig.presenter.remote.remote_wanted(True)
    assert shown(rig) == RemoteLine(True, strings.REMOTE_STARTING)
    rig.remote.done(ADDRESS)

    assert rig.memory.values.remote_control
    assert shown(rig).wanted

    rig.presenter.remote.remote_wanted(False)
    assert rig.remote.calls == ["open", "shut"]
    assert shown(rig) == RemoteLine(False, strings.REMOTE_OFF)
    assert not rig.memory.values.remote_control


def test_the_token_is_copied_but_never_shown(rig: Rig) -> None:
    rig.presenter.remote.address_wanted()
    rig.view.copy_text.assert_not_called()
    rig.presenter.remote.remote_wanted(True)
    rig.remote.done(ADDRESS)

    assert shown(rig).address == "ws://127.0.0.1:28412/…/control"
    rig.presenter.remote.address_wanted()
    rig.view.copy_text.assert_called_once_with(ADDRESS)


def test_a_remembered_one_listens_from_the_start(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.memory.update(replace(rig.memory.values, remote_control=True))
    rig.memory.save()
    again = make_rig()
    again.presenter.start()

    assert again.remote.calls == ["open"]


def test_a_port_that_is_taken_switches_it_off_and_is_said(rig: Rig) -> None:
    rig.presenter.remote.remote_wanted(True)
    rig.remote.error(EnvironmentProblem("It is taken.", why="By another.", fix="Close that."))

    assert shown(rig) == RemoteLine(False, strings.REMOTE_OFF)
    assert rig.notice is not None
    assert rig.notice.what == "It is taken."
    rig.presenter.remote.remote_wanted(True)
    assert rig.notice is None


def test_closing_the_window_closes_it(rig: Rig) -> None:
    rig.presenter.close()

    assert rig.remote.closed


def test_commands_press_the_buttons_of_the_window(rig: Rig) -> None:
    hands = WindowHands(lambda call: call(), lambda: rig.presenter.portraits, lambda: rig.presenter.outputs, rig.engine)
    target, mira = RemoteTarget(rig.engine, hands), shipped_avatars()[0]
    rig.avatars.found([AvatarTile(mira.key, mira.name, None)])
    rig.engine.now = replace(rig.engine.now, state=EngineState.RUNNING, sound=SoundStatus(SoundSettings("auto")))
    rig.engine.calls.clear()

    target.perform(SetAway(True))
    rig.view.show_away.assert_called_with(True)
    target.perform(SetAway(False))
    target.perform(Calibrate())
    target.perform(SetMuted(True))
    target.perform(Record(RecordAction.START))
    target.perform(Record(RecordAction.START))  # before the engine says that it records: one press, not two
    (recording,) = [call for call in rig.engine.calls if call[0] == "start_recording"]
    assert isinstance(recording[1], Path)
    rig.engine.now = replace(rig.engine.now, recording=recording[1])
    target.perform(Record(RecordAction.PAUSE))
    target.perform(Record(RecordAction.STOP))
    target.perform(ChooseAvatar(mira.name.upper()))

    assert rig.portraits.requests[-1].who == mira.key
    assert rig.engine.calls == [
        ("set_away", True),
        ("set_away", False),
        ("calibrate",),
        ("set_sound", SoundSettings("auto", muted=True)),
        recording,
        ("pause_recording", True),
        ("stop_recording",),
    ]


def test_the_service_listens_says_so_once_and_gives_the_port_back(tmp_path: Path) -> None:
    engine, said, answers = FakeEngine(EngineConfig()), list[str](), list[str]()
    hands = WindowHands(lambda call: call(), lambda: None, lambda: None, engine)  # type: ignore[arg-type, return-value]
    service = Remotes(lambda call: call(), RemoteTarget(engine, hands), 0, said.append)
    for number in (1, 2):
        service.open(answers.append, lambda error: answers.append(f"failed: {error}"))
        wait_for(lambda number=number: len(answers) == number, "an answer")  # type: ignore[misc]
    service.shut()
    service.close(5.0)

    assert [answer.startswith("ws://127.0.0.1:") for answer in answers] == [True, True]
    assert len(said) == 1
    assert said[0].startswith(f"Remote control: {answers[0]} ")
