from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.clip_folder import ClipFile
from app.cross_evaluation import PairEvaluation, pairs_of, portrait_clip
from app.evaluation import SIZE_PX, Clip
from app.packets import FaceObservation
from models.geometric.animator import GeometricAnimator, GeometricPortrait
from models.motion.openness import LIPS_WIDE_OPEN, eye_openness, lip_openness
from models.types import AnimatedFrame, FloatArray, ImageArray, MotionState, PortraitView, StepOptions
from tests.models.faces import face_state, painted_portrait, with_openness


def files(*identities: str) -> list[ClipFile]:
    return [ClipFile(Path(f"{index}.mp4"), identity) for index, identity in enumerate(identities)]


def test_nobody_drives_himself() -> None:
    for identities in ("ab", "aab", "aabbc", "abcdefg"):
        pairs = pairs_of(files(*identities))

        assert [portrait.path.name for portrait, _ in pairs] == [f"{i}.mp4" for i in range(len(identities))]
        assert all(portrait.identity != driver.identity for portrait, driver in pairs)


def test_every_clip_of_different_people_drives_once() -> None:
    pairs = pairs_of(files(*"abcdefg"))

    assert len({driver.path for _, driver in pairs}) == 7


def test_clips_of_one_person_make_no_pair_and_unknown_ones_count_as_others() -> None:
    assert pairs_of(files("a", "a")) == []
    assert pairs_of(files("a")) == []
    assert len(pairs_of(files("", ""))) == 2


class SameFace:
    """A tracker that reports the landmarks that were painted, by the picture's first value."""

    def __init__(self, faces: dict[int, FloatArray]) -> None:
        self.faces, self.looked = faces, 0

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        self.looked += 1
        known = min(self.faces, key=lambda key: abs(key - float(image[0, 0, 0])))
        return [FaceObservation(self.faces[known], (SIZE_PX, SIZE_PX))]

    def close(self) -> None: ...


class Framed:
    """Prepares painted pictures without a segmenter."""

    def load_framed(self, image: ImageArray, size_px: int) -> PortraitView:
        return PortraitView(image, face_state().keypoints())


def painted(turns: list[float]) -> tuple[list[ImageArray], dict[int, FloatArray]]:
    """Pictures of a head that turns, each marked in its corner, and its landmarks by that mark."""
    images, faces = [], {}
    for index, turn in enumerate(turns):
        view = painted_portrait(face_state((0.0, turn, 0.0)), SIZE_PX)
        image, mark = view.image.copy(), 20 * (index + 1)
        image[0, 0] = mark
        images.append(image)
        faces[mark] = ((view.landmarks + np.array([1.0, 1.0, 0.0])) * (SIZE_PX / 2)).astype(np.float32)
    return images, faces


def pair(turns: list[float]) -> PairEvaluation:
    images, faces = painted(turns)
    tracker = SameFace(faces)
    clip = Clip("a", tuple(images), tuple(faces.values()))
    return PairEvaluation(clip, clip, range(1, len(images)), Framed(), tracker)


def test_the_unmoved_portrait_keeps_its_shape_and_misses_the_pose_by_the_drivers_turn() -> None:
    evaluation = pair([0.0, 0.3, 0.3, 0.3])

    evaluation.score_baselines()

    still = evaluation.score.measures["still@1"]
    assert still["identity"] == pytest.approx(0.0, abs=1e-3)
    assert still["pose_deg"] == pytest.approx(np.degrees(0.3), rel=0.35)  # neighbours in time soften the step
    assert still["sharp"] == 1.0
    assert evaluation.score.measures["own_frames"]["identity"] < 1.0
    assert evaluation.score.measures["driver"]["flicker"] == pytest.approx(3.0, rel=0.2)


def test_an_animator_is_measured_following_held_and_before_a_still_head() -> None:
    evaluation = pair([0.0, 0.2, 0.2])
    animator = GeometricAnimator(torch.device("cpu"))

    evaluation.score_animator(animator, 1)

    measures = evaluation.score.measures["geometric@1"]
    assert {"identity", "identity_to_driver", "pose_deg", "expression", "found", "flicker", "tremble_px"} <= set(
        measures
    )
    assert measures["chin_held"] <= measures["chin_free"]
    assert measures["flicker"] < 0.5
    assert list(evaluation.score.pictures) == ["portrait", "driver", "geometric@1"]


class Opened(GeometricAnimator):
    """Paints in its first pixel how open eyes and lips are to be."""

    def step(self, prepared: GeometricPortrait, driving: MotionState, options: StepOptions) -> AnimatedFrame:
        shape = driving.canonical + driving.expression
        eyes, lips = np.mean(eye_openness(shape)), lip_openness(shape)
        image = torch.zeros(SIZE_PX, SIZE_PX, 3, dtype=torch.uint8)
        image[0, 0] = torch.tensor([0, round(200 * float(eyes)), round(200 * lips)])
        return replace(super().step(prepared, driving, options), image=image)


class ReadsOpened(SameFace):
    """A tracker that finds the face that `Opened` paints, and else the one that was painted."""

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        if image[5:].any():
            return super().track(image, t_capture_ns)
        eyes, lips = image[0, 0, 1] / 200, image[0, 0, 2] / 200
        points = with_openness(face_state(), eyes=eyes, lips=lips / LIPS_WIDE_OPEN).keypoints()
        points_px = ((points + np.array([1.0, 1.0, 0.0])) * (SIZE_PX / 2)).astype(np.float32)
        return [FaceObservation(points_px, (SIZE_PX, SIZE_PX))]


def test_eyes_and_lips_that_open_as_the_manual_controls_say_follow_them() -> None:
    images, faces = painted([0.0, 0.2, 0.2])
    clip = Clip("a", tuple(images), tuple(faces.values()))
    evaluation = PairEvaluation(clip, clip, range(1, 3), Framed(), ReadsOpened(faces))

    evaluation.score_animator(Opened(torch.device("cpu")), 1)

    measures = evaluation.score.measures["geometric@1"]
    assert measures["eyes_follow"] > 0.9
    assert measures["lips_follow"] > 0.9


def test_only_frames_that_are_used_of_a_portraits_clip_are_tracked() -> None:
    images, faces = painted([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    tracker = SameFace(faces)

    clip = portrait_clip("a", tuple(images), (1, 3), 2, tracker)

    assert [index for index, points in enumerate(clip.landmarks_px) if points is not None] == [0, 3, 5, 7]
    assert tracker.looked == 4
