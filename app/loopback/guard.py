"""Who may ask a server of this program anything: programs on this machine that know its token.

Listening on 127.0.0.1 is not enough. A page in a browser can make the browser send requests there, under a host name of
its own that it points at 127.0.0.1 (DNS rebinding); and every program of every user of this machine can connect.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "token"
"""Name of the part of a route's path that holds the token."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer. There is no CORS header among them: no page of another origin may read anything."""


class Refusals:
    """Counts what was refused, and says so in the log once: a program that tries a thousand times must not fill it."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.count = 0

    def add(self, reason: str) -> None:
        """One more; `reason` is the program's own words, never the stranger's."""
        self.count += 1
        if self.count == 1:
            log.warning("The %s refused a request: %s. Further ones are not logged.", self._server, reason)


class Guard:
    """Its `admit` is the one middleware of a loopback server.

    A foreign Host or Origin is refused with 403; then a wrong token, and whatever no route answers, with 404, as if
    there was nothing.
    """

    def __init__(self, token: str, refusals: Refusals) -> None:
        self._token, self._refusals = token.encode(), refusals
        self.port = 0
        """Set once the server listens."""

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or refuse."""
        try:
            self._check(request)
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status >= 400:
                self._refusals.add(f"{answer.status} {answer.reason}")
            answer.headers.update(HEADERS)
            raise

    def _check(self, request: web.Request) -> None:
        hosts = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        if request.headers.get("Host", "").lower() not in hosts:
            raise web.HTTPForbidden(text="forbidden")
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() not in [f"http://{host}" for host in hosts]:
            raise web.HTTPForbidden(text="forbidden")
        if not hmac.compare_digest(request.match_info.get(TOKEN, "").encode(), self._token):
            raise web.HTTPNotFound(text="not found")
