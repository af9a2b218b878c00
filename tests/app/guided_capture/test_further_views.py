"""Which photos and which pictures of a video become further views of a person, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app.avatar_references
import app.avatars
import app.guided_capture.video_views as video_views
from app.avatars import MAX_REFERENCES, Avatar, add_picture, load_avatar
from app.errors import EnvironmentProblem, UsageProblem
from app.guided_capture.further_views import MOST_FILES, FurtherViews, ViewSearch
from app.guided_capture.goals import Goal
from app.job_progress import Cancelled, JobProgress
from app.packets import FaceObservation
from models.types import FloatArray, ImageArray
from tests.app.guided_capture.acting import ACTS, SIZE, Act, landmarks_of, picture
from tests.helpers.portraits import ScriptedFaces
from tests.helpers.videos import Recipe, write_video

NEUTRAL = landmarks_of(Act())


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the avatars of the person who runs it."""
    monkeypatch.setattr(app.avatars, "user_folder", lambda: tmp_path / "user")


@pytest.fixture
def avatar(tmp_path: Path) -> Avatar:
    """One of the person's own."""
    return add_picture(photo(tmp_path, "Mira"))


def photo(folder: Path, name: str, image: ImageArray | None = None) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(picture() if image is None else image).save(path)
    return path


def someone_else() -> FloatArray:
    """A face a fifth narrower."""
    points = landmarks_of(Act(yaw=0.3))
    middle = points.mean(0)
    return np.asarray((points - middle) * (0.8, 1.15, 1.0) + middle, np.float32)


class FacesInTurn(ScriptedFaces):
    """Finds another face in every picture; None finds nobody."""

    def __init__(self, *faces: FloatArray | None) -> None:
        super().__init__()
        self.next = list(faces)

    def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
        face = self.next.pop(0) if self.next else None
        self.faces = () if face is None else (face,)
        return super().track(image, t_capture_ns)


def search(avatar: Avatar, files: Sequence[Path], *faces: FloatArray | None) -> FurtherViews:
    """What is found where the tracker sees a neutral portrait and then `faces`."""
    return ViewSearch(avatar, FacesInTurn(NEUTRAL, *faces)).run(files, JobProgress())


@pytest.mark.parametrize("goal", [Goal.LEFT, Goal.OPEN_MOUTH, Goal.BLINK])
def test_another_view_of_the_same_person_is_found(tmp_path: Path, avatar: Avatar, goal: Goal) -> None:
    views = search(avatar, [photo(tmp_path, "extra")], landmarks_of(ACTS[goal]))

    assert [view.name for view in views.found] == ["extra.png"]
    assert views.refused == ()


@pytest.mark.parametrize(
    ("landmarks", "image", "why"),
    [
        (None, None, "No face was found in extra.png. A face is needed to know what it shows."),
        (NEUTRAL, None, "It shows nothing that the other pictures do not show."),
        (landmarks_of(Act(yaw=1.1)), None, "The head is turned 63 degrees away, more than can be followed."),
        (someone_else(), None, "The face is shaped differently: it seems to be another person."),
        (landmarks_of(Act(yaw=0.4)), np.full((*SIZE, 3), 128, np.uint8), "The picture was blurred."),
        (landmarks_of(Act(yaw=0.4)), (picture() * 0.1).astype(np.uint8), "The face was too dark or too bright."),
        (landmarks_of(Act(yaw=0.4), side=15.0), None, "The face was too small; come closer."),
    ],
    ids=["nobody", "alike", "turned", "another", "blurred", "dark", "small"],
)
def test_a_photo_that_does_not_help_is_refused_with_the_reason(
    tmp_path: Path, avatar: Avatar, landmarks: FloatArray | None, image: ImageArray | None, why: str
) -> None:
    views = search(avatar, [photo(tmp_path, "extra", image)], landmarks)

    assert views.found == ()
    assert [(refusal.name, refusal.why) for refusal in views.refused] == [("extra.png", why)]


def test_of_two_photos_alike_one_is_taken_and_a_file_that_is_no_picture_is_named(
    tmp_path: Path, avatar: Avatar
) -> None:
    left, broken = landmarks_of(ACTS[Goal.LEFT]), tmp_path / "broken.png"
    broken.write_bytes(b"nothing")

    views = search(avatar, [photo(tmp_path, "a"), photo(tmp_path, "b"), broken], left, left)

    assert [view.name for view in views.found] == ["a.png"]
    assert [refusal.name for refusal in views.refused] == ["broken.png", "b.png"]
    assert views.refused[0].why.startswith("The picture broken.png cannot be used.")


def test_of_many_photos_those_that_show_most_are_picked(tmp_path: Path, avatar: Avatar) -> None:
    yaws = [0.12 * number for number in range(-5, 6)]
    files = [photo(tmp_path, f"{number}") for number in range(len(yaws))]

    views = search(avatar, files, *(landmarks_of(Act(yaw=yaw)) for yaw in yaws))

    assert len(views.found) == 6
    assert {"0.png", "10.png"} <= {view.name for view in views.found}, "the farthest turned"
    assert {refusal.why for refusal in views.refused} == {
        "It shows nothing that the other pictures do not show.",
        "Others show more that is new; 6 are taken at once.",
    }


def test_what_an_avatar_has_already_is_not_taken_again(tmp_path: Path, avatar: Avatar) -> None:
    left = landmarks_of(ACTS[Goal.LEFT])
    avatar = search(avatar, [photo(tmp_path, "extra")], left).approve()

    views = search(avatar, [photo(tmp_path, "again")], left, left)

    assert [refusal.why for refusal in views.refused] == ["It shows nothing that the other pictures do not show."]


def test_approved_pictures_are_saved_without_those_left_out_and_without_what_the_files_said(
    tmp_path: Path, avatar: Avatar
) -> None:
    path, other = tmp_path / "from the phone.jpg", photo(tmp_path, "other")
    told = Image.Exif()
    told[0x010E] = "where I live"
    Image.fromarray(picture()).save(path, exif=told, quality=95)
    acts = (ACTS[Goal.LEFT], ACTS[Goal.RIGHT])
    views = search(avatar, [path, other], *(landmarks_of(act) for act in acts))

    kept = views.approve(leave_out=[1])

    assert [reference.name for reference in kept.references] == ["further-1.jpg"]
    assert load_avatar(avatar.folder) == kept
    with Image.open(kept.references[0]) as image:
        assert (image.size, dict(image.getexif())) == ((SIZE[1], SIZE[0]), {})
    assert all(view.picture.forgotten and view.small.forgotten for view in views.found)


def test_nothing_is_kept_that_was_not_approved(tmp_path: Path, avatar: Avatar) -> None:
    before = sorted(avatar.folder.iterdir())
    views = search(avatar, [photo(tmp_path, "extra")], landmarks_of(ACTS[Goal.LEFT]))

    views.reject()

    assert sorted(avatar.folder.iterdir()) == before
    assert all(view.picture.forgotten and view.small.forgotten for view in views.found)


def test_pictures_that_cannot_be_saved_stay_to_be_saved_again(
    tmp_path: Path, avatar: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = search(avatar, [photo(tmp_path, "extra")], landmarks_of(ACTS[Goal.LEFT]))
    before = sorted(avatar.folder.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("app.avatar_references.rewrite_description", full)
        with pytest.raises(EnvironmentProblem) as caught:
            views.approve()

    assert str(caught.value) == (
        f"The further pictures of Mira could not be changed. Writing to {avatar.folder} failed: "
        "No space left on device. Free some space or check the folder's permissions, then try again."
    )
    assert sorted(avatar.folder.iterdir()) == before
    assert len(views.approve().references) == 1


def test_a_portrait_without_a_face_cannot_be_compared_with(avatar: Avatar) -> None:
    with pytest.raises(UsageProblem) as caught:
        ViewSearch(avatar, ScriptedFaces())

    assert str(caught.value) == (
        "No face was found in the portrait of Mira. A face is needed to compare the pictures with, and none was seen. "
        "Choose an avatar in which one face looks at the camera."
    )


def test_a_shipped_avatar_takes_no_pictures() -> None:
    shipped = app.avatars.shipped_avatars()[0]
    with pytest.raises(UsageProblem) as caught:
        ViewSearch(shipped, ScriptedFaces(NEUTRAL))

    assert str(caught.value) == (
        f"No pictures can be added to {shipped.name}. It is not one of the avatars you added. "
        "Copy its folder among your own avatars first."
    )


def test_an_avatar_that_is_full_takes_no_more(avatar: Avatar) -> None:
    full = app.avatar_references.add_references(avatar, [picture()[:64, :64]] * MAX_REFERENCES)
    with pytest.raises(UsageProblem) as caught:
        ViewSearch(full, ScriptedFaces(NEUTRAL))

    assert str(caught.value) == (
        "No more pictures can be added to Mira. It has 16 further pictures, which is the most. "
        "Remove one of them first."
    )


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([f"{number}.png" for number in range(MOST_FILES + 1)], "25 were chosen; 24 are looked at at once."),
        (["a.mp4", "b.mkv", "c.mov", "d.png", "e.avi"], "4 of them are videos; 3 are looked through at once."),
    ],
)
def test_too_many_files_are_refused_unread(tmp_path: Path, avatar: Avatar, names: list[str], why: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        search(avatar, [tmp_path / name for name in names])

    assert str(caught.value) == f"These are too many files. {why} Choose fewer."


def film(folder: Path, pictures: int) -> Path:
    return write_video(folder / "me.mp4", Recipe(size=SIZE), images=[picture(number) for number in range(pictures)])


def test_the_best_views_of_a_video_are_found_but_not_what_the_portrait_shows(tmp_path: Path, avatar: Avatar) -> None:
    views = search(avatar, [film(tmp_path, 6)], *(landmarks_of(act) for act in ACTS.values()))

    assert {view.goal for view in views.found} == {Goal.OPEN_MOUTH, Goal.BLINK, Goal.LEFT, Goal.RIGHT}
    assert views.refused == (), "that it has more pictures than are needed is no news"


def test_other_people_in_a_video_are_passed_over(tmp_path: Path, avatar: Avatar) -> None:
    faces = (someone_else(), NEUTRAL, landmarks_of(ACTS[Goal.LEFT]))

    views = search(avatar, [film(tmp_path, 3)], *faces)

    assert [view.goal for view in views.found] == [Goal.LEFT]


@pytest.mark.parametrize(
    ("faces", "why"),
    [
        ((None, None), "No face was found in me.mp4. None of the pictures that were looked at shows one."),
        (
            (someone_else(), someone_else()),
            "Another person seems to be seen in me.mp4. The faces in it are shaped differently from that of the "
            "portrait.",
        ),
        (
            (landmarks_of(Act(), side=15.0),) * 2,
            "me.mp4 does not help. None of its pictures is sharp, well lit and large enough.",
        ),
        ((NEUTRAL, NEUTRAL), "It shows nothing that the other pictures do not show."),
    ],
    ids=["nobody", "another", "small", "alike"],
)
def test_a_video_that_does_not_help_is_refused_with_the_reason(
    tmp_path: Path, avatar: Avatar, faces: tuple[FloatArray | None, ...], why: str
) -> None:
    views = search(avatar, [film(tmp_path, 2)], *faces)

    assert [(refusal.name, refusal.why) for refusal in views.refused] == [("me.mp4", why)]


def test_a_broken_video_is_refused_with_the_reason(tmp_path: Path, avatar: Avatar) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"nothing that plays")

    views = search(avatar, [path])

    assert [refusal.why for refusal in views.refused] == [
        "The video broken.mp4 cannot be used. It is not a video, or it is damaged from the start."
    ]


def test_a_long_video_is_refused_before_it_is_decoded(
    tmp_path: Path, avatar: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long(path: Path) -> video_views.VideoReader:
        def frames() -> list[ImageArray]:
            raise AssertionError("nothing is decoded")

        return video_views.VideoReader(SIZE, Fraction(30), 30 * 60 * 43, False, lambda: iter(frames()))

    monkeypatch.setattr(video_views, "open_video", long)

    views = search(avatar, [tmp_path / "film.mkv"])

    assert [refusal.why for refusal in views.refused] == [
        "The video film.mkv cannot be used. It lasts 43 minutes; at most 10 are looked through."
    ]


def test_a_search_tells_how_far_it_is_and_ends_when_it_is_not_wanted_any_more(tmp_path: Path, avatar: Avatar) -> None:
    progress, shares = JobProgress(), list[float]()

    class Watched(FacesInTurn):
        def track(self, image: ImageArray, t_capture_ns: int) -> list[FaceObservation]:
            shares.append(progress.share)
            if len(shares) == 5:
                progress.cancel()
            return super().track(image, t_capture_ns)

    tracker = Watched(NEUTRAL, *(landmarks_of(act) for act in ACTS.values()))

    with pytest.raises(Cancelled):
        ViewSearch(avatar, tracker).run([film(tmp_path, 6)], progress)

    assert shares == sorted(shares)
    assert shares[-1] > 0.4
    assert len(shares) == 5
