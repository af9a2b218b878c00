from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from app.tracking.chatter import import_mediapipe, without_chatter
from app.tracking.face_mesh import FaceMeshTracker
from app.tracking.regions import Box
from app.tracking.smoothing import LandmarkSmoother
from models.types import FloatArray, ImageArray

NOSE, RIGHT_EAR, LEFT_EAR = 1, 234, 454


@pytest.fixture(scope="module")
def static_tracker() -> Iterator[FaceMeshTracker]:
    tracker = FaceMeshTracker(static=True)
    yield tracker
    tracker.close()


@pytest.fixture
def video_tracker() -> Iterator[FaceMeshTracker]:
    tracker = FaceMeshTracker()
    yield tracker
    tracker.close()


def portrait(side_px: int = 512) -> ImageArray:
    """A real face that fills its picture like a training clip."""
    return np.asarray(cv2.resize(astronaut()[0:250, 95:345], (side_px, side_px), interpolation=cv2.INTER_AREA))


def placed(face: ImageArray, left: int, top: int, size: tuple[int, int]) -> ImageArray:
    picture = np.full((*size, 3), 90, np.uint8)
    picture[top : top + face.shape[0], left : left + face.shape[1]] = face
    return picture


def reference_landmarks(frames: list[ImageArray]) -> list[FloatArray | None]:
    """What the checker outside the repository finds (its FaceMesh settings, 256 px frames)."""
    with without_chatter():
        mesh = import_mediapipe().solutions.face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, max_num_faces=1, min_detection_confidence=0.4
        )
        results = [mesh.process(frame).multi_face_landmarks for frame in frames]
    mesh.close()
    return [
        None if not faces else np.array([(p.x, p.y, p.z) for p in faces[0].landmark], np.float32) * 256
        for faces in results
    ]


def test_a_face_is_found_with_irises_and_depth_that_grows_away(static_tracker: FaceMeshTracker) -> None:
    (face,) = static_tracker.track(portrait(), 0)
    points = face.landmarks_px
    assert points.shape == (478, 3)
    assert points.dtype == np.float32
    assert face.picture_size == (512, 512)
    assert 0.5 <= face.presence <= 1.0
    assert points[NOSE, 2] < points[[RIGHT_EAR, LEFT_EAR], 2].min() - 20
    assert points[33, 0] < points[468, 0] < points[133, 0]


def test_landmarks_of_framed_pictures_equal_those_of_the_outside_checker(static_tracker: FaceMeshTracker) -> None:
    frames = [portrait(256), np.ascontiguousarray(portrait(256)[:, ::-1]), np.full((256, 256, 3), 128, np.uint8)]
    for frame, expected in zip(frames, reference_landmarks(frames), strict=True):
        found = static_tracker.track(frame, 0)
        if expected is None:
            assert found == []
        else:
            np.testing.assert_allclose(found[0].landmarks_px, expected, atol=1e-3)


@pytest.mark.clips
def test_landmarks_of_a_real_clip_equal_those_of_the_outside_checker(
    eval_clip: Path, static_tracker: FaceMeshTracker
) -> None:
    with av.open(str(eval_clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][:40:8]
    frames = [np.asarray(cv2.resize(frame, (256, 256), interpolation=cv2.INTER_AREA)) for frame in frames]
    for frame, expected in zip(frames, reference_landmarks(frames), strict=True):
        assert expected is not None
        np.testing.assert_allclose(static_tracker.track(frame, 0)[0].landmarks_px, expected, atol=1e-3)


@pytest.mark.parametrize("size", [(900, 1200), (3000, 4000)])
def test_a_face_of_a_twentieth_of_a_big_still_picture_is_found(
    size: tuple[int, int], static_tracker: FaceMeshTracker
) -> None:
    side = round(size[0] * 0.05 * 2.3)  # the face itself is a twentieth of the height
    left, top = round(size[1] * 0.6), round(size[0] * 0.3)
    (face,) = static_tracker.track(placed(portrait(side), left, top, size), 0)
    box = Box.around(face.landmarks_px)
    assert left < box.left < box.right < left + side
    assert top < box.top < box.bottom < top + side
    assert face.picture_size == size


def test_a_big_picture_without_a_face_gives_none(static_tracker: FaceMeshTracker) -> None:
    assert static_tracker.track(np.full((700, 900, 3), 128, np.uint8), 0) == []


def test_two_people_are_both_found(static_tracker: FaceMeshTracker) -> None:
    both = np.hstack([portrait(360), np.ascontiguousarray(portrait(360)[:, ::-1])])
    centres = sorted(Box.around(face.landmarks_px).centre[0] for face in static_tracker.track(both, 0))
    assert len(centres) == 2
    assert centres[0] < 360 < centres[1]


def test_a_view_of_an_array_is_tracked_like_the_array(static_tracker: FaceMeshTracker) -> None:
    flipped = portrait()[:, ::-1]
    (view,), (copy,) = static_tracker.track(flipped, 0), static_tracker.track(np.ascontiguousarray(flipped), 0)
    np.testing.assert_array_equal(view.landmarks_px, copy.landmarks_px)


def test_a_person_far_from_the_webcam_is_found_and_followed(video_tracker: FaceMeshTracker) -> None:
    offsets = []
    for frame in range(50):
        left = 300 + 6 * frame
        found = video_tracker.track(placed(portrait(180), left, 200, (720, 1280)), frame)
        if frame >= 12:
            assert len(found) == 1, f"lost in frame {frame}"
            offsets.append(found[0].landmarks_px[NOSE, 0] - left)
    assert np.std(offsets) < 1.0


def test_a_far_person_who_leaves_is_not_seen_any_more(video_tracker: FaceMeshTracker) -> None:
    there, gone = placed(portrait(180), 300, 200, (720, 1280)), np.full((720, 1280, 3), 90, np.uint8)
    seen = [video_tracker.track(there, k) for k in range(15)]
    assert len(seen[-1]) == 1
    assert all(not video_tracker.track(gone, 20 + k) for k in range(15))
    near = placed(portrait(600), 400, 60, (720, 1280))
    assert len([video_tracker.track(near, 40 + k) for k in range(3)][-1]) == 1


def test_a_camera_that_changes_its_size_is_no_problem(video_tracker: FaceMeshTracker) -> None:
    for k in range(15):
        video_tracker.track(placed(portrait(180), 1000, 400, (720, 1280)), k)
    assert len([video_tracker.track(portrait(320), 20 + k) for k in range(3)][-1]) == 1


def test_the_drawn_face_of_the_warm_up_is_forgotten(video_tracker: FaceMeshTracker) -> None:
    assert video_tracker.track(np.full((256, 256, 3), 128, np.uint8), 0) == []


def test_a_still_head_seen_by_a_noisy_camera_trembles_less_than_0_3_px(video_tracker: FaceMeshTracker) -> None:
    random, smoother = np.random.default_rng(0), LandmarkSmoother()
    noise = [random.normal(0, 3, (512, 512, 3)).astype(np.float32) for _ in range(8)]
    picture, raw, smooth = portrait().astype(np.float32), [], []
    for k in range(90):
        shift = int(random.integers(512))
        noisy = np.clip(picture + np.roll(noise[k % 8], shift, axis=k % 2), 0, 255).astype(np.uint8)
        (face,) = video_tracker.track(noisy, k)
        raw.append(face.landmarks_px[:, :2])
        smooth.append(smoother.update(face.landmarks_px, 1 + k * 33_333_333)[:, :2])
    jitter = [np.sqrt(((np.array(t[30:]) - np.mean(t[30:], axis=0)) ** 2).sum(-1).mean()) for t in (raw, smooth)]
    assert jitter[1] <= 0.3
    assert jitter[1] < 0.6 * jitter[0]


@pytest.mark.parametrize("shape", [(20, 20), (20, 20, 4), (20, 20, 1)])
def test_what_is_not_an_rgb_picture_is_refused(static_tracker: FaceMeshTracker, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture must be"):
        static_tracker.track(np.zeros(shape, np.uint8), 0)


def test_closing_twice_is_fine_and_tracking_afterwards_is_not() -> None:
    tracker = FaceMeshTracker(max_faces=1)
    tracker.close()
    tracker.close()
    with pytest.raises(ValueError, match="was closed"):
        tracker.track(portrait(), 0)


def test_no_faces_at_all_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="at least one face"):
        FaceMeshTracker(max_faces=0)
