"""What pages show of an export: its state in words, what is left of its time, and its receipt as plain ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.formatting import exact_clock, seconds
from exports.choices import ACTIVE, ExportStatus, Strategy
from exports.models import Export, ExportQuerySet
from exports.previews import framing_stills
from exports.receipt_text import BROKEN, ReceiptGroup, RuleResult, receipt_groups, rule_results

ACTIVE_STATE, READY, FAILED, CANCELLED, EXPIRED = (
    "active",
    "ready",
    "failed",
    "cancelled",
    "expired",
)
STATES = {
    "": gettext_lazy("All"),
    ACTIVE_STATE: gettext_lazy("In progress"),
    READY: gettext_lazy("Ready"),
    FAILED: gettext_lazy("Failed"),
    CANCELLED: gettext_lazy("Cancelled"),
    EXPIRED: gettext_lazy("Expired"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """An export as pages show it at one moment. `state` is a key of `STATES`, `shape` the chip's class.

    `elapsed_s` counts from its start (or from being asked for), `left_s` to its expiry. `seen` changes whenever
    anything shown of it changes by itself, so that a poll can tell that there is nothing new.
    """

    export: Export
    state: str
    shape: str
    word: str
    elapsed_s: int
    left_s: int
    seen: str

    @property
    def is_ready(self) -> bool:
        """Whether its file can be played and downloaded."""
        return self.state == READY

    @property
    def is_active(self) -> bool:
        """Whether it is waiting or being made."""
        return self.state == ACTIVE_STATE

    @property
    def stage(self) -> str:
        """What is being done now, in words."""
        if self.export.status == ExportStatus.PENDING:
            return _("Waiting for its turn")
        return self.export.stage_text or _("Getting ready")

    @property
    def what(self) -> str:
        """Which part of the video it is: `Scene 3`, or nothing for a range of one's own."""
        number = self.export.scene_number
        return _("Scene %(number)s") % {"number": number} if number is not None else ""

    @property
    def span_text(self) -> str:
        """Its place in the video: `Scene 3 · 4:12.380 – 4:58.120`."""
        export = self.export
        span = f"{exact_clock(export.start_ms)} – {exact_clock(export.end_ms)}"
        return f"{self.what} · {span}" if self.what else span

    @property
    def in_video(self) -> str:
        """The address of its first moment on the video's page; empty when the video is gone."""
        export = self.export
        if export.video_id is None:
            return ""
        return f"{reverse('videos:page', args=[export.video_id])}#t={seconds(export.start_ms)}"

    @property
    def left_text(self) -> str:
        """The countdown as it stands, for pages without scripts."""
        return _("expires in %(time)s") % {"time": time_text(self.left_s)}

    @property
    def elapsed_text(self) -> str:
        """How long it has been going on, as it stands."""
        return time_text(self.elapsed_s)

    @property
    def length_text(self) -> str:
        """Its asked-for length: `45.74 s`."""
        return seconds_text(self.export.span_ms)

    @property
    def poster(self) -> str:
        """The address of a still in its framing; empty when the video is gone."""
        export = self.export
        if export.video_id is None:
            return ""
        at_ms = framing_stills.still_time(export.start_ms, export.end_ms)
        return reverse("exports:still", args=[export.video_id, export.aspect_ratio_strategy, at_ms])

    @property
    def again(self) -> str:
        """The address of the dialog with everything this export was asked for; empty without a video."""
        if self.export.video_id is None:
            return ""
        return reverse("exports:dialog_again", args=[self.export.pk])

    @property
    def sound_text(self) -> str:
        """What was asked for of its sound, where that is not the usual."""
        export = self.export
        track = (
            ""
            if export.audio_track is None
            else _("track %(index)s") % {"index": export.audio_track}
        )
        noise = _("background noise reduced") if export.reduce_noise else ""
        return ", ".join(part for part in (track, noise) if part)

    @property
    def receipt(self) -> Sequence[ReceiptGroup]:
        """Its receipt as plain ticks, broken promises first."""
        shown = receipt_groups(self.export.receipt.get("rules", ()))
        return sorted(shown, key=lambda tick: (tick.ok, tick.state != BROKEN))

    @property
    def checks(self) -> Sequence[RuleResult]:
        """Every rule of its receipt, with what was wanted and found."""
        return rule_results(self.export.receipt)

    @property
    def loudness(self) -> str:
        """Its measured loudness; empty for silence."""
        lufs = self.export.receipt.get("loudness_lufs")
        return "" if lufs is None else f"{lufs:.1f} LUFS".replace("-", "\N{MINUS SIGN}")


def make_card(export: Export, *, at: datetime) -> Card:
    """The card of an export at that moment."""
    state = _state(export, at=at)
    shape, word = _chip(export, state)
    since = export.started_at if export.status == ExportStatus.PROCESSING else export.queued_at
    elapsed = (at - (since or export.created_at)).total_seconds()
    return Card(
        export=export,
        state=state,
        shape=shape,
        word=word,
        elapsed_s=max(0, int(elapsed)),
        left_s=max(0, math.ceil((export.expires_at - at).total_seconds())),
        seen=f"{state}-{export.status}-{export.stage}-{export.progress}-{export.attempts}",
    )


def condition(state: str, *, at: datetime) -> Q:
    """What is true of the exports in that state; KeyError for an empty or unknown one."""
    return _conditions(at)[state]


def in_state(rows: ExportQuerySet, state: str, *, at: datetime) -> ExportQuerySet:
    """Only the exports in that state; all of them for an empty or unknown one."""
    condition = _conditions(at).get(state)
    return rows if condition is None else rows.filter(condition)


def count_states(rows: ExportQuerySet, *, at: datetime) -> dict[str, int]:
    """How many exports are in each state, all of them under the empty word; one query."""
    each = {key: Count("pk", filter=condition) for key, condition in _conditions(at).items()}
    counts: dict[str, int] = rows.order_by().aggregate(total=Count("pk"), **each)
    return {"": counts.pop("total"), **counts}


def time_text(count: int) -> str:
    """A while as a clock would say it: `40 s`, `5 min 3 s`, `23 h 59 min`; the same as js/common/format.js."""
    if count < 60:
        return _("%(seconds)s s") % {"seconds": count}
    if count < 3600:
        return _("%(minutes)s min %(seconds)s s") % {
            "minutes": count // 60,
            "seconds": count % 60,
        }
    return _("%(hours)s h %(minutes)s min") % {
        "hours": count // 3600,
        "minutes": count // 60 % 60,
    }


def seconds_text(ms: int) -> str:
    """A length to the millisecond without needless zeros: `45.74 s`, `30.0 s`."""
    whole, rest = divmod(ms, 1000)
    digits = f"{rest:03}".rstrip("0") or "0"
    return _("%(seconds)s s") % {"seconds": f"{whole}.{digits}"}


def places_text(free: int, limit: int) -> str:
    """What is left of today's limit."""
    return ngettext(
        "%(free)s of %(limit)s export left today",
        "%(free)s of %(limit)s exports left today",
        limit,
    ) % {"free": free, "limit": limit}


def framing_hint(strategy: str) -> str:
    """What a framing does to the picture, in one line."""
    hints = {
        Strategy.CENTER_CROP: _("The middle of the picture fills the screen."),
        Strategy.LETTERBOX: _("The whole picture, with bars above and below."),
        Strategy.BLUR: _("The whole picture, on a blurred copy."),
        Strategy.SMART_CROP: _("Follows the person who speaks."),
    }
    return hints.get(Strategy(strategy), "")


def _conditions(at: datetime) -> dict[str, Q]:
    lapsed = Q(expires_at__lte=at) | Q(file_key="")
    completed = Q(status=ExportStatus.COMPLETED)
    return {
        ACTIVE_STATE: Q(status__in=ACTIVE),
        READY: completed & ~lapsed,
        FAILED: Q(status=ExportStatus.FAILED),
        CANCELLED: Q(status=ExportStatus.CANCELLED),
        EXPIRED: completed & lapsed,
    }


def _state(export: Export, *, at: datetime) -> str:
    if export.is_active:
        return ACTIVE_STATE
    if export.status == ExportStatus.COMPLETED:
        return EXPIRED if export.is_expired(at=at) else READY
    return FAILED if export.status == ExportStatus.FAILED else CANCELLED


def _chip(export: Export, state: str) -> tuple[str, str]:
    if export.status == ExportStatus.PENDING:
        return "chip--waiting", _("Waiting")
    if state == ACTIVE_STATE:
        return "chip--working", _("Being made %(percent)s%%") % {"percent": export.progress}
    shapes = {READY: "chip--done", FAILED: "chip--failed"}
    return shapes.get(state, "chip--off"), str(STATES[state])
