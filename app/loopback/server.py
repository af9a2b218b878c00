"""A web server for programs on this machine, on a thread of its own: never reachable from the network."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from app.errors import AppError, EnvironmentProblem
from app.loopback.guard import Guard, Refusals
from app.output.destinations import LOOPBACK
from app.worker import Worker

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 2.0
GOODBYE_S = 0.3
"""How long answers that are under way may take to end."""

MAX_CONNECTIONS = 32
"""Beyond it connections are cut: each costs a file handle, and the program needs those for itself."""

IDLE_S = 10.0
"""A connection that asks nothing more for so long is cut; one that never asked anything too."""

log = logging.getLogger(__name__)


class LoopbackServer:
    """Serves `app` on 127.0.0.1 between `open` and `close`.

    Args:
        name: what it is, for people, such as "browser source".
        make_app: builds the routes, on the server's thread; the guard's `admit` is its only middleware.
        port: 0 takes any that is free.
        token: routes have it in their path as `{token}`.
    """

    def __init__(self, name: str, make_app: Callable[[Guard], web.Application], port: int, token: str) -> None:
        self.refusals = Refusals(name)
        self._stage = _ServerStage(name, make_app, port, Guard(token, self.refusals), self.refusals)
        self._worker = Worker(self._stage, self._stage.on_failure)

    def open(self) -> int:
        """Listen; the port.

        Raises:
            EnvironmentProblem: the port is taken, or may not be used.
        """
        self._worker.start()
        if not self._stage.ready.wait(START_TIMEOUT_S):
            raise TimeoutError(f"the {self._stage.name} did not start within {START_TIMEOUT_S:g} s")
        if self._stage.error is not None:
            raise self._stage.error
        return self._stage.port

    def call(self, function: Callable[[], None]) -> None:
        """Run `function` on the server's thread soon; dropped once it is closed. For any thread."""
        self._stage.call(function)

    def close(self) -> None:
        """Stop listening, end every answer. Idempotent."""
        self._worker.stop(STOP_TIMEOUT_S)


class _ServerStage:
    """Runs the event loop; every method but `unblock` and `call` on the worker's thread."""

    def __init__(
        self,
        name: str,
        make_app: Callable[[Guard], web.Application],
        wanted_port: int,
        guard: Guard,
        refusals: Refusals,
    ) -> None:
        self.name = name
        self.ready = threading.Event()
        self.error: Exception | None = None
        self.port = 0
        self._make_app, self._wanted_port, self._guard, self._refusals = make_app, wanted_port, guard, refusals
        self._lock = threading.Lock()  # protects the two below: the loop must not be called once it is closed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    def open(self) -> None:
        """Listen."""
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(self._on_loop_trouble)
        with self._lock:
            self._loop = loop
        loop.run_until_complete(self._listen())
        self.ready.set()

    def step(self) -> None:
        """Serve until `unblock`."""
        with self._lock:
            loop = None if self._stopping else self._loop
        if loop is not None:
            loop.run_forever()

    def release(self) -> None:
        """End answers, stop listening, close the loop."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        try:
            _finish(loop, self._close())
        finally:
            loop.close()

    def unblock(self) -> None:
        """End `step`."""
        with self._lock:
            self._stopping = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)

    def call(self, function: Callable[[], None]) -> None:
        """See `LoopbackServer.call`."""
        with self._lock:
            if self._loop is not None and not self._stopping:
                self._loop.call_soon_threadsafe(function)

    def on_failure(self, name: str, error: Exception) -> None:
        """The worker ended: tell who waits for it to start, or the log."""
        if self.ready.is_set():
            log.error("the %s failed", name, exc_info=error)
        self.error = error
        self.ready.set()

    async def _listen(self) -> None:
        quiet = logging.Logger(f"{__name__}.requests", logging.ERROR)
        quiet.addFilter(self._take_note)
        self._runner = web.AppRunner(
            self._make_app(self._guard),
            access_log=None,  # it would hold the token
            logger=quiet,
            keepalive_timeout=IDLE_S,
            lingering_time=0.0,
            shutdown_timeout=GOODBYE_S,
            max_line_size=2048,
            max_field_size=4096,
        )
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._accept, LOOPBACK, self._wanted_port, backlog=16)
        except OSError as error:
            raise _not_opened(self.name, self._wanted_port, error) from error
        self.port = int(self._listener.sockets[0].getsockname()[1])
        self._guard.port = self.port

    def _accept(self) -> asyncio.BaseProtocol:
        assert self._runner is not None  # it listens only once there is one
        server = self._runner.server
        assert server is not None
        if len(server.connections) >= MAX_CONNECTIONS:
            self._refusals.add("too many connections")
            return _Refusing()
        protocol = server()
        asyncio.get_running_loop().call_later(IDLE_S, _cut_if_silent, protocol)
        return protocol

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _take_note(self, record: logging.LogRecord) -> bool:
        """Instead of one traceback, which could hold the token, for each broken request."""
        failed = record.exc_info[1] if record.exc_info else None
        if isinstance(failed, Exception) and not isinstance(failed, (web.HTTPException, OSError, ValueError)):
            expected = type(failed).__module__.startswith("aiohttp")
            if not expected:
                log.error("the %s could not answer: %s", self.name, type(failed).__name__, exc_info=failed)
                return False
        self._refusals.add("it was not understood")
        return False

    def _on_loop_trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.info("the %s: %s", self.name, context.get("message"))


class _Refusing(asyncio.Protocol):
    """Hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def _cut_if_silent(protocol: Any) -> None:
    """A connection on which no whole request has come yet holds a place that others may need."""
    if getattr(protocol, "_request_count", 1) == 0 and protocol.transport is not None:
        protocol.transport.abort()


def _finish(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    loop.run_until_complete(work)
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=GOODBYE_S))
    loop.run_until_complete(loop.shutdown_asyncgens())


def _not_opened(name: str, port: int, error: OSError) -> AppError:
    what = f"The {name} could not be opened."
    if error.errno in (errno.EADDRINUSE, 10048):  # Windows has numbers of its own
        return EnvironmentProblem(
            what, why=f"Another program listens on port {port}.", fix="Close it, or choose another port."
        )
    reason = error.strerror or type(error).__name__
    return EnvironmentProblem(
        what, why=f"The system refuses port {port}: {reason}.", fix="Choose another port, between 1024 and 65535."
    )
