"""What the window remembers from one day to the next, and its form as JSON. Values from a file are not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeVar

from app.governor.levels import QualityWish
from app.settings import Background, BackgroundMode, FitMode, MotionSettings, SoundSettings

MAX_TEXT = 4096
"""No path, name or window geometry is longer."""

MAX_GALLERY = 1000
"""No gallery that was put in order by hand is longer."""


class Language(Enum):
    """What the window speaks; SYSTEM is what the system speaks, or English."""

    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"
    CHINESE = "zh"


E = TypeVar("E", bound=Enum)
Json = Mapping[str, object]


class Nonsense(ValueError):
    """The file holds something that settings of this program never hold."""


@dataclass(frozen=True)
class Remembered:
    """One frozen set of remembered choices.

    avatar: name, folder or picture; None is the first shipped one.
    camera: as in `EngineConfig.camera`; None is no camera. camera_name: how to call it while it is unplugged.
    virtual_camera: "auto", "none" or a device name.
    sound: microphone and where its sound goes; whether it is muted is forgotten, so that nobody is silent unawares.
    remote_control: whether it is switched on. badge: whether the label in the corner is.
    model: the one that was chosen in the window, which may not be installed any more; None is the default.
    geometry: where the window was, in the window toolkit's own text.
    guided: whether the first steps were gone through, or skipped.
    gallery: keys of avatars in the order they were put by hand; whoever is not among them follows.
    """

    avatar: str | None = None
    camera: str | None = None
    camera_name: str = ""
    virtual_camera: str = "auto"
    mirror: bool = True
    motion: MotionSettings = field(default_factory=MotionSettings)
    fit: FitMode = FitMode.FILL
    background: Background = field(default_factory=Background)
    sound: SoundSettings = field(default_factory=SoundSettings)
    remote_control: bool = False
    badge: bool = False
    quality: QualityWish = QualityWish.AUTO
    model: str | None = None
    geometry: str = ""
    gallery: tuple[str, ...] = ()
    guided: bool = False
    language: Language = Language.SYSTEM


def to_json(values: Remembered) -> dict[str, object]:
    """Plain JSON values; `from_json` reads them back."""
    motion, background = values.motion, values.background
    return {
        "avatar": values.avatar,
        "camera": values.camera,
        "camera_name": values.camera_name,
        "virtual_camera": values.virtual_camera,
        "mirror": values.mirror,
        "motion": {
            "relative": motion.relative,
            "region": motion.region.value,
            "gain": motion.gain,
            "smoothing": motion.smoothing,
            "stitching": motion.stitching,
            "retarget_eyes": motion.retarget_eyes,
            "retarget_lips": motion.retarget_lips,
            "gaze": motion.gaze.value,
        },
        "fit": values.fit.value,
        "background": {
            "mode": background.mode.value,
            "colour": list(background.colour),
            "picture": None if background.picture is None else str(background.picture),
        },
        "sound": {
            "microphone": values.sound.microphone,
            "output": values.sound.output,
            "monitor": values.sound.monitor,
        },
        "remote_control": values.remote_control,
        "badge": values.badge,
        "quality": values.quality.value,
        "model": values.model,
        "geometry": values.geometry,
        "gallery": list(values.gallery),
        "guided": values.guided,
        "language": values.language.value,
    }


def from_json(raw: Json) -> Remembered:
    """Read what `to_json` wrote; what is missing takes its default, what is unknown is ignored.

    Raises:
        Nonsense: a value of the wrong kind or out of range.
    """
    defaults = Remembered()
    return Remembered(
        avatar=_optional_text(raw, "avatar"),
        camera=_optional_text(raw, "camera"),
        camera_name=_text(raw, "camera_name", defaults.camera_name),
        virtual_camera=_text(raw, "virtual_camera", defaults.virtual_camera),
        mirror=_flag(raw, "mirror", defaults.mirror),
        motion=_motion(_section(raw, "motion")),
        fit=_member(raw, "fit", FitMode.FILL),
        background=_background(_section(raw, "background")),
        sound=_sound(_section(raw, "sound")),
        remote_control=_flag(raw, "remote_control", defaults.remote_control),
        badge=_flag(raw, "badge", defaults.badge),
        quality=_member(raw, "quality", defaults.quality),
        model=_optional_text(raw, "model"),
        geometry=_text(raw, "geometry", defaults.geometry),
        gallery=_texts(raw, "gallery"),
        guided=_flag(raw, "guided", defaults.guided),
        language=_member(raw, "language", defaults.language),
    )


def _motion(raw: Json) -> MotionSettings:
    defaults = MotionSettings()
    return MotionSettings(
        relative=_flag(raw, "relative", defaults.relative),
        region=_member(raw, "region", defaults.region),
        gain=_number(raw, "gain", defaults.gain),
        smoothing=_number(raw, "smoothing", defaults.smoothing),
        stitching=_flag(raw, "stitching", defaults.stitching),
        retarget_eyes=_optional_share(raw, "retarget_eyes"),
        retarget_lips=_optional_share(raw, "retarget_lips"),
        gaze=_member(raw, "gaze", defaults.gaze),
    )


def _sound(raw: Json) -> SoundSettings:
    defaults = SoundSettings()
    return SoundSettings(
        microphone=_text(raw, "microphone", defaults.microphone),
        output=_text(raw, "output", defaults.output),
        monitor=_text(raw, "monitor", defaults.monitor),
    )


def _background(raw: Json) -> Background:
    picture = _optional_text(raw, "picture")
    mode = _member(raw, "mode", BackgroundMode.KEEP)
    if mode is BackgroundMode.PICTURE and picture is None:
        raise Nonsense("background.mode is picture, but there is no picture")
    return Background(mode, _colour(raw, "colour"), None if picture is None else Path(picture))


def _colour(raw: Json, name: str) -> tuple[int, int, int]:
    value = raw.get(name, list(Background().colour))
    if not (isinstance(value, list) and len(value) == 3 and all(_is_byte(part) for part in value)):
        raise Nonsense(f"{name} is not three numbers between 0 and 255")
    return (value[0], value[1], value[2])


def _is_byte(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255


def _section(raw: Json, name: str) -> Json:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        raise Nonsense(f"{name} is not a group of settings")
    return value


def _text(raw: Json, name: str, default: str) -> str:
    value = raw.get(name, default)
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
        raise Nonsense(f"{name} is not a text")
    return value


def _optional_text(raw: Json, name: str) -> str | None:
    return None if raw.get(name) is None else _text(raw, name, "")


def _texts(raw: Json, name: str) -> tuple[str, ...]:
    values = raw.get(name, [])
    if not isinstance(values, list) or len(values) > MAX_GALLERY:
        raise Nonsense(f"{name} is not a list of texts")
    return tuple(_text({name: value}, name, "") for value in values)


def _flag(raw: Json, name: str, default: bool) -> bool:
    value = raw.get(name, default)
    if not isinstance(value, bool):
        raise Nonsense(f"{name} is not true or false")
    return value


def _number(raw: Json, name: str, default: float) -> float:
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (-1e9 < value < 1e9):
        raise Nonsense(f"{name} is not a number")
    return float(value)


def _optional_share(raw: Json, name: str) -> float | None:
    if raw.get(name) is None:
        return None
    value = _number(raw, name, 0.0)
    if not 0.0 <= value <= 1.0:
        raise Nonsense(f"{name} is not between 0 and 1")
    return value


def _member(raw: Json, name: str, default: E) -> E:
    try:
        return type(default)(raw.get(name, default.value))
    except ValueError as error:
        raise Nonsense(f"{name} has an unknown value") from error
