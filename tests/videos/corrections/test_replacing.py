"""Find and replace: places with their lines, one step for all or some, one undo, and the glossary."""

import uuid

import pytest
from rest_framework.test import APIClient

from tests.videos.corrections.test_corrections import correct, make_video, state
from videos.corrections import services
from videos.corrections.finding import MAX_PLACES, Wanted, find_places
from videos.models import Correction
from videos.transcripts.glossary import terms_of

pytestmark = pytest.mark.django_db
LINES = ("Heim dex and heimdex.", "Bred, bred bredth", "HEIMDEX 하임덱스는", "café bred")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted("heimdex"), ["0:13", "2:0"]),
        (Wanted("heimdex", match_case=True), ["0:13"]),
        (Wanted("bred"), ["1:0", "1:6", "1:11", "3:5"]),
        (Wanted("bred", whole_words=True), ["1:0", "1:6", "3:5"]),
        (Wanted("heim   DEX"), ["0:0"]),
        (Wanted("하임덱스"), ["2:8"]),
        (Wanted("cafe\u0301"), ["3:0"]),
        (Wanted("b.ed"), []),
        (Wanted(" \n "), []),
    ],
)
def test_places_are_found_as_people_mean_them(wanted, names):
    assert [place.name for place in find_places(make_video(LINES), wanted)] == names


def test_all_places_are_replaced_in_one_step_and_undone_in_one():
    video = make_video(LINES)
    services.undo(video, correct(video, 0, "and", "or").pk)  # the index is there
    first, batch = state(video), uuid.uuid4()
    places = find_places(video, Wanted("bred"))

    changed = services.replace_all(
        video.owner, video, [place.change("bread") for place in places], batch=batch
    )

    texts = [cue.text for cue in video.cues.order_by("index")]
    assert texts[1::2] == ["bread, bread breadth", "café bread"]
    assert changed == (1, 3)
    assert services.undo(video, batch) == (1, 3)
    assert state(video) == first


def test_two_places_in_one_word_are_one_correction():
    video = make_video(("banana split", "b"))
    places = find_places(video, Wanted("an"))
    batch = uuid.uuid4()

    services.replace_all(video.owner, video, [place.change("on") for place in places], batch=batch)

    assert video.cues.get(index=0).text == "bonona split"
    services.undo(video, batch)
    assert not Correction.objects.exists()


def test_when_one_cannot_be_made_none_is(monkeypatch):
    video = make_video(LINES)
    places = find_places(video, Wanted("bred"))
    correct(video, 3, "bred", "loaf")

    with pytest.raises(Exception, match="changed elsewhere"):
        services.replace_all(
            video.owner, video, [place.change("bread") for place in places], batch=uuid.uuid4()
        )

    assert video.cues.get(index=1).text == LINES[1]


def test_the_api_previews_and_replaces_what_is_chosen(person):
    api, video = APIClient(), make_video(LINES, owner=person)
    api.force_authenticate(person)
    url = f"/v1/videos/{video.pk}/corrections"

    shown = api.get(f"{url}/places?find=bred&whole_words=true").json()
    assert [(place["line"], place["start"]) for place in shown["results"]] == [
        (1, 0),
        (1, 6),
        (3, 5),
    ]
    assert (shown["has_more"], shown["results"][2]["line_text"]) == (False, "café bred")
    body = {"find": "bred", "text": "bread", "places": [{"line": 3, "start": 5}]}
    done = api.post(f"{url}/replace", body, format="json").json()

    assert (done["count"], done["lines"]) == (1, [3])
    again = api.post(f"{url}/replace", body, format="json").json()
    assert again["error_code"] == "LINE_CHANGED"
    assert api.delete(f"{url}/{done['batch']}").status_code == 204
    for bad in ({}, {"find": ""}, {"find": "x" * 201}):
        assert api.post(f"{url}/replace", {"text": "", **bad}, format="json").status_code == 422


def test_the_page_previews_replaces_and_adds_the_word_to_the_glossary(browser, person):
    video = make_video(LINES, owner=person)
    url, htmx = f"/videos/{video.pk}/replace", {"HTTP_HX_REQUEST": "true"}
    preview = browser.get(f"{url}?find=heimdex", **htmx).content.decode()
    assert preview.count('name="place"') == 2
    assert "<mark>heimdex</mark>" in preview

    form = {"find": "heimdex", "text": "Heimdex", "place": ["0:13", "2:0"], "add_term": "on"}
    done = browser.post(url, form, **htmx)

    assert "2 places are corrected." in done.content.decode()
    assert '"at": [0, 2]' in done["HX-Trigger"]
    assert terms_of(person.pk) == ["Heimdex"]
    assert browser.post(url, {**form, "text": ""}, **htmx).status_code == 422
    refused = browser.post(url, {**form, "place": ["0:1"]}, **htmx)
    assert "changed elsewhere" in refused.content.decode()


def test_an_answer_has_at_most_so_many_places():
    video = make_video((" ".join(["a"] * (MAX_PLACES + 5)), "b"))

    assert len(find_places(video, Wanted("a"))) == MAX_PLACES + 1
