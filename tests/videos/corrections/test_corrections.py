"""Corrections: in the lines at once, undone to the byte, and kept when the transcript is made anew."""

import random
import uuid

import pytest
from rest_framework.test import APIClient

from core.errors import HeimdexError
from jobs import lease
from jobs.clock import database_now
from mediakit.text.stored_words import words_to_json
from mediakit.text.transcript import spread_words
from tests.factories import (
    CueFactory,
    SceneFactory,
    SuggestionFactory,
    UserFactory,
    VideoFactory,
)
from videos import lifecycle
from videos.choices import CorrectionProblem, VideoStatus
from videos.clips.services import ClipState, create_clip
from videos.corrections import services
from videos.corrections.services import MAX_CHARS, Change
from videos.errors import VideoCode
from videos.lifecycle import ProcessingResult
from videos.models import Correction, Cue, Scene, SearchEntry, SearchWord, Suggestion, Video
from videos.transcripts import rows as transcript_rows

pytestmark = pytest.mark.django_db

TEXTS = ("Teh bred rises slowly.", "We bake bred at noon.", "Nobody eats it cold.", "The end.")
GAP_MS = 100


def make_video(texts=TEXTS, **columns) -> Video:
    """A video whose scenes are of two lines each; a line of n words lasts n * 500 ms."""
    video = VideoFactory(**columns)
    at_ms = 0
    for number, text in enumerate(texts):
        end_ms = at_ms + 500 * len(text.split())
        words = words_to_json(spread_words(text, at_ms, end_ms))
        words = [[*word, 0.5] for word in words]
        CueFactory(video=video, start_ms=at_ms, end_ms=end_ms, text=text, words=words)
        at_ms = end_ms + GAP_MS
        if number % 2:
            cues = transcript_rows.shown_cues(video)
            start_ms = cues[number - 1].start_ms
            said = " ".join(texts[number - 1 : number + 1])
            SceneFactory(video=video, start_ms=start_ms, end_ms=at_ms, text=said, tags=["bred"])
    return video


def correct(video: Video, line: int, was: str, text: str, **more) -> Correction:
    """Correct the first place of some words in a line as it is shown now."""
    start = Cue.objects.get(video=video, index=line).text.index(was)
    change = Change(line, start, was, text)
    return services.correct(video.owner, video, change, **more).correction


def standing(video: Video) -> list[uuid.UUID]:
    """The corrections that can be undone."""
    return sorted(row.pk for row in services.listed(video))


def state(video: Video) -> tuple[list[tuple[object, ...]], ...]:
    """All that corrections may change."""
    return (
        list(Cue.objects.filter(video=video).order_by("index").values_list()),
        list(Scene.objects.filter(video=video).order_by("index").values_list()),
        list(Suggestion.objects.filter(video=video).order_by("rank").values_list()),
        list(
            SearchEntry.objects.filter(video=video)
            .order_by("scene_id", "body")
            .values_list("scene_id", "body", "words")
        ),
    )


def test_a_correction_is_in_lines_scenes_search_suggestions_and_downloads(client):
    video = make_video()
    SuggestionFactory(
        video=video, title="Why teh bred rises", sentence="Teh bred rises slowly.", end_ms=2_000
    )
    clip = create_clip(video.owner, video, ClipState("Teh bred", [(0, 1_000)]))

    correct(video, 0, "Teh bred", "The bread")

    cue, scene = video.cues.get(index=0), video.scenes.get(index=0)
    assert cue.text == "The bread rises slowly."
    assert scene.text == "The bread rises slowly. We bake bred at noon."
    assert SearchWord.objects.filter(owner=video.owner, word="bread", count=1).exists()
    entry = SearchEntry.objects.get(scene=scene)
    assert "bread" in entry.body
    assert "bred" in entry.body  # of the other line
    suggestion = video.suggestions.get()
    assert suggestion.sentence == "The bread rises slowly."
    clip.refresh_from_db()
    assert clip.title == "Teh bred"
    client.force_login(video.owner)
    for kind in ("captions.vtt", "transcript.srt", "transcript.txt"):
        assert "The bread rises" in client.get(f"/videos/{video.pk}/{kind}").content.decode()


def test_captions_have_a_new_version_after_a_correction(client):
    video = make_video()
    Video.objects.filter(pk=video.pk).update(ready_at="2026-11-29T12:00:00Z")
    client.force_login(video.owner)
    before = client.get(f"/videos/{video.pk}/captions.vtt")

    correct(video, 0, "Teh", "The")

    after = client.get(f"/videos/{video.pk}/captions.vtt", HTTP_IF_NONE_MATCH=before["ETag"])
    assert (after.status_code, "The bred" in after.content.decode()) == (200, True)


def test_the_transcript_as_it_was_heard_stays_beside_it():
    video = make_video()

    correct(video, 0, "Teh", "The")

    video.refresh_from_db()
    assert video.transcript is not None
    assert transcript_rows.timed_cues(video.transcript)[0].text == TEXTS[0]
    assert video.cues.get(index=0).words[0] == [0, 333, "The", None, "Teh", "timed"]


def test_many_random_corrections_undone_in_any_order_leave_the_first_bytes():
    rng = random.Random(11)
    video = make_video()
    SuggestionFactory(video=video, title="Teh bred rises", sentence=TEXTS[0], end_ms=2_000)
    services.undo(video, correct(video, 0, "Teh", "The").pk)  # the index is there
    first = state(video)
    for _ in range(120):
        cue = rng.choice(list(Cue.objects.filter(video=video).exclude(text="")))
        word = rng.choice(cue.words)[2]
        start = cue.text.index(word) + rng.randrange(len(word))
        was = cue.text[start : start + rng.randint(1, 12)]
        count = rng.randint(0, 3)
        text = " ".join(rng.choice(("the", "bread", "한국", "a", "it.")) for _ in range(count))
        services.correct(video.owner, video, Change(cue.index, start, was, text))
        if rng.random() < 0.2:
            services.undo(video, rng.choice(standing(video)))
    assert len(standing(video)) > 2
    assert state(video) != first

    while standing(video):
        services.undo(video, rng.choice(standing(video)))

    assert state(video) == first
    assert not Correction.objects.exists()


def test_a_later_correction_includes_an_earlier_one_until_it_is_undone():
    video = make_video()
    first = correct(video, 0, "Teh", "The good")
    second = correct(video, 0, "good bred", "best bread")

    with pytest.raises(HeimdexError) as refused:
        services.undo(video, first.pk)
    assert refused.value.code == VideoCode.CORRECTION_INCLUDED
    assert [row.pk for row in services.listed(video)] == [second.pk]
    assert (second.heard, second.was, second.text) == (
        "Teh bred",
        "The good bred",
        "The best bread",
    )

    services.undo(video, second.pk)

    assert video.cues.get(index=0).text == "The good bred rises slowly."
    assert [row.pk for row in services.listed(video)] == [first.pk]


def test_a_line_without_words_is_in_no_download_and_comes_back(client):
    video = make_video()
    gone = correct(video, 3, "The end.", "")
    client.force_login(video.owner)

    assert client.get(f"/videos/{video.pk}/transcript.txt").content.decode().count("\n") == 3
    assert client.get(f"/videos/{video.pk}").status_code == 200

    services.undo(video, gone.pk)
    assert video.cues.get(index=3).text == "The end."


def test_words_that_changed_meanwhile_are_not_overwritten():
    video = make_video()
    correct(video, 0, "Teh", "The")

    with pytest.raises(HeimdexError) as refused:
        services.correct(video.owner, video, Change(0, 0, "Teh", "That"))

    assert refused.value.code == VideoCode.LINE_CHANGED
    assert refused.value.details == {"line": 0, "line_text": "The bred rises slowly."}
    assert video.cues.get(index=0).text.startswith("The bred")


def test_the_same_correction_sent_twice_is_made_once():
    video, key = make_video(), uuid.uuid4()
    correct(video, 0, "Teh", "The", key=key)

    again = services.correct(video.owner, video, Change(0, 0, "Teh", "The"), key=key)

    assert again.correction.pk == key
    assert Correction.objects.count() == 1


def test_a_person_cannot_take_the_id_of_another_videos_correction():
    key = correct(make_video(), 0, "Teh", "The").pk
    video = make_video()

    with pytest.raises(HeimdexError) as refused:
        correct(video, 0, "Teh", "The", key=key)

    assert refused.value.code.name == "CONFLICT"


def test_corrections_are_bounded(monkeypatch):
    monkeypatch.setattr(services, "MAX_CORRECTIONS", 1)
    video = make_video()
    correct(video, 0, "Teh", "The")

    with pytest.raises(HeimdexError) as refused:
        correct(video, 0, "bred", "bread")

    assert refused.value.code == VideoCode.CORRECTION_LIMIT


def processed_again(video: Video, texts, *, later_ms: int = 0, speaker: str = "") -> None:
    """Process the video again; these lines are found, `later_ms` later."""
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.PENDING, queued_at=database_now())
    claim = lease.claim_next(Video)
    assert claim is not None
    made = make_video(texts)
    cues, scenes = list(made.cues.order_by("index")), list(made.scenes.order_by("index"))
    for scene in scenes:
        scene.pk, scene.video = uuid.uuid4(), claim.row
    for cue in cues:
        cue.pk, cue.video, cue.speaker = None, claim.row, speaker
        cue.start_ms, cue.end_ms = cue.start_ms + later_ms, cue.end_ms + later_ms
        cue.words = [[s + later_ms, e + later_ms, *rest] for s, e, *rest in cue.words]
    made.delete()
    lifecycle.finish(claim, ProcessingResult({"thumbnail_key": ""}, tuple(scenes), tuple(cues)))


def test_processing_again_keeps_every_correction_that_still_fits():
    video = make_video()
    correct(video, 0, "Teh bred", "The bread")
    correct(video, 1, "bred", "loaves")
    gone = correct(video, 2, "it", "them")

    processed_again(
        video,
        ("Teh bredd", "rises slowly. We bake", "bred at noon. Nobody eats this", "cold. The end."),
        later_ms=120,
    )

    assert [cue.text for cue in video.cues.order_by("index")] == [
        "The bread",
        "rises slowly. We bake",
        "loaves at noon. Nobody eats this",
        "cold. The end.",
    ]
    gone.refresh_from_db()
    assert gone.problem == CorrectionProblem.WORDS_GONE
    assert [row.problem for row in services.listed(video)].count("") == 2

    processed_again(video, TEXTS)
    gone.refresh_from_db()
    assert (gone.problem, video.cues.get(index=2).text) == ("", "Nobody eats them cold.")

    for row in list(services.listed(video)):
        services.undo(video, row.pk)
    assert [cue.text for cue in video.cues.order_by("index")] == list(TEXTS)


def test_what_is_found_right_the_second_time_counts_as_corrected():
    video = make_video()
    row = correct(video, 0, "Teh bred", "The bread")

    processed_again(video, ("The bread rises slowly.", *TEXTS[1:]))

    row.refresh_from_db()
    assert (row.problem, video.cues.get(index=0).text) == ("", "The bread rises slowly.")


@pytest.fixture
def api(person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_the_api_corrects_lists_and_undoes(api, person):
    video = make_video(owner=person)
    url = f"/v1/videos/{video.pk}/corrections"

    made = api.post(url, {"line": 0, "start": 0, "was": "Teh", "text": " The "}, format="json")

    assert made.status_code == 201, made.content
    assert made.data["lines"][0]["text"] == "The bred rises slowly."
    assert made.data["lines"][0]["words"][0]["correction"] == "timed"
    (row,) = api.get(url).data["results"]
    assert (row["heard"], row["was"], row["text"]) == ("Teh", "Teh", "The")
    assert (row["start_s"], row["end_s"], row["made_by"]) == (0.0, 0.333, person.username)

    assert api.delete(f"{url}/{row['id']}").status_code == 204
    assert api.delete(f"{url}/{row['id']}").json()["error_code"] == "CORRECTION_NOT_FOUND"
    assert video.cues.get(index=0).text == TEXTS[0]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"line": 99}, 404, "LINE_NOT_FOUND"),
        ({"line": -1}, 422, "INVALID_INPUT"),
        ({"start": 9_999}, 409, "LINE_CHANGED"),
        ({"was": ""}, 422, "INVALID_INPUT"),
        ({"start": 3, "was": " "}, 422, "INVALID_INPUT"),
        ({"text": "x" * (MAX_CHARS + 1)}, 422, "INVALID_INPUT"),
        ({"text": "x" * 10_000_000}, 422, "INVALID_INPUT"),
        ({"text": "\x07\x1b"}, 422, "INVALID_INPUT"),
        ({"text": "a\0b"}, 422, "INVALID_INPUT"),
        ({"text": None}, 422, "INVALID_INPUT"),
        ({"id": "x"}, 422, "INVALID_INPUT"),
    ],
)
def test_bad_corrections_are_refused_in_words(api, person, change, status, code):
    video = make_video(owner=person)
    body = {"line": 0, "start": 0, "was": "Teh", "text": "The", **change}

    answer = api.post(f"/v1/videos/{video.pk}/corrections", body, format="json")

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.json()["message"]
    assert video.cues.get(index=0).text == TEXTS[0]


def test_control_characters_and_lines_inside_a_text_become_spaces(api, person):
    video = make_video(owner=person)
    body = {"line": 0, "start": 0, "was": "Teh", "text": "The\n\u202eold\x07"}

    api.post(f"/v1/videos/{video.pk}/corrections", body, format="json")

    assert video.cues.get(index=0).text == "The old bred rises slowly."


def test_other_peoples_corrections_do_not_exist(api):
    video = make_video(owner=UserFactory())
    row = correct(video, 0, "Teh", "The")
    url = f"/v1/videos/{video.pk}/corrections"

    assert api.get(url).status_code == 404
    assert api.post(url, {}, format="json").status_code == 404
    assert api.delete(f"{url}/{row.pk}").status_code == 404
