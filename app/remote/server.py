"""The remote control: JSON over a WebSocket, for stream decks and scripts on this machine that know the token.

One coroutine reads a client's commands, another tells it the status when that has changed; no client can make another
wait, and none can ask faster than `RATE_HZ`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from app.clock import NS_PER_S, Clock, SystemClock
from app.errors import AppError
from app.loopback.guard import TOKEN, Guard
from app.loopback.server import LoopbackServer
from app.output.destinations import LOOPBACK, REMOTE_PORT
from app.remote.messages import (
    MAX_MESSAGE_BYTES,
    AskAvatars,
    AskStatus,
    BadMessage,
    MessageId,
    Request,
    parse_request,
)
from app.remote.target import FIGURES, RemoteTarget

log = logging.getLogger(__name__)

NAME = "remote control"
MAX_CLIENTS = 16
RATE_HZ = 20.0
BURST = 40
PUSH_EVERY_S = 0.2
"""Shortest time between two pushed statuses of one client."""

SEND_S = 5.0
"""A client that takes nothing for so long is cut off."""

CLOSE_S = 0.5
"""How long a client may take to say goodbye when the program ends."""

HEARTBEAT_S = 20.0

Json = Mapping[str, object]


class Budget:
    """How often something may happen: `rate_hz` on average, `burst` at once."""

    def __init__(self, clock: Clock, rate_hz: float = RATE_HZ, burst: int = BURST) -> None:
        self._clock, self._rate_hz, self._burst = clock, rate_hz, burst
        self._left, self._t_ns = float(burst), clock.now_ns()

    def spend(self) -> bool:
        """Whether it may happen once more now."""
        now_ns = self._clock.now_ns()
        self._left = min(self._burst, self._left + (now_ns - self._t_ns) / NS_PER_S * self._rate_hz)
        self._t_ns = now_ns
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class RemoteControl:
    """Listens between `open` and `close`; `target` is what the commands act on."""

    def __init__(self, target: RemoteTarget, token: str, port: int = REMOTE_PORT, clock: Clock | None = None) -> None:
        self._target, self._token, self._clock = target, token, clock or SystemClock()
        self._server = LoopbackServer(NAME, self._make_app, port, token)
        self._clients: set[Client] = set()  # on the server's thread alone
        self._told = threading.Event()  # set while a ring is on its way to the server's thread
        self.port = 0

    @property
    def refused(self) -> int:
        """Requests and messages that were turned away."""
        return self._server.refusals.count

    @property
    def url(self) -> str:
        """What is pasted into a stream deck; it holds the token."""
        return f"ws://{LOOPBACK}:{self.port}/{self._token}/control"

    def open(self) -> str:
        """Listen; waits until it does. The URL.

        Raises:
            EnvironmentProblem: the port is taken, or may not be used.
        """
        self.port = self._server.open()
        self._target.listen(self._ring)
        return self.url

    def close(self) -> None:
        """Hang up on everybody and stop listening. Idempotent."""
        self._target.listen(None)
        self._server.close()

    def _ring(self) -> None:
        """On any thread, for every frame: one call to the server's thread is enough until it was answered."""
        if not self._told.is_set():
            self._told.set()
            self._server.call(self._tell)

    # Below: on the server's thread.

    def _make_app(self, guard: Guard) -> web.Application:
        app = web.Application(middlewares=[guard.admit], client_max_size=0)
        app.router.add_get(f"/{{{TOKEN}}}/control", self._control, allow_head=False)
        app.on_shutdown.append(self._hang_up)
        return app

    def _tell(self) -> None:
        self._told.clear()  # before looking: a ring during the look is not lost
        for client in self._clients:
            client.changed.set()

    async def _control(self, request: web.Request) -> web.StreamResponse:
        if len(self._clients) >= MAX_CLIENTS:
            raise web.HTTPServiceUnavailable(text="too many remote controls")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES, timeout=CLOSE_S, compress=False
        )
        client = Client(socket, self._target, Budget(self._clock), self._server.refusals.add)
        self._clients.add(client)
        try:
            await socket.prepare(request)
            await client.serve()
        finally:
            self._clients.discard(client)
        return socket

    async def _hang_up(self, app: web.Application) -> None:
        goodbyes = [client.hang_up() for client in self._clients]
        await asyncio.gather(*goodbyes)


class Client:
    """One connected program."""

    def __init__(
        self, socket: web.WebSocketResponse, target: RemoteTarget, budget: Budget, refuse: Callable[[str], None]
    ) -> None:
        self._socket, self._target, self._budget, self._refuse = socket, target, budget, refuse
        self.changed = asyncio.Event()
        self.changed.set()  # the first status is news

    async def serve(self) -> None:
        """Until the connection ends."""
        telling = asyncio.create_task(self._tell_changes())
        try:
            async for message in self._socket:
                await self._send(self._answer(message))
        except (ConnectionError, TimeoutError) as error:
            log.debug("a remote control is gone: %s", error)
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        if self._socket.close_code == WSCloseCode.MESSAGE_TOO_BIG:
            self._refuse("a message was too long")

    async def hang_up(self) -> None:
        """End the connection."""
        with suppress(ConnectionError, TimeoutError):
            await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"the program ends")

    async def _tell_changes(self) -> None:
        last: Json = {}
        try:
            while not self._socket.closed:
                await self.changed.wait()
                self.changed.clear()
                status = self._target.status()
                steady = {name: value for name, value in status.items() if name not in FIGURES}
                if steady != last:
                    last = steady
                    await self._send({"event": "status", "status": status})
                await asyncio.sleep(PUSH_EVERY_S)
        except (ConnectionError, TimeoutError):
            await self.hang_up()

    def _answer(self, message: WSMessage) -> Json:
        try:
            request = self._request_in(message)
            return {"id": request.id, "ok": True, **self._done(request)}
        except BadMessage as error:
            self._refuse("a message was not understood")
            return _refusal(error, error.id)
        except AppError as error:
            return _refusal(error, request.id)

    def _request_in(self, message: WSMessage) -> Request:
        if message.type is not WSMsgType.TEXT:
            raise BadMessage("It is not text.")
        request = parse_request(message.data)
        if not self._budget.spend():
            fix = f"Send at most {RATE_HZ:g} a second."
            raise BadMessage("Commands come faster than they are taken; nothing was done.", fix, request.id)
        return request

    def _done(self, request: Request) -> Json:
        command = request.command
        if isinstance(command, AskStatus):
            return {"status": self._target.status()}
        if isinstance(command, AskAvatars):
            return {"avatars": [{"key": choice.key, "name": choice.name} for choice in self._target.avatars()]}
        self._target.perform(command)
        return {}

    async def _send(self, message: Json) -> None:
        async with asyncio.timeout(SEND_S):
            await self._socket.send_str(json.dumps(message))


def _refusal(error: AppError, id: MessageId) -> Json:
    return {"id": id, "ok": False, "what": error.what, "why": error.why, "fix": error.fix}
