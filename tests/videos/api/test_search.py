"""The search API as a script meets it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccessToken
from tests.factories import UserFactory
from tests.videos.search.libraries import make_video
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def client(owner):
    _, plain = AccessToken.make(user=owner, name="tests")
    return APIClient(headers={"authorization": f"Bearer {plain}"})


def get(client, **values):
    return client.get("/v1/search", values)


def test_a_hit_has_its_scene_its_second_and_the_words_marked(client, owner):
    video = make_video(owner, "First of all <b>hello</b>.", "Then a good idea.", title="Talk")

    found = get(client, q="good ideas").json()

    scene = video.scenes.get(index=1)
    assert (found["count"], found["next"], found["previous"]) == (1, None, None)
    hit = found["results"][0]
    assert hit.pop("score") > 0
    assert hit == {
        "is_by_meaning": False,
        "scene_id": str(scene.pk),
        "video_id": str(video.pk),
        "video_title": "Talk",
        "start_s": 30.0,
        "end_s": 60.0,
        "time_s": 32.0,  # the third word: 1 s into the scene, a word each half second
        "snippet": "Then a <mark>good</mark> <mark>idea</mark>.",
        "is_on_screen": False,
        "thumbnail_url": None,
    }


def test_text_is_escaped(client, owner):
    make_video(owner, "<b>hello</b> & <script>world</script>")

    snippet = get(client, q="hello").json()["results"][0]["snippet"]

    assert snippet.startswith("&lt;b&gt;<mark>hello</mark>&lt;/b&gt; &amp; &lt;script&gt;")


def test_a_title_is_a_hit_without_a_scene(client, owner):
    video = make_video(owner, "Words.", title="Quarterly review")

    hit = get(client, q="quarterly").json()["results"][0]

    assert (hit["scene_id"], hit["video_id"], hit["time_s"]) == (None, str(video.pk), 0.0)
    assert hit["snippet"] == "<mark>Quarterly</mark> review"


def test_pages_are_stable_and_complete(client, owner):
    make_video(owner, *["the same words"] * 7)

    pages = [get(client, q="words", page=number, page_size=3).json() for number in (1, 2, 3)]

    ids = [hit["scene_id"] for page in pages for hit in page["results"]]
    assert len(ids) == len(set(ids)) == 7
    assert pages[0]["next"].endswith("page=2&page_size=3&q=words")
    assert get(client, q="words", page=2, page_size=3).json() == pages[1]
    assert get(client, q="words", page=9).status_code == 404


def test_a_mistyped_word_is_corrected_and_said(client, owner):
    make_video(owner, "The government decides.")

    found = get(client, q="goverment").json()

    assert found["corrections"] == {"goverment": ["government"]}
    assert found["count"] == 1


def test_filters_narrow(client, owner):
    first = make_video(owner, "the word", speaker="Kim Min", tags=["Budget"])
    second = make_video(owner, "the word")
    Video.objects.filter(pk=second.pk).update(
        duration_ms=600_000,
        transcript_language="ko-KR",
        created_at=timezone.now() - timedelta(days=10),
    )
    week_ago = str((timezone.now() - timedelta(days=7)).date())

    def ids(**values):
        return {hit["video_id"] for hit in get(client, q="word", **values).json()["results"]}

    one, other = {str(first.pk)}, {str(second.pk)}
    assert ids() == one | other
    assert ids(video=first.pk) == one
    assert ids(video=first.pk, language="ko") == set()
    assert ids(after=week_ago) == one
    assert ids(before=week_ago) == other
    assert ids(language="ko") == other
    assert ids(min_duration_s=500) == other
    assert ids(max_duration_s=500) == one
    assert ids(speaker="kim min") == one
    assert ids(tag="budget") == one


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"q": ""},
        {"q": "\0"},
        {"q": "x" * 10_000},
        {"q": '"'},
        {"q": "word", "video": "no id"},
        {"q": "word", "after": "yesterday"},
        {"q": "word", "min_duration_s": "-1"},
    ],
)
def test_what_cannot_be_searched_is_said_in_words(client, values):
    answer = get(client, **values)

    assert answer.status_code == 422
    assert answer.json()["error_code"] == "INVALID_INPUT"
    assert answer.json()["message"]


def test_strangers_find_nothing(client):
    video = make_video(UserFactory(), "a secret word", title="Secretive")

    for values in ({"q": "secret"}, {"q": "secretive"}, {"q": "secret", "video": video.pk}):
        assert get(client, **values).json()["results"] == []
    assert APIClient().get("/v1/search?q=secret").status_code == 401
