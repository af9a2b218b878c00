from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.tracking.chatter import CHATTER, without_chatter

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "line",
    [
        b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n",
        b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
        b"W0000 00:00:1795174038.286075   10773 inference_feedback_manager.cc:114] Feedback manager requires\n",
        b"I0000 00:00:1795174990.852032   15338 task_runner.cc:85] GPU suport is not available: INTERNAL\n",
        b"W20261120 11:26:43.123456 4711 landmark_projection_calculator.cc:186] Using NORM_RECT\n",
    ],
)
def test_notices_of_the_library_are_chatter(line: bytes) -> None:
    assert CHATTER.match(line)


@pytest.mark.parametrize(
    "line",
    [
        b"E0000 00:00:1795174038.286075   10773 graph.cc:114] Something is really wrong\n",
        b"F20261120 11:26:43.123456 4711 tensor.cc:12] Check failed\n",
        b"The camera is busy.\n",
        b"WARNING: disk full\n",
        b"Traceback (most recent call last):\n",
        b"Inside I1234 a.cc:1]\n",
    ],
)
def test_errors_and_our_own_lines_are_not(line: bytes) -> None:
    assert not CHATTER.match(line)


def test_what_is_not_chatter_arrives_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        os.write(2, b"INFO: Created a delegate\nThe camera is busy.\nwithout an end")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "The camera is busy.\nwithout an end"


def test_stderr_is_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with without_chatter():
            os.write(2, b"before\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    os.write(2, b"INFO: after\n")
    assert capfd.readouterr().err == "before\nINFO: after\n"


def test_without_a_stderr_nothing_happens() -> None:
    program = (
        "import os; os.close(2)\nfrom app.tracking.chatter import without_chatter\nwith without_chatter(): print('in')"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert result.stdout == b"in\n"


def test_a_program_that_tracks_faces_writes_nothing_to_stderr() -> None:
    program = """
import numpy as np
from app.tracking.drawn_face import drawn_face
from app.tracking.face_mesh import FaceMeshTracker

picture = np.full((900, 1200, 3), 128, np.uint8)
picture[300:400, 700:800] = drawn_face(100)
tracker = FaceMeshTracker(static=True)
print(len(tracker.track(drawn_face(512), 0)), len(tracker.track(picture, 1)))
tracker.close()
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert result.stdout == b"1 1\n"
    assert result.stderr == b""
