"""A WHIP server for one stream, in a process of its own: `python -m tests.helpers.whip_server PORT KEY FILE`.

Says "listening"; takes a stream from who knows the key, and writes what it saw and heard into FILE as JSON once it is
told of the end: [time in seconds, brightness] of pictures, [time in seconds, peak] of sound.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import numpy as np
from aiohttp import web
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError


class WhipServer:
    """One peer, one stream."""

    def __init__(self, key: str, file: Path) -> None:
        self._key, self._file, self._peer = key, file, RTCPeerConnection()
        self.found: dict[str, list[tuple[float, float]]] = {"video": [], "audio": []}
        self._readers: list[asyncio.Task[None]] = []
        self.over = asyncio.Event()
        self._peer.on("track", lambda track: self._readers.append(asyncio.ensure_future(self._read(track))))

    async def offer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self._key}":
            raise web.HTTPUnauthorized
        await self._peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        answer = self._peer.localDescription.sdp
        return web.Response(status=201, text=answer, content_type="application/sdp", headers={"Location": "/stream/1"})

    async def end(self, request: web.Request) -> web.Response:
        self.over.set()
        return web.Response()

    async def close(self) -> None:
        await self._peer.close()
        await asyncio.gather(*self._readers)
        self._file.write_text(json.dumps(self.found))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                video = track.kind == "video"
                values = frame.to_ndarray(format="rgb24")[9, 9] if video else frame.to_ndarray() / 32768
                self.found[track.kind].append(
                    (float(frame.time), float(values.mean() if video else np.abs(values).max()))
                )
        except MediaStreamError:
            pass  # the end of the track


async def serve(port: int, key: str, file: Path) -> None:
    server, app = WhipServer(key, file), web.Application()
    app.router.add_post("/stream", server.offer)
    app.router.add_delete("/stream/1", server.end)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    async with asyncio.timeout(60.0):
        await server.over.wait()
    await server.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
