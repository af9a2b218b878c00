"""A stream of the whole engine to a server that goes away and comes back: the call goes on, and so does the stream."""

from __future__ import annotations

import socket
from pathlib import Path

import av
import pytest

from app.control import EngineConfig
from app.engine import Engine
from app.output.destinations import StreamTarget
from app.settings import OutputSettings
from tests.app.output.test_stream import KEY, free_port, listener, without_ffmpeg
from tests.helpers.live import TestStages, small_portrait
from tests.helpers.waiting import wait_for

LONG_S = 60.0


@pytest.mark.slow
def test_a_server_that_goes_away_and_comes_back_gets_the_stream_again_by_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    without_ffmpeg()
    url = f"rtmp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/live/{KEY}"
    config = EngineConfig(camera="test", virtual_camera="none", output=OutputSettings(320, 192))
    engine = Engine(config, TestStages(config))
    engine.set_portrait(small_portrait())
    engine.start()
    try:
        with listener(url, tmp_path / "lost.mkv") as first:
            wait_for(lambda: _listens(url), "the server", LONG_S)
            engine.set_stream(StreamTarget.parse(url))
            wait_for(lambda: engine.status().stream is not None, "the stream", LONG_S)
            first.kill()
            first.wait(10.0)
        wait_for(lambda: any(each.part == "stream" for each in engine.problems()), "the loss to be told", LONG_S)
        lost, sent = engine.problems(), engine.stats.figures().frames
        with listener(url, tmp_path / "kept.mkv") as second:
            wait_for(lambda: engine.status().stream is not None and engine.problems() == (), "the stream again", LONG_S)
            wait_for(lambda: engine.stats.figures().frames > sent + 20, "pictures of the call", LONG_S)
            engine.set_stream(None)
            second.wait(30.0)
    finally:
        engine.stop(10.0)
    assert [each.what for each in lost] == ["The stream was lost."]
    with av.open(str(tmp_path / "kept.mkv")) as container:
        assert {each.type for each in container.streams} == {"video", "audio"}
        assert next(container.decode(video=0)).width == 320
    assert KEY not in "".join((caplog.text, str(lost), *capfd.readouterr()))


def _listens(url: str) -> bool:
    """Whether the port is taken; to connect to it would be the one connection that this server takes."""
    port = int(url.split(":")[2].partition("/")[0])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
