"""Two people at the same words: on PostgreSQL, with real commits."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from core.errors import HeimdexError
from tests.videos.corrections.test_corrections import correct, make_video
from videos.corrections import services
from videos.corrections.finding import Wanted, find_places
from videos.corrections.services import Change
from videos.models import Correction

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("on_postgres")]


def test_of_several_corrections_of_the_same_words_one_is_made():
    video = make_video()

    def attempt(text: str) -> str:
        try:
            services.correct(video.owner, video, Change(0, 0, "Teh", text))
        except HeimdexError as error:
            return error.code.name
        finally:
            connection.close()
        return text

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(attempt, ("one", "two", "three", "four")))

    assert answers[:3] == ["LINE_CHANGED"] * 3
    assert video.cues.get(index=0).text == f"{answers[3]} bred rises slowly."
    assert Correction.objects.count() == 1


def test_a_step_that_includes_earlier_corrections_is_undone():
    video = make_video()
    correct(video, 0, "bred", "bread")
    batch = uuid4()
    places = find_places(video, Wanted("br"))

    services.replace_all(video.owner, video, [place.change("p") for place in places], batch=batch)

    texts = [cue.text for cue in video.cues.order_by("index")]
    assert texts[:2] == ["Teh pead rises slowly.", "We bake ped at noon."]
    services.undo(video, batch)
    assert video.cues.get(index=0).text == "Teh bread rises slowly."
