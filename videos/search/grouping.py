"""What a page of search results shows: hits grouped by video, or the hits in one video."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator

from mediakit.search_text.query import Query
from videos.models import Video
from videos.search.finding import Found, Ranked
from videos.search.hits import Hit, load_hits

VIDEOS_ON_PAGE, HITS_OF_VIDEO, HITS_ON_PAGE = 10, 3, 30


@dataclass(frozen=True, slots=True)
class VideoHits:
    """The best hits in one video, and how many more there are."""

    video: Video
    hits: tuple[Hit, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. `hit_count` and `video_count` are of all pages."""

    groups: tuple[VideoHits, ...]
    page: Page[Any]
    hit_count: int
    video_count: int


def results_by_video(found: Found, *, page_number: str | None) -> Results:
    """Group what was found by video, in the order of each video's best hit, HITS_OF_VIDEO of each."""
    of_video: dict[object, list[Ranked]] = defaultdict(list)
    for row in found.ranked:
        of_video[row.video_id].append(row)
    ranked = list(of_video.values())
    page = Paginator(ranked, VIDEOS_ON_PAGE).get_page(page_number)
    return _results(found, page, ranked, shown=HITS_OF_VIDEO)


def results_in_video(found: Found, *, page_number: str | None) -> Results:
    """Return what was found in one video, HITS_ON_PAGE on a page."""
    rows = found.ranked
    ranked = [rows[at : at + HITS_ON_PAGE] for at in range(0, len(rows), HITS_ON_PAGE)]
    page = Paginator(ranked, 1).get_page(page_number)
    return _results(found, page, ranked[:1], shown=HITS_ON_PAGE)


def _results(
    found: Found,
    page: Page[Any],
    videos: Sequence[Sequence[Ranked]],
    *,
    shown: int,
) -> Results:
    groups = tuple(_groups(found.query, list(page.object_list), shown=shown))
    return Results(groups, page, len(found.ranked), len(videos))


def _groups(query: Query, ranked: Sequence[Sequence[Ranked]], *, shown: int) -> Iterator[VideoHits]:
    """Yield the groups in order. Hits that are gone by now are left out."""
    hits = load_hits(query, [row for rows in ranked for row in rows[:shown]])
    of_video: dict[UUID, list[Hit]] = defaultdict(list)
    for hit in hits:
        of_video[hit.video.pk].append(hit)
    for rows in ranked:
        if some := of_video.get(UUID(str(rows[0].video_id))):
            yield VideoHits(some[0].video, tuple(some), max(0, len(rows) - shown))
