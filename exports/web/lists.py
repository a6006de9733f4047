"""The page that lists a user's exports: filtered by state, words and video, and several deleted at once."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from accounts.models import User
from core.http import wants_partial
from exports import services
from exports.models import ExportQuerySet
from exports.queries import LARGE_COLUMNS, UNDO_S, exports_of
from exports.queries import matching as with_words
from exports.web import presenters
from exports.web.responses import errors_as_page, quota_context
from jobs.clock import database_now
from videos.models import Video
from videos.queries import MAX_CHOSEN, as_uuid, chosen_ids
from videos.web.forms import without_page

PAGE_SIZE = 20
MAX_WORDS_CHARS = 200
DELETED = "deleted_exports"  # in the session: the ids of those that were deleted together, and when


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list is narrowed to: a key of `presenters.STATES`, words of titles, and a video."""

    state: str
    words: str
    video_id: uuid.UUID | None

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """What the address asks for. An unknown state or video id narrows nothing."""
        state = request.GET.get("state", "")
        return cls(
            state if state in presenters.STATES else "",
            " ".join(request.GET.get("q", "")[:MAX_WORDS_CHARS].split()),
            as_uuid(request.GET.get("video", "")),
        )

    @property
    def address_without_state(self) -> str:
        """The query of the address for all states, to be followed by another parameter."""
        return self._address(q=self.words, video=self.video_id)

    @property
    def address_without_video(self) -> str:
        """The query of the address for all videos."""
        return self._address(q=self.words, state=self.state)

    @staticmethod
    def _address(**parameters: object) -> str:
        kept = {name: str(value) for name, value in parameters.items() if value}
        return f"{urlencode(kept)}&" if kept else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether only some titles or one video's exports are listed."""
        return bool(self.words or self.video_id)


@require_safe
@login_required
@never_cache
@errors_as_page
def export_list(request: HttpRequest) -> HttpResponse:
    """The user's exports, newest first; htmx gets only the list."""
    name = "exports/_list.html" if wants_partial(request) else "exports/list.html"
    return render(request, name, _list_context(request))


@require_safe
@login_required
@never_cache
@errors_as_page
def matching(request: HttpRequest) -> HttpResponse:
    """The ids of the exports of all pages, narrowed as the address says: the newest MAX_CHOSEN."""
    query = ListQuery.of(request)
    rows = presenters.in_state(_narrowed(request, query), query.state, at=database_now())
    return JsonResponse({"ids": list(rows.values_list("pk", flat=True)[:MAX_CHOSEN])})


@require_POST
@login_required
@never_cache
@errors_as_page
def delete_many(request: HttpRequest) -> HttpResponse:
    """Delete the chosen exports of the list. For UNDO_S, `undo_delete` brings them back."""
    ids = chosen_ids(request.POST, "export")
    deleted = services.delete_exports(request_user(request), ids)
    request.session[DELETED] = [[str(key) for key in deleted], database_now().isoformat()]
    return _list_again(request)


@require_POST
@login_required
@never_cache
@errors_as_page
def undo_delete(request: HttpRequest) -> HttpResponse:
    """Bring back the exports that this session deleted together last."""
    ids, _when = request.session.pop(DELETED, [[], ""])
    services.restore_exports(request_user(request), [uuid.UUID(key) for key in ids])
    return _list_again(request)


def _list_again(request: HttpRequest) -> HttpResponse:
    """The list after a change, narrowed as the address says; a browser without scripts goes there."""
    if wants_partial(request):
        return render(request, "exports/_list.html", _list_context(request))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("exports:list") + query)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    user, at = request_user(request), database_now()
    query = ListQuery.of(request)
    rows = _narrowed(request, query).defer(*LARGE_COLUMNS)
    counts = presenters.count_states(rows, at=at)
    paginator = Paginator(presenters.in_state(rows, query.state, at=at), PAGE_SIZE)
    paginator.count = counts[query.state]  # saves a second COUNT query
    page = paginator.get_page(request.GET.get("page"))
    return {
        "cards": [presenters.make_card(export, at=at) for export in page],
        "page": page,
        "query": query,
        "query_prefix": without_page(request),
        "video_title": _video_title(user, query.video_id),
        "states": [(key, label, counts[key]) for key, label in presenters.STATES.items()],
        "total": counts[""],
        "has_any": bool(counts[""]) or (query.is_narrowed and exports_of(user).exists()),
        "choosable": min(paginator.count, MAX_CHOSEN),
        "deleted_text": _deleted_text(request, at=at),
        **quota_context(user, at=at),
    }


def _narrowed(request: HttpRequest, query: ListQuery) -> ExportQuerySet:
    """The user's exports of every state that the list is narrowed to."""
    rows = with_words(exports_of(request_user(request)).select_related(None), words=query.words)
    return rows.filter(video_id=query.video_id) if query.video_id else rows


def _video_title(user: User, video_id: uuid.UUID | None) -> str:
    """The title of the user's video; "?" for one that is gone."""
    if video_id is None:
        return ""
    titles = Video.objects.visible_to(user).filter(pk=video_id).values_list("title", flat=True)
    return titles.first() or "?"


def _deleted_text(request: HttpRequest, *, at: datetime) -> str:
    """The sentence that exports were deleted, while this can be undone; otherwise empty."""
    ids, when = request.session.get(DELETED, [[], ""])
    then = parse_datetime(when)
    if not ids or then is None or then <= at - timedelta(seconds=UNDO_S):
        return ""
    return ngettext("%(count)s export is deleted.", "%(count)s exports are deleted.", len(ids)) % {
        "count": len(ids)
    }
