"""`animate`: a portrait follows a video, a picture or a motion clip, into a file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from app.animators import default_model, open_animator, open_or_fall_back
from app.avatars import Avatar, resolve_avatar
from app.cli_parser import print_line
from app.commands.driving import Driver, open_driver
from app.commands.sitter import Framing, Sitting, open_sittings
from app.consent_book import ConsentBook
from app.errors import UsageProblem
from app.likeness import note_likeness
from app.offline import OfflineAnimator
from app.output.movie_writer import open_writer
from app.output.signing import Signer
from app.portrait_loader import PortraitLoader
from app.progress import progress
from app.segmentation import SelfieSegmenter
from app.settings import MotionSettings, Region
from app.tracking.base import Tracker
from app.tracking.face_mesh import FaceMeshTracker
from models.types import Animator, FaceView, ImageArray, PortraitView


@dataclass(frozen=True)
class AnimateOptions:
    """The flags of `animate` (CONTRACT.md).

    crop: False takes source, references and driving as already framed alike and square.
    size: side of the output in pixels where it is a square; None is the square's own.
    everybody: every face in the picture is animated.
    has_right: the person says to have the right to show the portrait.
    content_credentials: certificate and key to sign the movie with.
    """

    source: str
    references: tuple[Path, ...]
    driving: Path
    output: Path
    motion: MotionSettings
    crop: bool = True
    paste_back: bool = True
    size: int | None = None
    max_frames: int | None = None
    model: str | None = None
    device: str = "auto"
    quiet: bool = False
    everybody: bool = False
    has_right: bool = False
    content_credentials: tuple[Path, Path] | None = None

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> AnimateOptions:
        """Read what `app.cli_parser` parsed."""
        motion = MotionSettings(
            relative=not parsed.absolute,
            region=Region(parsed.region),
            gain=parsed.gain,
            stitching=not (parsed.no_stitch or parsed.no_crop),
            retarget_eyes=parsed.retarget_eyes,
            retarget_lips=parsed.retarget_lips,
        )
        return cls(
            source=parsed.source,
            references=tuple(parsed.reference),
            driving=parsed.driving,
            output=parsed.output,
            motion=motion,
            crop=not parsed.no_crop,
            paste_back=not (parsed.no_paste_back or parsed.no_crop),
            size=parsed.size,
            max_frames=parsed.max_frames,
            model=parsed.model,
            device=parsed.device,
            quiet=parsed.quiet,
            everybody=parsed.all_faces,
            has_right=parsed.i_have_the_right,
            content_credentials=tuple(parsed.content_credentials) if parsed.content_credentials else None,
        )


MOST_FACES = 12
"""How many faces of one picture are animated."""


class NobodyDriving(UsageProblem):
    """No frame of the driving clip shows a face."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"No face was found in any frame of {path.name}.",
            why="The driving video must show one person's face, large enough and lit well enough to be tracked.",
            fix="Choose another driving video.",
        )


def animate(options: AnimateOptions) -> int:
    """Animate and write the file; 0 when it is complete.

    Raises:
        UsageProblem: an input that cannot be used, with the reason.
        EnvironmentProblem: the output cannot be written, or the model cannot run.
    """
    if options.everybody and not options.paste_back:
        raise UsageProblem(
            "--all-faces cannot be used here.",
            why="Without pasting back the output is the square around one face.",
            fix="Leave --no-crop and --no-paste-back out.",
        )
    signing = options.content_credentials
    signer = None if signing is None else Signer.of(*signing, options.output)
    tell = None if options.quiet else print_line
    note_likeness(options.source, has_right=options.has_right, tell=tell, book=ConsentBook())
    if options.paste_back and options.size is not None:
        _notice(options, "--size is for square output; pasted back, the output has the size of the picture.")
    session = OfflineAnimator(_animator(options), options.motion)
    framed_px = None if options.crop else session.animator.framed_size
    with (
        closing(open_driver(options.driving, framed_px=framed_px)) as driver,
        closing(FaceMeshTracker(static=True)) as tracker,
        closing(_portrait_tracker(options, tracker)) as finder,
        closing(SelfieSegmenter()) as segmenter,
    ):
        source = resolve_avatar(options.source)
        side_px = _side(options) or (None if options.crop else session.animator.made_size)
        framing = Framing(framed_px, options.paste_back, side_px, options.everybody)
        loader = PortraitLoader(finder, segmenter)
        sittings, references = open_sittings(source, _references(options, source, session), framing, loader)
        film = Film(session, sittings, references)
        missed = _write(options, driver, film, tracker, session)
    if signer is not None:
        signer.sign(options.output)
    if missed:
        frames = "1 frame" if missed == 1 else f"{missed} frames"
        _notice(options, f"{frames} of {options.driving.name} without a face: the picture before was repeated.")
    return 0


def _portrait_tracker(options: AnimateOptions, usual: FaceMeshTracker) -> FaceMeshTracker:
    """What finds the faces that are to be animated; the driver is one person."""
    return FaceMeshTracker(MOST_FACES, static=True, everybody=True) if options.everybody else usual


def _animator(options: AnimateOptions) -> Animator[Any]:
    """The model that was named; where none was, the default or what stands in for it."""
    if options.model is not None:
        return open_animator(options.model, options.device)
    animator, refused = open_or_fall_back(default_model(), options.device)
    if refused is not None:
        _notice(options, f"{refused.what} {refused.why} The model '{animator.name}' is used instead.")
    return animator


def _references(options: AnimateOptions, source: Avatar | Path, session: OfflineAnimator) -> tuple[Path, ...]:
    """Further pictures of the person: the avatar's own and those that were given; none for a model that uses none."""
    if not session.animator.uses_references:
        if options.references:
            _notice(options, f"The model '{session.animator.name}' uses one picture; the references are ignored.")
        return ()
    return (*(source.references if isinstance(source, Avatar) else ()), *options.references)


def _side(options: AnimateOptions) -> int | None:
    """The wanted side of square output; H.264 stores colour for pairs of pixels, so it has to be even there."""
    if options.size is None or options.size % 2 == 0 or options.output.suffix.lower() != ".mp4":
        return options.size
    _notice(options, f"H.264 needs an even size: {options.size + 1} instead of {options.size}.")
    return options.size + 1


class Film:
    """Turns faces into output pictures, one per driving frame, and counts those without a face."""

    def __init__(
        self, session: OfflineAnimator, sittings: Iterator[Sitting], references: tuple[PortraitView, ...]
    ) -> None:
        self._sessions, self._sittings, self._references = [session], sittings, references
        self._sitting: Sitting | None = None
        self._last: ImageArray | None = None
        self.first = next(sittings)
        self.written = self.missed = 0

    def pictures(self, faces: Iterator[FaceView | None]) -> Iterator[ImageArray]:
        """One output picture per driving frame; without a face the last animated one, before that the portrait."""
        sitting = self.first
        for face, following in pairwise(chain(faces, [None])):
            self.written += 1
            if face is None:
                self.missed += 1
            elif sitting.view is not None:
                self._last = self._animated(sitting, face, following)
            yield sitting.still if self._last is None or sitting.view is None else self._last
            sitting = next(self._sittings, sitting)

    def _animated(self, sitting: Sitting, face: FaceView, following: FaceView | None) -> ImageArray:
        """The output picture, with every face that is to move."""
        if sitting is not self._sitting:
            self._prepare(sitting)
        edited = sitting.moves and face.image is not None  # landmarks are smooth already, motion read off pixels is not
        picture: ImageArray | None = None
        for session, each in zip(self._sessions, (sitting, *sitting.beside), strict=False):
            picture = each.finish(session.step(face, following if edited else None), picture)
        assert picture is not None  # there is always a first session
        return picture

    def _prepare(self, sitting: Sitting) -> None:
        """One session for each face of the picture; references show the first."""
        everybody = (sitting, *sitting.beside)
        while len(self._sessions) < len(everybody):
            self._sessions.append(self._sessions[0].beside())
        for place, (session, each) in enumerate(zip(self._sessions, everybody, strict=False)):
            assert each.view is not None
            session.prepare(each.view, () if place else self._references)
        self._sitting = sitting


def _write(options: AnimateOptions, driver: Driver, film: Film, tracker: Tracker, session: OfflineAnimator) -> int:
    """Write every frame; how many had no face."""
    h, w = film.first.still.shape[:2]
    total = min(filter(None, (driver.count, options.max_frames)), default=None)
    with open_writer(options.output, (h, w), driver.rate, driver.sound) as writer:
        pixels_px = session.animator.input_size if session.animator.needs_pixels else None
        pictures = film.pictures(driver.faces(tracker, options.max_frames, pixels_px))
        for picture in progress(pictures, unit="frame", total=total, quiet=options.quiet):
            writer.write(picture)
        if film.missed == film.written:
            raise NobodyDriving(options.driving)
        writer.commit()
    return film.missed


def _notice(options: AnimateOptions, text: str) -> None:
    if not options.quiet:
        print_line(text)
