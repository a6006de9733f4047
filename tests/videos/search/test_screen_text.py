"""Text on screen is found beside what is said, on both databases."""

import pytest
from django.test import Client
from django.urls import reverse

from jobs import lease
from mediakit.screen_text.reading import TextOnScreen
from tests.factories import UserFactory
from tests.videos.search.libraries import find, hits, make_video
from videos.models import ScreenReading, ScreenText, SearchEntry, Video
from videos.screen_text import rows
from videos.search.entries import index_stale_videos, mark_all_stale
from videos.search.filters import SAID, SCREEN, Filters
from videos.search.finding import search
from videos.search.hits import load_hits

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = (
    TextOnScreen(31_500, 55_000, "Caching strategies\nWrite-through", 0.98),
    TextOnScreen(61_000, 70_000, "자전거의 역사", 0.9),
)


def read(video: Video, *texts: TextOnScreen) -> None:
    """Claim the video's reading and save what was read."""
    rows.ensure_reading(video)
    ScreenReading.objects.filter(video=video).update(status="pending")
    claim = lease.claim_next(ScreenReading)
    assert claim is not None
    rows.finish(claim, rows.Reading(texts, "ppocr6"))


@pytest.fixture
def video() -> Video:
    video = make_video(UserFactory.create(), "We begin.", "Caching is hard.", "The end.")
    read(video, *SHOWN)
    return video


def narrowed(video: Video, text: str, where: str) -> list[bool]:
    """Whether each hit is on screen."""
    found = search(text, Filters(where=where).scope(video.owner_id))
    return [hit.is_on_screen for hit in load_hits(found.query, found.ranked)]


def test_a_hit_on_screen_has_its_second_its_scene_and_its_words(video) -> None:
    (hit,) = hits(video.owner, "write-through")

    assert hit.is_on_screen
    assert hit.scene is not None
    assert (hit.scene.index, hit.time_ms, hit.play_ms) == (1, 31_500, 31_500)
    assert "".join(part.text for part in hit.snippet) == "Caching strategies · Write-through"
    assert [part.text for part in hit.snippet if part.is_marked] == ["Write", "through"]
    (korean,) = hits(video.owner, "자전거")
    assert (korean.scene and korean.scene.index, korean.time_ms) == (2, 61_000)


def test_said_on_screen_or_both(video) -> None:
    assert sorted(narrowed(video, "caching", "")) == [False, True]
    assert narrowed(video, "caching", SAID) == [False]
    assert narrowed(video, "caching", SCREEN) == [True]
    assert find(video.owner, "strategeis").corrected == {"strategeis": ["strategies"]}
    in_video = Filters(video_id=video.pk, where=SAID).scope(video.owner_id)
    assert len(search("caching", in_video).ranked) == 1


def test_it_is_its_owners_and_goes_when_it_is_read_anew_or_deleted(video) -> None:
    assert hits(UserFactory.create(), "write-through") == []
    read(video, SHOWN[1])
    assert hits(video.owner, "write-through") == []
    assert len(hits(video.owner, "자전거의 역사")) == 1

    video.delete()

    assert not ScreenText.objects.exists()
    assert not SearchEntry.objects.exists()
    assert hits(video.owner, "역사") == []


def test_reindexing_covers_it(video) -> None:
    SearchEntry.objects.filter(screen_text__isnull=False).delete()
    mark_all_stale()

    index_stale_videos(limit=10)

    assert len(hits(video.owner, "write-through")) == 1


def test_the_api_and_the_page_narrow_and_mark_it(video) -> None:
    client = Client()
    client.force_login(video.owner)
    url = reverse("api:search")
    hit = client.get(url, {"q": "caching", "where": "screen"}).json()["results"][0]
    assert (hit["is_on_screen"], hit["time_s"], hit["start_s"]) == (True, 31.5, 30.0)
    assert client.get(url, {"q": "caching"}).json()["count"] == 2
    assert client.get(url, {"q": "caching", "where": "elsewhere"}).status_code == 422

    page = client.get(
        reverse("videos:search"), {"q": "caching", "where": "screen"}
    ).content.decode()
    assert "on screen" in page
    assert "#t=31.500&amp;play" in page
    transcript = client.get(reverse("videos:page", args=[video.pk])).content.decode()
    assert "Caching strategies · Write-through" in transcript
