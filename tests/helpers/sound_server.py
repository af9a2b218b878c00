"""A PulseAudio server of the test's own, with null sinks; nothing of the machine's own sound is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_S = 10.0


class SoundServer:
    """One server; `pactl` talks to it."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:{folder / 'pulse.sock'}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, sinks: tuple[str, ...], modules: tuple[str, ...] = ()) -> None:
        script = [f"load-module module-native-protocol-unix socket={self._folder / 'pulse.sock'} auth-anonymous=1"]
        script += [self._module(sink) for sink in sinks] + [f"load-module {module}" for module in modules]
        (self._folder / "server.pa").write_text("\n".join(script) + "\n")
        flags = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm"]
        home = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["pulseaudio", *flags, "-F", str(self._folder / "server.pa")],
                env={**os.environ, **home},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.skip("PulseAudio does not start here")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def unplug(self, sink: str) -> None:
        """Take a null sink away, as a device that is pulled out."""
        modules = self._pactl("list", "short", "modules").splitlines()
        numbers = [line.split()[0] for line in modules if f"sink_name={sink} " in f"{line} "]
        for number in numbers:
            self._pactl("unload-module", number)

    def plug_in(self, sink: str) -> None:
        """Put it back."""
        self._pactl(*self._module(sink).split())

    def _module(self, sink: str) -> str:
        return f"load-module module-null-sink sink_name={sink} rate=48000 sink_properties=device.description={sink}"

    def _answers(self) -> bool:
        done = subprocess.run(
            ["pactl", "-s", self.address, "info"], capture_output=True, check=False, timeout=10, env=self._environment()
        )
        return done.returncode == 0

    def _pactl(self, *arguments: str) -> str:
        command = ["pactl", "-s", self.address, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=20, env=self._environment()
        ).stdout

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}


def require_sound_server() -> None:
    """Skip, visibly, where PulseAudio or PortAudio is not installed."""
    for program in ("pulseaudio", "pactl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    try:
        import sounddevice  # noqa: F401
    except OSError:
        pytest.skip("PortAudio is not installed")


@contextmanager
def sound_server(folder: Path, *sinks: str, modules: tuple[str, ...] = ()) -> Iterator[SoundServer]:
    """A server with these null sinks and other modules, which this process uses meanwhile."""
    require_sound_server()
    server = SoundServer(folder)
    before = os.environ.get("PULSE_SERVER")
    server.start(sinks, modules)
    os.environ["PULSE_SERVER"] = server.address
    try:
        yield server
    finally:
        if before is None:
            del os.environ["PULSE_SERVER"]
        else:
            os.environ["PULSE_SERVER"] = before
        server.stop()
