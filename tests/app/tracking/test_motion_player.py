from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.tracking.motion_clip import MotionClip, load_motion
from app.tracking.motion_player import MotionPlayer, looped, starting_at
from tests.helpers.faces import MOTION, neutral_face


def sliding(frames: int, *, loops: bool = False) -> MotionClip:
    """A face that moves right by 0.01 a frame of 100 ms."""
    track = np.repeat(neutral_face()[None], frames, 0)
    track[:, :, 0] += 0.01 * np.arange(frames, dtype=np.float32)[:, None]
    return MotionClip(track, np.arange(frames, dtype=np.int32) * 100, fps=10.0, loops=loops)


def shift(clip: MotionClip, time_ms: float, *, loop: bool = True) -> float:
    """Where the face is, in frames of motion."""
    return float((MotionPlayer(clip, loop=loop).at(time_ms) - clip.landmarks[0])[0, 0] / 0.01)


@pytest.mark.parametrize(("time_ms", "frame"), [(0, 0), (100, 1), (150, 1.5), (425, 4.25)])
def test_between_two_frames_it_is_between_them(time_ms: float, frame: float) -> None:
    assert shift(sliding(10), time_ms) == pytest.approx(frame, abs=1e-3)


@pytest.mark.parametrize(("time_ms", "frame"), [(900, 9), (950, 4.5), (1000, 0), (1250, 2.5), (-50, 4.5)])
def test_a_looping_clip_flows_from_its_last_frame_into_its_first(time_ms: float, frame: float) -> None:
    assert shift(sliding(10, loops=True), time_ms) == pytest.approx(frame, abs=1e-3)


@pytest.mark.parametrize(("time_ms", "frame"), [(900, 9), (1000, 8), (1800, 0), (1900, 1), (-100, 1)])
def test_another_clip_is_played_forwards_and_backwards(time_ms: float, frame: float) -> None:
    assert shift(sliding(10), time_ms) == pytest.approx(frame, abs=1e-3)


@pytest.mark.parametrize("loops", [True, False])
@pytest.mark.parametrize(("time_ms", "frame"), [(-500, 0), (900, 9), (5000, 9)])
def test_without_loop_it_stays_at_the_ends(time_ms: float, frame: float, loops: bool) -> None:
    assert shift(sliding(10, loops=loops), time_ms, loop=False) == pytest.approx(frame, abs=1e-3)


def test_a_single_frame_stands_still() -> None:
    clip = sliding(1, loops=True)
    np.testing.assert_array_equal(MotionPlayer(clip).at(12345.6), clip.landmarks[0])


def test_the_player_never_gives_away_the_clip_itself() -> None:
    clip = sliding(3)
    MotionPlayer(clip, loop=False).at(1e6)[:] = 0
    assert np.abs(clip.landmarks[-1]).max() > 0.1


def test_looping_blends_the_end_into_the_start_without_a_jump() -> None:
    clip = looped(sliding(40), 10)
    assert clip.loops
    assert len(clip.landmarks) == 30
    around = np.concatenate([clip.landmarks, clip.landmarks[:1]])[:, 0, 0]
    assert np.abs(np.diff(around)).max() < 0.08  # the jump of 0.3 is spread over the blend


def test_a_clip_too_short_to_blend_is_refused() -> None:
    with pytest.raises(ValueError, match="12 frames are too few to blend 10"):
        looped(sliding(12), 10)


def test_a_loop_may_begin_anywhere() -> None:
    clip = starting_at(sliding(10, loops=True), 4)
    assert clip.landmarks[0, 0, 0] == sliding(10).landmarks[4, 0, 0]
    with pytest.raises(ValueError, match="only a clip that loops"):
        starting_at(sliding(10), 4)


@pytest.mark.parametrize("name", ["talking", "expressive", "calm"])
def test_the_shipped_clips_loop_seamlessly_and_are_small(name: str) -> None:
    path = MOTION / f"{name}.motion"
    clip = load_motion(path)
    steps = np.abs(np.diff(clip.landmarks, axis=0)).mean((1, 2))
    assert path.stat().st_size < 300_000
    assert 5_000 <= clip.duration_ms <= 10_000
    assert clip.loops
    assert np.abs(clip.landmarks[0] - clip.landmarks[-1]).mean() <= 1.2 * steps.max()
    assert clip.licence == "Apache-2.0"
    assert clip.origin.endswith("numbers, no pixels.")


@pytest.mark.parametrize("name", ["talking", "expressive", "calm"])
def test_the_shipped_clips_begin_neutral_in_their_own_crop(name: str) -> None:
    clip = load_motion(MOTION / f"{name}.motion")
    mouth = np.linalg.norm(clip.landmarks[:, 13] - clip.landmarks[:, 14], axis=1)
    eyes = np.linalg.norm(clip.landmarks[:, 159] - clip.landmarks[:, 145], axis=1)
    assert mouth[0] <= mouth.min() + 0.25 * np.ptp(mouth)
    assert eyes[0] >= 0.75 * np.median(eyes)
    box = np.ptp(clip.landmarks[0, :468, :2], axis=0)
    assert box.max() == pytest.approx(2 / 2.3, rel=0.02)
    assert np.abs(clip.landmarks[..., :2]).max() < 1.0


def test_the_shipped_clips_differ_in_character() -> None:
    calm, talking, expressive = (load_motion(Path(MOTION / f"{n}.motion")) for n in ("calm", "talking", "expressive"))
    activity = [np.abs(np.diff(clip.landmarks, axis=0)).mean() for clip in (calm, talking, expressive)]
    assert activity == sorted(activity)
    mouths = [np.linalg.norm(c.landmarks[:, 13] - c.landmarks[:, 14], axis=1).std() for c in (calm, talking)]
    assert mouths[1] > 2 * mouths[0]
