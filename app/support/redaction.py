"""Takes out of a text what must not leave the machine: home folders, names, serial numbers, pixels, secrets.

It is meant for logs and reports, which people paste into public places, so it takes out too much rather than too
little: beneath a home folder only the ending of a file's name stays ("~/….jpg"). A name without an ending may hold
spaces, so it is taken to go on up to a verb or the end of the clause.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from app.support.identity import Identity, this_identity

MAX_CHARACTERS, MAX_LINE = 200_000, 2_000
"""Of one text and of one of its lines; what is longer is cut, so that nothing here takes long or becomes a data set."""

COMMON_NAMES = frozenset(
    "admin administrator camera debian device guest home local localhost program python root runner system test "
    "ubuntu understudy user users video".split()
)
"""Names that say nothing about anybody; taken out as words they would make every other sentence unreadable."""

_SEP = r"[\\/]+"
_NAME = r"(?:(?![.:;,!?] )[^\\/\n\r'\"<>|*~]|(?<=\w)'(?=\w))"
_FOLDERS = rf"(?:{_SEP}{_NAME}+(?={_SEP}))*"
_VERB = (
    r" (?:is|are|was|were|has|have|had|can|cannot|could|does|did|do|will|would|must|may|might|should|failed|exists"
    r"|holds|ends|needs)\b"
)
_FILE = (
    rf"(?:{_SEP}(?:{_NAME}{{0,120}}?(?P<ending>\.[A-Za-z0-9]{{1,5}})(?![^\W_])"
    rf"|(?:(?!{_VERB}|[.:;,!?](?:\s|$)){_NAME}){{0,120}}))?"
)
_FOREIGN_USER = r"(?:[^\\/\s'\"<>|:*?,;]+(?: [^\\/\s'\"<>|:*?,;]+){0,3}(?=[\\/])|[^\\/\s'\"<>|:*?,;]+)"
_FOREIGN_HOMES = (
    rf"(?:(?<![A-Za-z])[A-Za-z]:|/mnt/[a-z]|/cygdrive/[a-z]|/[a-z]){_SEP}(?:Users|Documents and Settings){_SEP}"
    rf"{_FOREIGN_USER}"
    rf"|(?<![\w.])(?:/var|/export|/System/Volumes/Data)?/(?:home|Users){_SEP}{_FOREIGN_USER}"
    rf"|(?<![\w.])/(?:run/)?media{_SEP}{_FOREIGN_USER}"
    r"|(?<![\w.])/root(?![\w-])"
)
_HOME_ALONE = re.compile(_FOREIGN_HOMES)
_BEFORE, _AFTER = r"(?:(?<![^\W_])|(?<=%2[Ff])|(?<=%5[Cc])|(?<=%20))", r"(?![^\W_])"

_PIXELS = (
    (r"\b(?:array|tensor)\((?:[^()]|\([^()]*\))*\)?", "<array>"),
    (r"\[\s*\[(?=[\s\[]{0,8}-?\d)[\d\s\[\].,eE+-]*\]", "<array>"),
    (r"\[(?:\s*-?\d+(?:\.\d*)?(?:e[+-]?\d+)?[,\s]*|\s*\.\.\.[,\s]*){12,}\]?", "<array>"),
    (r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]*", "<bytes>"),
    (r"\b(?:bytearray\()?b(?P<quote>['\"])(?:\\.|(?!(?P=quote))[^\\\n])*(?:(?P=quote)\)?|$)", "<bytes>"),
    (r"(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]*[+/0-9])[A-Za-z0-9+/]{120,}={0,2}", "<bytes>"),
)
_SECRETS = (
    (r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@", r"\1<user>@"),
    (r"(?i)\b(token|secret|password|passwd|authkey|api[_-]?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\"&]+", r"\1\2<secret>"),
    (r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}", r"\1<secret>"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "<mail>"),
)
_SERIALS = (
    (r"(/dev/\w+/by-(?:id|uuid|label|partuuid|partlabel)/)[^\s'\",;]+", r"\1<serial>"),
    (r"(?i)\b((?:usb|usbstor|hid|pci|swd|hdaudio|bthenum|display)[#\\]+[^#\\\s]+[#\\]+)[^#\\\s'\"]+", r"\1<serial>"),
    (r"(?i)\b(serial(?:[ _-]?(?:number|no\.?|nr\.?))?['\"]?(?:\s+is)?\s*[:=#]?\s*['\"]?)(?=[\w-]*\d)[\w-]{4,}",
     r"\1<serial>"),
    (r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<id>"),
    (r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", "<id>"),
    (r"(?i)\b0x[0-9a-f]{9,}\b", "<id>"),
    (r"(?i)(?<!sha256 is )\b[0-9a-f]{32,}\b", "<id>"),
    (r"\b(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}\b", "<address>"),
    (r"[^\W\d_][\w.-]*(?: [^\W\d_][\w.-]*)?['’]s (?=iPhone|iPad|iMac|Mac|AirPods|Galaxy|Pixel)", "<user>’s "),
)  # fmt: skip


class Redactor:
    """Takes out what `identity` names, and what looks like somebody's anywhere. Safe to call from any thread."""

    def __init__(self, identity: Identity) -> None:
        steps: list[tuple[str, str | Callable[[re.Match[str]], str]]] = list(_PIXELS)
        longest_first = sorted(identity.places, key=lambda place: -len(place[0]))
        steps += [(_path_pattern(folder) + r"(?![\w-])", _literal(label)) for folder, label in longest_first]
        own = "|".join(_path_pattern(home) for home in sorted(identity.homes, key=len, reverse=True) if len(home) > 1)
        homes = f"(?:{own}|{_FOREIGN_HOMES})" if own else f"(?:{_FOREIGN_HOMES})"
        steps += [(rf"{homes}(?![\w-]){_FOLDERS}{_FILE}", _collapsed)]
        steps += [*_SECRETS, *_SERIALS]
        steps += [(_word_pattern(host), "<host>") for host in _telling(identity.hosts)]
        steps += [(_word_pattern(user), "<user>") for user in _telling(identity.users)]
        self._steps = [(re.compile(pattern), new) for pattern, new in steps]

    def __call__(self, text: str) -> str:
        """`text` without what must not leave the machine."""
        text = "\n".join(_cut(line, MAX_LINE) for line in _cut(text, MAX_CHARACTERS).split("\n"))
        for pattern, new in self._steps:
            text = pattern.sub(new, text)
        return text


def this_redactor() -> Redactor:
    """For the person and machine the program runs for."""
    return Redactor(this_identity())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} (cut)"


def _literal(label: str) -> Callable[[re.Match[str]], str]:
    return lambda match: label


def _collapsed(match: re.Match[str]) -> str:
    """~ alone, or with the ending of what was named beneath it."""
    inside = match.group(0).rstrip("\\/")
    ending = match.group("ending") or ""
    home_only = not re.search(_SEP, inside) or _is_home_alone(inside)
    return "~" if home_only and not ending else f"~/…{ending}"


def _is_home_alone(path: str) -> bool:
    return _HOME_ALONE.fullmatch(path) is not None


def _telling(names: tuple[str, ...]) -> list[str]:
    """The names that say something, longest first: one may be part of another."""
    told = {name for name in names if len(name) > 1 and name.casefold() not in COMMON_NAMES}
    return sorted(told, key=len, reverse=True)


def _word_pattern(name: str) -> str:
    return f"(?i:{_BEFORE}{_spellings(name)}{_AFTER})"


def _path_pattern(path: str) -> str:
    """A path with any separators, in any case, with its names as they may be written in an address."""
    lead = path[0] in "\\/"
    parts = [_spellings(part) for part in re.split(_SEP, path) if part]
    return ("(?i:" + (r"[\\/]" if lead else "(?<![A-Za-z])") + _SEP.join(parts) + ")") if parts else re.escape(path)


def _spellings(name: str) -> str:
    """The name in both forms of Unicode, and as it is quoted in addresses."""
    forms = {unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)}
    forms |= {quote(form) for form in forms} | {name.encode("unicode_escape").decode("ascii")}
    return "(?:" + "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) + ")"
