"""Which faces may become the neutral one."""

from __future__ import annotations

import pytest

from app.calibration import refusal
from app.packets import FaceObservation
from tests.app.guided_capture.acting import SIZE, Act, landmarks_of


def seen(act: Act) -> FaceObservation:
    return FaceObservation(landmarks_of(act), SIZE)


@pytest.mark.parametrize("act", [Act(), Act(yaw=0.25), Act(smile=1.2), Act(eyes=0.6)])
def test_a_calm_face_is_taken(act: Act) -> None:
    assert refusal(seen(act)) is None


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (Act(lips=0.6), "The neutral face was not taken. The mouth is open. Close your lips, then set it again."),
        (
            Act(yaw=0.6),
            "The neutral face was not taken. The head is turned 34 degrees away. "
            "Look straight ahead, then set it again.",
        ),
        (Act(eyes=0.0), "The neutral face was not taken. The eyes are closed. Open your eyes, then set it again."),
    ],
    ids=["open mouth", "turned", "shut eyes"],
)
def test_any_other_face_is_refused_with_the_reason(act: Act, sentence: str) -> None:
    assert str(refusal(seen(act))) == sentence


def test_without_a_face_there_is_nothing_to_take() -> None:
    assert str(refusal(None)) == (
        "The neutral face was not taken. No face is seen. Sit before the camera, in good light, then set it again."
    )
