"""`main.py run` with its window, on a screen of its own: Xvfb."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.animators import default_model
from app.avatars import shipped_avatars

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 150.0
XVFB = shutil.which("Xvfb")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(200),
    pytest.mark.skipif(XVFB is None, reason="Xvfb is not installed: the window was not tried on a screen"),
]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[str]:
    """The name of a screen that Xvfb chose itself because it was free."""
    read_end, write_end = os.pipe()
    command = [str(XVFB), "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with (
        (tmp_path / "xvfb.log").open("wb") as log,
        subprocess.Popen(command, pass_fds=(write_end,), stdout=log, stderr=log) as server,
    ):
        os.close(write_end)
        try:
            yield f":{_first_line(read_end)}"
        finally:
            os.close(read_end)
            server.terminate()


def _first_line(pipe: int, timeout_s: float = 30.0) -> str:
    """What Xvfb says once it takes connections; fails where it says nothing."""
    said = b""
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], timeout_s)
        assert ready, f"Xvfb did not start within {timeout_s:g} s"
        piece = os.read(pipe, 16)
        assert piece, "Xvfb ended without a screen"
        said += piece
    return said.decode().strip()


def environment_of(screen: str, settings: Path) -> dict[str, str]:
    """This environment with a real screen and with settings of its own."""
    hidden = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "DISPLAY": screen, "UNDERSTUDY_SETTINGS": str(settings)}


def test_the_window_shows_an_avatar_moved_by_a_clip_and_closes_after_its_duration(screen: str, tmp_path: Path) -> None:
    stats, settings = tmp_path / "stats.json", tmp_path / "settings.json"
    shown = ("--avatar", shipped_avatars()[0].name, "--camera", str(ROOT / "assets" / "demo" / "driver.mp4"))
    ended = ("--virtual-camera", "none", "--duration", "3", "--stats", str(stats))

    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "run", *shown, *ended],
        cwd=tmp_path,
        env=environment_of(screen, settings),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads(stats.read_text())
    assert report["frames"] > 0
    assert report["model"] == default_model()
    assert json.loads(settings.read_text())["geometry"], "the window was there: it remembers where"
