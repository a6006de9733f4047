"""The parts of an export that pages show: its state, the time until it expires, and its receipt."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.formatting import exact_clock, seconds
from exports.choices import ACTIVE, AspectRatio, ExportStatus, Strategy
from exports.downloads.filenames import ratio_text
from exports.framing.texts import ShotLine, shot_line
from exports.models import Export, ExportQuerySet
from exports.post_texts import post_text_of
from exports.previews import framing_stills
from exports.receipts.text import BROKEN, ReceiptGroup, RuleResult, receipt_groups, rule_results
from mediakit.suggestions.post_text import PostText

ACTIVE_STATE, READY, FAILED, CANCELLED, EXPIRED = (
    "active",
    "ready",
    "failed",
    "cancelled",
    "expired",
)
# An export that takes longer than this multiple of its length and longer than this many seconds runs on a busy machine.
USUAL_FACTOR, USUAL_MIN_S = 3, 45
MIN_ESTIMATE_PERCENT = 15  # before that, what is done says little of what is left
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
    """An export as pages show it at one moment. `state` is a key of `STATES`, `chip_class` the CSS class of its chip.

    `elapsed_s` counts from its start (or from the request), `left_s` to its expiry. `fingerprint` changes whenever
    the status or progress changes, so that a poll can be answered with "nothing new".
    """

    export: Export
    state: str
    chip_class: str
    status_text: str
    elapsed_s: int
    left_s: int
    fingerprint: str

    @property
    def is_ready(self) -> bool:
        """Whether its file can be played and downloaded."""
        return self.state == READY

    @property
    def is_active(self) -> bool:
        """Whether it is waiting or being rendered."""
        return self.state == ACTIVE_STATE

    @property
    def stage(self) -> str:
        """The name of the current stage."""
        if self.export.status == ExportStatus.PENDING:
            return _("Waiting again") if self.export.is_put_back else _("Waiting for its turn")
        return self.export.stage_text or _("Getting ready")

    @property
    def scene_text(self) -> str:
        """`Scene 3`; empty for a range that is not a scene."""
        number = self.export.scene_number
        return _("Scene %(number)s") % {"number": number} if number is not None else ""

    @property
    def span_text(self) -> str:
        """Its range in the video: `Scene 3 · 4:12.380 – 4:58.120`."""
        export = self.export
        span = f"{exact_clock(export.start_ms)} – {exact_clock(export.end_ms)}"
        return f"{self.scene_text} · {span}" if self.scene_text else span

    @property
    def video_url(self) -> str:
        """The URL of its start on the video's page; empty when the video was deleted."""
        export = self.export
        if export.video_id is None:
            return ""
        return f"{reverse('videos:page', args=[export.video_id])}#t={seconds(export.start_ms)}"

    @property
    def left_text(self) -> str:
        """The time until it expires, for pages without scripts."""
        return _("expires in %(time)s") % {"time": time_text(self.left_s)}

    @property
    def elapsed_text(self) -> str:
        """The elapsed time as text."""
        return time_text(self.elapsed_s)

    @property
    def busy_text(self) -> str:
        """The sentence that the machine is busy, with the estimated time left; empty at the usual speed.

        The estimate takes what is left to be as fast as what is done.
        """
        done = self.export.progress
        is_running = self.export.status == ExportStatus.PROCESSING
        if not is_running or done < MIN_ESTIMATE_PERCENT or self.elapsed_s < self._usual_s:
            return ""
        minutes = math.ceil(self.elapsed_s * (100 - done) / done / 60)
        return ngettext(
            "This machine is busy: about %(minutes)d more minute.",
            "This machine is busy: about %(minutes)d more minutes.",
            minutes,
        ) % {"minutes": minutes}

    @property
    def _usual_s(self) -> float:
        """The seconds after which an export that is not done is slow."""
        return max(USUAL_MIN_S, USUAL_FACTOR * self.export.span_ms / 1000)

    @property
    def length_text(self) -> str:
        """The requested length: `45.74 s`."""
        return seconds_text(self.export.span_ms)

    @property
    def poster_url(self) -> str:
        """The URL of a still in its framing; empty when the video was deleted."""
        export = self.export
        if export.video_id is None:
            return ""
        at_ms = framing_stills.middle_frame_ms(
            *(export.kept_ranges or ((export.start_ms, export.end_ms),))
        )
        args = [export.video_id, export.aspect_ratio_strategy, at_ms]
        query = {"aspect_ratio": export.aspect_ratio}
        is_usual = export.aspect_ratio == AspectRatio.VERTICAL
        return reverse("exports:still", args=args, query=None if is_usual else query)

    @property
    def shape_class(self) -> str:
        """The CSS class of the shape of its picture; empty for 9:16."""
        ratio = self.export.aspect_ratio
        return "" if ratio == AspectRatio.VERTICAL else f"shape--{ratio_text(ratio)}"

    @property
    def repeat_url(self) -> str:
        """The URL of the dialog filled with this export's options; empty when the video was deleted."""
        if self.export.video_id is None:
            return ""
        return reverse("exports:dialog_again", args=[self.export.pk])

    @property
    def sound_text(self) -> str:
        """The sound options that differ from the defaults."""
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
        """The receipt as ticks, broken rules first."""
        shown = receipt_groups(self.export.receipt.get("rules", ()))
        return sorted(shown, key=lambda tick: (tick.ok, tick.state != BROKEN))

    @property
    def checks(self) -> Sequence[RuleResult]:
        """Every rule of the receipt, with expected and measured values."""
        return rule_results(self.export.receipt)

    @property
    def shots(self) -> Sequence[ShotLine]:
        """How each shot is framed; none for exports that were made before this was kept."""
        return [shot_line(row) for row in self.export.receipt.get("shots") or ()]

    @property
    def post(self) -> PostText:
        """What can be written beside it: description and hashtags. One query."""
        return post_text_of(self.export)

    @property
    def loudness(self) -> str:
        """The measured loudness; empty for silence."""
        lufs = self.export.receipt.get("loudness_lufs")
        return "" if lufs is None else f"{lufs:.1f} LUFS".replace("-", "\N{MINUS SIGN}")


def make_card(export: Export, *, at: datetime) -> Card:
    """The card of an export at the moment `at`."""
    state = _state(export, at=at)
    chip_class, status_text = _chip(export, state)
    since = export.started_at if export.status == ExportStatus.PROCESSING else export.queued_at
    elapsed = (at - (since or export.created_at)).total_seconds()
    return Card(
        export=export,
        state=state,
        chip_class=chip_class,
        status_text=status_text,
        elapsed_s=max(0, int(elapsed)),
        left_s=max(0, math.ceil((export.expires_at - at).total_seconds())),
        fingerprint=f"{state}-{export.status}-{export.stage}-{export.progress}-{export.attempts}",
    )


def state_condition(state: str, *, at: datetime) -> Q:
    """The condition that selects the exports in a state. Raises KeyError for an empty or unknown state."""
    return _conditions(at)[state]


def in_state(rows: ExportQuerySet, state: str, *, at: datetime) -> ExportQuerySet:
    """The exports in a state; all of them for an empty or unknown state."""
    condition = _conditions(at).get(state)
    return rows if condition is None else rows.filter(condition)


def count_states(rows: ExportQuerySet, *, at: datetime) -> dict[str, int]:
    """The number of exports in each state, and of all under the empty key.

    Two queries that read entries of indexes: only those with a file need their rows.
    """
    of_status = rows.order_by().values_list("status").annotate(Count("pk"))
    counts: Counter[str] = Counter(dict(of_status))
    ready = in_state(rows, READY, at=at).order_by().count()
    return {
        "": counts.total(),
        ACTIVE_STATE: sum(counts[status] for status in ACTIVE),
        READY: ready,
        FAILED: counts[ExportStatus.FAILED],
        CANCELLED: counts[ExportStatus.CANCELLED],
        EXPIRED: counts[ExportStatus.COMPLETED] - ready,
    }


def time_text(total_s: int) -> str:
    """A length of time: `40 s`, `5 min 3 s`, `23 h 59 min`; the same as js/common/format.js."""
    if total_s < 60:
        return _("%(seconds)s s") % {"seconds": total_s}
    if total_s < 3600:
        return _("%(minutes)s min %(seconds)s s") % {
            "minutes": total_s // 60,
            "seconds": total_s % 60,
        }
    return _("%(hours)s h %(minutes)s min") % {
        "hours": total_s // 3600,
        "minutes": total_s // 60 % 60,
    }


def seconds_text(ms: int) -> str:
    """A length in seconds to the millisecond, without trailing zeros: `45.74 s`, `30.0 s`."""
    whole, rest = divmod(ms, 1000)
    digits = f"{rest:03}".rstrip("0") or "0"
    return _("%(seconds)s s") % {"seconds": f"{whole}.{digits}"}


def quota_text(free: int, limit: int) -> str:
    """How many exports are left of the quota."""
    return ngettext(
        "%(free)s of %(limit)s export left today",
        "%(free)s of %(limit)s exports left today",
        limit,
    ) % {"free": free, "limit": limit}


def framing_hint(strategy: str) -> str:
    """Return one line that describes a framing."""
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
