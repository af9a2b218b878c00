"""Looks for further views of an avatar's person in photos and videos; what is found waits in memory to be approved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.avatar_references import SMALL_PX, add_references, require_room
from app.avatars import Avatar
from app.capture.video_reader import PICTURE_SUFFIXES
from app.errors import UsageProblem
from app.face_choice import choose_face
from app.guided_capture.candidates import Candidates
from app.guided_capture.face_signs import FaceReader, FaceSigns
from app.guided_capture.goals import Goal
from app.guided_capture.private_picture import PrivatePicture
from app.guided_capture.scoring import picture_quality
from app.guided_capture.video_views import look_through
from app.guided_capture.view_choice import MOST_AT_ONCE, Refusal, SeenView, ViewChoice
from app.job_progress import JobProgress
from app.picture_file import read_picture
from app.portrait import MAX_PICTURE_PX
from app.resample import limited, resized
from app.tracking.base import Tracker

MOST_FILES, MOST_VIDEOS = 24, 3
"""More are refused before any is read."""

NONE_GOOD = "None of its pictures is sharp, well lit and large enough."


@dataclass(frozen=True)
class FoundView:
    """A picture that is proposed. name: of its file. small: the same, to be shown. goal: what it shows, if known."""

    name: str
    picture: PrivatePicture
    small: PrivatePicture
    goal: Goal | None


class FurtherViews:
    """What was found for one avatar; either `approve` or `reject` ends it, and both throw the pictures away.

    found: proposed, in the order of the files. refused: what was not taken, and why.
    """

    def __init__(self, avatar: Avatar, found: Sequence[FoundView], refused: Sequence[Refusal]) -> None:
        self._avatar = avatar
        self.found, self.refused = tuple(found), tuple(refused)

    def approve(self, leave_out: Collection[int] = ()) -> Avatar:
        """Save the pictures beside the portrait. leave_out: places in `found`.

        Raises:
            UsageProblem: the avatar is broken or gone by now.
            EnvironmentProblem: they cannot be written; the proposal stays as it is then.
        """
        kept = [view.picture.reveal() for place, view in enumerate(self.found) if place not in leave_out]
        avatar = add_references(self._avatar, kept) if kept else self._avatar
        self.reject()
        return avatar

    def reject(self) -> None:
        """Throw everything away. Idempotent."""
        for view in self.found:
            view.picture.forget()
            view.small.forget()


class ViewSearch:
    """Looks at the files for one avatar, on the caller's thread.

    tracker: for single pictures, the caller's.

    Raises:
        UsageProblem: the avatar is not one of the person's own, is full, or shows no face.
    """

    def __init__(self, avatar: Avatar, tracker: Tracker) -> None:
        self._avatar, self._tracker, self._reader = avatar, tracker, FaceReader()
        self._room = require_room(avatar)
        portrait = self._signs_in(avatar.portrait)
        if portrait is None:
            raise UsageProblem(
                f"No face was found in the portrait of {avatar.name}.",
                why="A face is needed to compare the pictures with, and none was seen.",
                fix="Choose an avatar in which one face looks at the camera.",
            )
        others = [signs for path in avatar.references if (signs := self._known(path)) is not None]
        self._choice = ViewChoice((portrait, *others))

    def run(self, files: Sequence[Path], progress: JobProgress) -> FurtherViews:
        """Look at photos and videos. Files that cannot be used are refused one by one, with the reason.

        Raises:
            UsageProblem: there are too many files.
            Cancelled: nobody wants it any more; nothing of it is left.
        """
        _require_few(files)
        seen, refused, sittings = list[SeenView](), list[Refusal](), list[Candidates]()
        try:
            for number, path in enumerate(files):
                sittings.append(Candidates())
                report = partial(_report_part, progress, number, len(files))
                try:
                    seen += self._look_at(path, sittings[-1], report)
                except UsageProblem as problem:
                    refused.append(Refusal(path.name, f"{problem.what} {problem.why}"))
            picked, not_picked = self._choice.pick(seen, min(self._room, MOST_AT_ONCE))
            found = [_found(view) for view in picked]
        except BaseException:
            for sitting in sittings:
                sitting.forget()
            raise
        _forget_all_but(found, sittings)
        return FurtherViews(self._avatar, found, (*refused, *_said(not_picked, {view.name for view in picked})))

    def _look_at(self, path: Path, sitting: Candidates, report: Callable[[float], None]) -> list[SeenView]:
        report(0.0)
        if is_photo(path):
            return [self._photo(path)]
        look_through(
            path,
            self._tracker,
            sitting,
            on_progress=report,
            accepts=lambda landmarks_px: self._choice.is_same_person(self._reader.read(landmarks_px)),
        )
        best = sitting.best()
        if not best:
            raise UsageProblem(f"{path.name} does not help.", why=NONE_GOOD, fix="Choose another video.")
        return [SeenView(path.name, each.signs, each.quality, partial(_same, each.picture), each.goal) for each in best]

    def _photo(self, path: Path) -> SeenView:
        image = read_picture(path, limit_px=MAX_PICTURE_PX).rgb
        face = choose_face(self._tracker, image)
        if face is None:
            raise UsageProblem(
                f"No face was found in {path.name}.", why="A face is needed to know what it shows.", fix="Leave it out."
            )
        signs, quality = self._reader.read(face.landmarks_px), picture_quality(image, face.landmarks_px)
        return SeenView(path.name, signs, quality, partial(_read, path))  # read again: two dozen would fill the memory

    def _known(self, path: Path) -> FaceSigns | None:
        try:
            return self._signs_in(path)
        except UsageProblem:
            return None

    def _signs_in(self, path: Path) -> FaceSigns | None:
        face = choose_face(self._tracker, read_picture(path, limit_px=MAX_PICTURE_PX).rgb)
        return None if face is None else self._reader.read(face.landmarks_px)


def is_photo(path: Path) -> bool:
    """Whether a file is looked at as a single picture; everything else as a video."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def _require_few(files: Sequence[Path]) -> None:
    videos = sum(not is_photo(path) for path in files)
    if len(files) > MOST_FILES:
        why = f"{len(files)} were chosen; {MOST_FILES} are looked at at once."
    elif videos > MOST_VIDEOS:
        why = f"{videos} of them are videos; {MOST_VIDEOS} are looked through at once."
    else:
        return
    raise UsageProblem("These are too many files.", why=why, fix="Choose fewer.")


def _report_part(progress: JobProgress, number: int, count: int, share: float) -> None:
    progress.report((number + share) / count)


def _read(path: Path) -> PrivatePicture:
    return PrivatePicture(read_picture(path, limit_px=MAX_PICTURE_PX).rgb)


def _same(picture: PrivatePicture) -> PrivatePicture:
    return picture


def _found(view: SeenView) -> FoundView:
    picture = view.picture()
    image = picture.reveal()
    small = resized(image, limited((image.shape[0], image.shape[1]), SMALL_PX))
    return FoundView(view.name, picture, PrivatePicture(small), view.goal)


def _forget_all_but(found: Sequence[FoundView], sittings: Sequence[Candidates]) -> None:
    kept = {id(view.picture) for view in found}
    for sitting in sittings:
        for candidate in sitting.best():
            if id(candidate.picture) not in kept:
                candidate.picture.forget()


def _said(not_picked: Sequence[Refusal], names: Collection[str]) -> list[Refusal]:
    """One line for each file of which nothing was taken; that a video has more pictures than are needed is no news."""
    first = dict[str, Refusal]()
    for refusal in not_picked:
        if refusal.name not in names:
            first.setdefault(refusal.name, refusal)
    return list(first.values())
