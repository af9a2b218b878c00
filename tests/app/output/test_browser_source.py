"""The browser source: only for those who know the token, only on this machine, never waiting for anybody."""

from __future__ import annotations

import asyncio
import io
import queue
import random
import re
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import psutil
import pytest
from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from PIL import Image

from app.capture.base import CapturedFrame
from app.errors import EnvironmentProblem
from app.output.browser_source import MAX_VIEWERS, BrowserSource
from app.output.destinations import BrowserWish
from app.packets import Cutout, RenderedFrame
from tests.helpers.frames import plain, rendered
from tests.helpers.waiting import wait_for

SIZE = (96, 128)
GREEN = (0, 177, 64)


class Served:
    """An open browser source; `show` is a frame of the next colour."""

    def __init__(self) -> None:
        self.news: queue.SimpleQueue[tuple[str | None, int]] = queue.SimpleQueue()
        self.wish = BrowserWish(0)
        self.source = BrowserSource(self.wish, lambda address, viewers: self.news.put((address, viewers)))
        self.source.open()
        self.url = self.wish.url(self.source.port)
        self.host = f"127.0.0.1:{self.source.port}"
        self.number = 0

    def show(self, frame: RenderedFrame | None = None) -> None:
        self.number += 1
        self.source.send(frame or rendered(plain((self.number * 40 % 250, 60, 60), SIZE), self.number))

    async def pictures(self, socket_: ClientWebSocketResponse, count: int) -> list[bytes]:
        """The next pictures on a page's connection, answering each as the page does."""
        found: list[bytes] = []
        while len(found) < count:
            self.show()
            try:
                async with asyncio.timeout(0.05):
                    found.append(await socket_.receive_bytes())
            except TimeoutError:
                continue
            await socket_.send_str("next")
        return found


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.source.close()


@asynccontextmanager
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=20)) as session:
        yield session


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    async def ask() -> tuple[int, dict[str, str], str]:
        async with client() as session, session.request(method, url, headers=headers) as answer:
            return answer.status, dict(answer.headers), await answer.text()

    return asyncio.run(ask())


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_the_page_is_served_to_who_knows_the_token_and_may_not_be_framed_or_read_by_others(served: Served) -> None:
    status, headers, text = get(served.url)
    assert status == 200
    assert "<canvas" in text
    assert served.wish.token not in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    nonces = set(re.findall(r'nonce="([^"]+)"', text))
    assert [f"'nonce-{nonce}'" in policy for nonce in nonces] == [True]
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("place", ["", "frames", "stream.mjpg", "../", "x"])
def test_without_the_token_there_is_nothing(served: Served, place: str, expected_log: pytest.LogCaptureFixture) -> None:
    other = BrowserWish().token
    for path in (f"/{place}", f"/{other}/{place}", f"/{served.wish.token[:-1]}/{place}", f"/?token={other}"):
        status, _, text = get(f"http://{served.host}{path}")
        assert (status, text) in [(404, "not found"), (404, "404: Not Found")], path
    assert served.news.qsize() == 1, "nobody became a viewer"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:28411"},
        {"Host": ""},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_foreign_host_or_origin_is_refused_even_with_the_token(
    served: Served, headers: dict[str, str], expected_log: pytest.LogCaptureFixture
) -> None:
    for place in ("", "frames", "stream.mjpg"):
        assert get(served.url + place, **headers)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_nothing_can_be_changed(served: Served, method: str, expected_log: pytest.LogCaptureFixture) -> None:
    assert get(served.url, method)[0] == 404


def test_it_listens_on_this_machine_only(served: Served) -> None:
    listening = [c for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [c.laddr.ip for c in listening if c.laddr.port == served.source.port] == ["127.0.0.1"]


def test_the_pictures_of_the_page_move_and_are_those_that_were_sent(served: Served) -> None:
    async def watch() -> list[bytes]:
        async with client() as session, session.ws_connect(served.url + "frames") as page:
            return await served.pictures(page, 4)

    seen = asyncio.run(watch())
    colours = []
    for message in seen:
        length = struct.unpack("<I", message[:4])[0]
        assert len(message) == 4 + length, "an opaque picture comes alone"
        picture = opened(message[4:])
        assert picture.shape == (*SIZE, 3)
        colours.append(int(picture[50, 50, 0]))
    assert len(set(colours)) >= 3
    assert all(min(abs(colour - n * 40 % 250) for n in range(200)) <= 3 for colour in colours)


def test_mjpeg_is_a_stream_of_pictures(served: Served) -> None:
    async def watch() -> bytes:
        found = b""
        async with client() as session, session.get(served.url + "stream.mjpg") as answer:
            assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=understudy"
            while found.count(b"--understudy") < 4:
                served.show()
                try:
                    async with asyncio.timeout(0.05):
                        found += await answer.content.readany()
                except TimeoutError:
                    continue
        return found

    parts = asyncio.run(watch()).split(b"--understudy\r\n")[1:4]
    pictures = [opened(part.partition(b"\r\n\r\n")[2]) for part in parts]
    assert len({int(picture[50, 50, 0]) for picture in pictures}) >= 2


def test_a_transparent_picture_comes_with_its_alpha_and_without_the_colour_behind(served: Served) -> None:
    alpha = np.zeros(SIZE, np.uint8)
    alpha[:, 64:] = 255
    image = plain(GREEN, SIZE)
    image[:, 64:] = (200, 150, 120)
    frame = replace(rendered(image), cutout=Cutout(alpha, GREEN))

    async def watch() -> bytes:
        async with client() as session, session.ws_connect(served.url + "frames") as page:
            while True:
                served.show(frame)
                try:
                    async with asyncio.timeout(0.05):
                        return await page.receive_bytes()
                except TimeoutError:
                    continue

    message = asyncio.run(watch())
    length = struct.unpack("<I", message[:4])[0]
    colour, opacity = opened(message[4 : 4 + length]), opened(message[4 + length :])
    assert opacity.shape == SIZE
    assert (int(opacity[48, 20]), int(opacity[48, 110])) == (0, 255)
    assert np.abs(colour[48, 20].astype(int)).max() <= 3, "nothing is black, not green"
    assert np.abs(colour[48, 110].astype(int) - (200, 150, 120)).max() <= 4


def test_a_viewer_that_takes_nothing_holds_up_neither_the_sink_nor_other_viewers(served: Served) -> None:
    async def watch() -> None:
        async with (
            client() as session,
            session.ws_connect(served.url + "frames"),  # never answers
            session.get(served.url + "stream.mjpg"),  # never reads
            session.ws_connect(served.url + "frames") as page,
        ):
            await served.pictures(page, 10)

    asyncio.run(watch())


def test_more_viewers_than_there_is_room_for_are_told_so(
    served: Served, expected_log: pytest.LogCaptureFixture
) -> None:
    async def watch() -> None:
        async with client() as session:
            pages = [await session.ws_connect(served.url + "frames") for _ in range(MAX_VIEWERS)]
            with pytest.raises(WSServerHandshakeError, match="503"):
                await session.ws_connect(served.url + "frames")
            for page in pages:
                await page.close()

    asyncio.run(watch())
    seen = [served.news.get(timeout=5.0) for _ in range(MAX_VIEWERS + 1)]
    assert seen[-1] == (f"http://{served.host}", MAX_VIEWERS)


def malformed(number: int) -> str | bytes:
    """Anything but what the page says; the last kinds are longer than a message may be."""
    dice = random.Random(number)
    noise = dice.randbytes(dice.randrange(1, 60))
    kinds: tuple[str | bytes, ...] = ("", "Next", '{"next": 1}', noise.hex()[:64], noise, b"next", "x" * 65, noise * 99)
    return kinds[number % len(kinds)]


def test_two_hundred_malformed_messages_change_nothing_and_are_logged_once(
    served: Served, expected_log: pytest.LogCaptureFixture
) -> None:
    async def talk() -> list[WSMsgType]:
        async with client() as session, session.ws_connect(served.url + "frames") as other:
            ends = []
            for number in range(200):
                async with session.ws_connect(served.url + "frames") as page:
                    said = malformed(number)
                    await (page.send_str(said) if isinstance(said, str) else page.send_bytes(said))
                    ends.append((await page.receive()).type)
            assert len(await served.pictures(other, 2)) == 2, "who watches goes on watching"
            return ends

    assert set(asyncio.run(talk())) <= {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING}
    assert served.source.refused == 200
    assert len(expected_log.messages) == 1


def broken_requests(host: str, token: str) -> list[bytes]:
    rng = np.random.default_rng(5)
    made = [
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + bytes(100),
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n",
        f"GET /{token}/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n".encode(),
        f"GET /{token}/ HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        f"GET /{token}/ HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\nX: {'y' * 9000}\r\n\r\n".encode(),
        f"GET /{token}/frames HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n".encode(),
        f"GET http://evil/{token}/ HTTP/1.1\r\nHost: evil\r\n\r\n".encode(),
        b"GET /%00%ff%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    while len(made) < 200:
        start = made[len(made) % 10]
        noise = rng.integers(0, 256, 40, np.uint8).tobytes()
        at = int(rng.integers(0, len(start)))
        made.append(start[:at] + noise + start[at:])
    return made


def test_two_hundred_broken_requests_change_nothing_and_are_logged_once(
    served: Served, expected_log: pytest.LogCaptureFixture
) -> None:
    for request in broken_requests(served.host, served.wish.token):
        with socket.create_connection(("127.0.0.1", served.source.port), timeout=5.0) as connection:
            connection.sendall(request + b"\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            try:
                while connection.recv(65536):
                    pass
            except ConnectionError:
                pass  # cut off, which is fine too
    assert get(served.url)[0] == 200, "it goes on"
    assert served.source.refused >= 100
    assert len(expected_log.messages) == 1
    assert expected_log.messages[0].startswith("The browser source refused a request: ")
    assert served.wish.token not in expected_log.text


def test_silent_connections_cannot_use_up_the_programs_handles(
    served: Served, expected_log: pytest.LogCaptureFixture
) -> None:
    held = [socket.create_connection(("127.0.0.1", served.source.port), timeout=5.0) for _ in range(60)]
    wait_for(lambda: served.source.refused > 0, "connections beyond the limit being cut")
    for connection in held:
        connection.close()
    wait_for(lambda: get(served.url)[0] == 200, "the page again")


def test_closing_hangs_up_on_everybody_and_frees_the_port(served: Served) -> None:
    async def watch() -> None:
        async with client() as session, session.ws_connect(served.url + "frames") as page:
            await served.pictures(page, 1)
            await asyncio.to_thread(served.source.close)
            while (await page.receive()).type is WSMsgType.BINARY:
                pass

    asyncio.run(watch())
    served.source.close()
    again = BrowserSource(BrowserWish(int(served.host.rpartition(":")[2])), lambda address, viewers: None)
    again.open()
    again.close()
    assert list(iter_news(served))[-1] == (None, 0)


def iter_news(served: Served) -> Iterator[tuple[str | None, int]]:
    while not served.news.empty():
        yield served.news.get()


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    second = BrowserSource(BrowserWish(served.source.port), lambda address, viewers: None)
    with pytest.raises(EnvironmentProblem) as problem:
        second.open()
    second.close()
    assert str(problem.value) == (
        f"The browser source could not be opened. Another program listens on port {served.source.port}. "
        "Close it, or choose another port."
    )


@pytest.mark.parametrize("wrong", [plain(GREEN, SIZE), None, CapturedFrame(1, plain(GREEN, SIZE), 0, "camera")])
def test_nothing_but_a_rendered_frame_is_served(served: Served, wrong: object) -> None:
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame"):
        served.source.send(wrong)  # type: ignore[arg-type]


def test_a_closed_source_refuses_frames() -> None:
    with pytest.raises(ValueError, match="not open"):
        BrowserSource(BrowserWish(0), lambda address, viewers: None).send(rendered(plain(GREEN, SIZE)))
