"""A live stream by WHIP to a server on this machine: pictures, sound, the key, and what is said when it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.audio.base import AudioFanOut
from app.audio.grid import BLOCK_NS, frozen_block
from app.audio.picture_delay import PictureDelay
from app.output.destinations import StreamTarget
from app.output.seen_sound import SeenSound
from app.output.stream import Stream
from app.output.stream_messages import StreamFailed
from app.output.stream_problems import NOT_OPENED, StreamUnavailable, explain_failure
from tests.app.output.test_stream import KEY, MS, ROOT, SIZE, T0_NS, free_port, tone_from
from tests.helpers.frames import plain, rendered
from tests.helpers.waiting import pause

FRAMES = 75
TONE_AT = 40


@contextmanager
def whip_server(file: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that keeps what it saw and heard, and its place."""
    pytest.importorskip("aiortc", reason="the extra whip is not installed")
    port = free_port()
    command = [sys.executable, "-m", "tests.helpers.whip_server", str(port), KEY, str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            yield process, f"127.0.0.1:{port}/stream"
        finally:
            process.kill()


def test_a_server_gets_pictures_and_the_sound_of_their_moment(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    audio, file = AudioFanOut(), tmp_path / "found.json"
    with whip_server(file) as (process, place):
        target = StreamTarget.parse(f"whip://{KEY}@{place}")
        stream = Stream(target, SIZE, 25.0, SeenSound("stream", audio, PictureDelay(0)))
        stream.open()
        for number in range(FRAMES):
            t_ns = T0_NS + number * 40 * MS
            for at_ns in range(t_ns - 40 * MS, t_ns, BLOCK_NS):
                audio.publish(frozen_block(tone_from(T0_NS + TONE_AT * 40 * MS, at_ns), at_ns))
            stream.send(rendered(plain((2 * number + 40,) * 3, SIZE), number, t_ns, t_ns))
            pause(0.04)
        stream.close()
        process.wait(20.0)
    found = json.loads(file.read_text())
    pictures, sound = np.array(found["video"]), np.array(found["audio"])
    numbers = (pictures[:, 1] - 40) / 2
    assert len(pictures) > FRAMES / 3
    assert np.polyfit(numbers, pictures[:, 0], 1)[0] == pytest.approx(0.04, abs=0.002), "they keep their own times"
    seen_s = np.median(pictures[:, 0] + (TONE_AT - numbers) * 0.04)
    assert sound[sound[:, 1] > 0.2][0, 0] - seen_s == pytest.approx(0.0, abs=0.15)
    assert KEY not in "".join(capfd.readouterr())


def problem_of(address: str) -> StreamUnavailable:
    with pytest.raises(StreamUnavailable) as problem:
        Stream(StreamTarget.parse(address), SIZE).open()
    assert KEY not in str(problem.value)
    return problem.value


def test_a_wrong_key_and_a_wrong_place_are_said_with_the_servers_status(tmp_path: Path) -> None:
    with whip_server(tmp_path / "found.json") as (_, place):
        wrong_key = problem_of(f"whip://no{KEY}@{place}")
        wrong_place = problem_of(f"whip://{KEY}@{place}/x")
    host = place.partition("/")[0]
    assert wrong_key.what == "The stream could not be started."
    assert wrong_key.why == f"whip://{host} refused the stream (HTTP status 401)."
    assert wrong_key.fix == "Check the stream key and the address; some services give a new key for each stream."
    assert wrong_place.why == f"whip://{host} refused the stream (HTTP status 404)."


def test_nobody_there_is_said_at_once() -> None:
    pytest.importorskip("aiortc", reason="the extra whip is not installed")
    port = free_port()
    assert problem_of(f"whip://{KEY}@127.0.0.1:{port}/stream").why == f"Nothing listens at whip://127.0.0.1:{port}."


def test_without_the_package_there_is_a_sentence_with_its_name() -> None:
    target = StreamTarget.parse(f"whips://{KEY}@live.example.org/stream")
    problem = explain_failure(StreamFailed("ModuleNotFoundError", None, ""), target, NOT_OPENED)
    assert (problem.why, problem.fix) == (
        "WHIP needs the package aiortc, which is not installed.",
        "Install it with: python3 -m uv sync --extra whip; or use another kind of address (rtmp, rtmps or srt).",
    )
