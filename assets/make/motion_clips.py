"""Makes assets/motion/*.motion: motion to drive a portrait without a camera, from clips of people, without the people.

    python -m assets.make.motion_clips --people LANDMARKS_FOLDER --prefix train_ --manifest MANIFEST.csv \
        --clip talking=CLIP.mp4@FIRST:LAST --clip calm=OTHER.mp4@FIRST:LAST

LANDMARKS_FOLDER holds one .npz per clip with `landmarks_px` (n, 478, 3): from them comes the average neutral face.
FIRST and LAST are frames of the clip; the manifest's columns `file`, `source_repo` and `repo_license` say where it
is from.

Only motion is kept. Each frame's shape is brought into the head's frame; what differs from this person's own neutral
face (mouth closed, eyes open) is added to the average neutral face of all people; lids are scaled so that they close
where the average eye closes; the mean pose becomes frontal. The clip is smoothed without lag, made to loop by
blending, and begun at its most neutral frame, which is the neutral one in relative motion.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from app.clock import NS_PER_S
from app.crop import CropTransform
from app.packets import FaceObservation
from app.tracking.centred import smooth_centred
from app.tracking.face_mesh import FaceMeshTracker
from app.tracking.motion_clip import SUFFIX, MotionClip, load_motion, save_motion
from app.tracking.motion_player import looped, starting_at
from app.tracking.motion_recorder import MotionRecorder
from models.coords import pixels_from_unit
from models.motion.canonical import load_canonical
from models.motion.similarity import Similarity, fit_similarity

Array = npt.NDArray[np.float32]
FOLDER = Path(__file__).resolve().parents[1] / "motion"
LICENCE = "Apache-2.0"
ORIGIN = (
    "Motion of one head, on the average face of many, recorded from an example clip of {} ({}): numbers, no pixels."
)
FADE_FRAMES = 20
PICTURE_PX = 1000
LIDS = ((33, 133, 159, 145), (362, 263, 386, 374))
"""For each eye: both corners, the middle of the upper and of the lower lid."""

EYE_REACH = 0.75
"""How far from its centre an eye's points lie, in eye widths: lids and iris, not the brow."""


@dataclass(frozen=True)
class Piece:
    """`name=CLIP.mp4@FIRST:LAST`."""

    name: str
    clip: Path
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Piece:
        name, _, rest = text.partition("=")
        clip, _, frames = rest.rpartition("@")
        first, _, last = frames.partition(":")
        return cls(name, Path(clip), int(first), int(last))


def main() -> None:
    """Read the people, then make one clip for each --clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--clip", type=Piece.parse, action="append", required=True)
    options = parser.parse_args()
    average = average_neutral(sorted(options.people.glob(f"{options.prefix}*.npz")))
    for piece in options.clip:
        clip = replace(make_clip(piece, average), licence=LICENCE, origin=origin_of(piece, options.manifest))
        path = FOLDER / f"{piece.name}{SUFFIX}"
        save_motion(clip, path)
        error = float(np.abs(load_motion(path).landmarks - clip.landmarks)[..., :2].max()) * 256
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, {clip.duration_ms / 1000:.1f} s, ", end="")
        print(f"compression changes {error:.2f} px at 512 at most")


def make_clip(piece: Piece, average: Array) -> MotionClip:
    """Track, take the person out, smooth, loop."""
    raw = tracked(piece)
    shapes, poses = canonicalised(raw.landmarks)
    neutral = neutral_shape(shapes)
    moved = average + lids_scaled(shapes - neutral, neutral, average)
    landmarks = np.stack([pose.apply(shape) for pose, shape in zip(frontal(poses), moved, strict=True)])
    faces = smooth_centred(in_pixels(landmarks))
    smooth = looped(recorded(piece.name, faces, raw.fps), FADE_FRAMES)
    begun = starting_at(smooth, most_neutral(*canonicalised(smooth.landmarks)))
    return replace(recorded(piece.name, in_pixels(begun.landmarks), raw.fps), loops=True)


def origin_of(piece: Piece, manifest: Path) -> str:
    """Where the clip is from, as one sentence."""
    with manifest.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if Path(row["file"]).name == piece.clip.name:
                return ORIGIN.format(row["source_repo"], row["repo_license"])
    raise SystemExit(f"{piece.clip.name} is not in {manifest.name}")


def tracked(piece: Piece) -> MotionClip:
    """The piece through the tracker of the program."""
    recorder, tracker = MotionRecorder(), FaceMeshTracker(max_faces=1)
    with av.open(str(piece.clip)) as container:
        fps = float(container.streams.video[0].average_rate or 25)
        for index, frame in enumerate(container.decode(video=0)):
            if piece.first <= index <= piece.last:
                t_ns = round(index * NS_PER_S / fps)
                found = tracker.track(frame.to_ndarray(format="rgb24"), t_ns)
                recorder.add(found[0] if found else None, t_ns)
    tracker.close()
    return recorder.clip(piece.name)


def in_pixels(landmarks: Array) -> Iterator[FaceObservation]:
    """The landmarks as if seen in a picture."""
    size = (PICTURE_PX, PICTURE_PX)
    for points in landmarks:
        yield FaceObservation(pixels_from_unit(points, size), size)


def recorded(name: str, faces: Iterable[FaceObservation | None], fps: float) -> MotionClip:
    """The new face's motion, framed by its own first frame."""
    recorder = MotionRecorder()
    for index, face in enumerate(faces):
        recorder.add(face, round(index * NS_PER_S / fps))
    return recorder.clip(name)


def canonicalised(landmarks: Array) -> tuple[Array, list[Similarity]]:
    """Every frame's shape in the head's frame, and the poses that were taken out."""
    face = load_canonical()
    poses = [fit_similarity(face.mean, frame, face.weights) for frame in landmarks]
    return np.stack([pose.undo(frame) for pose, frame in zip(poses, landmarks, strict=True)]), poses


def average_neutral(files: list[Path]) -> Array:
    """The mean over clips of each clip's neutral face, in the head's frame."""
    if not files:
        raise SystemExit("no landmark files: look at --people and --prefix")
    neutrals = []
    for file in files:
        with np.load(file, allow_pickle=False) as content:
            landmarks = content["landmarks_px"]
        if len(landmarks) >= 20:
            neutrals.append(neutral_shape(canonicalised(landmarks[:: max(1, len(landmarks) // 100)])[0]))
    return np.mean(neutrals, axis=0).astype(np.float32)


def mouth_and_eyes(shapes: Array) -> tuple[Array, Array]:
    """How far mouth and eyes are open, (n,) each."""
    mouth = np.linalg.norm(shapes[:, 13] - shapes[:, 14], axis=1)
    eyes = np.mean([np.linalg.norm(shapes[:, up] - shapes[:, low], axis=1) for _, _, up, low in LIDS], axis=0)
    return mouth, eyes


def neutral_shape(shapes: Array) -> Array:
    """One person with eyes as usual and the mouth as closed as it gets: the mean of the calmest tenth of frames."""
    mouth, eyes = mouth_and_eyes(shapes)
    unrest = mouth + 2.0 * np.abs(eyes - np.median(eyes))
    calmest = np.argsort(unrest)[: max(3, len(shapes) // 10)]
    return shapes[calmest].mean(0)


def lids_scaled(motion: Array, neutral: Array, average: Array) -> Array:
    """Scale what eyes do vertically by how much wider the average eye is open."""
    scaled = motion.copy()
    for inner, outer, upper, lower in LIDS:
        centre = (average[inner] + average[outer]) / 2
        width = np.linalg.norm(average[inner] - average[outer])
        near = np.clip(2 - 2 * np.linalg.norm(average[:, :2] - centre[:2], axis=1) / (EYE_REACH * width), 0, 1)
        ratio = np.linalg.norm(average[upper] - average[lower]) / np.linalg.norm(neutral[upper] - neutral[lower])
        scaled[:, :, 1] *= (1 + near * (ratio - 1)).astype(np.float32)
    return scaled


def frontal(poses: list[Similarity]) -> list[Similarity]:
    """The same turns about a mean that looks straight ahead, in units of the crop around the face."""
    u, _, vt = np.linalg.svd(np.mean([pose.rotation for pose in poses], axis=0))
    straight = (u @ vt).T
    scale = float(np.median([pose.scale for pose in poses]))
    middle = np.mean([pose.translation for pose in poses], axis=0)
    size = 1.0 / CropTransform.around_face(load_canonical().mean, 2).side_px * 2.0
    return [
        Similarity(
            (straight @ pose.rotation).astype(np.float32),
            size * pose.scale / scale,
            ((pose.translation - middle) * size / scale).astype(np.float32),
        )
        for pose in poses
    ]


def most_neutral(shapes: Array, poses: list[Similarity]) -> int:
    """The frame that serves best as the neutral one: mouth closed, eyes as usual, head straight."""
    mouth, eyes = mouth_and_eyes(shapes)
    turn = np.array([np.arccos(np.clip((np.trace(pose.rotation) - 1) / 2, -1, 1)) for pose in poses])
    return int(np.argmin(mouth / 0.05 + np.abs(eyes - np.median(eyes)) / 0.03 + turn / 0.1))


if __name__ == "__main__":
    main()
