"""The sender of a WHIP stream: WebRTC to a server that takes it by one HTTP request (RFC 9725), with aiortc.

It runs in the streaming process, like the sender for RTMP and SRT (`app.output.stream_process`), and is told the same.
"""

from __future__ import annotations

import asyncio
import errno
from contextlib import suppress
from fractions import Fraction
from multiprocessing.connection import Connection
from urllib.parse import unquote, urljoin, urlsplit

import av  # noqa: F401 - all of it first: two threads that begin with different parts of it fail
import numpy as np
from aiohttp import ClientError, ClientSession, ClientTimeout
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame

from app.audio.base import RATE
from app.audio.delay_line import with_channels
from app.clock import NS_PER_S
from app.output.frame_ring import FrameRing
from app.output.h264 import Bt709
from app.output.sound_ring import SoundRing
from app.output.sound_track import CHANNELS, CompleteSound
from app.output.stream_messages import EndStream, FrameReady, FrameSent, StreamOpened, StreamOptions
from app.output.stream_sound import StreamSound
from models.types import FloatArray

CONNECT_S, GOODBYE_S = 15.0, 0.8
"""Shorter than the program waits for either."""

LISTEN_S = 0.2
MAX_ANSWER = 65_536
"""Bytes of a server's answer that are read."""

VIDEO_RATE = 90_000
PIECE = RATE // 50
"""Samples in a packet of Opus."""

SOUND_AHEAD = 50
"""Such pieces that may wait to be sent; a network that takes nothing loses the oldest."""


class WhipRefused(OSError):
    """The server answered with this status in place of 201."""


class WhipSender:
    """One connection to a server."""

    def __init__(self, options: StreamOptions, ring: FrameRing, sounds: SoundRing, pipe: Connection) -> None:
        self._options, self._ring, self._pipe = options, ring, pipe
        self._address, self._headers = endpoint(options.address)
        self._convert, self._start_ns, self._last_tick = Bt709(), 0, -1
        self._sounds = sounds

    def run(self) -> None:
        """Until told to end."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._pictures, heard = Track("video", 1), Track("audio", SOUND_AHEAD)
        self._sound = StreamSound(TrackSound(heard), self._sounds)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # the usual ones would tell a stranger
        try:
            async with ClientSession(timeout=ClientTimeout(total=CONNECT_S)) as session:
                video = peer.addTransceiver(self._pictures, "sendonly")
                codecs = RTCRtpSender.getCapabilities("video").codecs
                video.setCodecPreferences([each for each in codecs if each.mimeType in ("video/H264", "video/rtx")])
                peer.addTransceiver(heard, "sendonly")
                place = await self._connect(session, peer)
                try:
                    self._pipe.send(StreamOpened())
                    await self._send_all(peer)
                finally:
                    await self._say_goodbye(session, place)
        finally:
            await peer.close()

    async def _connect(self, session: ClientSession, peer: RTCPeerConnection) -> str:
        """Offer, take the answer, wait for the connection; where the server wants to be told of the end."""
        connected = asyncio.Event()

        @peer.on("connectionstatechange")  # type: ignore[untyped-decorator, unused-ignore]
        def notice() -> None:
            if peer.connectionState != "connecting":
                connected.set()

        try:
            async with asyncio.timeout(CONNECT_S):
                await peer.setLocalDescription(await peer.createOffer())
                answer, place = await self._exchange(session, peer.localDescription.sdp)
                await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
                await connected.wait()
        except TimeoutError:
            raise TimeoutError(errno.ETIMEDOUT, "") from None
        _require_connected(peer)
        return place

    async def _exchange(self, session: ClientSession, offer: str) -> tuple[str, str]:
        headers = {**self._headers, "Content-Type": "application/sdp"}
        async with session.post(self._address, data=offer, headers=headers, allow_redirects=False) as answer:
            if answer.status != 201:
                raise WhipRefused(answer.status, "")
            said = b""
            async for chunk in answer.content.iter_chunked(4096):
                said += chunk
                if len(said) > MAX_ANSWER:
                    raise WhipRefused(answer.status, "")
            return said.decode("utf-8", "replace"), urljoin(self._address, answer.headers.get("Location", ""))

    async def _say_goodbye(self, session: ClientSession, place: str) -> None:
        """Only to the server that knows the key anyway."""
        if urlsplit(place)[:2] == urlsplit(self._address)[:2] and place != self._address:
            with suppress(ClientError, TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await session.delete(place, headers=self._headers, allow_redirects=False)

    async def _send_all(self, peer: RTCPeerConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            _require_connected(peer)
            if not await loop.run_in_executor(None, self._pipe.poll, LISTEN_S):
                continue
            newest = None
            while self._pipe.poll(0):
                message = self._pipe.recv()
                if isinstance(message, EndStream):
                    return
                newest = message if isinstance(message, FrameReady) else newest
            if newest is not None:
                self._send(newest)

    def _send(self, ready: FrameReady) -> None:
        picture = self._convert.frame_of(self._ring.frame(ready.number))
        self._start_ns = self._start_ns or ready.t_seen_ns
        tick = round((ready.t_seen_ns - self._start_ns) * VIDEO_RATE / NS_PER_S)
        self._last_tick = picture.pts = max(tick, self._last_tick + 1)
        picture.time_base = Fraction(1, VIDEO_RATE)
        self._sound.until(ready, self._start_ns)
        self._pictures.put(picture)
        self._pipe.send(FrameSent(ready.number))


class Track(MediaStreamTrack):  # type: ignore[misc, unused-ignore]  # aiortc may not be installed
    """Hands to aiortc what is put in; the oldest are lost where it takes too long."""

    def __init__(self, kind: str, most: int) -> None:
        self.kind = kind
        super().__init__()
        self._frames: asyncio.Queue[VideoFrame | AudioFrame] = asyncio.Queue(most)

    def put(self, frame: VideoFrame | AudioFrame) -> None:
        """On the loop's thread."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> VideoFrame | AudioFrame:
        """The next one."""
        return await self._frames.get()


class TrackSound(CompleteSound):
    """Sound on its way into a track, in pieces that are one packet each."""

    def __init__(self, track: Track) -> None:
        super().__init__()
        self._track = track
        self._waiting = np.empty((0, CHANNELS), np.float32)

    def _encoded(self, samples: FloatArray) -> list[Packet]:
        self.samples += len(samples)
        self._waiting = np.concatenate([self._waiting, with_channels(samples, CHANNELS)])
        while len(self._waiting) >= PIECE:
            piece, self._waiting = self._waiting[:PIECE], self._waiting[PIECE:]
            values = np.round(np.clip(piece, -1.0, 1.0) * 32767).astype(np.int16)
            frame = AudioFrame.from_ndarray(values.reshape(1, -1), "s16", "stereo")
            frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
            frame.pts = self.samples - len(self._waiting) - PIECE
            self._track.put(frame)
        return []


def endpoint(address: str) -> tuple[str, dict[str, str]]:
    """`whips://KEY@HOST/PATH` as the address of an HTTP request and its headers."""
    parts = urlsplit(address)
    key, _, place = parts.netloc.rpartition("@")
    plain = parts._replace(scheme="https" if parts.scheme == "whips" else "http", netloc=place)
    return plain.geturl(), {"Authorization": f"Bearer {unquote(key)}"} if key else {}


def _require_connected(peer: RTCPeerConnection) -> None:
    if peer.connectionState != "connected":
        raise ConnectionResetError(errno.ECONNRESET, "")
