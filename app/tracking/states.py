"""What the viewer sees when the driver's face comes and goes. Pure logic: every time is passed in.

    LIVE --frame without a face--> HELD --300 ms--> IDLE --10 s--> AWAY
      ^------------1 frame-----------'                |              |
      ^------------2 frames in a row------------------+--------------'

No pictures for a second (camera unplugged) is AWAY at once, and so is the wish of the person. The camera's picture
is no state.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.clock import NS_PER_MS
from app.packets import FrameStatus


@dataclass(frozen=True)
class PresenceLimits:
    """How long each state lasts; milliseconds since the face was last seen, unless said otherwise.

    hold_ms: the last animated frame stays. away_ms: the card appears. camera_lost_ms: since the last picture.
    confirm_frames: faces in a row that end IDLE or AWAY; a single false detection does not.
    """

    hold_ms: int = 300
    away_ms: int = 10_000
    camera_lost_ms: int = 1_000
    confirm_frames: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.hold_ms < self.away_ms:
            raise ValueError("hold and away must follow each other")
        if self.camera_lost_ms <= self.hold_ms or self.confirm_frames < 1:
            raise ValueError("these limits make no state machine")


class PresenceMachine:
    """LIVE, HELD, IDLE or AWAY. Used by one thread (render)."""

    def __init__(self, now_ns: int, *, camera: bool = True, limits: PresenceLimits | None = None) -> None:
        self._limits = limits or PresenceLimits()
        self._pressed = False
        self.restart(now_ns, camera=camera)

    def restart(self, now_ns: int, *, camera: bool) -> None:
        """Begin again with IDLE: at the start, or when another camera was chosen.

        camera: False when there is none, by choice; then the portrait idles for as long as it takes. With True
        the camera counts as lost only after it gave a first picture: opening one takes seconds.
        """
        self._camera = camera
        self._state = FrameStatus.IDLE
        self._in_a_row = 0
        self._picture_ns: int | None = None
        self._face_ns = now_ns

    def set_away(self, pressed: bool, now_ns: int) -> None:
        """The person asks for the card, or takes the wish back (then: IDLE until his face is confirmed)."""
        if self._pressed and not pressed:
            self._state, self._in_a_row = FrameStatus.IDLE, 0
            self._face_ns = now_ns
        self._pressed = pressed

    def saw_picture(self, has_face: bool, t_ns: int) -> None:
        """A tracked frame arrived; `t_ns` is when it was captured."""
        t_ns = max(t_ns, self._picture_ns or t_ns)
        self._advance(t_ns)
        self._picture_ns = t_ns
        self._in_a_row = self._in_a_row + 1 if has_face else 0
        if not has_face:
            if self._state is FrameStatus.LIVE:
                self._state = FrameStatus.HELD
            return
        if self._state is FrameStatus.HELD or self._in_a_row >= self._limits.confirm_frames:
            self._state = FrameStatus.LIVE
        if self._state is FrameStatus.LIVE:
            self._face_ns = t_ns

    def status(self, now_ns: int) -> FrameStatus:
        """What to show now."""
        self._advance(now_ns)
        return FrameStatus.AWAY if self._pressed else self._state

    def _advance(self, now_ns: int) -> None:
        """What time alone changes."""
        limits = self._limits
        unseen_ms = (now_ns - self._face_ns) / NS_PER_MS
        if self._state in (FrameStatus.LIVE, FrameStatus.HELD) and unseen_ms > limits.hold_ms:
            self._state, self._in_a_row = FrameStatus.IDLE, 0
        camera_lost = self._picture_ns is not None and now_ns - self._picture_ns > limits.camera_lost_ms * NS_PER_MS
        if not self._camera or not (camera_lost or unseen_ms > limits.away_ms):
            return
        if camera_lost or self._state is not FrameStatus.AWAY:
            self._state, self._in_a_row = FrameStatus.AWAY, 0
