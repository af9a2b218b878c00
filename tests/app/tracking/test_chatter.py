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
    assert not CHATTER.search(line)


def test_what_is_not_chatter_arrives_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        os.write(2, b"INFO: Created a delegate\nThe camera is busy.\nwithout an end")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "The camera is busy.\nwithout an end"


LOGGED = b"W0000 00:00:1795174038.286075   10773 inference_feedback_manager.cc:114] Feedback manager requires\n"


@pytest.mark.parametrize(
    ("written", "passed_on"),
    [
        (b"Portrait 3 of 7" + LOGGED + b" ready\n", "Portrait 3 of 7 ready\n"),
        (b"50 %\r" + LOGGED, "50 %\r"),
        (b"INFO: " + LOGGED + b"Created TensorFlow Lite XNNPACK delegate for CPU.\n", ""),
        (LOGGED + LOGGED + b"E0000 00:00:179 10773 graph.cc:1] Wrong\n", "E0000 00:00:179 10773 graph.cc:1] Wrong\n"),
    ],
)
def test_chatter_that_another_thread_wrote_in_between_is_held_back(
    written: bytes, passed_on: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with without_chatter():
        os.write(2, written)
    assert capfd.readouterr().err == passed_on


def test_two_threads_that_open_trackers_at_once_write_nothing_to_stderr() -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.tracking.drawn_face import drawn_face
from app.tracking.face_mesh import FaceMeshTracker

together = Barrier(2)

def follow(static):
    together.wait()
    tracker = FaceMeshTracker(static=static)
    found = len(tracker.track(drawn_face(512), 0))
    tracker.close()
    return found

with ThreadPoolExecutor(2) as threads:
    print(*threads.map(follow, (False, True)))
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert (result.stdout, result.stderr) == (b"1 1\n", b"")


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


def test_the_tasks_of_the_library_are_imported_by_who_uses_them() -> None:
    program = """
import sys
from app.tracking.chatter import TASKS, import_mediapipe

tasks = import_mediapipe().tasks
print(f"{TASKS}.vision" in sys.modules, tasks.vision.FaceLandmarker.__name__, tasks.BaseOptions.__name__)
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert result.stdout == b"False FaceLandmarker BaseOptions\n"
