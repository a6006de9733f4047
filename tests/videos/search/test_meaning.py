"""Search by meaning, with a server whose vectors are known: the words of a topic point one way."""

import hashlib

import pytest
from django.core.cache import cache

from mediakit.remote import http_service
from tests.factories import UserFactory
from tests.mediakit.http_server import serving
from tests.videos.search.libraries import find, hits, make_video, texts
from videos import tasks
from videos.models import Scene, SearchVector
from videos.search import meaning
from videos.search.entries import index_video, tag_label

pytestmark = pytest.mark.django_db(transaction=True)

TOPICS = (("money", "profit", "revenue", "돈"), ("dog", "puppy", "hound"), ("rain", "storm"))
OTHERS = [f"Sentence {number} is about nothing of note." for number in range(40)]
REFUSED = "unspeakable"


def vector_of(text: str) -> list[float]:
    """One direction for each topic, and a little of 13 others that the text alone decides."""
    noise = [(byte - 127.5) / 1_000 for byte in hashlib.sha256(text.encode()).digest()[:13]]
    topics = [sum(word in text.lower() for word in words) for words in TOPICS]
    return [*map(float, topics), *noise]


def answer(request):
    if any(REFUSED in text for text in request.json["input"]):
        return 400, {"error": "no"}
    rows = [{"index": at, "embedding": vector_of(t)} for at, t in enumerate(request.json["input"])]
    return 200, {"data": rows}


@pytest.fixture
def server(settings, monkeypatch):
    monkeypatch.setattr(http_service, "FIRST_WAIT_S", 0.01)
    cache.clear()
    with serving() as running:
        running.answer(answer)
        settings.EMBEDDING_API_URL = running.url
        settings.EMBEDDING_API_KEY = "sk"
        yield running


def test_scenes_that_mean_what_was_typed_are_found(server):
    owner = UserFactory.create()
    make_video(owner, "Our revenue doubled in spring.", "The puppy sleeps.", *OTHERS)
    tasks.embed_scenes()

    (hit,) = hits(owner, "profit")

    assert hit.scene is not None
    assert hit.scene.text == "Our revenue doubled in spring."
    assert hit.is_by_meaning
    assert not any(part.is_marked for part in hit.snippet)
    assert texts(owner, "nonsense qwzxv") == []
    assert texts(owner, '"profit"') == []  # these words, and no others
    assert texts(owner, "profit", is_typing=True) == []


def test_what_has_the_words_comes_first_and_near_to_what_means_them(server):
    owner = UserFactory.create()
    make_video(owner, "We say profit.", "Revenue and money.", "A profit of money.", *OTHERS)
    tasks.embed_scenes()

    found = hits(owner, "profit")

    assert [hit.is_by_meaning for hit in found] == [False, False, True]
    assert found[2].scene is not None
    assert found[2].scene.text == "Revenue and money."
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)


def test_filters_and_excluded_words_hold_and_strangers_find_nothing(server):
    owner, stranger = UserFactory.create(), UserFactory.create()
    video = make_video(owner, "Our revenue doubled.", *OTHERS, tags=["Budget"])
    other = make_video(owner, "The revenue fell.", *OTHERS)
    make_video(stranger, *OTHERS)
    tasks.embed_scenes()

    assert sorted(texts(owner, "profit")) == ["Our revenue doubled.", "The revenue fell."]
    assert texts(owner, "profit -fell") == ["Our revenue doubled."]
    assert texts(owner, "profit", labels=(tag_label("budget"),)) == ["Our revenue doubled."]
    assert texts(owner, "profit", video_id=other.pk) == ["The revenue fell."]
    assert texts(owner, "profit", videos=type(video).objects.filter(pk=video.pk)) == [
        "Our revenue doubled."
    ]
    assert texts(stranger, "profit") == []


def test_another_text_gets_another_vector_and_what_is_deleted_leaves_none(server):
    owner = UserFactory.create()
    video = make_video(owner, "Our revenue doubled.", *OTHERS)
    tasks.embed_scenes()
    scene = Scene.objects.get(video=video, index=0)
    scene.text = "It rained all day."
    scene.save()
    index_video(video.pk)

    assert texts(owner, "profit") == []
    assert meaning.without_vector().count() == 1
    tasks.embed_scenes()
    assert texts(owner, "storm") == ["It rained all day."]
    asked = len(server.requests)
    tasks.embed_scenes()
    assert len(server.requests) == asked  # nothing is asked for twice

    video.delete()
    assert not SearchVector.objects.exists()


def test_what_is_complete_is_read_again_once_an_hour_only(server):
    make_video(UserFactory.create(), "Our revenue doubled.", *OTHERS)
    tasks.embed_scenes()
    tasks.embed_scenes()
    SearchVector.objects.all().delete()
    server.requests.clear()

    tasks.embed_scenes()
    assert server.requests == []
    cache.clear()  # as after an hour
    tasks.embed_scenes()
    assert SearchVector.objects.count() == len(OTHERS) + 1


def test_another_model_makes_all_vectors_anew(server, settings):
    owner = UserFactory.create()
    make_video(owner, "Our revenue doubled.", *OTHERS)
    tasks.embed_scenes()
    settings.EMBEDDING_API_MODEL = "another"

    assert texts(owner, "profit") == []
    tasks.embed_scenes()

    assert texts(owner, "profit") == ["Our revenue doubled."]
    assert set(SearchVector.objects.values_list("model", flat=True)) == {"another"}


def test_a_server_that_fails_leaves_the_words(server):
    owner = UserFactory.create()
    make_video(owner, "We say profit.", f"This is {REFUSED}.", "Revenue.", *OTHERS)
    server.answers.clear()
    server.answer({}, status=500)
    tasks.embed_scenes()
    assert not SearchVector.objects.exists()
    server.requests.clear()
    assert texts(owner, "profit") == ["We say profit."]
    assert texts(owner, "revenue") == ["Revenue."]
    assert len(server.requests) == 1  # the next search does not wait for it as well

    server.answers.clear()
    server.answer(answer)
    cache.delete(meaning.AWAY_KEY)
    tasks.embed_scenes()

    # The text that was refused has an empty vector, and is not asked for again.
    assert not meaning.without_vector().exists()
    assert texts(owner, "profit") == ["We say profit.", "Revenue."]


def test_a_query_is_asked_for_once(server):
    owner = UserFactory.create()
    make_video(owner, "Our revenue doubled.", *OTHERS)
    tasks.embed_scenes()
    server.requests.clear()

    assert texts(owner, "profit -dog") == texts(owner, "profit -dog")

    assert [request.json["input"] for request in server.requests] == [["profit"]]


def test_without_a_server_nothing_is_asked(settings):
    settings.EMBEDDING_API_URL = ""
    owner = UserFactory.create()
    make_video(owner, "We say profit.")
    tasks.embed_scenes()

    assert texts(owner, "profit") == ["We say profit."]
    assert not find(owner, "revenue").ranked
    assert not SearchVector.objects.exists()


def test_the_cost_of_a_query_is_bounded(server, monkeypatch):
    """The newest scenes are compared, and no more than that."""
    monkeypatch.setattr(meaning, "MAX_COMPARED", 30)
    monkeypatch.setattr(meaning, "ROWS_AT_A_TIME", 7)
    owner = UserFactory.create()
    make_video(owner, "Our old revenue.", *OTHERS)
    make_video(owner, "Our new revenue.", *OTHERS[:20])
    tasks.embed_scenes()

    assert texts(owner, "profit") == ["Our new revenue."]
