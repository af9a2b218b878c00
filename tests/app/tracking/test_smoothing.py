from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import NS_PER_S
from app.tracking.smoothing import DEFAULT_STRENGTH, LandmarkSmoother
from models.types import FloatArray
from tests.helpers.faces import face_px

SIZE_PX = 222.0  # of a face whose crop has 512


def smoothed(track: FloatArray, fps: float, strength: float = DEFAULT_STRENGTH) -> FloatArray:
    smoother = LandmarkSmoother(strength)
    return np.stack([smoother.update(face, NS_PER_S + round(i * NS_PER_S / fps)) for i, face in enumerate(track)])


def still(frames: int, noise_px: float, seed: int = 0) -> FloatArray:
    noise = np.random.default_rng(seed).normal(0.0, noise_px, (frames, 478, 3))
    return (face_px() + noise).astype(np.float32)


def moving(frames: int, fps: float, hz: float = 0.7) -> FloatArray:
    """A head that sways by a quarter of its size and turns by 20 degrees."""
    face, phase = face_px(), 2 * np.pi * hz * np.arange(frames) / fps
    middle = face.mean(0)
    track = []
    for angle, sway in zip(np.radians(20) * np.sin(phase), 0.25 * SIZE_PX * np.sin(phase), strict=True):
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        track.append((face - middle) @ turn.T + middle + [sway, 0, 0])
    return np.array(track, np.float32)


def jitter_px(track: FloatArray) -> float:
    """Root mean square distance of a landmark from its mean place, after the filter has settled."""
    settled = track[30:, :, :2]
    return float(np.sqrt(((settled - settled.mean(0)) ** 2).sum(-1).mean()))


def lag_ms(track: FloatArray, result: FloatArray, fps: float) -> float:
    """The delay that explains the result best."""
    times, x = np.arange(len(track)) / fps, track[:, 1, 0]
    delays_s = np.arange(0.0, 0.1, 0.001)
    errors = [np.abs(np.interp(times - d, times, x) - result[:, 1, 0])[10:].mean() for d in delays_s]
    return 1000.0 * float(delays_s[int(np.argmin(errors))])


def blink(fps: float, duration_s: float, middle_s: float = 1.0) -> FloatArray:
    """Upper lids that go down and up again within `duration_s`."""
    face = face_px()
    times = np.arange(round(2 * fps)) / fps
    share = np.clip(1 - np.abs(times - middle_s) / (duration_s / 2), 0, 1)[:, None]
    track = np.repeat(face[None], len(times), 0)
    for upper, lower in ((159, 145), (386, 374)):
        track[:, upper] += (share * (face[lower] - face[upper])).astype(np.float32)
    return track


def kept_blink(track: FloatArray, result: FloatArray) -> float:
    opening = [np.linalg.norm(t[:, 159, :2] - t[:, 145, :2], axis=1) for t in (track, result)]
    return float((opening[0][0] - opening[1].min()) / (opening[0][0] - opening[0].min()))


def test_a_still_head_trembles_less_than_the_promise_at_the_default_setting() -> None:
    track = still(150, 0.3)
    assert jitter_px(track) > 0.4
    assert jitter_px(smoothed(track, 30)) <= 0.3


@pytest.mark.parametrize("noise_px", [0.2, 0.5, 1.0])
def test_a_still_head_stands_still_however_much_its_tracker_trembles(noise_px: float) -> None:
    """A filter that opens with speed opens with noise: a plain One-Euro filter left 1.2 px of the worst of these."""
    assert jitter_px(smoothed(still(150, noise_px), 25)) <= 0.3


@pytest.mark.parametrize("strength", [0.2, 0.4, 1.0])
def test_steady_is_slower_than_responsive_but_every_setting_arrives(strength: float) -> None:
    """A corner of the mouth that goes aside by 2 px of noise 0.2 and stays there."""
    track = still(150, 0.2)
    track[100:, 61, 0] += 2.0
    result = smoothed(track, 25, strength)[:, 61, 0]
    assert np.mean(result[125:]) - np.mean(result[50:100]) == pytest.approx(2.0, abs=0.4)


def test_uneven_frame_times_do_not_let_the_noise_through() -> None:
    track, smoother, t_ns = still(150, 0.5), LandmarkSmoother(), NS_PER_S
    result = []
    for face, step_ms in zip(track, [20, 60, 33, 90, 17] * 30, strict=True):
        t_ns += step_ms * 1_000_000
        result.append(smoother.update(face, t_ns))
    assert jitter_px(np.stack(result)) <= 0.3


def test_points_that_tremble_more_than_the_others_are_held_still_too() -> None:
    """Lips behind a microphone or a moustache."""
    track, lips = still(150, 0.3), list(range(11, 18))
    track[:, lips] += np.random.default_rng(1).normal(0.0, 1.5, (150, len(lips), 3)).astype(np.float32)
    assert jitter_px(track[:, lips]) > 2.0
    assert jitter_px(smoothed(track, 25)[:, lips]) <= 0.6


def test_more_smoothing_means_less_jitter() -> None:
    track = still(120, 0.3)
    amounts = [jitter_px(smoothed(track, 30, strength)) for strength in (0.0, 0.2, 0.4, 0.7, 1.0)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == pytest.approx(jitter_px(track))


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_a_moving_head_is_delayed_by_less_than_20_ms_at_any_frame_rate(fps: float) -> None:
    track = moving(round(4 * fps), fps)
    assert lag_ms(track, smoothed(track, fps), fps) <= 20.0


@pytest.mark.parametrize("middle_s", [1.0, 1.008, 1.016])
def test_a_blink_of_100_ms_keeps_its_amplitude(middle_s: float) -> None:
    track = blink(30, 0.1, middle_s)
    assert kept_blink(track, smoothed(track, 30)) >= 0.8


@pytest.mark.parametrize("noise_px", [0.2, 0.4])
def test_a_blink_under_noise_keeps_its_amplitude_once_the_noise_is_known(noise_px: float) -> None:
    noise = np.random.default_rng(0).normal(0.0, noise_px, (250, 478, 3))
    noise[-15:-13] = 0.0  # the lowest frame itself is not a matter of luck
    track = np.concatenate([np.repeat(face_px()[None], 200, 0), blink(25, 0.16)]) + noise
    assert kept_blink(track.astype(np.float32), smoothed(track.astype(np.float32), 25)) >= 0.8


def test_fast_syllables_are_not_taken_for_noise() -> None:
    """Four openings of the mouth a second, for four seconds, after a second of rest."""
    fps, face = 25, face_px()
    times = np.arange(5 * fps) / fps
    opening = np.where(times > 1, 0.5 - 0.5 * np.cos(2 * np.pi * 4 * times), 0.0)
    track = np.repeat(face[None], len(times), 0)
    track[:, 14, 1] += (10 * opening).astype(np.float32)  # px, of a face of 222
    track += np.random.default_rng(0).normal(0.0, 0.2, track.shape).astype(np.float32)
    result = smoothed(track, fps)[50:, 14, 1]
    assert np.ptp(result) >= 0.85 * np.ptp(track[50:, 14, 1])


def test_a_blink_does_not_move_the_rest_of_the_face() -> None:
    result = smoothed(blink(30, 0.1), 30)
    still_points = [4, 10, 61, 291, 152]
    assert np.abs(result[:, still_points] - face_px()[still_points]).max() < 0.05


def test_a_turning_head_keeps_its_shape() -> None:
    track = moving(60, 30)
    distances = [np.linalg.norm(t[:, 33] - t[:, 263], axis=1) for t in (track, smoothed(track, 30))]
    np.testing.assert_allclose(distances[1], distances[0], rtol=2e-3)


def test_strength_zero_passes_landmarks_through() -> None:
    track = still(5, 1.0)
    np.testing.assert_array_equal(smoothed(track, 30, 0.0), track)


def test_strength_changes_between_two_frames() -> None:
    track, smoother = still(4, 1.0), LandmarkSmoother(0.0)
    smoother.update(track[0], 1)
    smoother.update(track[1], 33_000_001)
    smoother.strength = 1.0
    assert np.abs(smoother.update(track[2], 66_000_001) - track[2]).mean() > 0.1
    smoother.strength = 0.0
    np.testing.assert_array_equal(smoother.update(track[3], 99_000_001), track[3])


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_zero_to_one_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="smoothing must be between 0 and 1"):
        LandmarkSmoother(strength)


@pytest.mark.parametrize("next_ns", [2 * NS_PER_S, NS_PER_S // 2])
def test_the_past_is_forgotten_after_a_gap_and_when_time_runs_backwards(next_ns: int) -> None:
    track, smoother = still(2, 3.0), LandmarkSmoother(1.0)
    smoother.update(track[0], NS_PER_S)
    np.testing.assert_array_equal(smoother.update(track[1], next_ns), track[1])


def test_the_same_time_again_gives_the_same_landmarks_again() -> None:
    track, smoother = still(3, 3.0), LandmarkSmoother()
    smoother.update(track[0], NS_PER_S)
    first = smoother.update(track[1], NS_PER_S + 33_000_000)
    np.testing.assert_array_equal(smoother.update(track[2], NS_PER_S + 33_000_000), first)


def test_another_face_elsewhere_is_not_dragged_towards_the_last_one() -> None:
    smoother = LandmarkSmoother(1.0)
    smoother.update(face_px((300, 360)), NS_PER_S)
    elsewhere = face_px((900, 360))
    np.testing.assert_array_equal(smoother.update(elsewhere, NS_PER_S + 33_000_000), elsewhere)


def test_reset_forgets() -> None:
    track, smoother = still(2, 3.0), LandmarkSmoother(1.0)
    smoother.update(track[0], NS_PER_S)
    smoother.reset()
    np.testing.assert_array_equal(smoother.update(track[1], NS_PER_S + 33_000_000), track[1])


def test_points_that_are_no_face_come_back_unchanged_and_are_forgotten() -> None:
    smoother, point = LandmarkSmoother(), np.zeros((478, 3), np.float32)
    smoother.update(face_px(), NS_PER_S)
    np.testing.assert_array_equal(smoother.update(point, NS_PER_S + 1), point)
    np.testing.assert_array_equal(smoother.update(point, NS_PER_S + 2), point)
    np.testing.assert_array_equal(smoother.update(face_px(), NS_PER_S + 3), face_px())


@settings(max_examples=25, deadline=None)
@given(
    strength=st.floats(0, 1),
    steps_ms=st.lists(st.integers(1, 400), min_size=2, max_size=12),
    seed=st.integers(0, 100),
)
def test_the_result_stays_near_what_was_seen_whatever_the_frame_times(
    strength: float, steps_ms: list[int], seed: int
) -> None:
    track, smoother, t_ns = still(len(steps_ms), 0.5, seed), LandmarkSmoother(strength), NS_PER_S
    for face, step_ms in zip(track, steps_ms, strict=True):
        t_ns += step_ms * 1_000_000
        assert np.abs(smoother.update(face, t_ns) - face_px()).max() < 5.0
