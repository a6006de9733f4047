"""The user's options for `smart_crop`: their form in the dialog, in the API, in a command and on the export's row.

Loads no table, so that a command without a database reads them too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from mediakit.framing.crop_plan import (
    LAYOUTS,
    PAIR_LAYOUTS,
    PUNCH_INS,
    Override,
    PairLayout,
    PunchIn,
)
from mediakit.framing.output_format import SHORT, OutputFormat, output_format
from mediakit.framing.planning.parts.inset_parts import MAX_PERSON_SHARE, MIN_PERSON_SHARE
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo

if TYPE_CHECKING:
    from videos.models import Video

L = TypeVar("L", bound=str)
MAX_OVERRIDES = 200
TILES = (2, 4)  # the least and the most parts of a stack
DEFAULT_PAIR_LAYOUT: PairLayout = "auto"
AUTOMATIC: Final = "auto"  # left to the content, also where a preset has a share


@dataclass(frozen=True, slots=True)
class FramingOptions:
    """`pair_layout` is for shots of two people far apart; `overrides` are for single shots and take precedence.

    `punch_ins` says for what the window is closer for a while; empty for nothing, also where a preset has some.

    `person_share` is the share of the height that the person of an inset has, `marks_speaker` whether a frame is drawn
    around the part of a stack that shows who speaks. None is for what was not chosen: then it is as in the preset, or
    DEFAULT_PAIR_LAYOUT, no punch-ins, what the content leaves, and no mark.
    """

    pair_layout: PairLayout | None = None
    overrides: tuple[Override, ...] = ()
    punch_ins: tuple[PunchIn, ...] | None = None
    person_share: float | Literal["auto"] | None = None
    marks_speaker: bool | None = None

    def with_defaults(self, preset: "FramingOptions") -> "FramingOptions":
        """The options, with what was not chosen as a preset has it."""
        return replace(
            self,
            pair_layout=self.pair_layout or preset.pair_layout,
            punch_ins=preset.punch_ins if self.punch_ins is None else self.punch_ins,
            person_share=preset.person_share if self.person_share is None else self.person_share,
            marks_speaker=preset.marks_speaker
            if self.marks_speaker is None
            else self.marks_speaker,
        )

    @property
    def for_preset(self) -> "FramingOptions":
        """What a preset keeps of them: what is chosen for all shots."""
        return replace(self, overrides=())

    def to_json(self) -> dict[str, Any]:
        """The options as JSON values, as they are stored."""
        return {
            "pair": self.pair_layout,
            "shots": [override.to_json() for override in self.overrides],
            **self._chosen,
        }

    @property
    def height_share(self) -> float | None:
        """The share of the height that the person of an inset has; None leaves it to the content."""
        return None if self.person_share == AUTOMATIC else self.person_share

    @property
    def _chosen(self) -> dict[str, Any]:
        """The punch-ins, person's share and mark that were chosen, as JSON values; None is the automatic share."""
        return {
            **({} if self.punch_ins is None else {"punch_ins": list(self.punch_ins)}),
            **({} if self.person_share is None else {"person_share": self.height_share}),
            **({} if self.marks_speaker is None else {"mark_speaker": self.marks_speaker}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "FramingOptions":
        """The options that `to_json` stored; the defaults for None."""
        if not data:
            return cls()
        overrides = tuple(Override.from_json(shot) for shot in data["shots"])
        closer = data.get("punch_ins")
        punch_ins = None if closer is None else tuple(closer)
        marks = data.get("mark_speaker")
        return cls(data["pair"], overrides, punch_ins, _share_in(data), marks)

    def to_request_json(self) -> str:
        """The options as JSON that `parse_options` reads; an empty string for the defaults."""
        if self == FramingOptions():
            return ""
        shots = [
            {
                "at_s": override.at_ms / 1000,
                **({"layout": override.layout} if override.layout else {}),
                **({"focus": list(override.focus)} if override.focus else {}),
                **({"box": list(astuple(override.box))} if override.box else {}),
                **(
                    {"tiles": [list(astuple(tile)) for tile in override.tiles]}
                    if override.tiles
                    else {}
                ),
            }
            for override in self.overrides
        ]
        return json.dumps({**self.to_preset_json(), **self._chosen, "shots": shots})

    def to_preset_json(self) -> dict[str, Any]:
        """What is chosen for all shots, as a preset keeps it and `parse_options` reads it."""
        chosen = {
            "two_people": self.pair_layout,
            "punch_ins": list(self.punch_ins or ()),
            "person_share": self.height_share,
            "mark_speaker": self.marks_speaker,
        }
        return {name: value for name, value in chosen.items() if value}


NO_FRAMING = FramingOptions()


def output_format_of(video: "Video", aspect_ratio: str | None) -> OutputFormat:
    """The format of a Short of a video; None is 9:16.

    INVALID_INPUT for an unknown aspect ratio, and for the video's own before it was probed.
    """
    track = MediaInfo.from_json(video.probe).video if video.probe else None
    try:
        return output_format(aspect_ratio or SHORT.ratio, track)
    except ValueError:
        raise _invalid("aspect_ratio") from None


def parse_options(data: Any) -> FramingOptions:
    """The options as the API and the dialog send them; INVALID_INPUT for anything else.

    `{"two_people": "auto", "shots": [{"at_s": 12.5, "layout": "crop", "focus": [0.3, 0.5]}], "punch_ins": ["joins"]}`;
    every key is optional. Empty punch-ins are none, and a `person_share` of None leaves it to the content, whatever a
    preset has.

    Times are seconds from the video's start. A focus is x, y and a box or tile is left, top, width, height, as
    fractions of the picture from its top left corner.
    """
    if data in (None, ""):
        return FramingOptions()
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            raise _invalid("framing") from None
    if not isinstance(data, dict):
        raise _invalid("framing")
    shots, closer = data.get("shots", []), data.get("punch_ins")
    if closer is not None and not isinstance(closer, list):
        raise _invalid("punch_ins")
    if not isinstance(shots, list) or len(shots) > MAX_OVERRIDES:
        raise _invalid("shots")
    pair, marks = data.get("two_people"), data.get("mark_speaker")
    if not isinstance(marks, bool | None):
        raise _invalid("mark_speaker")
    _check_share(data.get("person_share"))
    punch_ins = [_one_of(PUNCH_INS, one, name="punch_ins") for one in closer or ()]
    return FramingOptions(
        _one_of(PAIR_LAYOUTS, pair) if pair else None,
        tuple(_override(shot) for shot in shots),
        None if closer is None else tuple(dict.fromkeys(punch_ins)),
        _share_in(data),
        marks,
    )


def _check_share(share: Any) -> None:
    if share is None:
        return
    if _number(share, "person_share", maximum=MAX_PERSON_SHARE) < MIN_PERSON_SHARE:
        raise _invalid("person_share")


def _share_in(data: Mapping[str, Any]) -> float | Literal["auto"] | None:
    if "person_share" not in data:
        return None
    share: float | None = data["person_share"]
    return AUTOMATIC if share is None else share


def _override(data: Any) -> Override:
    if not isinstance(data, dict):
        raise _invalid("shots")
    at_s = _number(data.get("at_s"), "at_s", maximum=10_000_000)
    layout, focus, box = data.get("layout"), data.get("focus"), data.get("box")
    point = None if focus is None else _fractions(focus, "focus", 2)
    tiles = data.get("tiles") or []
    if not isinstance(tiles, list) or (tiles and not TILES[0] <= len(tiles) <= TILES[1]):
        raise _invalid("tiles")
    if layout is None and focus is None and box is None and not tiles:
        # For example because a key was mistyped: that must not count as an override of the shot.
        raise _invalid("shots")
    return Override(
        at_ms=round(at_s * 1000),
        layout=None if layout is None else _one_of(LAYOUTS, layout),
        focus=None if point is None else (point[0], point[1]),
        box=None if box is None else _box(box, "box"),
        tiles=tuple(_box(tile, "tiles") for tile in tiles),
    )


def _box(values: Any, name: str) -> Rect:
    numbers = _fractions(values, name, 4)
    if not (numbers[2] > 0 and numbers[3] > 0):
        raise _invalid(name)
    return Rect(*numbers)


def _one_of(known: Sequence[L], value: Any, *, name: str = "layout") -> L:
    for one in known:
        if value == one:
            return one
    raise _invalid(name)


def _fractions(values: Any, name: str, count: int) -> list[float]:
    if not isinstance(values, list) or len(values) != count:
        raise _invalid(name)
    return [_number(value, name, maximum=1) for value in values]


def _number(value: Any, name: str, *, maximum: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(name)
    if not 0 <= value <= maximum:  # rejects NaN and integers too large for a float
        raise _invalid(name)
    return float(value)


def _invalid(name: str) -> HeimdexError:
    sentence = _("The framing's “%(name)s” is not one that can be used.") % {"name": name}
    return HeimdexError(
        CoreCode.INVALID_INPUT, {"fields": {"framing": [sentence]}}, message=sentence
    )
