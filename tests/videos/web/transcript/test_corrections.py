"""Corrected lines and the list of corrections on a video's page."""

import json

import pytest

from tests.factories import CorrectionFactory, CueFactory, SceneFactory, VideoFactory
from videos.corrections import services
from videos.corrections.services import Change

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def video(person):
    scene = SceneFactory(video=VideoFactory(owner=person))
    CueFactory(video=scene.video)
    CueFactory(video=scene.video, text="<b> & more")
    return scene.video


def test_lines_are_drawn_as_on_the_page_with_their_numbers(browser, video):
    shown = browser.get(f"/videos/{video.pk}/lines?at=1,0,7,x,-1,99999999999").content.decode()

    assert shown.index('data-cue="0 3000 0"') < shown.index('data-cue="3000 6000 1"')
    assert "&lt;b&gt; &amp; more" in shown
    assert shown.count("data-cue") == 2


def test_the_list_shows_corrections_and_undoes_one(browser, person, video):
    row = services.correct(person, video, Change(0, 0, "Three", "Four")).correction
    page = browser.get(f"/videos/{video.pk}/corrections", **HTMX).content.decode()
    assert page.index("<s") < page.index("Three") < page.index("Four")

    answer = browser.post(f"/videos/{video.pk}/corrections/{row.pk}/undo", **HTMX)

    assert json.loads(answer["HX-Trigger"]) == {"lines-changed": {"at": [0]}}
    assert "Undone." in answer.content.decode()
    again = browser.post(f"/videos/{video.pk}/corrections/{row.pk}/undo", **HTMX)
    assert "no longer there" in again.content.decode()


def test_what_a_new_transcript_does_not_have_is_listed_with_the_reason(browser, video):
    CorrectionFactory(video=video, heard="Gone", problem="words_gone")

    page = browser.get(f"/videos/{video.pk}/corrections", **HTMX).content.decode()

    assert "The words that it corrects are no longer there." in page
