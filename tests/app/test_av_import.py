"""PyAV is first imported by several threads at once: camera, sound, recorder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import importlib, threading
names = ("app.audio.file_sound", "app.capture.video_decoding", "app.output.recording_sound", "app.output.h264")
import app.clock, app.audio.grid, app.capture.problems, app.output.recording_time  # light: all meet in PyAV
failures, together = [], threading.Barrier(len(names))
def load(name):
    together.wait()
    try:
        importlib.import_module(name)
    except Exception as error:
        failures.append(f"{name}: {error}")
threads = [threading.Thread(target=load, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failures)
"""


def test_threads_that_load_pyav_at_the_same_time_all_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stdout.strip() == "[]"
