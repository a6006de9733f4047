"""Lines and scenes split and joined by hand: at once everywhere, undone to the byte, kept by processing again."""

import contextlib
import random
import uuid
from itertools import pairwise

import pytest
from rest_framework.test import APIClient

from core.errors import HeimdexError
from tests.factories import SceneFactory, SuggestionFactory, UserFactory, VideoFactory
from tests.videos.corrections.test_corrections import (
    TEXTS,
    correct,
    make_video,
    processed_again,
    standing,
)
from videos.choices import BorderKind, CorrectionProblem
from videos.corrections import borders, services
from videos.corrections.borders import LineChange
from videos.corrections.services import Change
from videos.errors import VideoCode
from videos.models import BorderEdit, Cue, Scene, SearchEntry, Suggestion, Video

pytestmark = pytest.mark.django_db


def lines(video: Video) -> list[str]:
    return list(Cue.objects.filter(video=video).order_by("index").values_list("text", flat=True))


def shown(video: Video, line: int) -> str:
    return Cue.objects.get(video=video, index=line).text


def split(video: Video, line: int, before: str) -> BorderEdit:
    text = shown(video, line)
    change = LineChange(line, text, text.index(before))
    return borders.split_line(video.owner, video, change)


def join(video: Video, line: int) -> BorderEdit:
    return borders.join_lines(video.owner, video, LineChange(line, shown(video, line)))


def state(video: Video) -> tuple[list[tuple[object, ...]], ...]:
    """All that may change, but for the numbers that the database gives its rows."""
    cue_columns = ("index", "start_ms", "end_ms", "text", "words", "words_estimated", "speaker")
    scene_columns = [field.name for field in Scene._meta.fields if field.name != "created_at"]
    entries = SearchEntry.objects.filter(video=video).order_by("scene_id", "body")
    return (
        list(video.cues.order_by("index").values_list(*cue_columns)),
        list(video.scenes.order_by("index").values_list(*scene_columns)),
        list(Suggestion.objects.filter(video=video).order_by("rank").values_list()),
        list(entries.values_list("scene_id", "body", "words")),
    )


def test_a_line_is_split_at_a_word_and_joined_again(client):
    video = make_video()

    split(video, 0, "rises")

    assert lines(video) == ["Teh bred", "rises slowly.", *TEXTS[1:]]
    first, second = video.cues.order_by("index")[:2]
    # "bred" ends at 750 ms, where "rises" begins.
    assert (first.end_ms, second.start_ms, second.end_ms) == (750, 750, 2_000)
    client.force_login(video.owner)
    captions = client.get(f"/videos/{video.pk}/captions.vtt").content.decode()
    assert "00:00:00.750 --> 00:00:02.000\nrises slowly." in captions

    join(video, 0)

    assert lines(video) == list(TEXTS)
    assert BorderEdit.objects.count() == 2


def test_two_lines_become_one_with_the_words_of_both():
    video = make_video()
    Cue.objects.filter(video=video, index=1).update(speaker="Anna")

    edit = join(video, 0)

    cue = video.cues.get(index=0)
    assert (cue.text, cue.start_ms, cue.end_ms) == (f"{TEXTS[0]} {TEXTS[1]}", 0, 4_600)
    assert (len(cue.words), cue.speaker) == (9, "Anna")
    assert [cue.index for cue in video.cues.order_by("index")] == [0, 1, 2]
    assert (edit.before, edit.after, edit.at_ms) == ("slowly.", "We", 2_100)


def test_lines_of_two_scenes_are_joined_only_with_their_scenes():
    video = make_video()
    with pytest.raises(HeimdexError) as refused:
        join(video, 1)
    assert "Join the scenes first" in refused.value.message

    borders.join_scenes(video.owner, video, video.scenes.get(index=0).pk)
    join(video, 1)

    assert lines(video)[1] == f"{TEXTS[1]} {TEXTS[2]}"


def test_a_scene_is_split_inside_a_line_and_search_follows():
    video = make_video()
    correct(video, 1, "bred", "loaves")
    text = shown(video, 1)
    change = LineChange(1, text, text.index("loaves"))

    edit = borders.split_scene(video.owner, video, change=change)

    assert lines(video) == [TEXTS[0], "We bake", "loaves at noon.", *TEXTS[2:]]
    first, second, third = video.scenes.order_by("index")
    assert (first.text, second.text) == ("Teh bred rises slowly. We bake", "loaves at noon.")
    assert (first.end_ms, second.pk) == (second.start_ms, edit.pk)
    assert "loaves" in second.tags
    assert third.text == f"{TEXTS[2]} {TEXTS[3]}"
    assert SearchEntry.objects.filter(video=video, scene=second, body__contains="loaves").exists()

    borders.undo_border(video, edit.pk)

    assert video.scenes.count() == 2
    assert lines(video)[1] == "We bake loaves at noon."


def test_joined_scenes_keep_the_first_ones_id_and_what_was_seen_in_both():
    video = make_video()
    first, second = video.scenes.order_by("index")
    Scene.objects.filter(pk=first.pk).update(visual_summary="A bowl.", visual_entities=["bowl"])
    Scene.objects.filter(pk=second.pk).update(visual_summary="A loaf.", visual_entities=["loaf"])
    before = state(video)

    edit = borders.join_scenes(video.owner, video, first.pk)

    scene = video.scenes.get()
    assert (scene.pk, scene.start_ms, scene.end_ms) == (first.pk, first.start_ms, second.end_ms)
    assert (scene.visual_summary, scene.visual_entities) == ("A bowl. A loaf.", ["bowl", "loaf"])
    assert scene.text == " ".join(TEXTS)

    borders.undo_border(video, edit.pk)
    assert state(video)[:3] == before[:3]


def test_a_video_without_words_has_scenes_to_split():
    video = VideoFactory()
    SceneFactory(video=video, text="", tags=[], thumbnail_key="thumbnails/1.jpg")

    borders.split_scene(video.owner, video, at_ms=12_345)

    spans = video.scenes.order_by("index").values_list("start_ms", "end_ms", "thumbnail_key")
    assert list(spans) == [(0, 12_345, ""), (12_345, 30_000, "")]
    for at_ms in (12_400, 29_900, 30_000, 10**20):
        with pytest.raises(HeimdexError, match="begins or ends there"):
            borders.split_scene(video.owner, video, at_ms=at_ms)


def test_what_was_heard_is_said_line_by_line_also_of_words_that_were_left_out(api, person):
    video = make_video(owner=person)
    url = f"/v1/videos/{video.pk}/heard-lines"
    assert api.get(url).json() == {"results": []}
    correct(video, 0, "Teh bred", "The bread")
    correct(video, 2, "eats it", "")
    correct(video, 3, "end.", "end.")
    split(video, 0, "rises")

    assert api.get(url).json()["results"] == [
        {"line": 0, "text": "Teh bred"},
        {"line": 3, "text": TEXTS[2]},
    ]


def test_corrected_words_are_split_between_what_they_stand_for():
    video = make_video()
    correct(video, 0, "Teh bred", "The bread")

    split(video, 0, "bread")
    assert lines(video)[:2] == ["The", "bread rises slowly."]

    later = correct(video, 1, "bread", "loaf")
    assert lines(video)[:2] == ["The", "loaf rises slowly."]
    services.undo(video, later.pk)
    assert lines(video)[:2] == ["The", "bread rises slowly."]

    correct(video, 1, "rises", "goes up")
    with pytest.raises(HeimdexError, match="heard together"):
        split(video, 1, "up")


def random_edit(rng: random.Random, video: Video) -> None:
    """One edit of a person: words, lines or scenes; what is refused changes nothing."""
    cue = rng.choice(list(video.cues.exclude(text="")))
    kind = rng.choice(["words", "split", "join", "split scene", "join scenes", "undo"])
    change = LineChange(cue.index, cue.text, rng.randrange(len(cue.text)))
    if kind == "words":
        word = rng.choice(cue.words)[2]
        text = " ".join(rng.choice(("the", "bread", "한국")) for _ in range(rng.randint(0, 3)))
        words = Change(cue.index, cue.text.index(word), word, text)
        services.correct(video.owner, video, words)
    elif kind == "split":
        borders.split_line(video.owner, video, change)
    elif kind == "join":
        borders.join_lines(video.owner, video, change)
    elif kind == "split scene":
        borders.split_scene(video.owner, video, change=change)
    elif kind == "join scenes":
        borders.join_scenes(video.owner, video, rng.choice(list(video.scenes.all())).pk)
    else:
        undo_one(rng, video)


def undo_one(rng: random.Random, video: Video) -> bool:
    made = [*standing(video), *BorderEdit.objects.filter(video=video).values_list("pk", flat=True)]
    if not made:
        return False
    key = rng.choice(made)
    if BorderEdit.objects.filter(pk=key).exists():
        borders.undo_border(video, key)
    else:
        services.undo(video, key)
    return True


def check(video: Video) -> None:
    cues = list(video.cues.order_by("index"))
    scenes = list(video.scenes.order_by("index"))
    assert [cue.index for cue in cues] == list(range(len(cues)))
    assert [scene.index for scene in scenes] == list(range(len(scenes)))
    assert all(one.end_ms == other.start_ms for one, other in pairwise(scenes))
    starts = [word[0] for cue in cues for word in cue.words]
    assert starts == sorted(starts)
    for scene in scenes:
        said = [cue for cue in cues if scene.start_ms <= cue.start_ms < scene.end_ms]
        assert all(cue.end_ms <= scene.end_ms for cue in said)
        assert " ".join(cue.text for cue in said if cue.text) == scene.text


@pytest.mark.parametrize("seed", [1, 2])
def test_many_random_edits_undone_in_any_order_leave_the_first_bytes(seed):
    rng = random.Random(seed)
    video = make_video()
    SuggestionFactory(video=video, title="Teh bred rises", sentence=TEXTS[0], end_ms=2_000)
    services.undo(video, correct(video, 0, "Teh", "The").pk)  # the index is there
    first = state(video)
    for _ in range(60):
        with contextlib.suppress(HeimdexError):
            random_edit(rng, video)
        check(video)
    assert state(video) != first

    while undo_one(rng, video):
        pass

    assert state(video) == first


def test_processing_again_keeps_what_a_person_split_and_joined():
    video = make_video()
    split(video, 0, "rises")
    join(video, 3)
    text = shown(video, 2)
    borders.split_scene(video.owner, video, change=LineChange(2, text, 0))
    rows = [(scene.start_ms, scene.text) for scene in video.scenes.order_by("index")]
    assert len(rows) == 3

    processed_again(video, TEXTS, later_ms=90)

    assert lines(video) == ["Teh bred", "rises slowly.", TEXTS[1], f"{TEXTS[2]} {TEXTS[3]}"]
    again = [(scene.start_ms, scene.text) for scene in video.scenes.order_by("index")]
    assert again == [(0, rows[0][1]), (rows[1][0] + 90, rows[1][1]), rows[2]]

    processed_again(video, ("Something else", "was said here", "by another", "person."))
    problems = set(BorderEdit.objects.filter(video=video).values_list("problem", flat=True))
    assert CorrectionProblem.WORDS_GONE in problems


@pytest.fixture
def api(person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_the_api_splits_joins_lists_and_undoes(api, person):
    video = make_video(owner=person)
    url = f"/v1/videos/{video.pk}/borders"
    key = str(uuid.uuid4())
    body = {"id": key, "kind": "split_line", "line": 0, "text": TEXTS[0], "start": 9}

    for _ in range(2):
        made = api.post(url, body, format="json")
        assert (made.status_code, made.data["id"]) == (201, key), made.content
    first = api.get(f"/v1/videos/{video.pk}/details").json()["scenes"][0]["id"]
    joined = api.post(url, {"kind": "join_scenes", "scene_id": first}, format="json")
    assert joined.status_code == 201, joined.content

    rows = api.get(url).json()["results"]
    assert [row["kind"] for row in rows] == ["split_line", "join_scenes"]
    assert (rows[0]["before"], rows[0]["after"], rows[0]["made_by"]) == (
        "bred",
        "rises",
        person.username,
    )
    for row in rows:
        assert api.delete(f"{url}/{row['id']}").status_code == 204
    assert api.delete(f"{url}/{key}").json()["error_code"] == "CORRECTION_NOT_FOUND"
    assert lines(video) == list(TEXTS)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "split_line"}, 422, "INVALID_INPUT"),
        ({"kind": "glue"}, 422, "INVALID_INPUT"),
        ({"kind": "split_line", "line": 0, "text": TEXTS[0], "start": 0}, 422, "INVALID_INPUT"),
        ({"kind": "split_line", "line": 0, "text": TEXTS[0], "start": 99}, 422, "INVALID_INPUT"),
        ({"kind": "split_line", "line": 0, "text": "Old.", "start": 2}, 409, "LINE_CHANGED"),
        ({"kind": "split_line", "line": 9, "text": "", "start": 2}, 404, "LINE_NOT_FOUND"),
        ({"kind": "join_lines", "line": 3, "text": TEXTS[3]}, 422, "INVALID_INPUT"),
        ({"kind": "split_scene"}, 422, "INVALID_INPUT"),
        ({"kind": "split_scene", "at_s": -1}, 422, "INVALID_INPUT"),
        ({"kind": "split_scene", "at_s": 1e300}, 422, "INVALID_INPUT"),
        ({"kind": "split_scene", "at_s": 0}, 422, "INVALID_INPUT"),
        ({"kind": "join_scenes", "scene_id": str(uuid.uuid4())}, 404, "SCENE_NOT_FOUND"),
    ],
)
def test_bad_borders_are_refused_in_words(api, person, body, status, code):
    video = make_video(owner=person)

    answer = api.post(f"/v1/videos/{video.pk}/borders", body, format="json")

    assert (answer.status_code, answer.json()["error_code"]) == (status, code), answer.content
    assert answer.json()["message"]
    assert not BorderEdit.objects.exists()


def test_borders_are_bounded_and_other_peoples_do_not_exist(api, monkeypatch):
    video = make_video(owner=UserFactory())
    edit = split(video, 0, "rises")
    url = f"/v1/videos/{video.pk}/borders"
    assert api.get(url).status_code == 404
    assert api.delete(f"{url}/{edit.pk}").status_code == 404
    monkeypatch.setattr(borders, "MAX_BORDERS", 1)
    with pytest.raises(HeimdexError) as refused:
        join(video, 0)
    assert refused.value.code == VideoCode.CORRECTION_LIMIT
    assert edit.kind == BorderKind.SPLIT_LINE
