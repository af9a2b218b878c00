"""A live stream over real RTMP and SRT to a listener on this machine, and what happens when it cannot be sent."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from app.audio.base import RATE, AudioFanOut
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, frozen_block
from app.audio.picture_delay import PictureDelay
from app.capture.base import CapturedFrame
from app.output.destinations import StreamTarget
from app.output.seen_sound import SeenSound
from app.output.stream import Stream
from app.output.stream_messages import StreamFailed
from app.output.stream_problems import LOST, NOT_OPENED, StreamUnavailable, ended, explain_failure, silent
from app.slots import Closed
from models.types import FloatArray
from tests.helpers.frames import plain, rendered
from tests.helpers.waiting import pause, wait_for

ROOT = Path(__file__).resolve().parents[3]
SIZE = (96, 128)
KEY = "SecretKey42"
MS = 1_000_000
T0_NS = 1_000_000 * MS


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def without_ffmpeg() -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("there is no ffmpeg here to listen for RTMP")


@contextmanager
def listener(url: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """A server that keeps the stream as `file`."""
    command = [sys.executable, "-m", "tests.helpers.stream_listener", url, str(file)]
    if url.startswith("rtmp"):
        command = ["ffmpeg", "-v", "quiet", "-listen", "1", "-i", url, "-c", "copy", "-y", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def opened(target: StreamTarget, sound: Callable[[], SeenSound | None] = lambda: None) -> Stream:
    """Connects as soon as the listener listens."""
    deadline_s = time.monotonic() + 20.0
    while True:
        stream = Stream(target, SIZE, 25.0, sound())
        try:
            stream.open()
        except StreamUnavailable:
            assert time.monotonic() < deadline_s
            pause(0.1)
        else:
            return stream


def send_seconds(stream: Stream, seconds: float) -> None:
    """Frames of a stream's own time, as fast as they are taken: red first, blue in the second half."""
    for number in range(round(seconds * 25)):
        colour = (200, 40, 40) if number < seconds * 12.5 else (40, 40, 200)
        stream.send(rendered(plain(colour, SIZE), number, number * 40 * MS))
        pause(0.004)


PLACES = [
    ("rtmp://127.0.0.1:{port}/live/" + KEY, "rtmp://127.0.0.1:{port}/live/" + KEY, socket.SOCK_STREAM),
    ("srt://127.0.0.1:{port}?streamid=" + KEY, "srt://127.0.0.1:{port}?mode=listener", socket.SOCK_DGRAM),
]


@pytest.mark.parametrize(("to", "at", "kind"), PLACES, ids=["rtmp", "srt"])
def test_a_server_gets_pictures_with_their_times_and_a_sound_track(
    to: str, at: str, kind: socket.SocketKind, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if to.startswith("rtmp"):
        without_ffmpeg()
    port, file = free_port(kind), tmp_path / "stream.mkv"
    with listener(at.format(port=port), file) as process:
        stream = opened(StreamTarget.parse(to.format(port=port)))
        send_seconds(stream, 4.0)
        stream.close()
        process.wait(20.0)
    with av.open(str(file)) as container:
        assert {each.type: each.codec_context.name for each in container.streams} == {"video": "h264", "audio": "aac"}
        frames = list(container.decode(video=0))
    with av.open(str(file)) as container:
        assert sum(packet.size > 0 for packet in container.demux(audio=0)) > 20
    times = [float(frame.time or 0.0) for frame in frames]
    assert len(times) >= 20
    assert times == sorted(set(times))
    assert times[-1] - times[0] > 1.5
    first, last = (frame.to_ndarray(format="rgb24")[SIZE[0] // 2, SIZE[1] // 2] for frame in (frames[0], frames[-1]))
    assert frames[0].width == SIZE[1]
    assert first[0] > 150 > first[2], "red"
    assert last[2] > 150 > last[0], "blue"
    assert KEY not in "".join(capfd.readouterr())


@pytest.mark.parametrize(("to", "at", "kind"), PLACES, ids=["rtmp", "srt"])
def test_the_microphone_is_heard_with_the_pictures_of_its_moment(
    to: str, at: str, kind: socket.SocketKind, tmp_path: Path
) -> None:
    if to.startswith("rtmp"):
        without_ffmpeg()
    port, file = free_port(kind), tmp_path / "stream.mkv"
    audio = AudioFanOut()
    with listener(at.format(port=port), file) as process:
        target = StreamTarget.parse(to.format(port=port))
        stream = opened(target, lambda: SeenSound("stream", audio, PictureDelay(0)))
        for number in range(100):
            t_ns = T0_NS + number * 40 * MS
            for place in range(t_ns - 40 * MS, t_ns, BLOCK_NS):
                audio.publish(frozen_block(tone_from(T0_NS + 2000 * MS, place), place))
            stream.send(rendered(plain((2 * number + 20,) * 3, SIZE), number, t_ns, t_ns))
            pause(0.004)
        stream.close()
        process.wait(20.0)
    assert heard_s(file) - shown_s(file, number=50) == pytest.approx(0.0, abs=0.06)  # two packets of sound and a frame


def tone_from(t_tone_ns: int, t_ns: int) -> FloatArray:
    samples = 0.5 * np.sin(2 * np.pi * 1500 * np.arange(BLOCK_SAMPLES) / RATE)
    return np.asarray(samples if t_ns >= t_tone_ns else 0.0 * samples, np.float32)[:, None]


def shown_s(file: Path, number: int) -> float:
    """When that picture is shown or would be; by all that got through, since any one may have been dropped."""
    with av.open(str(file)) as container:
        found = [
            (float(each.time or 0.0), each.to_ndarray(format="rgb24")[9, 9].mean())
            for each in container.decode(video=0)
        ]
    return float(np.median([t_s + (number - (level - 20) / 2) * 0.04 for t_s, level in found]))


def heard_s(file: Path) -> float:
    """When the sound becomes loud."""
    with av.open(str(file)) as container:
        return next(
            float(each.time or 0.0) for each in container.decode(audio=0) if np.abs(each.to_ndarray()).max() > 0.2
        )


def test_nobody_there_is_said_at_once_without_the_key_and_nothing_is_left(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    before, port = set(active_children()), free_port()
    stream = Stream(StreamTarget.parse(f"rtmp://me:{KEY}@127.0.0.1:{port}/live/{KEY}"), SIZE)
    with pytest.raises(StreamUnavailable) as problem:
        stream.open()
    assert str(problem.value) == (
        f"The stream could not be started. Nothing listens at rtmp://127.0.0.1:{port}/live/…. "
        "Check the address, and that the server is running; switch firewalls and VPNs off to try."
    )
    assert problem.value.exit_code == 3
    assert KEY not in "".join((caplog.text, repr(problem.value.__dict__), *capfd.readouterr()))
    assert not set(active_children()) - before


def test_a_server_that_accepts_and_says_nothing_cannot_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As happens with a wrong port; libavformat itself would wait for ever, with Python's lock held."""
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        stream = Stream(StreamTarget.parse(f"rtmp://127.0.0.1:{silent_server.getsockname()[1]}/live/{KEY}"), SIZE)
        threading.Timer(1.0, stream.abort).start()
        start_s = time.monotonic()
        with pytest.raises(Closed):
            stream.open()
        assert time.monotonic() - start_s < 6.0
        monkeypatch.setattr("app.output.stream.OPEN_TIMEOUT_S", 0.3)
        again = Stream(StreamTarget.parse(f"rtmp://127.0.0.1:{silent_server.getsockname()[1]}/live/{KEY}"), SIZE)
        with pytest.raises(StreamUnavailable, match="has taken nothing for"):
            again.open()


def test_a_server_that_goes_away_is_noticed_and_the_next_opening_connects_again(tmp_path: Path) -> None:
    without_ffmpeg()
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/{KEY}"
    for _ in range(2):
        with listener(url, tmp_path / "stream.mkv") as process:
            stream = opened(StreamTarget.parse(url))
            send_seconds(stream, 1.0)
            process.kill()
            process.wait(10.0)
            with pytest.raises(StreamUnavailable, match="The stream was lost") as problem:
                send_seconds(stream, 1000.0)
            stream.close()
        assert KEY not in str(problem.value)


@pytest.mark.parametrize("wrong", [plain((1, 1, 1), SIZE), None, CapturedFrame(1, plain((1, 1, 1), SIZE), 0, "c")])
def test_nothing_but_a_rendered_frame_is_streamed(wrong: object) -> None:
    stream = Stream(StreamTarget.parse("rtmp://127.0.0.1/live/x"), SIZE)
    with pytest.raises(TypeError, match="a sink accepts only RenderedFrame"):
        stream.send(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not open"):
        stream.send(rendered(plain((1, 1, 1), SIZE)))


TARGET = StreamTarget.parse(f"rtmp://live.example.org/app/{KEY}")
TRY = "Check the address, and that the server is running; switch firewalls and VPNs off to try."
AGAIN = "Check the network; the stream is tried again by itself for two minutes."


@pytest.mark.parametrize(
    ("failed", "what", "why", "fix"),
    [
        (
            StreamFailed("OSError", 5, "Input/output error"),
            NOT_OPENED,
            "rtmp://live.example.org/app/… does not exist, or refused the stream.",
            "Check the stream key and the address; some services give a new key for each stream.",
        ),
        (StreamFailed("BrokenPipeError", 32, "Broken pipe"), LOST, "rtmp://live.example.org/app/… hung up.", AGAIN),
        (
            StreamFailed("ProtocolNotFoundError", None, ""),
            NOT_OPENED,
            "The installed PyAV cannot send RTMP.",
            "Use another kind of address (rtmp, rtmps or srt).",
        ),
        (
            StreamFailed("InvalidDataError", None, "Invalid data"),
            NOT_OPENED,
            "On the way to rtmp://live.example.org/app/… the system said: Invalid data.",
            TRY,
        ),
        (StreamFailed("TimeoutError", 110, "x"), NOT_OPENED, "rtmp://live.example.org/app/… does not answer.", TRY),
    ],
)
def test_failures_become_sentences(failed: StreamFailed, what: str, why: str, fix: str) -> None:
    problem = explain_failure(failed, TARGET, what)
    assert (problem.what, problem.why, problem.fix) == (what, why, fix)


def test_silence_and_a_sudden_end_become_sentences() -> None:
    assert silent(TARGET, 8.0, LOST).why == "rtmp://live.example.org/app/… has taken nothing for 8 s."
    assert ended(-9).why == "Its process ended unexpectedly (exit code -9)."


def test_the_sender_dies_with_the_program(tmp_path: Path) -> None:
    """Killed, it cannot say goodbye: the sender notices by itself and leaves no process."""
    port = free_port(socket.SOCK_DGRAM)
    to, at = f"srt://127.0.0.1:{port}", f"srt://127.0.0.1:{port}?mode=listener"
    code = (
        "from multiprocessing import active_children\n"
        "from app.output.destinations import StreamTarget\n"
        "from tests.app.output.test_stream import opened\n"
        "if __name__ == '__main__':\n"
        f"    stream = opened(StreamTarget.parse({to!r}))\n"
        "    print(active_children()[0].pid, flush=True)\n"
        "    input()\n"
    )
    program = tmp_path / "program.py"
    program.write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, str(program)]
    pipe = subprocess.PIPE
    with (
        listener(at, tmp_path / "stream.mkv"),
        subprocess.Popen(arguments, env=environment, stdin=pipe, stdout=pipe, text=True) as process,
    ):
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
        wait_for(lambda: not psutil.pid_exists(pid), "the sender's end", 20.0)
