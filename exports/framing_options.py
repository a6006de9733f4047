"""How a person wants `smart_crop` to frame a Short: what the dialog and the API take, and the row keeps."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from mediakit.framing.crop_plan import LAYOUTS, Box, Layout, Override, Plan
from mediakit.framing.crop_window import frame_of
from mediakit.framing.overrides import overruled
from mediakit.media_info import MediaInfo
from videos.models import ShotAnalysis, Video
from videos.shot_analyses import WHOLLY, others_of

MOST_SHOTS = 200
PAIR: Layout = "fit"


@dataclass(frozen=True, slots=True)
class Framing:
    """Wishes about framing. `pair` is for two people apart; `shots` are about single shots, and always win."""

    pair: Layout = PAIR
    shots: tuple[Override, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"pair": self.pair, "shots": [shot.to_json() for shot in self.shots]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Framing":
        """The value that `to_json` was made from; no wishes for None."""
        if not data:
            return cls()
        return cls(data["pair"], tuple(Override.from_json(shot) for shot in data["shots"]))

    def to_wire(self) -> str:
        """As the dialog sends it, JSON that `parse` takes; empty without wishes."""
        if self == Framing():
            return ""
        shots = [
            {
                "at_s": shot.at_ms / 1000,
                **({"layout": shot.layout} if shot.layout else {}),
                **({"focus": list(shot.focus)} if shot.focus else {}),
                **({"box": list(astuple(shot.box))} if shot.box else {}),
            }
            for shot in self.shots
        ]
        return json.dumps({"two_people": self.pair, "shots": shots})


def planned(video: Video, row: ShotAnalysis, wish: Framing) -> Plan:
    """The plan kept with a look at a video, with the wishes put in as an export has it; times from the look's start."""
    known, plan = others_of(row), Plan.from_json(row.plan)
    return overruled(
        known.get(wish.pair, plan),
        {layout: known[name] for layout, name in WHOLLY.items() if name in known},
        wish.shots,
        frame=frame_of(MediaInfo.from_json(video.probe).video, plan.area),
        start_ms=row.start_ms,
    )


def parse(data: Any) -> Framing:
    """Wishes as the API and the dialog send them; INVALID_INPUT for anything else.

    `{"two_people": "fit", "shots": [{"at_s": 12.5, "layout": "crop", "focus": [0.3, 0.5]}]}`; everything may be
    left out. Times are seconds of the video, places shares of the picture from its top left corner; a box is left,
    top, width, height.
    """
    if data in (None, ""):
        return Framing()
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            raise _refused("framing") from None
    if not isinstance(data, dict):
        raise _refused("framing")
    shots = data.get("shots", [])
    if not isinstance(shots, list) or len(shots) > MOST_SHOTS:
        raise _refused("shots")
    return Framing(_layout(data.get("two_people") or PAIR), tuple(_shot(shot) for shot in shots))


def _shot(data: Any) -> Override:
    if not isinstance(data, dict):
        raise _refused("shots")
    at_s = _number(data.get("at_s"), "at_s", most=10_000_000)
    layout, focus, box = data.get("layout"), data.get("focus"), data.get("box")
    numbers = None if box is None else _shares(box, "box", 4)
    if numbers is not None and not (numbers[2] > 0 and numbers[3] > 0):
        raise _refused("box")
    point = None if focus is None else _shares(focus, "focus", 2)
    if layout is None and focus is None and box is None:
        # A name that was mistyped ends here: it must not count as somebody's decision about the shot.
        raise _refused("shots")
    return Override(
        at_ms=round(at_s * 1000),
        layout=None if layout is None else _layout(layout),
        focus=None if point is None else (point[0], point[1]),
        box=None if numbers is None else Box(*numbers),
    )


def _layout(value: Any) -> Layout:
    for layout in LAYOUTS:
        if value == layout:
            return layout
    raise _refused("layout")


def _shares(values: Any, name: str, count: int) -> list[float]:
    if not isinstance(values, list) or len(values) != count:
        raise _refused(name)
    return [_number(value, name, most=1) for value in values]


def _number(value: Any, name: str, *, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(name)
    if not 0 <= value <= most:  # false for NaN, and right for numbers that no float can hold
        raise _refused(name)
    return float(value)


def _refused(name: str) -> HeimdexError:
    sentence = _("The framing's “%(name)s” is not one that can be used.") % {"name": name}
    return HeimdexError(
        CoreCode.INVALID_INPUT, {"fields": {"framing": [sentence]}}, message=sentence
    )
