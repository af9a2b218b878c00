"""Frames of many people as training samples: pictures that are shown, and one, or two in a row, that are the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor

from models.errors import ModelError
from models.synergy.motion import MotionBatch
from models.training.augment import WarpStrength, bend_landmarks, bend_pictures, random_displacement, shades
from models.training.host import averaged
from models.training.motions import BatchMotionEncoder, columns_of, rows_of
from models.training.pack import TrainingPack
from models.training.rarities import rare_frames

Rows = npt.NDArray[np.int64]
LARGEST_GAP = 4
"""Frames of a clip with at most so many left out between them still count as consecutive."""


@dataclass(frozen=True)
class Demand:
    """What one batch is to look like.

    pictures: the portrait and its references. size_px: side of pictures and truth.
    flip: mirror everything. consecutive: `batch / 2` people, each at two frames in a row.
    still_share: how many of the samples are single pictures bent into pairs, 0 to 1.
    rare_share: how many of the others have a truth that its clip rarely shows (`rare_frames`), 0 to 1.
    """

    batch: int
    pictures: int
    size_px: int
    flip: bool = False
    consecutive: bool = False
    still_share: float = 0.0
    rare_share: float = 0.0


@dataclass(frozen=True)
class Sample:
    """One batch.

    Shapes:
        pictures: R times (P, 3, S, S) in [0, 1], the portrait first; motions: R times P states.
        truth: (B, 3, S, S); driving: B states wearing the portraits' face shape.
        B is P, or 2 P where `consecutive`: the first frames, then the frames after them.
    """

    pictures: list[Tensor]
    motions: list[MotionBatch]
    truth: Tensor
    driving: MotionBatch
    consecutive: bool = False


@dataclass(frozen=True)
class Footage:
    """All frames of a pack in memory, with their motion and the motion of their mirror images.

    Shapes:
        frames: (N, S, S, 3) uint8 RGB. landmarks: (N, 478, 3) unit coordinates. clip, frame: (N,), clips contiguous.
        rare: (N,) bool, what the clip rarely shows.
    """

    frames: Tensor
    landmarks: Tensor
    clip: npt.NDArray[np.int32]
    frame: Rows
    rare: npt.NDArray[np.bool_]
    motion: MotionBatch
    mirrored: MotionBatch
    encoder: BatchMotionEncoder

    @classmethod
    def of(cls, pack: TrainingPack, device: torch.device) -> Footage:
        """Encode the motion of every frame (under a second for 10,000) and bring all of it to the device."""
        encoder = BatchMotionEncoder(device)
        landmarks = torch.from_numpy(pack.landmarks).float().to(device)
        return cls(
            _placed(torch.from_numpy(pack.frames), device),
            landmarks,
            pack.clip,
            np.asarray(pack.frame, np.int64),
            rare_frames(pack.landmarks.astype(np.float32), pack.clip),
            encoder.encode_all(landmarks),
            encoder.encode_all(encoder.mirrored(landmarks)),
            encoder,
        )


class Corpus:
    """Draws samples from some of the clips of a footage: those to learn from, or those held out.

    Raises:
        ModelError: there is no clip to draw from.
    """

    def __init__(self, footage: Footage, clips: npt.NDArray[np.int64], stills: npt.NDArray[np.bool_]) -> None:
        self.footage = footage
        rows = [np.flatnonzero(footage.clip == c) for c in clips]
        single = [len(r) < 2 or bool(stills[c]) for r, c in zip(rows, clips, strict=True)]
        self._videos = [r for r, alone in zip(rows, single, strict=True) if not alone and len(r)]
        self._stills = [r for r, alone in zip(rows, single, strict=True) if alone and len(r)]
        if not self._videos and not self._stills:
            raise ModelError("the pack holds no clip for this part of the split")
        self._next = self._with_next(footage)
        self._runs = [r for r in self._videos if self._next[r].any()]
        self._rare = [r for r in self._videos if footage.rare[r].any()]

    @property
    def rows_by_clip(self) -> list[Rows]:
        """The rows of the footage that belong to each clip or still."""
        return self._videos + self._stills

    @property
    def clips(self) -> int:
        """How many clips and stills there are."""
        return len(self._videos) + len(self._stills)

    def draw(self, demand: Demand, rng: np.random.Generator) -> Sample:
        """A random batch: per sample one clip, frames that are shown and frames that are the truth."""
        if demand.consecutive and self._runs:
            return self._consecutive(demand, rng)
        bent = rng.random(demand.batch) < self._still_share(demand)
        index = np.stack([self._row(bool(alone), demand, rng) for alone in bent])
        gain = shades(demand.batch, 0.2, rng)
        images = [self._images(index[:, k], demand, gain) for k in range(demand.pictures + 1)]
        table = self._table(demand)
        states = [rows_of(table, self._at(index[:, k])) for k in range(demand.pictures + 1)]
        if bent.any():
            images, states = self._bend(images, states, index, np.flatnonzero(bent), demand, rng)
        driving = _wearing(states[-1], states[0], torch.from_numpy(~bent).to(self._device))
        return Sample(images[:-1], states[:-1], images[-1], driving)

    def _consecutive(self, demand: Demand, rng: np.random.Generator) -> Sample:
        people = max(1, demand.batch // 2)
        chosen = [self._runs[c] for c in rng.choice(len(self._runs), people, p=_chances(self._runs))]
        first = np.array([rng.choice(rows[self._next[rows]]) for rows in chosen])
        shown = np.stack([rng.choice(rows, demand.pictures, replace=len(rows) < demand.pictures) for rows in chosen])
        gain = shades(people, 0.2, rng)
        table = self._table(demand)
        images = [self._images(shown[:, k], demand, gain) for k in range(demand.pictures)]
        states = [rows_of(table, self._at(shown[:, k])) for k in range(demand.pictures)]
        both = np.concatenate([first, first + 1])
        truth = self._images(both, demand, torch.cat([gain, gain]))
        source = MotionBatch(*(torch.cat([column, column]) for column in columns_of(states[0])))
        every = torch.ones(2 * people, dtype=torch.bool, device=self._device)
        driving = _wearing(rows_of(table, self._at(both)), source, every)
        return Sample(images, states, truth, driving, consecutive=True)

    def _bend(
        self,
        images: list[Tensor],
        states: list[MotionBatch],
        index: Rows,
        which: Rows,
        demand: Demand,
        rng: np.random.Generator,
    ) -> tuple[list[Tensor], list[MotionBatch]]:
        """Replace the samples at `which` by displaced ones, each picture in its own way."""
        footage, at = self.footage, self._at(which)
        for k, (image, state) in enumerate(zip(images, states, strict=True)):
            landmarks = footage.landmarks[self._at(index[which, k])]
            if demand.flip:
                landmarks = footage.encoder.mirrored(landmarks)
            displacement = random_displacement(landmarks, rng, WarpStrength())
            bent = bend_pictures(image[at], displacement)
            shade = shades(len(which), 0.05, rng).to(bent.device) if k < len(images) - 1 else 1.0
            image[at] = (bent * shade).clamp(0, 1)
            found = footage.encoder.encode(bend_landmarks(landmarks, displacement))
            for column, new in zip(columns_of(state), columns_of(found), strict=True):
                column[at] = new
        return images, states

    def _row(self, alone: bool, demand: Demand, rng: np.random.Generator) -> Rows:
        """The rows of one sample, the truth last."""
        count = demand.pictures + 1
        if alone:
            rows = self._stills[int(rng.integers(len(self._stills)))]
            return np.full(count, rng.choice(rows))
        rare = bool(self._rare) and bool(rng.random() < demand.rare_share)
        clips = self._rare if rare else self._videos
        rows = clips[int(rng.choice(len(clips), p=_chances(clips)))]
        drawn = rng.choice(rows, count, replace=len(rows) < count)
        if rare:
            drawn[-1] = rng.choice(rows[self.footage.rare[rows]])
        return drawn

    def _still_share(self, demand: Demand) -> float:
        if not self._stills:
            return 0.0
        return demand.still_share if self._videos else 1.0

    def _images(self, index: Rows, demand: Demand, gain: Tensor) -> Tensor:
        frames = self.footage.frames
        chosen = frames[torch.from_numpy(index).to(frames.device)].to(self._device)
        pictures = _resized(chosen, demand.size_px)
        if demand.flip:
            pictures = pictures.flip(-1)
        shown = (pictures * gain.to(pictures.device)).clamp(0, 1)
        return shown.contiguous(memory_format=torch.channels_last)

    def _table(self, demand: Demand) -> MotionBatch:
        return self.footage.mirrored if demand.flip else self.footage.motion

    @property
    def _device(self) -> torch.device:
        return self.footage.landmarks.device

    def _at(self, index: Rows) -> Tensor:
        return torch.from_numpy(index).to(self._device)

    @staticmethod
    def _with_next(footage: Footage) -> npt.NDArray[np.bool_]:
        same = footage.clip[1:] == footage.clip[:-1]
        near = np.abs(np.diff(footage.frame) - 1) <= LARGEST_GAP
        return np.append(same & near, False)


def _resized(frames: Tensor, size_px: int) -> Tensor:
    """(B, S, S, 3) uint8 -> (B, 3, size_px, size_px) in [0, 1]."""
    size = frames.shape[1]
    if size == 2 * size_px:  # the usual case, four times as fast as pooling pixels of three channels
        whole = frames.short()
        top, bottom = whole[:, 0::2], whole[:, 1::2]
        total = top[:, :, 0::2] + top[:, :, 1::2] + bottom[:, :, 0::2] + bottom[:, :, 1::2]
        return total.permute(0, 3, 1, 2).float() / (4 * 255.0)
    pictures = frames.permute(0, 3, 1, 2).float() / 255.0
    if size == size_px:
        return pictures
    if size_px < size:
        return averaged(pictures, size_px)
    return functional.interpolate(pictures, size=(size_px, size_px), mode="bicubic")


def _placed(frames: Tensor, device: torch.device) -> Tensor:
    """The frames on a GPU that has room to spare for them, where drawing costs no transfer; else where they are."""
    if device.type != "cuda":
        return frames
    free, _ = torch.cuda.mem_get_info(device)
    return frames.to(device) if frames.nbytes < free // 4 else frames


def _chances(clips: list[Rows]) -> npt.NDArray[np.float64]:
    """Longer clips are drawn more often, by the square root: neighbouring frames show much the same."""
    lengths = np.sqrt(np.array([len(rows) for rows in clips], np.float64))
    chances: npt.NDArray[np.float64] = lengths / lengths.sum()
    return chances


def _wearing(driving: MotionBatch, source: MotionBatch, which: Tensor) -> MotionBatch:
    """`driving` with the face shape of `source` where `which` says so (absolute motion); bent stills keep theirs."""
    canonical = torch.where(which[:, None, None], source.canonical, driving.canonical)
    return MotionBatch(canonical, driving.expression, driving.camera_from_head, driving.scale, driving.translation)


def split_corpus(pack: TrainingPack, device: torch.device) -> tuple[Corpus, Corpus]:
    """What to learn from, and the people held out; where nobody is held out, the latter are the former.

    Raises:
        ModelError: there is nothing to learn from.
    """
    footage = Footage.of(pack, device)
    everyone = np.unique(pack.clip).astype(np.int64)
    held = everyone[pack.held_out[everyone]]
    learning = Corpus(footage, everyone[~pack.held_out[everyone]], pack.still)
    return learning, Corpus(footage, held, pack.still) if len(held) else learning
