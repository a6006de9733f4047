"""The suggested clips on a video's page: the list, and the answers to each of them."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from mediakit.suggestions.material import Reason
from videos.choices import SideJobStatus, SuggestionBasis, SuggestionReason, SuggestionState
from videos.models import Suggestion, Video
from videos.queries import video_or_404
from videos.suggestions import ranking
from videos.suggestions import rows as suggestion_rows
from videos.suggestions import services as suggestion_services
from videos.tasks import publish_ranking

# So many are shown at once; the others are one click away.
SHOWN_FIRST = 5
SHOWN_CHANGES = 4
# How long a page waits before it asks again for suggestions that are being made, and for their ranking.
POLL_S, POLL_RANKING_S = 10, 3
# The event that has the list of clips beside this one fetched again.
CLIPS_CHANGED = "clips-changed"


@dataclass(frozen=True, slots=True)
class SuggestionEntry:
    """A suggestion in the list, with the scene whose thumbnail stands for it."""

    row: Suggestion
    scene_id: UUID | None

    @property
    def is_kept(self) -> bool:
        """Whether a clip was made of it."""
        return self.row.state == SuggestionState.ACCEPTED


@require_safe
@never_cache
@login_required
def suggestion_list(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The suggestions of a video, for htmx; a browser goes to the video's page."""
    return _list_response(request, video_or_404(request_user(request), video_id))


@require_POST
@login_required
def accept(request: HttpRequest, video_id: UUID, suggestion_id: UUID) -> HttpResponse:
    """Keep a suggestion as a clip, which the page then opens."""
    user = request_user(request)
    kept: list[str] = []

    def keep(row: Suggestion) -> None:
        clip, _is_new = suggestion_services.accept(user, row)
        kept.append(str(clip.pk))

    response = _answer(request, video_id, suggestion_id, keep)
    return trigger_client_event(response, CLIPS_CHANGED, {"open": kept[-1] if kept else None})


@require_POST
@login_required
def dismiss(request: HttpRequest, video_id: UUID, suggestion_id: UUID) -> HttpResponse:
    """Put a suggestion aside; the list then offers to undo it."""
    return _answer(request, video_id, suggestion_id, suggestion_services.dismiss)


@require_POST
@login_required
def restore(request: HttpRequest, video_id: UUID, suggestion_id: UUID) -> HttpResponse:
    """Take a dismissal back."""
    return _answer(request, video_id, suggestion_id, suggestion_services.restore)


@require_POST
@login_required
def learn(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Switch on or off (`learns`: 1 or 0) that suggestions follow what was kept."""
    user = request_user(request)
    video = video_or_404(user, video_id)
    suggestion_services.set_learning(user, learns=request.POST.get("learns") == "1")
    return _list_response(request, video)


@require_POST
@login_required
def rank(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Have the suggestions ranked and titled by the service that is set up; with `by=rules` go back to the rules."""
    user = request_user(request)
    video = video_or_404(user, video_id)
    if request.POST.get("by") == "rules":
        ranking.remove_ranking(video)
        return _list_response(request, video)
    try:
        publish_ranking(ranking.request_ranking(user, video).pk)
    except HeimdexError as error:
        messages.error(request, error.message)
    return _list_response(request, video)


def _answer(
    request: HttpRequest,
    video_id: UUID,
    suggestion_id: UUID,
    act: Callable[[Suggestion], object],
) -> HttpResponse:
    """Act on one of the user's suggestions and answer with the list; a refusal is a message."""
    try:
        row = suggestion_services.get_suggestion(request.user, video_id, suggestion_id)
    except HeimdexError as error:
        raise Http404(error.message) from error
    try:
        act(row)
    except HeimdexError as error:
        messages.error(request, error.message)
    row = Suggestion.objects.filter(pk=row.pk).first() or row
    dismissed = row if row.state == SuggestionState.DISMISSED else None
    return _list_response(request, row.video, dismissed=dismissed)


def _list_response(
    request: HttpRequest, video: Video, *, dismissed: Suggestion | None = None
) -> HttpResponse:
    if not wants_partial(request):
        return redirect(f"{reverse('videos:page', args=[video.pk])}#suggestions")
    changes = suggestion_rows.learned_changes(request_user(request))
    entries = _entries(video, changes)
    ranked = ranking.ranking_of(video, (entry.row for entry in entries))
    is_made = video.suggestions_version > 0
    is_ranked_now = ranked is not None and ranked.is_active
    is_rankable = ranked is None or ranked.status == SideJobStatus.FAILED
    context = {
        "video": video,
        "is_made": is_made,
        "poll_s": POLL_RANKING_S if is_ranked_now else 0 if is_made else POLL_S,
        "first": entries[:SHOWN_FIRST],
        "others": entries[SHOWN_FIRST:],
        "dismissed": dismissed,
        "learned": _in_words(changes),
        "learns": request_user(request).learns_suggestions,
        "ranking": ranked,
        "ranking_offer": ranking.ranking_offer(video) if is_rankable else None,
        "without_words": any(e.row.basis == SuggestionBasis.SOUND for e in entries),
    }
    return render(request, "videos/suggestions.html", context)


def _entries(video: Video, changes: Mapping[Reason, float]) -> list[SuggestionEntry]:
    """The suggestions that were not dismissed, the best first."""
    scenes = list(video.scenes.order_by("index").values_list("start_ms", "pk", "thumbnail_key"))
    starts = [start_ms for start_ms, _, _ in scenes]
    found = []
    shown = video.suggestions.exclude(state=SuggestionState.DISMISSED)
    for row in suggestion_rows.ordered(shown, changes):
        at = bisect_right(starts, (row.start_ms + row.end_ms) // 2) - 1
        has_picture = at >= 0 and bool(scenes[at][2])
        found.append(SuggestionEntry(row, scenes[at][1] if has_picture else None))
    return found


def _in_words(changes: Mapping[Reason, float]) -> list[tuple[str, str]]:
    """What was learned, as (reason, change): `("answers a question", "+24 %")`."""
    return [
        (str(SuggestionReason(reason.value).label), f"{change:+.0%}".replace("-", "\N{MINUS SIGN}"))
        for reason, change in list(changes.items())[:SHOWN_CHANGES]
    ]
