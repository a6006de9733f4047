"""The page while speech is heard: words as they come, how far it is, and ending it."""

from datetime import timedelta

import pytest
from django.test import Client

from jobs.clock import database_now
from mediakit.model_store.catalog import REGISTRY_LABEL
from tests.factories import UserFactory, VideoFactory
from videos.models import MachineModel, TranscriptPiece, Video
from videos.web.transcript import hearing

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def person(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def video(owner) -> Video:
    """A video of 10 minutes, of which the first 20 seconds were heard in the last 8."""
    begun = database_now() - timedelta(seconds=8)
    video = VideoFactory(
        owner=owner, processing=True, duration_ms=600_000, heard_ms=20_000, started_at=begun
    )
    add_piece(video, 0, "Hello <b>there</b>")
    add_piece(video, 10_000, "again.")
    TranscriptPiece.objects.filter(start_ms=0).update(created_at=begun)
    return video


def add_piece(video: Video, start_ms: int, text: str, **columns) -> None:
    words = [[start_ms, start_ms + 100, word, 0.9] for word in text.split()]
    values = {"start_ms": start_ms, "end_ms": start_ms + 10_000, "words": words} | columns
    TranscriptPiece.objects.create(video=video, language="en", **values)


def test_the_page_shows_the_words_so_far_escaped(person, video):
    page = person.get(f"/videos/{video.pk}").content.decode()
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in page
    assert f"/videos/{video.pk}/heard?after=20000" in page
    assert "Heard 0:20 of 10:00" in page


def test_polling_gets_only_what_is_new(person, video):
    add_piece(video, 20_000, "Now this.")
    answer = person.get(f"/videos/{video.pk}/heard?after=20000", headers=HTMX).content.decode()
    assert "Now this." in answer
    assert "Hello" not in answer
    assert "/heard?after=30000" in answer
    silent = person.get(f"/videos/{video.pk}/heard?after=30000", headers=HTMX).content.decode()
    assert "heard__line" not in silent
    assert "/heard?after=30000" in silent


def test_one_answer_is_bounded_and_the_rest_comes_at_once(person, video, monkeypatch):
    monkeypatch.setattr(hearing, "MAX_PIECES", 2)
    for at in (20_000, 30_000):
        add_piece(video, at, f"at{at}")
    first = hearing.heard_lines(video)
    assert ([line.start_ms for line in first.lines], first.end_ms) == ([0, 10_000], 20_000)
    assert first.next_s < 1
    rest = hearing.heard_lines(video, after_ms=first.end_ms)
    assert [line.text for line in rest.lines] == ["at20000", "at30000"]
    assert rest.next_s > 1


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 30, "²"])
def test_a_strange_place_is_the_beginning(person, video, after):
    answer = person.get(f"/videos/{video.pk}/heard", {"after": after}, headers=HTMX)
    assert answer.status_code == 200
    assert b"Hello" in answer.content


def test_polling_ends_with_the_work(person, video):
    Video.objects.update(status="ready", claim_token=None)
    assert b"hx-get" not in person.get(f"/videos/{video.pk}/heard?after=0", headers=HTMX).content


def test_what_is_left_is_estimated_by_the_speed_of_this_attempt(video):
    progress = hearing.hearing_progress(video)
    assert progress is not None
    # 10 s of sound took 8 s; 580 s of sound are left.
    assert progress.left_min == pytest.approx(580 * 8 / 10 / 60, abs=1)
    Video.objects.update(started_at=database_now() + timedelta(seconds=9))
    video.refresh_from_db()
    progress = hearing.hearing_progress(video)
    assert progress is not None
    assert progress.left_min is None  # all of it was heard by an earlier attempt


def test_a_person_ends_it(person, video):
    answer = person.post(f"/videos/{video.pk}/stop-hearing", follow=True)
    video.refresh_from_db()
    assert video.hearing_stopped
    assert "Ending here" in answer.content.decode()


@pytest.mark.parametrize(
    "columns",
    [
        {"heard_ms": None},
        {"stage": "thumbnails"},
        {"status": "ready", "claim_token": None},
        {"status": "pending", "claim_token": None},
    ],
)
def test_only_what_goes_on_can_be_ended(person, video, columns):
    Video.objects.update(**columns)
    answer = person.post(f"/videos/{video.pk}/stop-hearing", follow=True)
    video.refresh_from_db()
    assert not video.hearing_stopped
    assert "not going on" in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "source", "shown"),
    [
        ("en", REGISTRY_LABEL, "from the Python package registry"),
        ("ko", REGISTRY_LABEL, "Python 패키지 저장소"),
        ("ko", "example.org/models", "example.org/models"),
    ],
)
def test_where_a_model_comes_from_is_said_in_the_readers_language(
    *, person, video, language, source, shown
):
    Video.objects.update(stage="model")
    MachineModel.objects.create(machine="here", name="base", status="fetching", source=source)
    page = person.get(f"/videos/{video.pk}", headers={"Accept-Language": language})
    assert shown in page.content.decode()


def test_strangers_hear_nothing_and_end_nothing(video):
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.get(f"/videos/{video.pk}/heard", headers=HTMX).status_code == 404
    assert stranger.post(f"/videos/{video.pk}/stop-hearing").status_code == 404
    assert not Video.objects.get().hearing_stopped
