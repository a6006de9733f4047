"""A receipt in the reader's language: every rule with its values, and the rules in groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.receipts.rule_labels import rule_word, value_word
from mediakit.conformance.platforms import PLATFORMS

OK, WARNING, BROKEN = "ok", "warning", "broken"
USUAL_SIZE = "1080x1920"

# Rule names separated by spaces, and the promise they stand for. A group is kept when all its checked rules passed.
GROUPS: tuple[tuple[str, object], ...] = (
    ("duration at_most_180_s right_moment", gettext_lazy("Exactly the range that was asked for")),
    ("content_id", gettext_lazy("Up to 60 s: no Content ID claim blocks it")),
    ("picture_size square_pixels upright", gettext_lazy("%(size)s with square pixels")),
    (
        " ".join(f"fits_{platform.name}" for platform in PLATFORMS),
        gettext_lazy("Inside the limits of the platforms it suits"),
    ),
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
    ("no_clicks", gettext_lazy("No click where parts were removed")),
    ("no_clipping no_silence", gettext_lazy("No silence, nothing clipped")),
    ("sync", gettext_lazy("Picture and sound in step")),
    (
        "decodes every_frame_decodes picture_length sound_length",
        gettext_lazy("Every frame decodes"),
    ),
    ("captions_shown", gettext_lazy("Captions wherever somebody speaks")),
    ("title_shown", gettext_lazy("Every letter of the title")),
    ("subject_in_frame", gettext_lazy("The subject stays in the frame")),
    (
        "container tracks index_first no_edit_lists",
        gettext_lazy("An MP4 that starts playing at once"),
    ),
    ("no_source_metadata", gettext_lazy("No data about you or the source inside")),
)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule. `state` is "ok", "warning" for a broken soft rule, or "broken" for a broken hard rule."""

    code: str
    label: str
    state: str
    expected: str
    measured: str


@dataclass(frozen=True, slots=True)
class ReceiptGroup:
    """The result of a group of rules. `found` is the measured value of a broken rule."""

    state: str
    text: str
    found: str = ""

    @property
    def ok(self) -> bool:
        """Whether no rule of the group is broken."""
        return self.state == OK


def rule_results(receipt: Mapping[str, Any]) -> list[RuleResult]:
    """The result of every rule of a receipt, in the order they were checked."""
    return [_rule_result(rule) for rule in receipt.get("rules", ())]


def receipt_groups(rules: Iterable[Mapping[str, Any]]) -> list[ReceiptGroup]:
    """The receipt's rules in groups; a rule that is in no group forms one by itself."""
    results = {result.code: result for result in map(_rule_result, rules)}
    groups = []
    for names, text in GROUPS:
        group = [results.pop(name) for name in names.split() if name in results]
        if group:
            groups.append(_group_result(_with_size(str(text), group), group))
    return groups + [_group_result(result.label, [result]) for result in results.values()]


def _with_size(text: str, group: Sequence[RuleResult]) -> str:
    """The text of a group with the wanted size of the picture, where it names it."""
    expected = [result.expected for result in group if result.code == "picture_size"]
    width, _x, height = next(filter(None, expected), USUAL_SIZE).partition("x")
    return text % {"size": f"{width} × {height}"} if "%(size)s" in text else text


def _rule_result(rule: Mapping[str, Any]) -> RuleResult:
    name = str(rule.get("name"))
    broken = BROKEN if rule.get("hard", True) else WARNING
    return RuleResult(
        code=name,
        label=rule_word(name),
        state=OK if rule.get("ok") else broken,
        expected=value_word(rule.get("expected", "")),
        measured=value_word(rule.get("measured", "")),
    )


def _group_result(text: str, group: Sequence[RuleResult]) -> ReceiptGroup:
    failed = [result for result in group if result.state != OK]
    found = "; ".join(
        _("wanted %(expected)s, found %(measured)s")
        % {"expected": result.expected, "measured": result.measured}
        for result in failed
    )
    states = {result.state for result in failed}
    return ReceiptGroup(BROKEN if BROKEN in states else WARNING if states else OK, text, found)
