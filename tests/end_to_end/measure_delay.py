"""How late a movement is seen in the virtual camera, found in its picture: `python -m tests.end_to_end.measure_delay`.

A camera shows a real face that steps from one pose to another and back at irregular times. Everything behind it is
what a call uses: tracker, smoothing, model, compositor, the keeper's process, and a pyvirtualcam backend that writes
down when it got which picture. The step is then looked for in those pictures: the first one that shows the animated
portrait clearly on its way to the other pose. Beside it stands the figure that the window shows, computed from times.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from app.capture.base import FrameSource
from app.capture.stage import CaptureStage
from app.clock import NS_PER_MS, NS_PER_S
from app.commands.run import DEMO_DRIVER, demo_avatar, portrait_loading
from app.control import EngineConfig
from app.engine import Engine
from app.live_sinks import CameraWish
from app.live_stages import LiveStages
from app.output.camera_messages import KeeperOptions
from app.output.virtual_camera import VirtualCamera
from app.packets import CapturedFrame
from app.pipeline import Pipeline
from app.slots import Closed
from app.stats import quantile
from app.tracking.face_mesh import FaceMeshTracker
from app.worker import Stage
from models.types import ImageArray
from tests.helpers.timed_camera import LOADER, Seen, seen_by

FPS = 30.0
STEP_EVERY_S = (0.8, 1.3)
"""Irregular, so that steps meet every phase of every clock on the way."""

POSE_CHANGE = 0.09
"""Mean movement of the landmarks in a step, of the face's width: a clear nod or turn that a tracker follows at once."""

VISIBLE = 0.06
"""Of the way from one pose to the other: clearly more than anything that moves while the face rests."""

WARM_UP_S = 6.0


@dataclass(frozen=True)
class Step:
    """The face stepped in the picture that was captured at `t_capture_ns`; pose 0 or 1 is what it stepped to."""

    t_capture_ns: int
    pose: int


class SteppingFace:
    """A camera that shows one of two pictures at a steady rate and notes when it went to the other."""

    name = "stepping face"

    def __init__(self, pictures: tuple[ImageArray, ImageArray]) -> None:
        self._pictures = pictures
        self._interrupted = threading.Event()
        self._random = random.Random(7)
        self.steps: list[Step] = []
        self.stepping = threading.Event()

    def open(self) -> None:
        """Begin at rest."""
        self._number, self._pose = 0, 0
        self._t_start_s = time.monotonic()
        self._t_step_s = self._t_start_s

    def grab(self, timeout_s: float) -> CapturedFrame:
        """The picture that is due now."""
        self._number += 1
        due_s = self._t_start_s + self._number / FPS
        if self._interrupted.wait(max(0.0, due_s - time.monotonic())):
            raise Closed(self.name)
        self._number = max(self._number, int((time.monotonic() - self._t_start_s) * FPS))
        step = self.stepping.is_set() and time.monotonic() >= self._t_step_s
        if step:
            self._pose = 1 - self._pose
            self._t_step_s = time.monotonic() + self._random.uniform(*STEP_EVERY_S)
        noise = np.random.default_rng(self._number).integers(0, 3, self._pictures[0].shape, np.uint8)
        image = np.minimum(self._pictures[self._pose], 252) + noise
        t_capture_ns = time.monotonic_ns()
        if step:
            self.steps.append(Step(t_capture_ns, self._pose))
        return CapturedFrame(self._number, image, t_capture_ns, self.name)

    def release(self) -> None:
        """Nothing to give back."""

    def interrupt(self) -> None:
        """End a waiting `grab`."""
        self._interrupted.set()


class MeasuredStages(LiveStages):
    """The real stages, with the stepping face as the camera and a backend that writes down what it gets."""

    def __init__(self, config: EngineConfig, source: FrameSource, log: Path) -> None:
        super().__init__(config)
        self._source, self._log = source, log

    def capture(self, camera: str, pipeline: Pipeline) -> Stage:
        return CaptureStage(lambda: self._source, pipeline.captured, clock=pipeline.clock)

    def make_virtual_camera(self, wish: CameraWish) -> VirtualCamera:
        options = KeeperOptions(wish.size, wish.fps, backend_loader=LOADER)
        return VirtualCamera(np.zeros((*wish.size, 3), np.uint8), str(self._log), options)


def two_poses() -> tuple[ImageArray, ImageArray]:
    """Two pictures of the shipped driver whose faces differ by about `POSE_CHANGE`."""
    import av

    tracker, pictures, points = FaceMeshTracker(), [], []
    try:
        with av.open(str(DEMO_DRIVER)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                image = frame.to_ndarray(format="rgb24")
                found = tracker.track(image, number * 33_000_000 + 1)
                if found and number % 3 == 0:
                    pictures.append(image)
                    points.append(found[0].landmarks_px[:, :2])
    finally:
        tracker.close()
    width = float(np.ptp(points[0][:, 0]))
    change = [float(np.linalg.norm(each - points[0], axis=1).mean()) / width for each in points]
    other = int(np.argmin(np.abs(np.array(change) - POSE_CHANGE)))
    sys.stderr.write(f"poses differ by {change[other]:.3f} of the face's width\n")
    return pictures[0], pictures[other]


def delays_ms(steps: list[Step], seen: list[Seen]) -> list[float]:
    """For each step the time until a picture in the camera shows it; a step that is not found within 0.7 s is nan."""
    times, views = np.array([each.t_ns for each in seen]), np.stack([each.view for each in seen]).astype(np.float32)
    rest = [_at_rest(times, views, steps, pose) for pose in (0, 1)]
    way = rest[1] - rest[0]
    place = ((views - rest[0]) * way).sum(axis=(1, 2)) / float((way**2).sum())
    found = []
    for step in steps:
        before = place[(times > step.t_capture_ns - 0.25 * NS_PER_S) & (times <= step.t_capture_ns)]
        after = np.flatnonzero((times > step.t_capture_ns) & (times < step.t_capture_ns + 0.7 * NS_PER_S))
        moved = (place[after] - np.median(before)) * (1 if step.pose else -1)
        hits = after[moved > VISIBLE]
        found.append(float(times[hits[0]] - step.t_capture_ns) / NS_PER_MS if hits.size else float("nan"))
    return found


def _at_rest(times: np.ndarray, views: np.ndarray, steps: list[Step], pose: int) -> np.ndarray:
    """The mean view while the face rests in a pose: from 0.5 s after a step to the next one."""
    resting = np.zeros(times.shape, bool)
    for step, following in pairwise(steps):
        if step.pose == pose:
            resting |= (times > step.t_capture_ns + 0.5 * NS_PER_S) & (times < following.t_capture_ns)
    return views[resting].mean(axis=0)


def measure(model: str, seconds: float) -> dict[str, object]:
    """Run, and compare what the picture shows with what the window says."""
    face = SteppingFace(two_poses())
    portrait = portrait_loading(model)(demo_avatar(), ())
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "camera.log"
        config = EngineConfig(model=model, camera="stepping", virtual_camera="auto")
        engine = Engine(config, MeasuredStages(config, face, log))
        engine.set_portrait(portrait)
        engine.start()
        _wait_until(lambda: engine.stats.t_first_frame_ns is not None)
        time.sleep(WARM_UP_S)
        engine.calibrate()
        time.sleep(1.0)
        engine.stats.restart()
        face.stepping.set()
        time.sleep(seconds)
        status, problems = engine.status(), engine.problems()
        engine.stop()
        seen = seen_by(log)
    steps = face.steps[1:-1]
    found = delays_ms(steps, seen)
    known = [delay for delay in found if delay == delay]
    window = status.latency_ms
    return {
        "model": status.model,
        "problems": [problem.what for problem in problems],
        "fps": status.fps,
        "stage_ms": status.stage_ms,
        "steps": len(found),
        "steps_found": len(known),
        "seen_in_picture_ms": {name: quantile(known, at) for name, at in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))},
        "shown_in_window_ms": {"p50": window.p50, "p95": window.p95, "p99": window.p99},
        "difference_p50_ms": quantile(known, 0.5) - window.p50,
    }


def _wait_until(condition: object, timeout_s: float = 60.0) -> None:
    assert callable(condition)
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"no animated frame within {timeout_s:g} s")
        time.sleep(0.05)


def main() -> int:
    """Print the figures as JSON; 0 where p95 is at most 100 ms and the window agrees within 10 ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="geometric")
    parser.add_argument("--seconds", type=float, default=45.0)
    asked = parser.parse_args()
    figures = measure(asked.model, asked.seconds)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    p95, difference = figures["seen_in_picture_ms"], figures["difference_p50_ms"]
    assert isinstance(p95, dict)
    assert isinstance(difference, float)
    return 0 if p95["p95"] <= 100.0 and abs(difference) <= 10.0 else 1


if __name__ == "__main__":
    sys.exit(main())
