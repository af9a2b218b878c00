"""Recordings with sound: together with the pictures, cut where they are cut, playable whatever happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from app.audio.base import RATE, AudioFanOut
from app.audio.grid import BLOCK_NS, BLOCK_SAMPLES, frozen_block
from app.audio.picture_delay import ENOUGH, PictureDelay
from app.clock import NS_PER_MS, NS_PER_S
from app.output.recorder import Recorder
from app.output.recording_sound import RecordingSound
from app.output.recording_time import RecordingTime
from app.packets import FrameStatus, RenderedFrame
from models.types import FloatArray
from tests.helpers.frames import plain

SIZE = (64, 96)
START_NS = 2_000 * NS_PER_S
PICTURE_MS = 120
FPS = 25
EARLY_S, LATE_S = 0.015, 0.045


class Studio:
    """A microphone and a camera that notice a clap at the same moment; pictures are seen `PICTURE_MS` later."""

    def __init__(self, path: Path, claps_s: tuple[float, ...] = ()) -> None:
        self.time, self.audio, self.picture = RecordingTime(), AudioFanOut(), PictureDelay()
        for _ in range(ENOUGH):
            self.picture.delivered(self._frame(START_NS), START_NS + PICTURE_MS * NS_PER_MS)
        sound = RecordingSound(self.audio, self.picture, self.time)
        self.recorder = Recorder(path, SIZE, FPS, time=self.time, sound=sound)
        self.recorder.open()
        self._claps_ns = [START_NS + round(clap * NS_PER_S) for clap in claps_s]
        self._block_ns = self._frame_ns = START_NS
        self._made_ns = START_NS
        self.microphone = True
        self.late_ms: dict[float, int] = {}
        """Pictures that take so much longer than usual, by when they are taken."""

    def run(self, until_s: float) -> None:
        """Go on until then: sound arrives 20 ms after it was made, pictures `PICTURE_MS` after."""
        until_ns = START_NS + round(until_s * NS_PER_S)
        while self._frame_ns + PICTURE_MS * NS_PER_MS < until_ns:
            late_ms = self.late_ms.get((self._frame_ns - START_NS) / NS_PER_S, 0)
            self._made_ns = max(self._made_ns, self._frame_ns + (PICTURE_MS + late_ms) * NS_PER_MS)
            while self._block_ns + BLOCK_NS + 20 * NS_PER_MS <= self._made_ns:
                if self.microphone:
                    self.audio.publish(frozen_block(self._sound(self._block_ns), self._block_ns))
                self._block_ns += BLOCK_NS
            self.recorder.send(self._frame(self._frame_ns, self._made_ns))
            self._frame_ns += NS_PER_S // FPS

    def _sound(self, t_ns: int) -> FloatArray:
        times = t_ns + np.arange(BLOCK_SAMPLES) * (NS_PER_S / RATE)
        loud = np.zeros(BLOCK_SAMPLES, bool)
        for clap_ns in self._claps_ns:
            loud |= (times >= clap_ns) & (times < clap_ns + 40 * NS_PER_MS)
        tone = 0.8 * np.sin(2 * np.pi * 1500 * (times - START_NS) / NS_PER_S)
        return np.where(loud, tone, 0.0).astype(np.float32)[:, None]

    def _frame(self, t_capture_ns: int, t_seen_ns: int = START_NS) -> RenderedFrame:
        claps = getattr(self, "_claps_ns", [])
        flash = any(clap <= t_capture_ns < clap + 80 * NS_PER_MS for clap in claps)
        image = plain((240, 240, 240) if flash else (10, 10, 10), SIZE)
        return RenderedFrame(1, image, t_capture_ns, t_seen_ns, FrameStatus.LIVE)


def claps_and_flashes(path: Path) -> tuple[list[float], list[float]]:
    """When they begin in the file, in seconds."""
    claps: list[float] = []
    flashes: list[float] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            if frame.to_ndarray(format="gray").mean() > 120 and (not flashes or frame.time - flashes[-1] > 0.3):
                flashes.append(frame.time)
    with av.open(str(path)) as container:
        for block in container.decode(audio=0):
            assert block.time is not None
            loud = np.flatnonzero(np.abs(block.to_ndarray()[0]) > 0.2)
            if len(loud) and (not claps or block.time + loud[0] / RATE - claps[-1] > 0.3):
                claps.append(block.time + float(loud[0]) / RATE)
    return claps, flashes


def sound_length_s(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(audio=0)) / RATE


def assert_together(path: Path, count: int) -> None:
    claps, flashes = claps_and_flashes(path)
    assert len(claps) == len(flashes) == count
    for clap, flash in zip(claps, flashes, strict=True):
        assert -EARLY_S <= clap - flash <= LATE_S


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_clap_is_heard_when_it_is_seen(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"r{suffix}"
    studio = Studio(path, (1.0, 2.0, 3.0))
    studio.run(4.0)
    studio.recorder.close()

    assert_together(path, 3)


def test_a_recording_that_was_never_ended_plays_with_its_sound_up_to_the_last_second(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "r.mp4", (1.0, 2.0, 3.0))
    studio.run(4.5)
    shutil.copy(tmp_path / "r.mp4", tmp_path / "killed.mp4")
    studio.recorder.close()

    assert_together(tmp_path / "killed.mp4", 3)
    assert sound_length_s(tmp_path / "killed.mp4") > 3.2


def test_a_pause_cuts_sound_and_pictures_at_the_same_moment(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    studio = Studio(path, (1.0, 2.5, 4.0))
    studio.run(2.0)
    studio.time.pause(START_NS + 2 * NS_PER_S)
    studio.run(3.3)
    studio.time.resume(START_NS + round(3.3 * NS_PER_S))
    studio.run(5.0)
    studio.recorder.close()

    assert_together(path, 2)  # the clap of the pause is neither heard nor seen
    claps, _ = claps_and_flashes(path)
    assert claps[1] - claps[0] == pytest.approx(3.0 - 1.3, abs=0.03)


def test_a_microphone_that_is_lost_leaves_silence_of_its_length(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    studio = Studio(path, (1.0, 3.0, 5.0))
    studio.run(2.0)
    studio.microphone = False
    studio.run(4.0)
    shutil.copy(path, tmp_path / "killed.mp4")
    studio.microphone = True
    studio.run(6.0)
    studio.recorder.close()

    claps, flashes = claps_and_flashes(path)
    assert len(flashes) == 3
    assert claps == pytest.approx([flashes[0], flashes[2]], abs=EARLY_S)
    with av.open(str(tmp_path / "killed.mp4")) as container:
        last = max(frame.time or 0.0 for frame in container.decode(video=0))
    assert last > 2.8, "pictures do not wait in memory for a sound that does not come"


def test_a_microphone_that_is_switched_on_in_the_middle_is_heard_from_there_on(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    studio = Studio(path, (1.0, 3.0))
    studio.microphone = False
    studio.run(2.0)
    studio.microphone = True
    studio.run(4.0)
    studio.recorder.close()

    claps, flashes = claps_and_flashes(path)
    assert len(flashes) == 2
    assert claps == pytest.approx(flashes[1:], abs=EARLY_S)


def test_a_microphone_that_never_says_anything_is_silence(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "r.mp4")
    studio.microphone = False
    studio.run(4.0)
    studio.recorder.close()

    assert sound_length_s(tmp_path / "r.mp4") > 2.5


def test_after_the_end_nobody_listens(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "r.mp4")
    studio.run(0.5)
    studio.recorder.close()
    studio.run(0.3)  # nothing: the frames are past

    heard_by = studio.audio._listeners
    assert "recorder" not in heard_by


def test_a_picture_that_took_longer_than_usual_is_where_its_sound_is(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "r.mp4", (1.0, 2.0))
    studio.late_ms = {1.0: 90, 2.0: 60}
    studio.run(3.0)
    studio.recorder.close()

    assert_together(tmp_path / "r.mp4", 2)
    claps, flashes = claps_and_flashes(tmp_path / "r.mp4")
    assert claps == pytest.approx(flashes, abs=0.012)
