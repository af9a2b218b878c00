"""A program with a webcam, to be killed by tests: `python -m tests.helpers.webcam_parent FAKE`.

Prints the grabber's process id and the name of its shared memory, then grabs for ever.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from app.capture.base import CameraDescription, CaptureFormat
from app.capture.webcam import WebcamPatience, WebcamSource


def main() -> None:
    camera = CameraDescription("usb-1", "Desk Camera", 0, 1)
    patience = WebcamPatience(silent_s=600.0)
    opener = f"tests.helpers.fake_webcams:{sys.argv[1]}"
    source = WebcamSource(camera, CaptureFormat(), patience, opener=opener, ways=lambda _: (camera,))
    source.open()
    sys.stdout.write(f"{source.process_id}\n")
    sys.stdout.flush()
    try:
        while True:
            with suppress(TimeoutError):
                source.grab(0.5)
    finally:
        source.release()


if __name__ == "__main__":
    main()
