from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_all_but_the_adapters_load_without_the_heavy_libraries() -> None:
    program = """
import sys
import app.tracking.lock, app.tracking.motion_player, app.tracking.motion_recorder, app.tracking.scripted
import app.tracking.smoothing, app.tracking.stage, app.tracking.states
print(sorted({"cv2", "torch", "mediapipe", "matplotlib", "av", "PySide6"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert result.stdout == b"[]\n"
