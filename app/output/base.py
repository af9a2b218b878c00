"""What a sink is: somewhere finished pictures go. Sinks accept `RenderedFrame` and nothing else."""

from __future__ import annotations

from typing import Protocol

from app.packets import RenderedFrame


class FrameSink(Protocol):
    """The null sink, the recorder, the virtual camera, the preview. Runs on a sink worker's thread.

    Each sink has a latest-wins slot of its own, so that a slow one never holds up the others.
    """

    name: str

    def open(self) -> None:
        """Acquire the device or create the file.

        Raises:
            AppError: with what is missing and how to get it.
        """
        ...

    def send(self, frame: RenderedFrame) -> None:
        """Deliver one frame.

        Raises:
            TypeError: for anything that is not a `RenderedFrame`.
            AppError: when the output fails for good (disk full, device gone).
        """
        ...

    def close(self) -> None:
        """Finish: close the file, give the device back. Idempotent."""
        ...


def require_rendered(frame: object) -> RenderedFrame:
    """Refuse everything that is not a `RenderedFrame`: the last guard before a picture leaves the program."""
    if type(frame) is not RenderedFrame:
        raise TypeError(f"a sink accepts only RenderedFrame, got {type(frame).__name__}")
    return frame
