"""Cameras by stable id and name, as the system lists them. Nothing is opened and no index is probed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.capture.base import CameraDescription
from app.capture.problems import CameraGone, NoCameraFound, NoSuchCamera, OwnVirtualCamera

log = logging.getLogger(__name__)

OWN_VIRTUAL_NAMES = (
    "obs virtual camera",
    "obs-camera",
    "unity video capture",
    "understudy",
    "v4l2loopback",
    "v4l2 loopback",
    "dummy video device",  # what v4l2loopback calls itself when nobody gave it a label
)
"""Parts of names of the cameras that pyvirtualcam can write to. Phones used as webcams are virtual too, but wanted."""

BACKENDS = {
    "win32": ("MSMF", "DSHOW"),
    "linux": ("V4L2",),
    "darwin": ("AVFOUNDATION",),
}
"""OpenCV's backends by system, in the order in which they are tried."""

STABLE_LINKS = (Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path"))
"""Where Linux keeps names that survive a restart: by maker and serial number, else by socket."""


@dataclass(frozen=True)
class ListedCamera:
    """One line of the system's list, for one backend."""

    index: int
    name: str
    path: str
    backend: int


class CameraList(Protocol):
    """Where the list comes from; tests hand in one of their own."""

    def __call__(self) -> Sequence[ListedCamera]: ...


def list_cameras(listed: CameraList | None = None) -> list[CameraDescription]:
    """All cameras but virtual ones of our own, each once, through its first backend."""
    rows = _readable((listed or system_list)())
    firsts: dict[str, CameraDescription] = {}
    for row in rows:
        firsts.setdefault(_device_key(row), described(row))
    return list(firsts.values())


def find_camera(text: str, listed: CameraList | None = None) -> CameraDescription:
    """The camera with this id, name (or a part of one that fits a single camera), or place in the list.

    Raises:
        NoCameraFound: there is none at all.
        OwnVirtualCamera: it is one that programs like this one write to.
        NoSuchCamera: there are others.
    """
    rows = (listed or system_list)()
    cameras = list_cameras(lambda: rows)
    found = _match(text, cameras)
    if found is not None:
        return found
    for row in rows:
        if text and is_own_virtual(row.name) and text.casefold() in (row.name.casefold(), row.path.casefold()):
            raise OwnVirtualCamera(row.name)
    if not cameras:
        raise NoCameraFound
    raise NoSuchCamera(text, [camera.name for camera in cameras])


def ways_to_open(camera: CameraDescription, listed: CameraList | None = None) -> list[CameraDescription]:
    """The same camera as listed now, through every backend, best first; its index may have changed since.

    Raises:
        CameraGone: it is not listed any more.
    """
    rows = _readable((listed or system_list)())
    keys = {_device_key(row) for row in rows if described(row).camera_id == camera.camera_id}
    ways = [described(row) for row in rows if _device_key(row) in keys]
    if not ways:
        raise CameraGone(camera.name)
    return ways


def is_own_virtual(name: str) -> bool:
    """Whether a camera of this name is one that pyvirtualcam writes to."""
    return any(part in name.casefold() for part in OWN_VIRTUAL_NAMES)


def system_list() -> Sequence[ListedCamera]:
    """What the system lists, for every backend that this OpenCV has."""
    import cv2
    import cv2_enumerate_cameras as enumerator

    wanted = [getattr(cv2, f"CAP_{name}") for name in BACKENDS.get(sys.platform, ())]
    built_in = set(cv2.videoio_registry.getCameraBackends())
    rows: list[ListedCamera] = []
    for backend in wanted:
        if backend not in built_in or backend not in enumerator.supported_backends:
            continue
        try:
            infos = enumerator.enumerate_cameras(backend)
        except OSError as error:  # Windows without media features has no Media Foundation
            log.info("backend %d lists no cameras: %s", backend, error)
            continue
        rows += sorted(
            (ListedCamera(info.index, info.name or f"Camera {info.index}", info.path or "", backend) for info in infos),
            key=lambda row: row.index,
        )
    return rows


def _readable(rows: Iterable[ListedCamera]) -> list[ListedCamera]:
    return [row for row in rows if not is_own_virtual(row.name)]


def _match(text: str, cameras: Sequence[CameraDescription]) -> CameraDescription | None:
    wanted = text.strip().casefold()
    for camera in cameras:
        if wanted in (camera.camera_id.casefold(), camera.name.casefold()):
            return camera
    if wanted.isascii() and wanted.isdigit():
        place = int(wanted[:9])
        return cameras[place] if place < len(cameras) else None
    if os.path.exists(text):  # /dev/video0, or a link to it other than the one that is the id
        return next((c for c in cameras if os.path.realpath(c.camera_id) == os.path.realpath(text)), None)
    partly = [camera for camera in cameras if wanted and wanted in camera.name.casefold()]
    return partly[0] if len(partly) == 1 else None


def described(row: ListedCamera) -> CameraDescription:
    """A line of the system's list as a camera."""
    return CameraDescription(_stable_id(row), row.name, row.index, row.backend)


def _stable_id(row: ListedCamera) -> str:
    """A name for the device that survives a restart where the system has one."""
    if not row.path:
        return row.name
    if not row.path.startswith("/dev/"):
        return row.path  # Windows: the device's interface; macOS: its unique id
    for folder in STABLE_LINKS:
        links = sorted(folder.iterdir()) if folder.is_dir() else []
        for link in links:
            if os.path.realpath(link) == os.path.realpath(row.path):
                return str(link)
    return row.path


def _device_key(row: ListedCamera) -> str:
    """The same for one device through all backends: Windows' backends differ in the interface at the path's end."""
    return row.path.casefold().rpartition("#{")[0] or row.path.casefold() or row.name.casefold()
