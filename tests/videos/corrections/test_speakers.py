"""Names of speakers: changed once, on every line, undone, and kept when the transcript is made anew."""

import random
import uuid

import pytest
from rest_framework.test import APIClient

from core.errors import HeimdexError
from tests.factories import UserFactory
from tests.videos.corrections.test_corrections import correct, make_video, processed_again, state
from videos.corrections import borders, services, speakers
from videos.corrections.borders import LineChange
from videos.errors import VideoCode
from videos.models import SearchEntry, SpeakerRename, Video
from videos.search.entries import speaker_label

pytestmark = pytest.mark.django_db


def interview(**columns) -> Video:
    """Four lines of two speakers in turn."""
    video = make_video(**columns)
    for cue in video.cues.all():
        cue.speaker = f"Speaker {cue.index % 2 + 1}"
        cue.save()
    return video


def rename(video: Video, was: str, name: str, **more) -> SpeakerRename:
    return speakers.rename_speaker(video.owner, video, was=was, name=name, **more)


def say_who(video: Video, line: int, name: str) -> SpeakerRename:
    change = LineChange(line, video.cues.get(index=line).text)
    return speakers.set_speaker(video.owner, video, change, name=name)


def names(video: Video) -> list[str]:
    return list(video.cues.order_by("index").values_list("speaker", flat=True))


def test_a_name_is_changed_on_every_line_in_search_and_in_captions(client):
    video = interview()

    rename(video, "Speaker 1", " Anna  Kim ")

    assert names(video) == ["Anna Kim", "Speaker 2"] * 2
    labels = SearchEntry.objects.filter(video=video, body__contains=speaker_label("Anna Kim"))
    assert labels.count() == 2
    client.force_login(video.owner)
    assert "<v Anna Kim>" in client.get(f"/videos/{video.pk}/captions.vtt").content.decode()
    assert speakers.speakers_of(video) == [("Anna Kim", 2), ("Speaker 2", 2)]


def test_speakers_that_were_joined_come_apart_again():
    video = interview()
    first = rename(video, "Speaker 1", "Anna")
    rename(video, "Speaker 2", "Anna")
    last = rename(video, "Anna", "Bea")
    assert names(video) == ["Bea"] * 4

    speakers.undo_rename(video, last.pk)
    assert names(video) == ["Anna"] * 4
    speakers.undo_rename(video, first.pk)

    assert names(video) == ["Speaker 1", "Anna"] * 2


def test_a_line_has_a_speaker_of_its_own_also_split_renamed_and_made_anew():
    video = interview()
    text = video.cues.get(index=1).text

    made = say_who(video, 1, "Cho")
    assert names(video) == ["Speaker 1", "Cho", "Speaker 1", "Speaker 2"]

    split = LineChange(1, text, text.index(" ") + 1)
    border = borders.split_line(video.owner, video, split)
    assert names(video) == ["Speaker 1", "Cho", "Cho", "Speaker 1", "Speaker 2"]
    say_who(video, 2, "Dan")
    rename(video, "Cho", "Bea")
    assert names(video)[1:3] == ["Bea", "Dan"]
    borders.undo_border(video, border.pk)
    speakers.undo_rename(video, made.pk)
    assert names(video)[1] in {"Speaker 2", "Dan"}  # as the middle of the whole line lies

    say_who(video, 0, "Eve")
    processed_again(video, ("Other words.", "And more."), speaker="Speaker 1")
    assert names(video)[0] == "Eve"
    with pytest.raises(HeimdexError) as refused:
        speakers.set_speaker(video.owner, video, LineChange(0, "Other text."), name="x")
    assert refused.value.code == VideoCode.LINE_CHANGED


def test_names_and_words_undone_in_any_order_leave_the_first_bytes():
    rng, video = random.Random(3), interview()
    services.undo(video, correct(video, 0, "Teh", "The").pk)
    first = state(video)
    made = []
    for _ in range(20):
        was = rng.choice(names(video))
        made.append(rename(video, was, rng.choice(("Anna", "Bea", "Cho"))).pk)
        made.append(say_who(video, rng.randrange(4), rng.choice(("Anna", "Dan"))).pk)
    word = correct(video, 0, "bred", "bread").pk

    for pk in rng.sample(made, len(made)):
        speakers.undo_rename(video, pk)
    services.undo(video, word)

    assert state(video) == first


def test_a_transcript_that_is_made_anew_has_the_names():
    video = interview()
    rename(video, "Speaker 1", "Anna")

    processed_again(video, ("Other words.", "And more."), speaker="Speaker 1")

    assert names(video) == ["Anna", "Anna"]


def test_bad_names_are_refused_and_a_key_makes_one():
    video, key = interview(), uuid.uuid4()
    for was, name, code in (
        ("Speaker 1", "", "INVALID_INPUT"),
        ("Speaker 1", "\x07", "INVALID_INPUT"),
        ("Speaker 1", "x" * 101, "INVALID_INPUT"),
        ("Nobody", "Anna", "SPEAKER_NOT_FOUND"),
        ("", "Anna", "SPEAKER_NOT_FOUND"),
    ):
        with pytest.raises(HeimdexError) as refused:
            rename(video, was, name)
        assert refused.value.code.name == code
    assert rename(video, "Speaker 1", "Anna", key=key) == rename(video, "x", "Anna", key=key)
    with pytest.raises(HeimdexError) as refused:
        rename(interview(), "Speaker 1", "Anna", key=key)
    assert refused.value.code.name == "CONFLICT"
    with pytest.raises(HeimdexError) as refused:
        speakers.undo_rename(video, uuid.uuid4())
    assert refused.value.code == VideoCode.CORRECTION_NOT_FOUND


def test_the_api_lists_renames_and_undoes(person):
    api, video = APIClient(), interview(owner=person)
    api.force_authenticate(person)
    url = f"/v1/videos/{video.pk}/speakers"

    made = api.post(url, {"was": "Speaker 2", "name": "Bo"}, format="json")

    assert (made.status_code, made.json()["name"]) == (201, "Bo")
    shown = api.get(url).json()
    assert shown["results"] == [{"name": "Speaker 1", "lines": 2}, {"name": "Bo", "lines": 2}]
    assert [each["was"] for each in shown["renames"]] == ["Speaker 2"]
    assert api.delete(f"{url}/{made.json()['id']}").status_code == 204
    assert names(video) == ["Speaker 1", "Speaker 2"] * 2
    line = {"line": 3, "text": video.cues.get(index=3).text, "name": "Eve"}
    assert api.post(url, line, format="json").json()["was"] == "Speaker 2"
    assert names(video)[3] == "Eve"
    assert api.post(url, {"name": "Eve"}, format="json").status_code == 422
    assert api.post(url, {"name": "Eve", "line": 3}, format="json").status_code == 422
    assert api.post(url, {**line, "line": 4}, format="json").status_code == 404
    stranger = interview(owner=UserFactory())
    assert api.post(f"/v1/videos/{stranger.pk}/speakers", {}, format="json").status_code == 404


def test_the_page_renames_in_a_dialog_and_tells_the_lines(browser, person):
    video = interview(owner=person)
    url, htmx = f"/videos/{video.pk}/speakers", {"HTTP_HX_REQUEST": "true"}
    assert url in browser.get(f"/videos/{video.pk}").content.decode()

    done = browser.post(url, {"was": "Speaker 1", "name": "<Anna>"}, **htmx)

    assert "speakers-changed" in done["HX-Trigger"]
    assert "&lt;Anna&gt;" in done.content.decode()
    lines = browser.get(f"{url}/lines").json()
    assert lines == {"names": ["<Anna>", "Speaker 2"], "lines": [0, 1, 0, 1]}
    undone = browser.post(f"{url}/{video.speaker_renames.get().pk}/undo", **htmx)
    assert "Speaker 1" in undone.content.decode()
    line = {"line": "1", "text": video.cues.get(index=1).text}
    assert "Who speaks on this line" in browser.get(url, line, **htmx).content.decode()
    assert browser.post(url, {**line, "name": "Cho"}, **htmx).status_code == 204
    assert browser.get(f"{url}/lines").json()["lines"] == [0, 1, 0, 2]
    refused = browser.post(url, {**line, "line": "7", "name": "Cho"}, **htmx)
    assert "Who speaks on this line" in refused.content.decode()
    refused = browser.post(url, {"was": "Nobody", "name": "x"}, **htmx)
    assert "Nobody of this name" in refused.content.decode()
