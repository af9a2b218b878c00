"""Crashes at random, again and again, and what others see meanwhile: `python -m tests.helpers.crash_cycles 100 [SEED]`.

Each cycle waits for live frames, makes one part fail or kills the program, and looks at every frame that the virtual
camera was sent. A program that ended is started again and has to go on with the same camera.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.output.keeper_handover import orphaned_keepers
from app.render.cards import draw_away_card
from tests.helpers.fake_camera import RECORD
from tests.helpers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
SIZE = (192, 320)

GOES_ON = ("tracking", "render", "sink", "exit", "recorder", "microphone", "sound output")
"""The part is started again (a recording is not), and so the portrait is back without anybody's doing."""

CARD_STAYS = ("capture",)
"""The program goes on with the away card: a camera whose own code failed is opened again when it is chosen again."""

ENDS = ("main", "supervisor", "abort", "segfault", "kill")
"""The program ends, in order or not, and the keeper shows the away card."""

IN_THE_WINDOW = ("bridge", "tracking", "sink", "microphone", "kill", "abort")
"""With a window: a failure in it is a message; the supervisor's own failure offers "Try again"."""

LONG_S = 400.0
"""On a busy machine the program takes a minute or more to start."""


@dataclass
class Figures:
    """What was seen. gap_s: the longest time without a frame for the meeting. away_s: death to first card frame."""

    cycles: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    openings: int = 0
    frames: int = 0
    leaks: int = 0
    reports: int = 0
    gap_s: float = 0.0
    away_s: list[float] = field(default_factory=list)
    live_s: list[float] = field(default_factory=list)

    def text(self) -> str:
        """All of it in a few lines."""
        away, live = sorted(self.away_s), sorted(self.live_s)
        return (
            f"{self.cycles.total()} cycles: {dict(self.cycles)}\n"
            f"{self.restarts} restarts, camera opened {self.openings} times, {self.frames} frames sent, "
            f"{self.leaks} with a camera pixel, {self.reports} crash reports read\n"
            f"longest gap between frames {self.gap_s:.2f} s; end of the program to the away card: "
            f"median {away[len(away) // 2]:.2f} s, longest {away[-1]:.2f} s; start to live frames: "
            f"median {live[len(live) // 2]:.1f} s\n"
        )


class CrashCycles:
    """One camera, one home folder, and the lives of a program between them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self._rng, self.figures = folder, random.Random(seed), Figures()
        self.camera, self.home = folder / "camera.log", folder / "home" / "ada lovelace"
        (self.home / "Secret plans").mkdir(parents=True)
        self.state = self.home / "state"
        self._program: subprocess.Popen[str] | None = None
        self._mode = "headless"
        self._read, self._last_ns = 0, 0
        self._cards = {zlib.crc32(card) for card in _cards()}

    def run(self, cycles: int, say: bool = False) -> Figures:
        """Crash `cycles` times; raises AssertionError for whatever must not happen."""
        try:
            for number in range(cycles):
                self._have_a_program(window=number % 10 == 9)
                fault = self._rng.choice(IN_THE_WINDOW if self._mode == "window" else GOES_ON + CARD_STAYS + ENDS)
                self._crash(fault)
                self.figures.cycles[fault] += 1
                assert self.camera.read_bytes().count(b'{"pid"') == 1, "the camera was closed in between"
                if say:
                    sys.stdout.write(f"{number + 1} {self._mode} {fault}\n")
                    sys.stdout.flush()
            self._end()
        finally:
            self.close()
        self._look_at_everything()
        return self.figures

    def close(self) -> None:
        """Leave nothing running."""
        if self._program is not None:
            self._program.kill()
            self._program.communicate()
        for note in orphaned_keepers(self.state):
            note.let_go()

    def _have_a_program(self, *, window: bool) -> None:
        mode = "window" if window else "headless"
        if self._program is not None and self._mode == mode:
            return
        if self._program is not None:
            self._crash("kill")  # the other kind takes the camera over
            self.figures.cycles["kill"] += 1
        self._mode = mode
        begun_s = time.monotonic()
        self._program = self._start()
        wait_for(lambda: self._is_live(), f"live frames of a program {mode}", LONG_S)
        self.figures.live_s.append(time.monotonic() - begun_s)
        self.figures.restarts += 1

    def _start(self) -> subprocess.Popen[str]:
        movie = str(self.folder / f"movie{self.figures.restarts}.mp4")
        environment = {
            **os.environ,
            "HOME": str(self.home),
            "UNDERSTUDY_STATE": str(self.state),
            "UNDERSTUDY_SETTINGS": str(self.state / "settings.json"),
            "CRASHES_PRIVATE_PICTURE": str(self.home / "Secret plans" / "me.png"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        with (self.folder / "stderr").open("a") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.helpers.crash_program", str(self.camera), self._mode, movie],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def _crash(self, fault: str) -> None:
        assert self._program is not None  # _have_a_program was called
        self._new_frames()
        t_ns = time.monotonic_ns()
        if fault == "kill":
            self._program.send_signal(signal.SIGKILL)
        else:
            assert self._program.stdin is not None
            self._program.stdin.write(f"{fault}\n")
            self._program.stdin.flush()
        if fault in GOES_ON or fault == "bridge":
            self._goes_on(fault)
        elif fault in CARD_STAYS:
            wait_for(lambda: self._shows_card(t_ns), f"the away card after {fault}", LONG_S)
            assert self._program.poll() is None
            self._program.send_signal(signal.SIGKILL)
            self._has_ended(time.monotonic_ns())
        else:
            self._has_ended(t_ns)

    def _goes_on(self, fault: str) -> None:
        """The part works again: new live frames, for longer than its failure takes to be noticed."""
        assert self._program is not None
        t_ns = time.monotonic_ns()
        wait_for(lambda: self._is_live(t_ns + 500_000_000), f"live frames after {fault}", LONG_S)
        assert self._program.poll() is None, f"{fault} ended the program"

    def _has_ended(self, t_ns: int) -> None:
        assert self._program is not None
        _, code = self._program.communicate(timeout=LONG_S), self._program.returncode
        t_end_ns = time.monotonic_ns()
        assert code != 0
        wait_for(lambda: self._shows_card(t_end_ns), "the away card", LONG_S)
        wait_for(lambda: bool(orphaned_keepers(self.state)), "a keeper that can be found", LONG_S)
        self.figures.away_s.append(max(0, self._t_card_ns - t_ns) / 1e9)
        self._program = None

    def _end(self) -> None:
        """A program that is asked to end takes its camera away."""
        if self._program is not None:
            self._crash("kill")  # its recording may have failed, which its exit code would say
            self.figures.cycles["kill"] += 1
        self._have_a_program(window=False)
        assert self._program is not None
        self._program.send_signal(signal.SIGTERM)
        _, code = self._program.communicate(timeout=LONG_S), self._program.returncode
        assert code == 130
        wait_for(lambda: Path(f"{self.camera}.closed").exists(), "the end of the camera", LONG_S)
        self._program = None

    def _is_live(self, after_ns: int = 0) -> bool:
        return any(crc not in self._cards and t_ns > after_ns for t_ns, crc in self._new_frames())

    def _shows_card(self, after_ns: int) -> bool:
        for t_ns, crc in self._new_frames():
            if crc in self._cards and t_ns > after_ns:
                self._t_card_ns = t_ns
                return True
        return False

    def _new_frames(self) -> list[tuple[int, int]]:
        """(time, checksum) of the frames since the last look."""
        if not self.camera.exists():
            return []
        with self.camera.open("rb") as log:
            if self._read == 0:
                self._read = len(log.readline())
            log.seek(self._read)
            body = log.read()
        whole = len(body) // RECORD.size * RECORD.size
        self._read += whole
        frames = [(record[0], record[2]) for record in RECORD.iter_unpack(body[:whole])]
        for t_ns, _ in frames:
            if self._last_ns:
                self.figures.gap_s = max(self.figures.gap_s, (t_ns - self._last_ns) / 1e9)
            self._last_ns = t_ns
        self.figures.frames += len(frames)
        return frames

    def _look_at_everything(self) -> None:
        self._new_frames()
        figures, leaks = self.figures, Path(f"{self.camera}.leaks")
        figures.openings = self.camera.read_bytes().count(b'{"pid"')
        figures.leaks = len(leaks.read_text().splitlines()) if leaks.exists() else 0
        texts = [path.read_text() for path in (self.state / "log").iterdir()]
        figures.reports = len(list((self.state / "log").glob("crash-*.txt")))
        for text in texts:
            for secret in (str(self.home), "Secret plans", "lovelace", "me.png", "array([[", "\\xff", "uint8)"):
                assert secret not in text, f"{secret!r} is in a log or report: {text[:3000]}"
        assert figures.reports > 0 or not set(figures.cycles) & set(ENDS)
        assert (figures.openings, figures.leaks) == (1, 0), figures


def _cards() -> list[bytes]:
    from tests.app.test_no_camera_pixel import grey_portrait

    return [draw_away_card(SIZE, picture).tobytes() for picture in (None, grey_portrait().picture)]


def main(cycles: int, seed: int = 7) -> int:
    folder = Path(tempfile.mkdtemp(prefix="crashes-"))
    cycling = CrashCycles(folder, seed)
    try:
        sys.stdout.write(cycling.run(cycles, say=True).text())
    except AssertionError:
        sys.stdout.write(f"{cycling.figures}\nWhat was written is in {folder}.\n")
        raise
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
