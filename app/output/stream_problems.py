"""Why a stream cannot be sent, in words; never with its key."""

from __future__ import annotations

import errno

from app.errors import EnvironmentProblem
from app.output.destinations import StreamTarget
from app.output.stream_messages import StreamFailed

NOT_OPENED = "The stream could not be started."
LOST = "The stream was lost."

_TRY = "Check the address, and that the server is running; switch firewalls and VPNs off to try."
_KEY = "Check the stream key and the address; some services give a new key for each stream."
_NETWORK = "Check the network; the stream is tried again by itself for two minutes."

_WHY: dict[int, tuple[str, str]] = {
    errno.ECONNREFUSED: ("Nothing listens at {place}.", _TRY),
    errno.ETIMEDOUT: ("{place} does not answer.", _TRY),
    errno.EHOSTUNREACH: ("There is no way to {place} from this network.", _TRY),
    errno.ENETUNREACH: ("This computer has no network.", "Connect to the network, then start the stream again."),
    errno.EIO: ("{place} does not exist, or refused the stream.", _KEY),
    errno.ECONNRESET: ("{place} hung up.", _KEY),
    errno.EPIPE: ("{place} hung up.", _KEY),
}


class StreamUnavailable(EnvironmentProblem):
    """The stream cannot be sent now."""


def explain_failure(failed: StreamFailed, target: StreamTarget, what: str) -> StreamUnavailable:
    """The problem behind what the sender said.

    `what` happened, in a sentence: `NOT_OPENED` or `LOST`.
    """
    place = target.shown
    if failed.kind in ("ProtocolNotFoundError", "MuxerNotFoundError"):
        why = f"The installed PyAV cannot send {target.scheme.upper()}."
        return StreamUnavailable(what, why=why, fix="Use another kind of address (rtmp, rtmps or srt).")
    if failed.kind == "ModuleNotFoundError":
        fix = "Install it with: python3 -m uv sync --extra whip; or use another kind of address (rtmp, rtmps or srt)."
        return StreamUnavailable(what, why="WHIP needs the package aiortc, which is not installed.", fix=fix)
    if failed.kind == "WhipRefused":
        return StreamUnavailable(what, why=f"{place} refused the stream (HTTP status {failed.number}).", fix=_KEY)
    if failed.number in _WHY:
        why, fix = _WHY[failed.number]
        return StreamUnavailable(what, why=why.format(place=place), fix=fix if what == NOT_OPENED else _NETWORK)
    said = failed.text or failed.kind
    return StreamUnavailable(what, why=f"On the way to {place} the system said: {said}.", fix=_TRY)


def silent(target: StreamTarget, after_s: float, what: str) -> StreamUnavailable:
    """The server accepts, and then takes nothing."""
    fix = _TRY if what == NOT_OPENED else _NETWORK
    return StreamUnavailable(what, why=f"{target.shown} has taken nothing for {after_s:g} s.", fix=fix)


def ended(exit_code: int | None) -> StreamUnavailable:
    """The sender is gone without a word."""
    return StreamUnavailable(
        LOST,
        why=f"Its process ended unexpectedly (exit code {exit_code}).",
        fix="Start the stream again; please report this if it happens again.",
    )
