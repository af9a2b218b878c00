"""The remote control over a real socket: who is let in, what a command does, and that nothing else does anything."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from app.avatars import Avatar
from app.control import EngineState, Problem, SoundStatus
from app.errors import EnvironmentProblem, UsageProblem
from app.packets import FrameStatus
from app.portrait import LoadedPortrait
from app.remote.server import BURST, MAX_CLIENTS, RATE_HZ, Budget, RemoteControl
from app.remote.target import EngineHands, RemoteTarget
from app.settings import SoundSettings
from tests.helpers.fake_time import FakeClock
from tests.helpers.waiting import wait_for
from tests.helpers.window import FakeEngine, portrait_called

TOKEN = "t" * 43
Talk = Callable[[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse], Awaitable[Any]]


class Remote:
    """A remote control that listens, on an engine that writes down what it is asked."""

    def __init__(self, load: Callable[[Avatar], LoadedPortrait] | None = None) -> None:
        self.engine = FakeEngine()
        self.engine.now = replace(self.engine.now, state=EngineState.RUNNING, frame_status=FrameStatus.LIVE)
        self.hands = EngineHands(
            self.engine, load or (lambda avatar: portrait_called(avatar.name)), lambda: Path("new.mp4")
        )
        self.clock = FakeClock()
        self.control = RemoteControl(RemoteTarget(self.engine, self.hands), TOKEN, port=0, clock=self.clock)
        self.control.open()

    def talk(self, talk: Talk) -> Any:
        """Run `talk` with one connected client."""

        async def connected() -> Any:
            async with aiohttp.ClientSession() as session, session.ws_connect(self.control.url) as link:
                assert (await receive(link))["event"] == "status"
                return await talk(session, link)

        return asyncio.run(asyncio.wait_for(connected(), 30))

    def ask(self, *messages: object) -> list[Any]:
        """The answers to messages, one after the other."""

        async def asking(_: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse) -> list[Any]:
            return [await answer_to(link, message) for message in messages]

        answers: list[Any] = self.talk(asking)
        return answers

    def close(self) -> None:
        self.control.close()
        self.hands.close()


async def receive(link: aiohttp.ClientWebSocketResponse) -> Any:
    return json.loads(await link.receive_str(timeout=10))


async def answer_to(link: aiohttp.ClientWebSocketResponse, message: object) -> Any:
    """The next answer, past pushed statuses."""
    if isinstance(message, bytes):
        await link.send_bytes(message)
    else:
        await link.send_str(message if isinstance(message, str) else json.dumps(message))
    while "event" in (answer := await receive(link)):
        pass
    return answer


@pytest.fixture
def remote() -> Iterator[Remote]:
    remote = Remote()
    yield remote
    remote.close()


@pytest.mark.parametrize(
    ("message", "calls"),
    [
        ({"command": "calibrate"}, [("calibrate",)]),
        ({"command": "away", "on": True}, [("set_away", True)]),
        ({"command": "away", "on": False}, [("set_away", False)]),
        ({"command": "record", "do": "start"}, [("start_recording", Path("new.mp4"))]),
        ({"command": "status"}, []),
        ({"command": "avatars"}, []),
    ],
)
def test_each_command_does_what_it_says(remote: Remote, message: dict[str, object], calls: list[object]) -> None:
    (answer,) = remote.ask({"id": 5, **message})

    assert (answer["id"], answer["ok"]) == (5, True)
    assert remote.engine.calls == calls


def test_a_running_recording_is_paused_resumed_and_stopped(remote: Remote) -> None:
    remote.engine.now = replace(remote.engine.now, recording=Path("new.mp4"))
    done = [{"command": "record", "do": what} for what in ("pause", "resume", "stop")]

    assert all(answer["ok"] for answer in remote.ask(*done))
    assert remote.engine.calls == [("pause_recording", True), ("pause_recording", False), ("stop_recording",)]


def test_a_recording_that_cannot_be_started_or_stopped_is_a_sentence(remote: Remote) -> None:
    not_running = remote.ask(*({"command": "record", "do": what} for what in ("stop", "pause", "resume")))
    remote.engine.now = replace(remote.engine.now, recording=Path("new.mp4"))
    (running,) = remote.ask({"id": 1, "command": "record", "do": "start"})
    remote.engine.now = replace(remote.engine.now, state=EngineState.STOPPED)
    (stopped,) = remote.ask({"command": "record", "do": "start"})

    assert [answer["what"] for answer in not_running] == [
        "There is nothing to stop.",
        "There is nothing to pause.",
        "There is nothing to resume.",
    ]
    expected = {"what": "Nothing was started.", "why": "A recording is running.", "fix": "Stop it first."}
    assert running == {"id": 1, "ok": False, **expected}
    assert stopped["what"] == "Nothing can be recorded."
    assert remote.engine.calls == []


def test_a_chosen_microphone_is_muted_and_without_one_that_is_a_sentence(remote: Remote) -> None:
    mute = {"command": "mute", "on": True}
    (without,) = remote.ask(mute)
    chosen = SoundSettings(microphone="auto")
    remote.engine.now = replace(remote.engine.now, sound=SoundStatus(chosen))
    muted, status = remote.ask(mute, {"command": "status"})

    assert (without["what"], without["fix"]) == ("There is nothing to mute.", "Choose one first.")
    assert muted["ok"]
    assert remote.engine.calls == [("set_sound", replace(chosen, muted=True))]
    assert (status["status"]["microphone"], status["status"]["muted"]) == (True, False)


def test_an_avatar_of_the_gallery_is_shown_and_no_other_file(remote: Remote, tmp_path: Path) -> None:
    picture = tmp_path / "somebody.png"
    picture.write_bytes(b"a picture")
    named, listed, unknown = remote.ask(
        {"command": "avatar", "name": "Mira"}, {"command": "avatars"}, {"command": "avatar", "name": str(picture)}
    )
    wait_for(lambda: bool(remote.engine.calls), "the portrait")

    assert named["ok"]
    assert {"key": "mira", "name": "Mira"} in listed["avatars"]
    assert unknown["what"] == "There is no such avatar."
    assert remote.engine.calls == [("set_portrait", "Mira")]


def test_an_avatar_that_cannot_be_loaded_is_a_problem_of_the_status() -> None:
    def fail(avatar: Avatar) -> LoadedPortrait:
        raise UsageProblem("It is broken.", why="It is a test.", fix="Nothing.")

    remote = Remote(fail)
    remote.ask({"command": "avatar", "name": "mira"})
    wait_for(lambda: bool(remote.hands.problems()), "the problem")
    (answer,) = remote.ask({"command": "status"})
    remote.close()

    assert answer["status"]["problems"] == [
        {"part": "portrait", "what": "It is broken.", "why": "It is a test.", "fix": "Nothing."}
    ]


def test_the_status_is_pushed_on_change_and_not_for_figures_alone(remote: Remote) -> None:
    async def watch(_: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse) -> Any:
        remote.engine.now = replace(remote.engine.now, fps=31.0)
        remote.engine.ring()
        await answer_to(link, {"command": "calibrate"})
        remote.engine.now = replace(remote.engine.now, frame_status=FrameStatus.AWAY, problems=(GONE,))
        remote.engine.ring()
        return await receive(link)

    pushed = remote.talk(watch)

    assert pushed["event"] == "status"
    assert pushed["status"]["shown"] == "away"
    assert pushed["status"]["fps"] == 31.0
    assert pushed["status"]["problems"][0]["what"] == "It is gone."


GONE = Problem("camera", "It is gone.", "Unplugged.", "Plug it in.")


def test_changes_are_pushed_at_most_five_times_a_second(remote: Remote) -> None:
    async def watch(_: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse) -> list[float]:
        loop, times = asyncio.get_running_loop(), list[float]()
        changing = asyncio.create_task(change_always())
        while len(times) < 4:
            await receive(link)
            times.append(loop.time())
        changing.cancel()
        return times

    async def change_always() -> None:
        number = 0
        while True:
            number += 1
            remote.engine.now = replace(remote.engine.now, model=f"model {number}")
            remote.engine.ring()
            await asyncio.sleep(0.005)

    times = remote.talk(watch)

    assert times[3] - times[0] > 2 * 0.2  # three gaps; one may be short on a machine that was busy before


def test_without_the_token_nothing_is_served(remote: Remote, expected_log: pytest.LogCaptureFixture) -> None:
    base = f"http://127.0.0.1:{remote.control.port}"
    wrong = ["/", "/control", f"/{'x' * 43}/control", f"/{TOKEN[:-1]}/control", f"/{TOKEN}é/control", "/%2e%2e/control"]

    async def knock() -> list[int]:
        async with aiohttp.ClientSession() as session:
            found = []
            for path in wrong:
                async with session.get(base + path) as answer:
                    found.append(answer.status)
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await session.ws_connect(base + path)
            return found

    assert asyncio.run(knock()) == [404] * len(wrong)
    assert remote.engine.calls == []
    assert_logged_once(expected_log)


def test_a_name_that_was_rebound_and_a_foreign_page_are_refused(
    remote: Remote, expected_log: pytest.LogCaptureFixture
) -> None:
    async def knock(headers: dict[str, str]) -> int:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(remote.control.url, headers=headers)
        return caught.value.status

    port = remote.control.port
    assert asyncio.run(knock({"Host": f"evil.example:{port}"})) == 403
    assert asyncio.run(knock({"Host": "127.0.0.1"})) == 403
    assert asyncio.run(knock({"Origin": "https://evil.example"})) == 403
    assert asyncio.run(knock({"Origin": "null"})) == 403


def test_it_listens_on_no_address_but_loopback(remote: Remote) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process().net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == remote.control.port
    ]

    assert [address.ip for address in listening] == ["127.0.0.1"]


def assert_logged_once(log: pytest.LogCaptureFixture) -> None:
    lines = [record.getMessage() for record in log.records if record.levelname in ("WARNING", "ERROR", "CRITICAL")]
    assert len(lines) == 1, lines
    assert lines[0].startswith("The remote control refused a request: ")
    assert TOKEN not in "".join(record.getMessage() for record in log.records)


def malformed(number: int) -> str | bytes:
    """One message that is no command: a broken, cut or flipped one, or noise; the same for the same number."""
    dice = random.Random(number)
    good = json.dumps({"id": number, "command": dice.choice(["away", "record", "avatar"]), "on": 1, "do": 2, "name": 3})
    kind = number % 5
    if kind == 0:
        return good[: dice.randrange(len(good))]
    if kind == 1:
        return dice.randbytes(dice.randrange(1, 200))
    if kind == 2:
        return good
    if kind == 3:
        return "".join(chr(dice.randrange(32, 0x2FF)) for _ in range(dice.randrange(100)))
    return json.dumps([good, number])


def test_two_hundred_malformed_messages_change_nothing_and_are_logged_once(
    remote: Remote, expected_log: pytest.LogCaptureFixture
) -> None:
    before = remote.engine.now
    answers = remote.ask(*(malformed(number) for number in range(200)))
    (well,) = remote.ask({"command": "status"})

    assert [answer["ok"] for answer in answers] == [False] * 200
    assert {answer["what"] for answer in answers} == {"The message was not understood."}
    assert well["ok"]
    assert (remote.engine.calls, remote.engine.now) == ([], before)
    assert_logged_once(expected_log)


def test_two_hundred_malformed_requests_change_nothing_and_are_logged_once(
    remote: Remote, expected_log: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(1)
    good = f"GET /{TOKEN}/control HTTP/1.1\r\nHost: 127.0.0.1:{remote.control.port}\r\n".encode()
    for number in range(200):
        kinds = (dice.randbytes(60), good[: dice.randrange(1, 60)], b"POST" + good[3:], good + b"x" * 5000, good)
        with socket.create_connection(("127.0.0.1", remote.control.port), timeout=5) as link:
            link.sendall(kinds[number % 5] + b"\r\n\r\n")
            answer = link.recv(200)
            assert answer.startswith(b"HTTP/") or not answer, kinds[number % 5]
            assert b" 101 " not in answer

    assert remote.ask({"command": "status"})[0]["ok"]
    assert remote.engine.calls == []
    assert_logged_once(expected_log)


def test_a_message_that_is_too_long_ends_the_connection(remote: Remote, expected_log: pytest.LogCaptureFixture) -> None:
    async def shout(_: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse) -> int | None:
        await link.send_str(json.dumps({"command": "calibrate"}) + " " * 5000)
        await link.receive(timeout=10)
        return link.close_code

    assert remote.talk(shout) == 1009
    wait_for(lambda: remote.control.refused == 1, "the refusal")
    assert remote.engine.calls == []


def test_who_asks_too_fast_is_refused_and_may_go_on_later(
    remote: Remote, expected_log: pytest.LogCaptureFixture
) -> None:
    async def hurry(_: aiohttp.ClientSession, link: aiohttp.ClientWebSocketResponse) -> tuple[list[Any], Any]:
        answers = [await answer_to(link, {"id": number, "command": "calibrate"}) for number in range(BURST + 5)]
        remote.clock.advance(1 / RATE_HZ)
        return answers, await answer_to(link, {"command": "calibrate"})

    answers, later = remote.talk(hurry)

    assert [answer["ok"] for answer in answers] == [True] * BURST + [False] * 5
    assert answers[-1]["id"] == BURST + 4
    assert answers[-1]["why"] == "Commands come faster than they are taken; nothing was done."
    assert answers[-1]["fix"] == "Send at most 20 a second."
    assert later["ok"]
    assert remote.engine.calls == [("calibrate",)] * (BURST + 1)


def test_a_budget_fills_no_further_than_its_burst() -> None:
    clock = FakeClock()
    budget = Budget(clock, rate_hz=10, burst=3)
    clock.advance(100)

    assert [budget.spend() for _ in range(4)] == [True, True, True, False]


def test_many_clients_are_served_and_one_too_many_is_not(
    remote: Remote, expected_log: pytest.LogCaptureFixture
) -> None:
    async def crowd() -> tuple[list[Any], int]:
        async with aiohttp.ClientSession() as session:
            links = [await session.ws_connect(remote.control.url) for _ in range(MAX_CLIENTS)]
            for link in links:
                await receive(link)
            answers = [await answer_to(link, {"id": place, "command": "calibrate"}) for place, link in enumerate(links)]
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(remote.control.url)
            remote.engine.now = replace(remote.engine.now, model="another")
            remote.engine.ring()
            pushed = [await receive(link) for link in links]
            assert {push["status"]["model"] for push in pushed} == {"another"}
            await asyncio.gather(*(link.close() for link in links))
        return answers, caught.value.status

    answers, refused = asyncio.run(asyncio.wait_for(crowd(), 60))

    assert [answer["id"] for answer in answers] == list(range(MAX_CLIENTS))
    assert refused == 503
    assert remote.engine.calls == [("calibrate",)] * MAX_CLIENTS


def test_it_stops_with_clients_connected_and_rings_go_nowhere_afterwards(remote: Remote) -> None:
    async def stay() -> list[bool]:
        async with aiohttp.ClientSession() as session:
            links = [await session.ws_connect(remote.control.url) for _ in range(4)]
            for link in links:
                await receive(link)
            stopping = asyncio.get_running_loop().run_in_executor(None, remote.control.close)
            await asyncio.gather(*(link.receive(timeout=10) for link in links))
            await stopping
            return [link.closed for link in links]

    assert asyncio.run(asyncio.wait_for(stay(), 30)) == [True] * 4
    remote.engine.ring()
    remote.control.close()


def test_it_can_be_opened_again_on_the_same_port(remote: Remote) -> None:
    port = remote.control.port
    remote.ask({"command": "status"})
    remote.control.close()

    again = RemoteControl(RemoteTarget(remote.engine, remote.hands), TOKEN, port=port)
    assert again.open() == f"ws://127.0.0.1:{port}/{TOKEN}/control"
    again.close()


def test_a_port_that_is_taken_is_a_sentence(remote: Remote) -> None:
    second = RemoteControl(RemoteTarget(remote.engine, remote.hands), TOKEN, port=remote.control.port)
    with pytest.raises(EnvironmentProblem) as caught:
        second.open()
    second.close()

    assert str(caught.value) == (
        f"The remote control could not be opened. Another program listens on port {remote.control.port}. "
        "Close it, or choose another port."
    )
