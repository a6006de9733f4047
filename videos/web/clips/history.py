"""The history of a clip in the shared dialog: who did what when, and back to any state."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from core.formatting import duration
from core.http import wants_partial
from mediakit.cutting.cut_time import kept_ms
from videos.choices import ClipAction
from videos.clips import services
from videos.clips.queries import get_clip
from videos.models import Clip, ClipChange


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of a clip, and what the change that made it did."""

    change: ClipChange
    length_ms: int
    what: tuple[str, ...]
    is_now: bool


@require_safe
@never_cache
@login_required
def history(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """The versions of a clip, newest first; a browser goes to the video's page."""
    clip = _clip_or_404(request, clip_id)
    if not wants_partial(request):
        return redirect("videos:page", clip.video_id)
    return _dialog(request, clip)


@require_POST
@login_required
def restore(request: HttpRequest, clip_id: UUID) -> HttpResponse:
    """Bring an earlier version back, as a new one; the event `clips-changed` tells the page."""
    clip = _clip_or_404(request, clip_id)
    to, based_on = (_number(request.POST.get(name, "")) for name in ("to", "version"))
    try:
        clip = services.restore_clip(request_user(request), clip.pk, to, based_on=based_on)
    except HeimdexError as error:
        return _dialog(request, clip, says=error.message)
    if not wants_partial(request):
        return redirect("videos:page", clip.video_id)
    response = _dialog(request, clip, says=_("Brought back. What was there before is in the list."))
    return trigger_client_event(response, "clips-changed")


def entries_of(changes: Sequence[ClipChange], version: int) -> tuple[HistoryEntry, ...]:
    """What each change did to the version before it; `changes` are the newest first, `version` is the present one."""
    older: list[ClipChange | None] = [*changes[1:], None]
    return tuple(
        HistoryEntry(
            change,
            kept_ms(change.ranges),
            tuple(_differences(change, before)),
            change.version == version,
        )
        for change, before in zip(changes, older, strict=True)
    )


def _differences(change: ClipChange, before: ClipChange | None) -> list[str]:
    if before is None or change.action == ClipAction.CREATED:
        return []
    found = []
    if change.title != before.title:
        found.append(_("renamed: “%(title)s”") % {"title": change.title})
    if change.ranges != before.ranges:
        by_ms = kept_ms(change.ranges) - kept_ms(before.ranges)
        length = _length(abs(by_ms))
        if by_ms < 0:
            found.append(_("%(length)s shorter") % {"length": length})
        elif by_ms > 0:
            found.append(_("%(length)s longer") % {"length": length})
        else:
            found.append(_("other parts of the same length"))
    if change.options != before.options:
        found.append(_("framing, captions or sound"))
    return found


def _length(ms: int) -> str:
    """A length; under a second with both digits, since a cut may be of a frame."""
    return duration(ms) if ms >= 1_000 else _("%(seconds)s s") % {"seconds": f"{ms / 1000:.2f}"}


def _dialog(request: HttpRequest, clip: Clip, *, says: str = "") -> HttpResponse:
    clip = get_clip(request.user, clip.pk)
    changes = list(clip.changes.select_related("changed_by").order_by("-version"))
    context = {"clip": clip, "entries": entries_of(changes, clip.version), "says": says}
    return render(request, "videos/clip_history_dialog.html", context)


def _clip_or_404(request: HttpRequest, clip_id: UUID) -> Clip:
    try:
        return get_clip(request.user, clip_id)
    except HeimdexError as error:
        raise Http404(error.message) from error


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
