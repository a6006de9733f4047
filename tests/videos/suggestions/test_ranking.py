"""Suggestions ranked and titled by a service: asked for, bounded, done once, taken back."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import HeimdexError
from jobs import lease
from jobs.clock import database_now
from mediakit.remote import http_service
from tests.factories import CueFactory, SuggestionFactory, UserFactory, VideoFactory
from tests.mediakit.http_server import serving
from videos import tasks
from videos.corrections.services import Change, correct
from videos.errors import VideoCode
from videos.models import Suggestion, SuggestionRanking
from videos.suggestions import ranking
from videos.suggestions import rows as suggestion_rows
from videos.suggestions import services as suggestion_services

pytestmark = pytest.mark.django_db

TITLED = {"clips": [{"clip": 1, "title": [0, 2]}, {"clip": 0}]}


@pytest.fixture
def video():
    """A ready video with two suggestions of 6 s, each with six words."""
    found = VideoFactory(duration_ms=12_000, ready_at=database_now(), transcript_language="en")
    for text in ("Bread rises slowly,", "so be patient.", "the oven spring, is what counts."):
        CueFactory(video=found, text=text)
    CueFactory(video=found, text="Nothing more here.")
    SuggestionFactory(video=found, end_ms=6_000, title="Bread rises slowly")
    SuggestionFactory(video=found, start_ms=6_000, end_ms=12_000, title="By the rules")
    return found


@pytest.fixture
def server(settings, monkeypatch):
    """A chat service that orders the second suggestion first."""
    monkeypatch.setattr(http_service, "FIRST_WAIT_S", 0.01)
    cache.clear()
    with serving() as running:
        running.answer({"choices": [{"message": {"content": json.dumps(TITLED)}}]})
        settings.RANKING_API_URL = running.url
        settings.RANKING_API_KEY = "sk"
        yield running


def shown(video) -> list[str]:
    """The titles in the order of the list."""
    return [row.shown_title for row in suggestion_rows.ordered(video.suggestions.all(), {})]


def run(video) -> SuggestionRanking:
    row = ranking.request_ranking(video.owner, video)
    tasks.rank_suggestions()
    row.refresh_from_db()
    return row


def test_order_and_titles_are_the_services_until_they_are_taken_back(video, server):
    row = run(video)

    assert (row.status, row.model) == ("completed", "gpt-4o-mini")
    assert shown(video) == ["The oven spring", "Bread rises slowly"]
    assert [each.shown_title for each in video.suggestions.all()] == shown(video)
    times = list(video.suggestions.order_by("rank").values_list("start_ms", "end_ms"))
    assert times == [(0, 6_000), (6_000, 12_000)]
    clip, _ = suggestion_services.accept(video.owner, video.suggestions.all()[0])
    assert clip.title == "The oven spring"

    ranking.remove_ranking(video)

    assert shown(video) == ["Bread rises slowly", "By the rules"]
    assert not SuggestionRanking.objects.exists()


def test_titles_follow_corrections_and_go_with_the_suggestions(video, server):
    run(video)
    correct(video.owner, video, Change(2, 4, "oven", "cold oven"))

    assert shown(video)[0] == "The cold oven spring"

    suggestion_rows.replace(video.pk, [SuggestionFactory.build(video=video)])
    assert not SuggestionRanking.objects.exists()
    assert shown(video) == ["Why does bread rise?"]


def test_it_is_asked_once_while_it_is_under_way_and_so_often_a_day(video, server, settings):
    settings.RANKINGS_PER_DAY = 1
    first = ranking.request_ranking(video.owner, video)
    assert ranking.request_ranking(video.owner, video).pk == first.pk
    tasks.rank_suggestions()
    assert len(server.requests) == 1

    with pytest.raises(HeimdexError) as caught:
        ranking.request_ranking(video.owner, video)
    assert caught.value.code.name == "THROTTLED"


def test_without_a_service_or_without_words_there_is_no_offer(video, server, settings):
    video.suggestions.last().delete()
    assert ranking.ranking_offer(video) is None
    with pytest.raises(HeimdexError) as caught:
        ranking.request_ranking(video.owner, video)
    assert caught.value.code == VideoCode.RANKING_EMPTY

    settings.RANKING_API_URL = ""
    with pytest.raises(HeimdexError) as caught:
        ranking.request_ranking(video.owner, video)
    assert caught.value.code == VideoCode.RANKING_OFF


def test_a_bad_answer_is_not_paid_for_twice(video, server):
    server.answers.clear()
    server.answer({"choices": [{"message": {"content": "I would rather not."}}]})

    row = run(video)

    assert (row.status, row.error_code, row.attempts) == ("failed", "RANKING_SERVICE_FAILED", 1)
    assert len(server.requests) == 1
    assert shown(video) == ["Bread rises slowly", "By the rules"]


def test_suggestions_that_were_made_again_meanwhile_are_not_ranked(video, server):
    ranking.request_ranking(video.owner, video)
    claim = lease.claim_next(SuggestionRanking)
    assert claim is not None
    ranked = ranking.ask_service(claim, should_stop=lambda: False)
    suggestion_rows.replace(video.pk, [SuggestionFactory.build(video=video)])

    with pytest.raises(lease.LeaseLostError):
        ranking.finish(claim, ranked)
    assert Suggestion.objects.get().ranked_place is None


def test_a_lost_worker_gives_it_back(video, server, settings):
    ranking.request_ranking(video.owner, video)
    lease.claim_next(SuggestionRanking)
    late = database_now() - timedelta(seconds=2 * settings.JOB_LEASE_S)
    SuggestionRanking.objects.update(heartbeat_at=late)

    assert tasks.sweep_rankings()
    SuggestionRanking.objects.update(queued_at=database_now())
    tasks.rank_suggestions()

    assert SuggestionRanking.objects.get().status == "completed"


def test_the_api_says_what_it_costs_before(video, server, settings):
    settings.RANKING_REQUEST_PRICE, settings.RANKING_ANSWER_PRICE = Decimal(2), Decimal(8)
    client = APIClient()
    client.force_authenticate(video.owner)
    address = f"/v1/videos/{video.pk}/suggestions"

    before = client.get(address).json()

    offer = before["ranking_offer"]
    assert (before["ranking"], offer["clip_count"], offer["host"]) == (None, 2, "127.0.0.1")
    expected = (2 * offer["request_tokens"] + 8 * offer["answer_tokens"]) / 1e6
    assert float(offer["price"]) == pytest.approx(expected, abs=1e-6)
    assert client.post(f"{address}/ranking").status_code == 202
    tasks.rank_suggestions()
    after = client.get(address).json()
    assert after["ranking"]["status"] == "completed"
    assert [row["title"] for row in after["results"]] == ["The oven spring", "Bread rises slowly"]
    assert client.delete(f"{address}/ranking").status_code == 204
    assert client.get(address).json()["ranking"] is None


def test_the_page_says_so_too(video, server, settings, client):
    settings.RANKING_REQUEST_PRICE, settings.RANKING_ANSWER_PRICE = Decimal(2), Decimal(8)
    client.force_login(video.owner)
    htmx = {"HX-Request": "true"}
    address = reverse("videos:suggestions", args=[video.pk])

    offer = client.get(address, headers=htmx).content.decode()
    assert "Have gpt-4o-mini order and title them" in offer
    assert "2 suggestions are sent to 127.0.0.1" in offer
    assert "0.001 USD" in offer

    rank = reverse("videos:rank_suggestions", args=[video.pk])
    assert "is being asked" in client.post(rank, headers=htmx).content.decode()
    tasks.rank_suggestions()
    assert (
        "Ordered and titled by gpt-4o-mini." in client.get(address, headers=htmx).content.decode()
    )
    client.post(rank, {"by": "rules"}, headers=htmx)
    assert shown(video) == ["Bread rises slowly", "By the rules"]
    client.force_login(UserFactory.create())
    assert client.post(rank, headers=htmx).status_code == 404
