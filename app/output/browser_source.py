"""The browser source: what the others see, for OBS and for browsers on this machine.

A page that fills its window with the picture, transparent where the background is; and a plain MJPEG stream, which has
no transparency, for programs that show no pages. Served on 127.0.0.1 to those who know the token (`app.loopback`).
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from aiohttp import WSMsgType, web

from app.loopback.guard import HEADERS, TOKEN, Guard
from app.loopback.server import LoopbackServer
from app.output.base import require_rendered
from app.output.destinations import LOOPBACK, BrowserWish
from app.output.jpeg import alpha_jpeg, jpeg, jpeg_before_nothing
from app.packets import RenderedFrame

PAGE = Path(__file__).resolve().parents[2] / "assets" / "browser" / "source.html"

MAX_VIEWERS = 8
"""More are told to come back later; each takes a share of the network stack and of this process's time."""

STALLED_S = 10.0
"""A viewer that took nothing for so long is cut off; the page connects again by itself."""

MAX_MESSAGE, NEXT = 64, "next"
"""Bytes of what a page may say, and all that it ever says."""

BOUNDARY = "understudy"

GOODBYE_S = 0.2
"""How long a page may take to hang up."""

OnViewers = Callable[[str | None, int], None]
"""Told (where it listens or None, how many watch), on the server's thread or the sink's."""


class Form(Enum):
    """How a viewer gets its pictures."""

    PAGE = "page"  # JPEG, and a second one for what is transparent
    MJPEG = "mjpeg"  # JPEG, opaque


class Viewer:
    """One connection's place for the newest picture: latest wins, so a slow one neither waits nor makes wait.

    Used on the server's thread alone, but for `waiting`, which the sink reads.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.waiting = False
        self._news = asyncio.Event()
        self._newest: bytes | None = None
        self._over = False

    def offer(self, picture: bytes) -> None:
        """Take the place of an unread one."""
        self._newest = picture
        self._news.set()

    def end(self) -> None:
        """No more pictures."""
        self._over = True
        self._news.set()

    async def next(self) -> bytes | None:
        """The newest unread picture; None at the end."""
        self.waiting = True
        await self._news.wait()
        self._news.clear()
        self.waiting = False
        newest, self._newest = self._newest, None
        return None if self._over else newest


class BrowserSource:
    """A sink that encodes on its own thread, only while somebody watches, and never waits for who does."""

    name = "browser source"

    def __init__(self, wish: BrowserWish, on_viewers: OnViewers) -> None:
        self._on_viewers = on_viewers
        self._viewers: tuple[Viewer, ...] = ()  # replaced whole, so that the sink's thread can read it
        self._server = LoopbackServer(self.name, self._make_app, wish.port, wish.token)
        self._address: str | None = None

    @property
    def refused(self) -> int:
        """Requests that were turned away."""
        return self._server.refusals.count

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._address.rpartition(":")[2]) if self._address else 0

    def open(self) -> None:
        """Listen.

        Raises:
            EnvironmentProblem: the port is taken.
        """
        self._address = f"http://{LOOPBACK}:{self._server.open()}"
        self._on_viewers(self._address, 0)

    def send(self, frame: RenderedFrame) -> None:
        """Give `frame` to everybody who waits for one.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
        """
        require_rendered(frame)
        if self._address is None:
            raise ValueError("the browser source is not open")
        wanted = {viewer.form for viewer in self._viewers if viewer.waiting}
        if not wanted:
            return
        pictures = {form: _ENCODE[form](frame) for form in wanted}
        self._server.call(lambda: self._hand_out(pictures))

    def close(self) -> None:
        """Stop listening and hang up. Idempotent."""
        self._server.close()
        if self._address is not None:
            self._address = None
            self._on_viewers(None, 0)

    # Below: on the server's thread.

    def _make_app(self, guard: Guard) -> web.Application:
        app = web.Application(middlewares=[guard.admit], client_max_size=0)
        app.router.add_get(f"/{{{TOKEN}}}/", self._page)
        app.router.add_get(f"/{{{TOKEN}}}/frames", self._frames, allow_head=False)
        app.router.add_get(f"/{{{TOKEN}}}/stream.mjpg", self._mjpeg, allow_head=False)
        app.on_shutdown.append(self._end_all)
        return app

    def _hand_out(self, pictures: dict[Form, bytes]) -> None:
        for viewer in self._viewers:
            if viewer.form in pictures:
                viewer.offer(pictures[viewer.form])

    async def _end_all(self, app: web.Application) -> None:
        for viewer in self._viewers:
            viewer.end()

    async def _page(self, request: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            "connect-src 'self' ws:; img-src blob:; frame-ancestors 'none'; base-uri 'none'"
        )
        text = PAGE.read_text(encoding="utf-8").replace("{nonce}", nonce)
        headers = {**HEADERS, "Content-Security-Policy": policy}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _frames(self, request: web.Request) -> web.WebSocketResponse:
        viewer, answered = self._admit(Form.PAGE), asyncio.Event()
        socket = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE, timeout=GOODBYE_S)
        try:
            await socket.prepare(request)
            sender = asyncio.create_task(_send_pictures(socket, viewer, answered))
            async for message in socket:  # also notices at once that the page is gone
                if message.type is not WSMsgType.TEXT or message.data != NEXT:
                    self._server.refusals.add("a message that the page never sends")
                    break
                answered.set()
            sender.cancel()
        finally:
            self._dismiss(viewer)
        return socket

    async def _mjpeg(self, request: web.Request) -> web.StreamResponse:
        viewer = self._admit(Form.MJPEG)
        answer = web.StreamResponse(headers=HEADERS)
        answer.content_type = "multipart/x-mixed-replace"
        answer.headers["Content-Type"] += f"; boundary={BOUNDARY}"
        try:
            await answer.prepare(request)
            while (picture := await viewer.next()) is not None:
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                async with asyncio.timeout(STALLED_S):
                    await answer.write(head.encode() + picture + b"\r\n")
        except (TimeoutError, ConnectionError):
            pass  # gone, or stalled
        finally:
            self._dismiss(viewer)
        return answer

    def _admit(self, form: Form) -> Viewer:
        if len(self._viewers) >= MAX_VIEWERS:
            raise web.HTTPServiceUnavailable(text="too many viewers")
        viewer = Viewer(form)
        self._viewers = (*self._viewers, viewer)
        self._tell()
        return viewer

    def _dismiss(self, viewer: Viewer) -> None:
        self._viewers = tuple(other for other in self._viewers if other is not viewer)
        self._tell()

    def _tell(self) -> None:
        if self._address is not None:
            self._on_viewers(self._address, len(self._viewers))


async def _send_pictures(socket: web.WebSocketResponse, viewer: Viewer, answered: asyncio.Event) -> None:
    """One picture for each answer; ends the connection at the end, and when the page stalls."""
    try:
        while (picture := await viewer.next()) is not None:
            async with asyncio.timeout(STALLED_S):
                await socket.send_bytes(picture)
                await answered.wait()
            answered.clear()
    except (TimeoutError, ConnectionError):
        pass  # gone, or stalled: its page comes again
    await socket.close()


def _for_page(frame: RenderedFrame) -> bytes:
    """See assets/browser/source.html."""
    if frame.cutout is None:
        colour, alpha = jpeg(frame.image), b""
    else:
        colour, alpha = jpeg_before_nothing(frame.image, frame.cutout), alpha_jpeg(frame.cutout)
    return struct.pack("<I", len(colour)) + colour + alpha


_ENCODE: dict[Form, Callable[[RenderedFrame], bytes]] = {
    Form.PAGE: _for_page,
    Form.MJPEG: lambda frame: jpeg(frame.image),
}
