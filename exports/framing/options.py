"""The user's options for `smart_crop`: their form in the dialog, in the API and on the export's row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from mediakit.framing.crop_plan import (
    LAYOUTS,
    PAIR_LAYOUTS,
    PUNCH_INS,
    CropPlan,
    Override,
    PairLayout,
    PunchIn,
    RangeAnalysis,
    Rect,
    Shot,
)
from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT, OutputFormat, output_format
from mediakit.framing.planning.inset_parts import inset_shot
from mediakit.framing.planning.overrides import apply_overrides
from mediakit.media_info import MediaInfo
from videos.analyses.shot_analyses import UNIFORM_LAYOUTS, plans_for
from videos.models import ShotAnalysis, Video

L = TypeVar("L", bound=str)
MAX_OVERRIDES = 200
DEFAULT_PAIR_LAYOUT: PairLayout = "auto"


@dataclass(frozen=True, slots=True)
class FramingOptions:
    """`pair_layout` is for shots of two people far apart; `overrides` are for single shots and take precedence.

    `punch_ins` says for what the window is closer for a while.
    """

    pair_layout: PairLayout = DEFAULT_PAIR_LAYOUT
    overrides: tuple[Override, ...] = ()
    punch_ins: tuple[PunchIn, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The options as JSON values, as they are stored."""
        return {
            "pair": self.pair_layout,
            "shots": [override.to_json() for override in self.overrides],
            "punch_ins": list(self.punch_ins),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "FramingOptions":
        """The options that `to_json` stored; the defaults for None."""
        if not data:
            return cls()
        overrides = tuple(Override.from_json(shot) for shot in data["shots"])
        return cls(data["pair"], overrides, tuple(data.get("punch_ins", ())))

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
            }
            for override in self.overrides
        ]
        closer = {"punch_ins": list(self.punch_ins)} if self.punch_ins else {}
        return json.dumps({"two_people": self.pair_layout, "shots": shots, **closer})


def apply_options(
    video: Video, row: ShotAnalysis, options: FramingOptions, *, canvas: Size = SHORT.size
) -> CropPlan:
    """The crop plan of a shot analysis with the options applied, as an export of the size `canvas` would.

    Times are ms from the start of the analysed range.
    """
    plans = plans_for(video, row, canvas)
    known, track = plans.alternatives, MediaInfo.from_json(video.probe).video

    def inset_of(shot: Shot, inset: Rect) -> Shot:
        analysis = RangeAnalysis.from_json(row.data)
        start_ms = row.start_ms
        return inset_shot(shot, inset, analysis, video=track, canvas=canvas, start_ms=start_ms)

    return apply_overrides(
        known.get(options.pair_layout, plans.main),
        {layout: known[name] for layout, name in UNIFORM_LAYOUTS.items() if name in known},
        options.overrides,
        window=crop_window(track, plans.main.area, canvas),
        inset_of=inset_of,
        start_ms=row.start_ms,
    )


def output_format_of(video: Video, aspect_ratio: str | None) -> OutputFormat:
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
    every key is optional.
    Times are seconds from the video's start. A focus is x, y and a box is left, top, width, height, as fractions of
    the picture from its top left corner.
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
    shots, closer = data.get("shots", []), data.get("punch_ins") or []
    if not isinstance(closer, list):
        raise _invalid("punch_ins")
    if not isinstance(shots, list) or len(shots) > MAX_OVERRIDES:
        raise _invalid("shots")
    return FramingOptions(
        _one_of(PAIR_LAYOUTS, data.get("two_people") or DEFAULT_PAIR_LAYOUT),
        tuple(_override(shot) for shot in shots),
        tuple(dict.fromkeys(_one_of(PUNCH_INS, one, name="punch_ins") for one in closer)),
    )


def _override(data: Any) -> Override:
    if not isinstance(data, dict):
        raise _invalid("shots")
    at_s = _number(data.get("at_s"), "at_s", maximum=10_000_000)
    layout, focus, box = data.get("layout"), data.get("focus"), data.get("box")
    numbers = None if box is None else _fractions(box, "box", 4)
    if numbers is not None and not (numbers[2] > 0 and numbers[3] > 0):
        raise _invalid("box")
    point = None if focus is None else _fractions(focus, "focus", 2)
    if layout is None and focus is None and box is None:
        # For example because a key was mistyped: that must not count as an override of the shot.
        raise _invalid("shots")
    return Override(
        at_ms=round(at_s * 1000),
        layout=None if layout is None else _one_of(LAYOUTS, layout),
        focus=None if point is None else (point[0], point[1]),
        box=None if numbers is None else Rect(*numbers),
    )


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
