"""Where sound comes from: a microphone, or the file that is the camera."""

from __future__ import annotations

from typing import Protocol

from app.packets import AudioBlock


class SoundSource(Protocol):
    """One microphone or file. All methods run on the sound thread, except `interrupt`."""

    name: str

    def open(self) -> None:
        """Open the device or file.

        Raises:
            UsageProblem: a file that cannot be used.
            EnvironmentProblem: no such device, busy, no permission.
        """
        ...

    def read(self, timeout_s: float) -> list[AudioBlock]:
        """The blocks that came meanwhile, on the common grid; none where none came in time.

        Raises:
            EnvironmentProblem: the device is gone.
        """
        ...

    def release(self) -> None:
        """Give it back. Idempotent."""
        ...

    def interrupt(self) -> None:
        """Make a waiting `read` return soon; callable from any thread."""
        ...
