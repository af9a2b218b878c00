"""A program with a virtual camera, to be killed by tests: `python -m tests.helpers.camera_parent LOG ORPHAN_S [NOTES]`.

Sends blue frames for ever; prints the keeper's process id once the camera is open.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.output.camera_messages import KeeperOptions
from app.output.virtual_camera import VirtualCamera
from tests.helpers.fake_camera import LOADER
from tests.helpers.frames import plain, rendered
from tests.helpers.waiting import pause


def main(log: str, orphan_s: float, notes: Path | None = None) -> None:
    options = KeeperOptions((64, 96), backend_loader=LOADER + "register", orphan_s=orphan_s, notes=notes)
    camera = VirtualCamera(plain((200, 0, 0), (64, 96)), log, options)
    camera.open()
    sys.stdout.write(f"{camera.keeper_pid}\n")
    sys.stdout.flush()
    number = 0
    while True:
        number += 1
        camera.send(rendered(plain((0, 0, 200), (64, 96)), number))
        pause(0.02)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *map(Path, sys.argv[3:]))
