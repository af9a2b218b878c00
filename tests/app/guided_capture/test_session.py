"""Ten seconds of a person who does what is asked, or does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.guided_capture.goals import ASKED, Goal
from app.guided_capture.session import ASKED_S, UNTRACKED_KEPT, GuidedCapture
from app.packets import CapturedFrame
from tests.app.guided_capture.acting import ACTS, FPS, SIZE, Act, Actor, picture


@pytest.fixture
def actor() -> Actor:
    return Actor(GuidedCapture())


def test_everything_is_asked_for_in_ten_seconds_and_found(actor: Actor) -> None:
    actor.obey()
    assert 9.0 <= actor.number / FPS <= 10.1
    assert actor.capture.progress().share == 1.0
    proposal = actor.capture.finish()
    assert [candidate.goal for candidate in proposal.found] == list(Goal)
    assert proposal.misses == ()
    assert proposal.can_be_approved
    for candidate in proposal.found:
        assert np.array_equal(candidate.picture.reveal(), picture())
    turns = {candidate.goal: candidate.signs.yaw_deg for candidate in proposal.found}
    assert turns[Goal.LEFT] > 20 > abs(turns[Goal.NEUTRAL])
    assert turns[Goal.RIGHT] < -20


def test_each_goal_is_asked_for_with_a_sentence_and_the_time_begins_with_the_first_face(actor: Actor) -> None:
    actor.act(None, 5.0)
    assert actor.capture.progress().goal is Goal.NEUTRAL
    for goal in Goal:
        actor.act(ACTS[goal], ASKED_S / 2)
        progress = actor.capture.progress()
        assert (progress.goal, progress.asked) == (goal, ASKED[goal])
        actor.act(ACTS[goal], ASKED_S / 2 + (0.04 if goal is Goal.NEUTRAL else 0.0))


def test_the_person_is_told_at_once_that_a_goal_was_reached(actor: Actor) -> None:
    actor.act(Act(lips=1.0), 0.5)
    assert not actor.capture.progress().has_it
    actor.act(Act(), 0.2)
    assert actor.capture.progress().has_it


@pytest.mark.parametrize(
    ("goal", "instead", "why"),
    [
        (Goal.SMILE, Act(), "The smile was hardly seen."),
        (Goal.OPEN_MOUTH, Act(lips=0.1), "The mouth was not open far enough."),
        (Goal.BLINK, Act(), "The eyes were not seen closed."),
        (Goal.LEFT, Act(yaw=0.1), "The head was not turned far enough to your left."),
        (Goal.RIGHT, Act(yaw=0.0), "The head was not turned far enough to your right."),
        (Goal.NEUTRAL, Act(lips=0.8), "You were not seen looking at the camera with your lips together."),
    ],
)
def test_what_was_not_done_is_missing_with_the_reason(actor: Actor, goal: Goal, instead: Act, why: str) -> None:
    acts = {**ACTS, goal: instead}
    if goal is Goal.NEUTRAL:
        acts = dict.fromkeys(Goal, instead)
    actor.obey(acts)
    misses = {miss.goal: miss.why for miss in actor.capture.finish().misses}
    assert misses[goal] == why


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda image: cv2.GaussianBlur(image, (0, 0), 12), "The picture was blurred."),
        (lambda image: (image * 0.1).astype(np.uint8), "The face was too dark or too bright."),
    ],
    ids=["blurred", "dark"],
)
def test_a_bad_picture_is_missing_with_the_reason(actor: Actor, spoil: object, why: str) -> None:
    assert callable(spoil)
    actor.act(Act(), 1.0, spoil(picture()))
    misses = {miss.goal: miss.why for miss in actor.capture.finish().misses}
    assert misses[Goal.NEUTRAL] == why


def test_of_two_pictures_the_sharper_one_is_kept(actor: Actor) -> None:
    soft = cv2.GaussianBlur(picture(), (0, 0), 1.5).astype(np.uint8)
    actor.act(Act(), 0.3, soft)
    actor.act(Act(), 0.3)
    actor.act(Act(), 0.3, soft)
    found = actor.capture.finish().found
    assert np.array_equal(found[0].picture.reveal(), picture())


def test_of_two_blinks_the_one_with_the_eyes_shut_is_kept(actor: Actor) -> None:
    actor.act(Act(), ASKED_S)
    half, shut = picture(1), picture(2)
    actor.act(Act(eyes=0.35), 0.2, half)
    actor.act(Act(eyes=0.0), 0.2, shut)
    actor.act(Act(eyes=0.35), 0.2, half)
    blinks = [candidate for candidate in actor.capture.finish().found if candidate.goal is Goal.BLINK]
    assert np.array_equal(blinks[0].picture.reveal(), shut)


def test_nobody_before_the_camera_finds_nothing(actor: Actor) -> None:
    actor.act(None, 3.0)
    proposal = actor.capture.finish()
    assert proposal.found == ()
    assert {miss.why for miss in proposal.misses} == {"No face was seen."}
    assert not proposal.can_be_approved


def test_cancelling_forgets_every_picture_and_nothing_is_taken_any_more(actor: Actor) -> None:
    actor.obey()
    kept = [candidate.picture for candidate in actor.capture._candidates.best()]
    assert len(kept) == len(Goal)
    actor.capture.cancel()
    assert all(each.forgotten for each in kept)
    actor.act(Act(), 1.0)
    assert actor.capture.finish().found == ()


def test_pictures_that_are_never_tracked_do_not_pile_up() -> None:
    capture = GuidedCapture()
    for number in range(100):
        capture.captured(CapturedFrame(number, np.zeros((*SIZE, 3), np.uint8), number, "test"))
    assert len(capture._waiting) == UNTRACKED_KEPT
    capture.finish()
    assert len(capture._waiting) == 0


def test_a_picture_that_was_replaced_by_a_better_one_is_forgotten(actor: Actor) -> None:
    actor.act(Act(), 0.2, cv2.GaussianBlur(picture(), (0, 0), 1.5).astype(np.uint8))
    first = actor.capture._candidates.best()[0].picture
    actor.act(Act(), 0.2)
    assert first.forgotten
