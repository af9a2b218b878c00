"""Asks a PulseAudio server (or PipeWire in its place) for its devices. Connections last for one question.

PortAudio reaches the server through one ALSA device called "pulse" and knows none of the server's devices; which of
them is meant is told by the environment at the moment of opening (`chosen`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.audio.devices import DeviceList, SoundDevice
from app.audio.problems import Direction

VARIABLES = {Direction.INPUT: "PULSE_SOURCE", Direction.OUTPUT: "PULSE_SINK"}

_environment = threading.Lock()  # protects the two variables while a stream is opened


def list_devices() -> DeviceList | None:
    """What the server has; None where none runs, or where its library is missing."""
    pulsectl = _library()
    if pulsectl is None:
        return None
    try:
        with pulsectl.Pulse("understudy", connect=False) as server:
            server.connect(autospawn=False, wait=False)  # libpulse gives up after 30 s
            return _listed(server)
    except pulsectl.PulseError:
        return None


@contextmanager
def chosen(device: SoundDevice) -> Iterator[None]:
    """Streams that are opened within go to `device`."""
    variable = VARIABLES[device.direction]
    with _environment:
        before = os.environ.get(variable)
        os.environ[variable] = device.device_id
        try:
            yield
        finally:
            if before is None:
                del os.environ[variable]
            else:
                os.environ[variable] = before


def _library() -> Any:
    """Pulsectl, which loads libpulse; None where there is no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import pulsectl
    except (ImportError, OSError):
        return None
    return pulsectl


def _listed(server: Any) -> DeviceList:
    info = server.server_info()
    inputs = [_device(source, Direction.INPUT) for source in server.source_list()]
    outputs = [_device(sink, Direction.OUTPUT) for sink in server.sink_list()]
    return DeviceList(tuple(inputs + outputs), info.default_source_name or "", info.default_sink_name or "")


def _device(row: Any, direction: Direction) -> SoundDevice:
    monitor = direction is Direction.INPUT and row.name.endswith(".monitor")
    return SoundDevice(row.name, row.description or row.name, direction, row.index, monitor)
