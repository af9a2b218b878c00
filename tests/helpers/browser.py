"""A real browser without a window, told what to do through its debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse
from PIL import Image

from models.types import ImageArray
from tests.helpers.waiting import pause

START_S = 60.0
"""For a machine that has much else to do."""

FLAGS = ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--hide-scrollbars")


@contextmanager
def chromium(profile: Path) -> Iterator[int]:
    """The port of its debugger; skips, visibly, where Chromium is not installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed")
    alone = ("--no-sandbox",) if os.name == "posix" and os.geteuid() == 0 else ()  # it refuses root otherwise
    command = [program, *FLAGS, *alone, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
    told = profile / "DevToolsActivePort"
    profile.mkdir()
    with (profile / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            if not _listens(process, told):
                pytest.skip("Chromium does not start here")
            yield int(told.read_text().split("\n")[0])
        finally:
            process.terminate()
            try:
                process.wait(20.0)
            except subprocess.TimeoutExpired:
                process.kill()


def _listens(process: subprocess.Popen[bytes], told: Path) -> bool:
    deadline_s = time.monotonic() + START_S
    while not (told.is_file() and "\n" in told.read_text()):
        if process.poll() is not None or time.monotonic() > deadline_s:
            return False
        pause(0.05)
    return True


class Page:
    """One page."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """What the browser answers to a command of the protocol."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json(timeout=START_S)
            if answer.get("id") == self._number:
                return dict(answer.get("result", {}))

    async def value_of(self, expression: str) -> Any:
        """What JavaScript makes of it; None where it fails."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer.get("result", {}).get("value")

    async def screenshot(self) -> ImageArray:
        """(h, w, 4) RGBA; transparent where the page is."""
        await self.call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        answer = await self.call("Page.captureScreenshot", format="png")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGBA"))


@asynccontextmanager
async def page_at(port: int, url: str) -> AsyncIterator[Page]:
    """A page of the browser that is shown `url`."""
    async with ClientSession(timeout=ClientTimeout(total=2 * START_S)) as session:
        async with asyncio.timeout(START_S):
            while True:
                async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                    pages = [each for each in await answer.json() if each["type"] == "page"]
                if pages:
                    break
        async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            await page.call("Page.navigate", url=url)
            yield page
