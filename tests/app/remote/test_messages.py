"""What the remote control understands, and what it says to everything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.remote.messages import (
    FIELDS,
    MAX_MESSAGE_BYTES,
    AskAvatars,
    AskStatus,
    BadMessage,
    Calibrate,
    ChooseAvatar,
    Command,
    Record,
    RecordAction,
    Request,
    SetAway,
    SetMuted,
    parse_request,
)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('{"command": "avatar", "name": "mira"}', ChooseAvatar("mira")),
        ('{"command": "calibrate"}', Calibrate()),
        ('{"command": "away", "on": true}', SetAway(True)),
        ('{"command": "away", "on": false}', SetAway(False)),
        ('{"command": "record", "do": "start"}', Record(RecordAction.START)),
        ('{"command": "record", "do": "stop"}', Record(RecordAction.STOP)),
        ('{"command": "record", "do": "pause"}', Record(RecordAction.PAUSE)),
        ('{"command": "record", "do": "resume"}', Record(RecordAction.RESUME)),
        ('{"command": "mute", "on": true}', SetMuted(True)),
        ('{"command": "status"}', AskStatus()),
        ('{"command": "avatars"}', AskAvatars()),
    ],
)
def test_every_command_is_understood(text: str, command: Command) -> None:
    assert parse_request(text) == Request(command)


def test_an_id_is_kept_for_the_answer_also_when_the_rest_is_wrong() -> None:
    assert parse_request('{"id": 7, "command": "calibrate"}').id == 7
    assert parse_request('{"id": "button 3", "command": "calibrate"}').id == "button 3"
    with pytest.raises(BadMessage) as caught:
        parse_request('{"id": 7, "command": "explode"}')
    assert caught.value.id == 7


NO_COMMAND = "Use one of avatar, avatars, away, calibrate, mute, record, status."
ID = '"id" must be a whole number from 0 to 9007199254740991 or a text of at most 64 characters.'
SEE = "See docs/remote-control.md."


@pytest.mark.parametrize(
    ("text", "why", "fix"),
    [
        ("", "It is not valid JSON.", SEE),
        ("[" * 4000, "It is not valid JSON.", SEE),
        ("{" + " " * MAX_MESSAGE_BYTES + "}", "It is longer than 4096 bytes.", SEE),
        ("[]", "It is not a JSON object.", SEE),
        ('{"command": "away", "on": NaN}', "It is not valid JSON.", SEE),
        ('{"command": "away", "on": true, "on": false}', "It names a field twice.", SEE),
        ("{}", 'It has no "command".', NO_COMMAND),
        ('{"command": 3}', 'It has no "command".', NO_COMMAND),
        ('{"command": "Away"}', 'There is no command "Away".', NO_COMMAND),
        ('{"command": "\\n\\u202e"}', 'There is no command "??".', NO_COMMAND),
        ('{"command": "away"}', 'The command "away" needs the field "on".', SEE),
        ('{"command": "away", "on": 1}', '"on" must be true or false.', SEE),
        ('{"command": "away", "on": true, "x": 1}', 'The command "away" has no field "x".', SEE),
        ('{"command": "calibrate", "on": true}', 'The command "calibrate" has no field "on".', SEE),
        ('{"command": "record", "do": "erase"}', '"do" must be one of start, stop, pause, resume.', SEE),
        ('{"command": "record", "do": ["start"]}', '"do" must be one of start, stop, pause, resume.', SEE),
        ('{"command": "record", "do": "start", "path": "/tmp/x"}', 'The command "record" has no field "path".', SEE),
        ('{"command": "avatar", "name": ""}', '"name" must be a single line of 1 to 200 characters.', SEE),
        ('{"command": "avatar", "name": "a\\u0000"}', '"name" must be a single line of 1 to 200 characters.', SEE),
        ('{"command": "status", "id": -1}', ID, SEE),
        ('{"command": "status", "id": true}', ID, SEE),
        ('{"command": "status", "id": {}}', ID, SEE),
    ],
)
def test_everything_else_is_refused_with_a_sentence(text: str, why: str, fix: str) -> None:
    with pytest.raises(BadMessage) as caught:
        parse_request(text)

    error = caught.value
    assert (error.what, error.why, error.fix) == ("The message was not understood.", why, fix)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def understood(text: str) -> Request | None:
    try:
        return parse_request(text)
    except BadMessage:
        return None


@given(st.text(max_size=300) | json_values.map(json.dumps))
def test_no_text_is_anything_but_a_request_or_a_refusal(text: str) -> None:
    assert isinstance(understood(text), Request | None)


@given(st.sampled_from(sorted(FIELDS)), json_values, json_values)
def test_no_value_of_a_field_is_anything_but_taken_or_refused(name: str, value: object, id: object) -> None:
    request = understood(json.dumps({"id": id, "command": name, **dict.fromkeys(FIELDS[name], value)}))

    assert request is None or request.id == id
