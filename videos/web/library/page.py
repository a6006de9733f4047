"""The library's page: lists a person's videos, narrowed and in pages, and counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from accounts.models import User
from videos import queries
from videos.library.tags import tag_key, tags_of_person
from videos.models import Scene, Video, VideoQuerySet
from videos.queries import LARGE_COLUMNS, MAX_CHOSEN, MAX_TOGETHER
from videos.web.library import notes as library_notes
from videos.web.library.form import STATUSES, LibraryForm

PAGE_SIZES = {"grid": 48, "list": 100}
MAX_TAGS_SHOWN = 40
VIEW = "library_view"  # in the session: a key of PAGE_SIZES
_ORDERINGS: dict[str, tuple[str | Combinable, ...]] = {
    "": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "title": (Lower("title"), "id"),
    "longest": ("-duration_ms", "-id"),
}


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How many videos there are by status (keys of STATUSES), how long and how large those are that are listed."""

    by_status: dict[str, int]
    length_ms: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag to narrow by."""

    name: str
    videos: int
    is_chosen: bool


@require_safe
@never_cache
@login_required
def library(request: HttpRequest) -> HttpResponse:
    """The user's videos, paginated; a page number out of range shows the nearest page."""
    return library_response(request)


@require_safe
@never_cache
@login_required
def card(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """One video's card in the library; while the video is processed, the card polls this view."""
    video = queries.video_or_404(request_user(request), video_id)
    _add_scene_counts([video])
    return render(request, "videos/card.html", {"video": video})


@require_safe
@never_cache
@login_required
def matching(request: HttpRequest) -> HttpResponse:
    """The ids of the videos of all pages, narrowed as the address says: the first MAX_CHOSEN, in the list's order.

    What is done to them is done to these: others that match a moment later were not chosen.
    """
    form = LibraryForm(request.GET)
    rows = _listed(form.filters().apply(Video.objects.visible_to(request_user(request))), form)
    return JsonResponse({"ids": list(rows.values_list("pk", flat=True)[:MAX_CHOSEN])})


def library_response(request: HttpRequest) -> HttpResponse:
    """The page, narrowed as the address says; also after something was done on it."""
    user, form = request_user(request), LibraryForm(request.GET)
    rows = form.filters().apply(Video.objects.visible_to(user))
    counts = _counts(rows, form.value("status"))
    view = _view(request)
    page = _page(_listed(rows, form), counts, form, request, view)
    is_filtered = form.filters().is_narrow or bool(form.value("status"))
    context = {
        "form": form,
        "view": view,
        "videos": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "statuses": [(key, label, counts.by_status[key]) for key, (label, _of) in STATUSES.items()],
        "counts": counts,
        "tags": _tag_choices(user, form),
        "is_filtered": is_filtered,
        "has_any": is_filtered or counts.by_status[""] > 0,
        "note": library_notes.note_of(request),
        "choosable": min(page.paginator.count, MAX_CHOSEN),
        "most_exported": MAX_TOGETHER,
        "query": request.GET.urlencode(),
        "query_prefix": _without(request, "page"),
        "view_prefix": _without(request, "view", "page"),
    }
    return render(request, "videos/library.html", context)


def _listed(rows: VideoQuerySet, form: LibraryForm) -> VideoQuerySet:
    """Those of the narrowed rows that have the state that is asked for, in order."""
    if form.value("status"):
        rows = rows.filter(status__in=STATUSES[form.value("status")][1])
    return rows.order_by(*_ORDERINGS[form.value("sort")])


def _without(request: HttpRequest, *names: str) -> str:
    """The query string without these parameters, to be followed by another one."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


def _view(request: HttpRequest) -> str:
    """The view that the address asks for, which is remembered; else the remembered one."""
    wanted = request.GET.get("view", "")
    if wanted in PAGE_SIZES and request.session.get(VIEW) != wanted:
        request.session[VIEW] = wanted
    return str(request.session.get(VIEW, "grid"))


def _page(
    rows: VideoQuerySet, counts: LibraryCounts, form: LibraryForm, request: HttpRequest, view: str
) -> Page[Any]:
    """One page of the videos with their tags and scene counts."""
    # Ids first: an index answers which videos are on the page.
    ids = Paginator(rows.values_list("pk", flat=True), PAGE_SIZES[view])
    ids.count = counts.by_status[form.value("status")]  # saves a second COUNT query
    page: Page[Any] = ids.get_page(request.GET.get("page"))
    shown = rows.filter(pk__in=list(page.object_list)).defer(*LARGE_COLUMNS)
    page.object_list = list(shown.prefetch_related("tags"))
    _add_scene_counts(page.object_list)
    return page


def _add_scene_counts(videos: Sequence[Video]) -> None:
    """Set `scene_count` on the videos of one page, in one query. Scenes of videos on other pages are not read."""
    scenes = Scene.objects.filter(video__in=[video.pk for video in videos]).order_by()
    counts = dict(scenes.values_list("video").annotate(Count("pk")))
    for video in videos:
        video.scene_count = counts.get(video.pk, 0)  # type: ignore[attr-defined] # for the card


def _counts(rows: VideoQuerySet, status: str) -> LibraryCounts:
    """Count the videos in one query."""
    listed = Q(status__in=STATUSES[status][1]) if status else None
    by_status = {
        f"of_{key}": Count("pk", filter=Q(status__in=of) if of else None)
        for key, (_label, of) in STATUSES.items()
    }
    found = rows.order_by().aggregate(
        **by_status,
        length=Sum("duration_ms", filter=listed),
        size=Sum("size_bytes", filter=listed),
    )
    counts = {key: found[f"of_{key}"] for key in STATUSES}
    return LibraryCounts(counts, found["length"] or 0, found["size"] or 0)


def _tag_choices(user: User, form: LibraryForm) -> Sequence[TagChoice]:
    """The person's most used tags in the order of the alphabet, and those that are chosen."""
    chosen = {tag_key(name) for name in form.tags}
    every = tags_of_person(user.pk)
    common = sorted(every, key=lambda tag: -tag.videos)[:MAX_TAGS_SHOWN]
    return [
        TagChoice(tag.name, tag.videos, tag_key(tag.name) in chosen)
        for tag in every
        if tag in common or tag_key(tag.name) in chosen
    ]
