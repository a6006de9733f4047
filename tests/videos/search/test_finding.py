"""Finding: the same on both databases."""

import contextlib
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import HeimdexError
from tests.factories import UserFactory
from tests.mediakit.search_text.texts import SENTENCES, matches
from tests.videos.search.libraries import find, hits, make_video, texts
from videos.errors import VideoCode
from videos.library.deletion import hide_videos
from videos.library.tags import change_tags
from videos.models import SearchEntry, SearchWord, Video
from videos.search import candidates, finding
from videos.search.candidates import Scope
from videos.search.entries import speaker_label, tag_label
from videos.search.filters import Filters
from videos.search.finding import search
from videos.search.hits import load_hits

pytestmark = pytest.mark.django_db(transaction=True)


def test_words_phrases_and_exclusions() -> None:
    owner = UserFactory.create()
    make_video(owner, "A good idea needs time.", "Ideas are good.", "Nothing here.")

    assert set(texts(owner, "good idea")) == {"A good idea needs time.", "Ideas are good."}
    assert texts(owner, "good idea")[0] == "A good idea needs time."
    assert texts(owner, '"good idea"') == ["A good idea needs time."]
    assert texts(owner, "good -needs") == ["Ideas are good."]
    assert texts(owner, 'good -"good idea"') == ["Ideas are good."]


def test_titles_file_names_and_tags_are_found() -> None:
    owner = UserFactory.create()
    make_video(
        owner, "One.", title="Quarterly review", filename="board_meeting-3.mp4", tags=["Budget"]
    )

    assert texts(owner, "quarterly") == ["Quarterly review"]
    assert texts(owner, "board meeting") == ["Quarterly review"]
    assert texts(owner, "budget") == ["One."]


def test_videos_are_found_and_narrowed_by_the_tags_a_person_gave_them() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "Something is said.", title="Nine", filename="nine.mp4")
    make_video(owner, "Something else is said.", title="Ten")
    change_tags(owner, [video.pk], add=["Gardening", "Soil"])
    narrowed = search("something", Filters(video_tag="gardening").scope(owner.pk))

    (hit,) = hits(owner, "gardening")
    assert (hit.video, "".join(part.text for part in hit.snippet)) == (video, "Gardening, Soil")
    assert len(find(owner, "something").ranked) == 2
    assert [found.video for found in load_hits(narrowed.query, narrowed.ranked)] == [video]

    change_tags(owner, [video.pk], remove=["Gardening"])

    assert hits(owner, "gardening") == []
    assert not SearchWord.objects.filter(word="gardening").exists()
    assert SearchWord.objects.get(owner=owner, word="soil").count == 1
    assert texts(owner, "nine") == ["Nine"]


def test_a_video_that_its_owner_deleted_is_not_found() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "Something is said.")
    hide_videos(owner, [video.pk])

    assert hits(owner, "something") == []


def test_nonsense_finds_nothing() -> None:
    owner = UserFactory.create()
    make_video(owner, "A good idea needs time.")

    assert texts(owner, "qwzxv") == []
    assert texts(owner, "good qwzxvkjh") == []


def test_typos_are_forgiven_when_nothing_else_matches() -> None:
    owner = UserFactory.create()
    make_video(owner, "The government decides.", "We govern.")

    found = find(owner, "goverment")

    assert found.corrected == {"goverment": ["government"]}
    assert texts(owner, "goverment decides") == ["The government decides."]
    assert find(owner, "decides").corrected == {}


def test_the_last_word_may_go_on_while_it_is_typed() -> None:
    owner = UserFactory.create()
    make_video(owner, "An experience.", "Experiments.", "Expert.")

    assert set(texts(owner, "experi", is_typing=True)) == {"An experience.", "Experiments."}
    assert set(texts(owner, "experi")) == {"An experience.", "Experiments."}  # nothing else matches
    assert texts(owner, "expert", is_typing=True) == ["Expert."]
    assert texts(owner, "an exper", is_typing=True) == ["An experience."]


def test_korean_words_come_before_parts_of_words() -> None:
    owner = UserFactory.create()
    make_video(owner, "회사과장이 새로 왔습니다", "사과를 먹었어요", "물론 그렇습니다")

    assert texts(owner, "사과") == ["사과를 먹었어요", "회사과장이 새로 왔습니다"]
    assert texts(owner, "먹다") == ["사과를 먹었어요"]
    assert [row.is_part for row in find(owner, "사과").ranked] == [False, True]


def test_japanese_and_chinese_are_found() -> None:
    owner = UserFactory.create()
    make_video(owner, "東京都の天気です", "我们今天学习人工智能")

    assert texts(owner, "天気") == ["東京都の天気です"]
    assert texts(owner, "人工智能") == ["我们今天学习人工智能"]
    assert texts(owner, "京の") == []


def test_words_of_others_are_never_found_counted_or_suggested() -> None:
    owner, other = UserFactory.create(), UserFactory.create()
    make_video(other, "The government decides.", title="Secretive plan", tags=["Hidden"])
    make_video(owner, "Something else.")

    for text in (
        "government",
        "goverment",
        "governm",
        "secretive",
        "hidden",
        f'"o{other.pk}"',
        f"o{other.pk}",
    ):
        found = find(owner, text, is_typing=True)
        assert (found.ranked, found.corrected) == ((), {})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", VideoCode.SEARCH_EMPTY),
        ("-word", VideoCode.SEARCH_EMPTY),
        ('"" - * & | ! ( ) : < > \' \\ % _', VideoCode.SEARCH_EMPTY),
        ("\0", VideoCode.SEARCH_EMPTY),
        ("🙂🙂", VideoCode.SEARCH_EMPTY),
        ("a" * 10_000, VideoCode.SEARCH_TOO_LONG),
        (" ".join(f"w{n}" for n in range(40)), VideoCode.SEARCH_TOO_MANY_WORDS),
    ],
)
def test_what_cannot_be_searched_is_answered_in_words(text: str, code: VideoCode) -> None:
    with pytest.raises(HeimdexError) as raised:
        find(UserFactory.create(), text)
    assert raised.value.code == code
    assert raised.value.message


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text("ab\"-*&|!():<> '\\\0가나京都", max_size=40))
def test_no_query_is_an_error_of_the_database(text: str) -> None:
    owner = UserFactory.build(pk=1)
    with contextlib.suppress(HeimdexError):
        find(owner, text, is_typing=True)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SENTENCES, min_size=1, max_size=4), data=st.data())
def test_the_index_finds_what_the_words_say(said: list[str], data: st.DataObject) -> None:
    owner = UserFactory.create()
    make_video(owner, *said)
    word = data.draw(st.sampled_from(" ".join(said).split()))
    query = data.draw(st.sampled_from([word, f'"{word}"', f"{word} -{said[0].split()[0]}"]))

    found = {hit.scene.text for hit in hits(owner, query) if hit.scene and hit.score >= 0.1}

    exact = {text for text in said if matches(query, text)}
    if exact:
        assert exact <= found


def test_only_the_newest_candidates_are_ranked(monkeypatch) -> None:
    monkeypatch.setattr(candidates, "CANDIDATES", 2)
    owner = UserFactory.create()
    make_video(owner, "word one", "word two", "word three")

    assert set(texts(owner, "word")) == {"word two", "word three"}


@pytest.mark.parametrize("margin", [-0.8, 0, 9])
@pytest.mark.parametrize("size", [2, 3, 600])
def test_a_look_at_the_newest_entries_first_finds_the_same(monkeypatch, size, margin) -> None:
    """Also where that look was not deep enough, and others follow it."""
    monkeypatch.setattr(candidates, "CANDIDATES", 2)
    monkeypatch.setattr(candidates, "SAMPLE", size)
    monkeypatch.setattr(candidates, "MIN_SAMPLE_MATCHES", 1)
    monkeypatch.setattr(candidates, "PASSED_A_READ", 1_000)
    monkeypatch.setattr(candidates, "DEPTH_MARGIN", margin)
    owner = UserFactory.create()
    make_video(
        owner, "a good idea", "good ideas, 학교가", "good idea 학교에서", "nothing", "학교는"
    )
    make_video(UserFactory.create(), *["a good idea, 학교"] * 3)
    make_video(owner, *["idea good"] * 9)

    assert set(texts(owner, '"good idea"')) == {"good ideas, 학교가", "good idea 학교에서"}
    assert set(texts(owner, "학교")) == {"학교는", "good idea 학교에서"}


def test_the_sample_says_how_deep_to_look() -> None:
    """In a library of a million; rare words are looked up in all of it, and so are all words of a small one."""

    def numbers(matches: int, newest: int = 1_000_000) -> int | None:
        after = candidates.Sample(600, 594, matches).depth(0, newest, wanted=1_000)
        return None if after is None else newest - after

    assert [numbers(matches) for matches in (0, 3)] == [None, None]
    assert numbers(6) == pytest.approx(182_000, abs=1_000)  # 1 %
    assert numbers(26) == pytest.approx(32_000, abs=1_000)
    assert numbers(300) == pytest.approx(2_300, abs=100)
    assert numbers(26, newest=20_000) is None


@pytest.mark.parametrize("limit", [2, 3, 100])
def test_a_verb_of_many_forms_is_found_the_same_in_one_look(monkeypatch, limit) -> None:
    """Also where there are more matches than are ranked; inside of longer words it comes last."""
    monkeypatch.setattr(candidates, "CANDIDATES", limit)
    monkeypatch.setattr(finding, "CANDIDATES", limit)
    owner = UserFactory.create()
    make_video(owner, "밥을 먹었어요", "잡아먹었어요", "먹고 갔다", "먹는 사람", "나중에 먹었어요")
    once = finding.search("먹었어요", Scope(owner.pk))
    monkeypatch.setattr(finding, "MANY_FORMS", 1_000)
    assert finding.search("먹었어요", Scope(owner.pk)) == once
    assert [row.is_part for row in once.ranked][:2] == [False, False]


def test_filters() -> None:
    owner = UserFactory.create()
    first = make_video(owner, "the word", tags=["Budget plan"], speaker="Kim Min")
    make_video(owner, "the word again")

    assert texts(owner, "word", video_id=first.pk) == ["the word"]
    assert texts(owner, "word", videos=Video.objects.filter(pk=first.pk)) == ["the word"]
    assert texts(owner, "word", labels=(tag_label("budget PLAN"),)) == ["the word"]
    assert texts(owner, "word", labels=(speaker_label("Kim Min"),)) == ["the word"]
    assert texts(owner, "word", labels=(speaker_label("Kim"),)) == []
    assert texts(owner, "word again", video_id=first.pk) == []


def test_equal_hits_have_a_stable_order() -> None:
    owner = UserFactory.create()
    make_video(owner, *["the same word"] * 5)

    found = find(owner, "word").ranked

    assert [row.id for row in found] == sorted((row.id for row in found), reverse=True)
    assert SearchEntry.objects.count() == 6


@pytest.mark.parametrize("text", ['"good idea"', "바닷가"], ids=["phrase", "prefixes"])
def test_no_table_is_read_from_end_to_end_for_a_phrase_or_a_korean_word(text) -> None:
    owner = UserFactory.create()
    make_video(owner, "A good idea needs time.", "바닷가에 갔다.")

    with CaptureQueriesContext(connection) as queries:
        assert len(texts(owner, text)) == 1

    made = [query["sql"] for query in queries]
    if connection.vendor == "sqlite":
        assert any("AS found CROSS JOIN" in sql for sql in made)
        return
    lookups = [at for at, sql in enumerate(made) if "tsv @@" in sql]
    assert lookups
    assert all(made[at - 1].startswith("SET LOCAL enable_seqscan = off") for at in lookups)


def test_a_phrase_of_frequent_words_is_looked_up_by_its_pairs_on_postgresql() -> None:
    """Not by all entries in which the words stand apart; and a pair is only where one token follows the other."""
    owner = UserFactory.create()
    make_video(owner, *["An idea may be good."] * 200, "A good idea needs time.")
    if connection.vendor == "sqlite":
        assert len(texts(owner, '"good idea"')) == 1
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE videos_searchentry")
        with CaptureQueriesContext(connection) as queries:
            assert texts(owner, '"good idea"') == ["A good idea needs time."]
        (lookup,) = [query["sql"] for query in queries if "matching AS" in query["sql"]]
        with transaction.atomic():
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
            cursor.execute(f"EXPLAIN ANALYZE {lookup}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
    (by_pairs,) = re.findall(r"Index Scan on videos_searchentry_pairs .*actual.* rows=(\d+)", plan)
    assert int(by_pairs) == 1
