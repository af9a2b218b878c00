"""Proof that others see the virtual camera: a moving pattern is sent to it and read back as another program would."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from app.capture.base import CaptureFormat, FrameSource
from app.clock import NS_PER_MS
from app.errors import AppError
from app.output.camera_messages import KeeperOptions
from app.output.camera_problems import VirtualCameraBusy, VirtualCameraUnavailable
from app.output.moving_code import NUMBERS, SERIES, draw_code, read_code
from app.output.virtual_camera import AUTO, VirtualCamera
from app.slots import Closed

ENOUGH = 8
"""So many different numbers read, each later than the last, are no accident."""

TIMEOUT_S = 6.0
"""A camera that shows nothing in this time shows nothing; real ones need a second for their first picture."""

GRAB_S = 0.1

OpenReader = Callable[[str], FrameSource | None]
"""From a virtual camera's name or device to a source that reads it; None where the system lists none such."""


class ProofVerdict(Enum):
    """How the proof came out."""

    PROVED = "proved"
    FROZEN = "frozen"  # our pattern arrived once and then stood still
    WRONG_PICTURE = "wrong picture"  # something else is seen
    NOTHING_READ = "nothing read"  # it opened, or not, and gave no picture
    NOT_LISTED = "not listed"  # it takes pictures, and no program can choose it
    BUSY = "busy"  # another program sends to it
    UNAVAILABLE = "unavailable"  # there is none


@dataclass(frozen=True)
class CameraProof:
    """The result. `fix` is empty where nothing is to be done.

    pictures: read from the camera. numbers: different ones among them that were ours. delay_ms: sent -> read, the
        median; None where nothing was proved. mirrored: the reader turns the picture round.
    """

    verdict: ProofVerdict
    camera: str | None
    sentence: str
    fix: str = ""
    pictures: int = 0
    numbers: int = 0
    delay_ms: float | None = None
    mirrored: bool = False


def prove_virtual_camera(
    wanted: str = AUTO,
    options: KeeperOptions | None = None,
    open_reader: OpenReader | None = None,
    system: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> CameraProof:
    """Send a moving pattern to the virtual camera and look for it as a reader; takes one to `timeout_s` + 10 seconds.

    The camera must be free: a program that sends to it, this one too, has to stop first.

    Args:
        wanted: "auto" or a device name.
        options: of the keeper; size and rate are those of the pattern.
        open_reader: how the camera is read; None asks the system for its cameras.
        system: as `platform.system()` names it; None is this one.
        timeout_s: how long to look for the pattern.
    """
    options, system = options or KeeperOptions(), system or platform.system()
    series = secrets.randbelow(SERIES)
    camera = VirtualCamera(draw_code(series, 0, options.size), wanted, options)
    try:
        camera.open()
        name = camera.device or wanted
        reader = (open_reader or system_reader)(name)
        if reader is None:
            return _judged(ProofVerdict.NOT_LISTED, name, system)
        return _Proof(camera, name, reader, series, options, system).run(timeout_s)
    except VirtualCameraUnavailable as problem:
        busy = isinstance(problem, VirtualCameraBusy)
        verdict = ProofVerdict.BUSY if busy else ProofVerdict.UNAVAILABLE
        return CameraProof(verdict, camera.device, f"{problem.what} {problem.why}", problem.fix)
    finally:
        camera.close()


def system_reader(name: str) -> FrameSource | None:
    """The virtual camera as this system lists it to other programs; None where it does not."""
    from app.capture.devices import described, system_list
    from app.capture.webcam import WebcamPatience, WebcamSource

    rows = [row for row in system_list() if _same_camera(name, row.name, row.path)]
    if not rows:
        return None
    ways = [described(row) for row in rows]
    patience = WebcamPatience(frozen_s=None)  # a frozen picture is for the proof to notice
    return WebcamSource(ways[0], CaptureFormat(), patience, ways=lambda camera: ways)


def _same_camera(name: str, listed: str, path: str) -> bool:
    if name.startswith("/dev/"):
        return bool(path) and Path(path).resolve() == Path(name).resolve()
    return name.casefold() in (listed.casefold(), path.casefold())


class _Proof:
    """One run: draws, sends, reads, compares."""

    def __init__(
        self, camera: VirtualCamera, name: str, reader: FrameSource, series: int, options: KeeperOptions, system: str
    ) -> None:
        self._camera, self._name, self._reader = camera, name, reader
        self._series, self._size, self._system = series, options.size, system
        self._t_sent_ns: dict[int, int] = {}
        self._pictures = 0
        self._seen: list[int] = []
        self._delays_ns: list[int] = []
        self._mirrored = False

    def run(self, timeout_s: float) -> CameraProof:
        """Until enough is seen or the time is over."""
        try:
            self._reader.open()
            self._look(time.monotonic() + timeout_s)
        except VirtualCameraUnavailable:
            raise
        except (AppError, Closed) as problem:
            if self._pictures == 0:
                why = f" {problem.why}" if isinstance(problem, AppError) else ""
                return _judged(ProofVerdict.NOTHING_READ, self._name, self._system, why)
        finally:
            self._reader.release()
        return self._verdict()

    def _look(self, t_end_s: float) -> None:
        number = 0
        while len(self._seen) < ENOUGH and time.monotonic() < t_end_s:
            number = (number + 1) % NUMBERS
            self._t_sent_ns[number] = time.monotonic_ns()
            self._camera.set_away_card(draw_code(self._series, number, self._size))
            try:
                frame = self._reader.grab(GRAB_S)
            except TimeoutError:
                continue
            self._pictures += 1
            code = read_code(frame.image)
            if code is not None and code.series == self._series and (not self._seen or code.number > self._seen[-1]):
                self._seen.append(code.number)
                self._mirrored = code.mirrored
                self._note_delay(code.number, frame.t_capture_ns)

    def _note_delay(self, number: int, t_read_ns: int) -> None:
        t_sent_ns = self._t_sent_ns.get(number)
        if t_sent_ns is not None:
            self._delays_ns.append(max(0, t_read_ns - t_sent_ns))

    def _verdict(self) -> CameraProof:
        if len(self._seen) >= ENOUGH:
            delay_ms = sorted(self._delays_ns)[len(self._delays_ns) // 2] / NS_PER_MS if self._delays_ns else None
            return self._proved(delay_ms)
        if self._pictures == 0:
            return _judged(ProofVerdict.NOTHING_READ, self._name, self._system)
        verdict = ProofVerdict.FROZEN if self._seen else ProofVerdict.WRONG_PICTURE
        return _judged(verdict, self._name, self._system, pictures=self._pictures, numbers=len(self._seen))

    def _proved(self, delay_ms: float | None) -> CameraProof:
        late = "" if delay_ms is None else f", {delay_ms:.0f} ms after they were sent"
        sentence = f"Other programs see the pictures of “{self._name}”: {len(self._seen)} were read back{late}."
        return CameraProof(
            ProofVerdict.PROVED,
            self._name,
            sentence,
            pictures=self._pictures,
            numbers=len(self._seen),
            delay_ms=delay_ms,
            mirrored=self._mirrored,
        )


_RELOAD = "sudo modprobe -r v4l2loopback && sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Understudy"
_TOGGLE_OBS = "press Start Virtual Camera and Stop Virtual Camera in OBS once, then try again."

_SENTENCES = {
    ProofVerdict.FROZEN: "“{camera}” shows a picture that does not move.",
    ProofVerdict.WRONG_PICTURE: "“{camera}” shows another picture than the one that was sent to it.",
    ProofVerdict.NOTHING_READ: "“{camera}” takes pictures, but none could be read from it.{why}",
    ProofVerdict.NOT_LISTED: "“{camera}” takes pictures, but no program can choose it: the system does not list it.",
}

_FIXES: dict[ProofVerdict, dict[str, str]] = {
    ProofVerdict.FROZEN: {
        "Linux": f"Close every program that shows the camera, then run: {_RELOAD}",
        "Windows": "Close every program that shows the camera, stop the virtual camera in OBS, then try again; "
        "restart Windows if it stays so.",
        "Darwin": f"Close every program that shows the camera, then {_TOGGLE_OBS}",
    },
    ProofVerdict.WRONG_PICTURE: {
        "Linux": f"Close the other program that sends to the camera; if there is none, run: {_RELOAD}",
        "Windows": "Stop the virtual camera in OBS and close other programs that send to it, then try again.",
        "Darwin": "Stop the virtual camera in OBS and close other programs that send to it, then try again.",
    },
    ProofVerdict.NOTHING_READ: {
        "Linux": f"Close every program that shows the camera, then run: {_RELOAD}",
        "Windows": "Allow desktop apps to use the camera in Settings, Privacy & security, Camera, then try again.",
        "Darwin": "Allow this program to use the camera in System Settings, Privacy & Security, Camera; "
        f"if that does not help, {_TOGGLE_OBS}",
    },
    ProofVerdict.NOT_LISTED: {
        "Linux": f"Load the module so that programs list it as a camera: {_RELOAD}",
        "Windows": "Install OBS Studio again, as administrator, start it once, then try again.",
        "Darwin": f"Allow the camera extension of OBS in System Settings, {_TOGGLE_OBS}",
    },
}

_ANY_FIX = "Close every program that shows the camera, restart the computer, then try again."


def _judged(
    verdict: ProofVerdict, camera: str, system: str, why: str = "", *, pictures: int = 0, numbers: int = 0
) -> CameraProof:
    sentence = _SENTENCES[verdict].format(camera=camera, why=why)
    fix = _FIXES[verdict].get(system, _ANY_FIX)
    return CameraProof(verdict, camera, sentence, fix, pictures=pictures, numbers=numbers)
