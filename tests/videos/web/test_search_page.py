"""The search page: what it shows, and that nothing in it is another person's."""

import pytest

from tests.factories import UserFactory
from tests.videos.search.libraries import make_video
from tests.videos.web.test_views import page

pytestmark = pytest.mark.django_db


def search(browser, **values):
    return page(browser.get("/search", values))


def test_without_words_it_says_what_can_be_found(browser):
    assert "Find the moment by what was said" in search(browser)


def test_a_hit_plays_at_its_second_and_can_be_exported(browser, person):
    video = make_video(person, "Nothing.", "Then a good idea.", title="A talk")
    scene = video.scenes.get(index=1)

    found = search(browser, q="good idea")

    # The third word begins 1 s into the scene, a word each half second; playing begins 0.2 s before it.
    assert f'href="/videos/{video.pk}#t=31.800&amp;play"' in found
    assert "Then a <mark>good</mark> <mark>idea</mark>." in found
    assert f'hx-get="/scenes/{scene.pk}/export"' in found
    assert "1 moment" in found


def test_hits_are_grouped_by_video_and_the_rest_is_a_link(browser, person):
    many = make_video(person, *["a word"] * 5, title="Many")
    make_video(person, "another word", title="One")

    found = search(browser, q="word")

    assert found.count("data-hit>") == 4
    assert "2 more in this video" in found
    assert f"/search?q=word&amp;video={many.pk}" in found
    inside = search(browser, q="word", video=many.pk)
    assert inside.count("data-hit>") == 5
    assert "Only in “Many”" in inside


def test_pages_of_videos(browser, person):
    for number in range(12):
        make_video(person, "a word", title=f"Video {number}")

    first, second = search(browser, q="word"), search(browser, q="word", page=2)

    assert (first.count("data-hit>"), second.count("data-hit>")) == (10, 2)
    assert "1 / 2" in first
    assert 'href="?q=word&amp;page=2"' in first


def test_a_mistyped_word_is_corrected_in_words(browser, person):
    make_video(person, "The government decides.")

    found = search(browser, q="goverment")

    assert "“goverment” is in none of your videos. These are results for government." in found


def test_while_typing_the_last_word_may_go_on(browser, person):
    make_video(person, "expert", "experience")

    assert search(browser, q="exper").count("data-hit>") == 2
    answer = browser.get("/search", {"q": "expert"}, headers={"Search-Typing": "1"})
    assert "expert" in page(answer)


@pytest.mark.parametrize(
    "words", ["<script>x</script>", '"', "x" * 10_000, "\0", "🙂", "- -", "עברית"]
)
def test_any_query_is_answered_in_words(browser, words):
    answer = browser.get("/search", {"q": words})

    assert answer.status_code == 200
    assert "<script>x" not in answer.content.decode()
    assert "data-hit>" not in answer.content.decode()


def test_filters_that_find_nothing_offer_the_way_back(browser, person):
    make_video(person, "a word")

    found = search(browser, q="word", language="ko")

    assert "The filters leave videos out." in found
    assert 'href="/search?q=word"' in found
    # A value that is none of the choices narrows nothing.
    assert search(browser, q="word", language="xx", after="soon", video="x").count("data-hit>") == 1


def test_strangers_words_are_not_found(browser):
    stranger = make_video(UserFactory(), "a secret word", title="Secretive")

    for values in ({"q": "secret"}, {"q": "secretive"}, {"q": "word", "video": stranger.pk}):
        found = search(browser, **values)
        assert "data-hit>" not in found
        assert "Secretive" not in found


def test_the_cost_does_not_grow_with_what_is_not_shown(
    browser, person, django_assert_max_num_queries
):
    for number in range(15):
        make_video(person, *["a word"] * 4, title=f"Video {number}")

    with django_assert_max_num_queries(9):
        search(browser, q="word")
