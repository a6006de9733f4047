"""A receipt as people read it: every rule in words, and the rules in groups that a person cares about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.rule_labels import rule_word, value_word

OK, WARNING, BROKEN = "ok", "warning", "broken"

# A group is fine when every rule of it that was checked is.
GROUPS: tuple[tuple[str, object], ...] = (
    ("duration at_most_180_s", gettext_lazy("Exactly the range that was asked for")),
    ("content_id", gettext_lazy("Up to 60 s: no Content ID claim blocks it")),
    ("picture_size square_pixels upright", gettext_lazy("1080 × 1920 with square pixels")),
    (
        "video_codec pixel_format progressive video_bit_rate bit_rate b_frames",
        gettext_lazy("H.264 High, 8 bit, inside the bit rate"),
    ),
    ("frame_rate", gettext_lazy("Steady frame rate")),
    ("keyframes closed_groups", gettext_lazy("A keyframe every half second")),
    ("colour", gettext_lazy("BT.709 colours")),
    ("no_black no_freeze", gettext_lazy("No black or frozen picture")),
    ("audio_codec audio_format audio_bit_rate", gettext_lazy("AAC stereo at 48 kHz")),
    ("loudness true_peak", gettext_lazy("Loudness as platforms play it")),
    ("no_clipping no_silence", gettext_lazy("No silence, nothing clipped")),
    ("sync", gettext_lazy("Picture and sound in step")),
    (
        "decodes every_frame_decodes picture_length sound_length",
        gettext_lazy("Every frame decodes"),
    ),
    ("captions_shown", gettext_lazy("Captions wherever somebody speaks")),
    ("subject_in_frame", gettext_lazy("The subject stays in the frame")),
    (
        "container tracks index_first no_edit_lists",
        gettext_lazy("An MP4 that starts playing at once"),
    ),
    ("no_source_metadata", gettext_lazy("No data about you or the source inside")),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: `state` is "ok", "warning" for a soft rule that is broken, "broken" for a hard one."""

    code: str
    label: str
    state: str
    expected: str
    measured: str


@dataclass(frozen=True, slots=True)
class Tick:
    """One promise of the receipt: kept or not, and what was measured when it was not."""

    state: str
    text: str
    found: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is kept."""
        return self.state == OK


def checks(receipt: Mapping[str, Any]) -> list[Check]:
    """Every rule of a receipt in the reader's language, in the order they were checked."""
    return [_check(rule) for rule in receipt.get("rules", ())]


def ticks(rules: Iterable[Mapping[str, Any]]) -> list[Tick]:
    """The receipt's rules in groups; a rule nobody grouped stands alone."""
    checked = {check.code: check for check in map(_check, rules)}
    shown = []
    for names, text in GROUPS:
        group = [checked.pop(name) for name in names.split() if name in checked]
        if group:
            shown.append(_tick(str(text), group))
    return shown + [_tick(check.label, [check]) for check in checked.values()]


def _check(rule: Mapping[str, Any]) -> Check:
    name = str(rule.get("name"))
    broken = BROKEN if rule.get("hard", True) else WARNING
    return Check(
        code=name,
        label=rule_word(name),
        state=OK if rule.get("ok") else broken,
        expected=value_word(rule.get("expected", "")),
        measured=value_word(rule.get("measured", "")),
    )


def _tick(text: str, group: Sequence[Check]) -> Tick:
    off = [check for check in group if check.state != OK]
    found = "; ".join(
        _("wanted %(expected)s, found %(measured)s")
        % {"expected": check.expected, "measured": check.measured}
        for check in off
    )
    states = {check.state for check in off}
    return Tick(BROKEN if BROKEN in states else WARNING if states else OK, text, found)
