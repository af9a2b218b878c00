"""What may be said over the remote control, and nothing else: docs/remote-control.md is this file in prose.

Messages come from other programs, so every one is bounded, must be a command this program knows, and must have the
fields of that command and no others. What is not so changes nothing and is answered with a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from app.errors import UsageProblem

MAX_MESSAGE_BYTES = 4096
MAX_NAME = 200
MAX_ID = 2**53 - 1
"""The largest whole number that JavaScript reads back unchanged."""

MAX_ID_TEXT = 64
_SHOWN = 40
"""Characters of a stranger's word that an answer repeats."""

MessageId = int | str | None


class RecordAction(Enum):
    """What to do with the recording."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True)
class ChooseAvatar:
    """Show another avatar of the gallery, by key or name; never a file: a remote control opens none."""

    name: str


@dataclass(frozen=True)
class Calibrate:
    """Take the next tracked face as the neutral one."""


@dataclass(frozen=True)
class SetAway:
    """Show the away card, or come back."""

    away: bool


@dataclass(frozen=True)
class Record:
    """Start, stop, pause or resume the recording; the program chooses where it goes."""

    action: RecordAction


@dataclass(frozen=True)
class SetMuted:
    """Send silence in place of the microphone, or the microphone again."""

    muted: bool


@dataclass(frozen=True)
class AskStatus:
    """Answer with the status now."""


@dataclass(frozen=True)
class AskAvatars:
    """Answer with the avatars of the gallery."""


Wish = ChooseAvatar | Calibrate | SetAway | SetMuted | Record
"""A command that changes something."""

Command = Wish | AskStatus | AskAvatars


@dataclass(frozen=True)
class Request:
    """One command with the id its answer shall carry."""

    command: Command
    id: MessageId = None


class BadMessage(UsageProblem):
    """A message that is not one of ours. id: that of the message, where it had a usable one."""

    def __init__(self, why: str, fix: str = "See docs/remote-control.md.", id: MessageId = None) -> None:
        super().__init__("The message was not understood.", why=why, fix=fix)
        self.id = id


FIELDS: Mapping[str, tuple[str, ...]] = {
    "avatar": ("name",),
    "avatars": (),
    "away": ("on",),
    "calibrate": (),
    "mute": ("on",),
    "record": ("do",),
    "status": (),
}
"""The fields of each command beside `command` and `id`; all of them must be there."""


def parse_request(text: str) -> Request:
    """The command in one message.

    Raises:
        BadMessage: anything else.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_MESSAGE_BYTES:
        raise BadMessage(f"It is longer than {MAX_MESSAGE_BYTES} bytes.")
    fields = _object_in(text)
    id = _id_of(fields)
    try:
        return Request(_command_of(fields), id)
    except BadMessage as error:
        error.id = id
        raise


def _object_in(text: str) -> dict[str, object]:
    try:
        fields = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadMessage):
            raise
        raise BadMessage("It is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise BadMessage("It is not a JSON object.")
    return fields


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadMessage("It names a field twice.")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _id_of(fields: Mapping[str, object]) -> MessageId:
    id = fields.get("id")
    whole = isinstance(id, int) and not isinstance(id, bool) and 0 <= id <= MAX_ID
    if id is None or whole or (isinstance(id, str) and len(id) <= MAX_ID_TEXT):
        return id  # type: ignore[return-value]  # checked in the line above
    raise BadMessage(f'"id" must be a whole number from 0 to {MAX_ID} or a text of at most {MAX_ID_TEXT} characters.')


def _command_of(fields: Mapping[str, object]) -> Command:
    name = fields.get("command")
    if not isinstance(name, str):
        raise BadMessage('It has no "command".', _commands())
    if name not in FIELDS:
        raise BadMessage(f"There is no command {_shown(name)}.", _commands())
    for field in fields:
        if field not in ("id", "command", *FIELDS[name]):
            raise BadMessage(f'The command "{name}" has no field {_shown(field)}.')
    for field in FIELDS[name]:
        if field not in fields:
            raise BadMessage(f'The command "{name}" needs the field "{field}".')
    return _built(name, fields)


def _built(name: str, fields: Mapping[str, object]) -> Command:
    match name:
        case "avatar":
            return ChooseAvatar(_text(fields, "name"))
        case "away":
            return SetAway(_switch(fields, "on"))
        case "mute":
            return SetMuted(_switch(fields, "on"))
        case "record":
            return Record(_action(fields, "do"))
        case "calibrate":
            return Calibrate()
        case "avatars":
            return AskAvatars()
    return AskStatus()


def _text(fields: Mapping[str, object], field: str) -> str:
    value = fields[field]
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise BadMessage(f'"{field}" must be a single line of 1 to {MAX_NAME} characters.')
    return value


def _switch(fields: Mapping[str, object], field: str) -> bool:
    value = fields[field]
    if not isinstance(value, bool):
        raise BadMessage(f'"{field}" must be true or false.')
    return value


def _action(fields: Mapping[str, object], field: str) -> RecordAction:
    value = fields[field]
    for action in RecordAction:
        if value == action.value:
            return action
    raise BadMessage(f'"{field}" must be one of {", ".join(action.value for action in RecordAction)}.')


def _commands() -> str:
    return f"Use one of {', '.join(sorted(FIELDS))}."


def _shown(word: str) -> str:
    """A stranger's word, short and harmless."""
    plain = re.sub(r"[^\x20-\x7e]", "?", word)
    return f'"{plain[:_SHOWN]}{"..." if len(plain) > _SHOWN else ""}"'
