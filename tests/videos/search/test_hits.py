"""Hits: the second of the first word, and the sentence with the words marked."""

import pytest

from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from tests.videos.search.libraries import hits, make_video
from videos.models import Cue
from videos.search.entries import index_video
from videos.search.hits import Hit

pytestmark = pytest.mark.django_db(transaction=True)


def marked(hit: Hit) -> str:
    return "".join(f"[{part.text}]" if part.is_marked else part.text for part in hit.snippet)


def test_a_hit_names_the_time_of_its_first_word() -> None:
    owner = UserFactory.create()
    make_video(owner, "Nothing.", "One two three. A good idea needs time.")

    (hit,) = hits(owner, '"good ideas"')

    assert hit.scene is not None
    assert (hit.start_ms, hit.end_ms) == (30_000, 60_000)
    assert hit.time_ms == 31_000 + 4 * 500
    assert 0 < hit.time_ms - hit.play_ms <= 300
    assert marked(hit) == "A [good] [idea] needs time."


def test_playing_never_begins_before_the_scene() -> None:
    owner = UserFactory.create()
    video = VideoFactory.create(owner=owner)
    SceneFactory.create(video=video, text="Hello")
    CueFactory.create(video=video, start_ms=50, text="Hello", words=[[50, 400, "Hello"]])
    index_video(video.pk)

    (hit,) = hits(owner, "hello")

    assert (hit.time_ms, hit.play_ms) == (50, 0)


def test_the_snippet_is_where_most_words_are() -> None:
    owner = UserFactory.create()
    make_video(owner, "idea " + "and so on and on " * 20 + "then a good idea")

    (hit,) = hits(owner, "good idea")

    assert marked(hit).endswith("then a [good] [idea]")
    assert len(marked(hit)) < 300


def test_a_phrase_is_found_across_cues_and_unspaced_words_have_their_time() -> None:
    owner = UserFactory.create()
    video = VideoFactory.create(owner=owner, transcript_language="ja")
    SceneFactory.create(video=video, text="東京の天気です")
    CueFactory.create(
        video=video, start_ms=0, text="東京の天", words=[[100, 900, "東京の"], [900, 1200, "天"]]
    )
    CueFactory.create(video=video, start_ms=1200, text="気です", words=[[1200, 2000, "気です"]])
    index_video(video.pk)

    (hit,) = hits(owner, "天気")

    assert hit.time_ms == 900
    assert marked(hit) == "東京の[天気]です"


def test_a_cue_without_word_times_counts_from_its_start() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "some good words")
    Cue.objects.filter(video=video).update(words=[])

    (hit,) = hits(owner, "words")

    assert hit.time_ms == 1_000
    assert marked(hit) == "some good [words]"


def test_a_title_or_file_name_is_a_hit_without_a_scene() -> None:
    owner = UserFactory.create()
    make_video(owner, title="The <b>quarterly</b> review", filename="board.mp4")

    (by_title,), (by_name,) = hits(owner, "quarterly"), hits(owner, "board")

    assert (by_title.scene, by_title.time_ms, by_title.end_ms) == (None, 0, 120_000)
    assert marked(by_title) == "The <b>[quarterly]</b> review"
    assert marked(by_name) == "[board].mp4"


def test_a_decomposed_korean_text_is_marked() -> None:
    owner = UserFactory.create()
    make_video(
        owner, "\u1109\u1161\u1100\u116a\u1105\u1173\u11af 먹었어요"
    )  # 사과를, as macOS writes it

    (hit,) = hits(owner, "사과")

    assert marked(hit) == "[사과를] 먹었어요"
