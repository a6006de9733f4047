"""The suggested clips on a video's page, with and without scripts."""

import json

import pytest
from django.urls import reverse

from tests.factories import SceneFactory, SuggestionFactory, UserFactory, VideoFactory
from videos.models import Clip, Suggestion

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person):
    made = VideoFactory(owner=person, suggestions_version=1)
    SceneFactory(video=made)
    SceneFactory(video=made, thumbnail_key="thumbnails/1/b.jpg")
    return made


def act(browser, verb, row, **headers):
    address = reverse(f"videos:{verb}_suggestion", args=[row.video_id, row.pk])
    return browser.post(address, headers=headers or HTMX)


def shown(browser, video) -> str:
    response = browser.get(reverse("videos:suggestions", args=[video.pk]), headers=HTMX)
    return str(response.content.decode())


def test_the_page_fetches_the_list_of_a_ready_video(browser, video):
    address = reverse("videos:suggestions", args=[video.pk])
    assert f'hx-get="{address}"' in browser.get(video_page(video)).content.decode()
    Suggestion.objects.all().delete()
    video.status = "failed"
    video.save()
    assert address not in browser.get(video_page(video)).content.decode()


def video_page(video) -> str:
    return reverse("videos:page", args=[video.pk])


def test_each_says_why_and_has_the_picture_of_its_scene(browser, video):
    SuggestionFactory(video=video, start_ms=25_000, end_ms=55_000)
    html = shown(browser, video)
    second = video.scenes.get(index=1)
    assert reverse("videos:scene_thumbnail", args=[second.pk]) in html
    for words in ("Why does bread rise?", "because yeast makes gas.", "answers a question · names"):
        assert words in html
    assert 'data-play-range="25000,55000"' in html


def test_five_are_shown_and_the_others_are_one_click_away(
    browser, video, django_assert_num_queries
):
    rows = [SuggestionFactory(video=video, title=f"Number {rank}") for rank in range(7)]
    browser.get(video_page(video))
    with django_assert_num_queries(6):  # session, user, video, answers, scenes, suggestions
        html = shown(browser, video)
    assert "2 more" in html
    before, after = html.split("<details", 1)
    assert all(row.title in before for row in rows[:5])
    assert all(row.title in after for row in rows[5:])


def test_keeping_makes_a_clip_and_the_list_of_clips_is_fetched_again(browser, video):
    row = SuggestionFactory(video=video)
    response = act(browser, "keep", row)
    clip = Clip.objects.get()
    assert json.loads(response["HX-Trigger"]) == {"clips-changed": {"open": str(clip.pk)}}
    assert clip.title == row.title
    html = response.content.decode()
    assert "Kept" in html
    assert f"keep-{row.pk}" not in html


def test_a_dismissed_one_is_gone_and_can_be_brought_back(browser, video):
    row = SuggestionFactory(video=video)
    html = act(browser, "dismiss", row).content.decode()
    assert reverse("videos:restore_suggestion", args=[video.pk, row.pk]) in html
    assert f"keep-{row.pk}" not in html
    assert f"keep-{row.pk}" not in shown(browser, video)
    assert f"keep-{row.pk}" in act(browser, "restore", row).content.decode()


def test_without_scripts_an_answer_leads_back_to_the_page(browser, video):
    row = SuggestionFactory(video=video)
    response = act(browser, "dismiss", row, accept="text/html")
    assert (response.status_code, response["Location"]) == (302, f"{video_page(video)}#suggestions")


def test_a_refusal_is_said_in_words(browser, video):
    row = SuggestionFactory(video=video)
    video.status = "failed"
    video.save()
    assert "This video is not ready yet." in act(browser, "keep", row).content.decode()
    assert not Clip.objects.exists()


def test_what_an_empty_list_says(browser, video):
    assert "stands on its own" in shown(browser, video)
    video.suggestions_version = 0
    video.save()
    assert "being looked for" in shown(browser, video)


def test_suggestions_without_words_say_so(browser, video):
    SuggestionFactory(video=video, basis="sound", title="", sentence="", reasons=["energy"])
    html = shown(browser, video)
    assert "from sound and picture only" in html
    assert "0:00–0:20" in html


QUESTION = {"question": 1.5, "energy": 0.2}
NUMBERS = {"numbers": 0.4, "energy": 0.2}


@pytest.fixture
def answered(video):
    """Fourteen answers in another video: questions are kept, numbers dismissed; and two open ones here."""
    other = VideoFactory(owner=video.owner)
    for number in range(14):
        is_kept = number % 2 == 0
        SuggestionFactory(
            video=other,
            signals=QUESTION if is_kept else NUMBERS,
            state="accepted" if is_kept else "dismissed",
        )
    SuggestionFactory(video=video, title="With numbers", score=0.55, signals=NUMBERS)
    SuggestionFactory(video=video, title="With a question", score=0.5, signals=QUESTION)
    return video


def titles(html: str) -> list[str]:
    return sorted(("With numbers", "With a question"), key=html.index)


def test_suggestions_follow_what_was_kept_until_that_is_switched_off(browser, answered):
    html = shown(browser, answered)
    assert titles(html) == ["With a question", "With numbers"]
    assert "Ordered by what you kept and dismissed:" in html
    assert "answers a question" in html

    address = reverse("videos:learn_suggestions", args=[answered.pk])
    html = browser.post(address, {"learns": "0"}, headers=HTMX).content.decode()
    assert titles(html) == ["With numbers", "With a question"]
    assert "Ordered by the rules only." in html
    html = browser.post(address, {"learns": "1"}, headers=HTMX).content.decode()
    assert titles(html) == ["With a question", "With numbers"]


def test_what_others_answer_changes_nothing(browser, answered):
    mine = VideoFactory(owner=UserFactory(), suggestions_version=1)
    SuggestionFactory(video=mine, title="With numbers", score=0.55, signals=NUMBERS)
    SuggestionFactory(video=mine, title="With a question", score=0.5, signals=QUESTION)
    browser.force_login(mine.owner)

    html = shown(browser, mine)

    assert titles(html) == ["With numbers", "With a question"]
    assert "Ordered by" not in html


@pytest.mark.parametrize(
    ("title", "sentence", "beside"),
    [
        ("Yeast makes gas", "Yeast makes gas.", ""),
        ("Why?", "Yeast makes gas.", "Yeast makes gas."),
        ("", "", ""),
    ],
)
def test_a_title_is_not_repeated_below_itself(title, sentence, beside):
    assert Suggestion(title=title, sentence=sentence).sentence_beside_title == beside
