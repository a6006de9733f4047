"""The transcript page: cues in their scenes, positions of words, tags, steps."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import CueFactory, SceneFactory, VideoFactory
from videos.web.forms import language_name
from videos.web.transcript import presenters

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_a_cue_is_in_the_scene_it_starts_in():
    video = VideoFactory()
    SceneFactory.create_batch(3, video=video)
    for start in (0, 29_999, 30_000, 61_000, 95_000):
        CueFactory(video=video, start_ms=start, end_ms=start + 500, words=[])

    blocks = presenters.transcript_page(video).scenes

    assert [[cue.span for cue in block.cues] for block in blocks] == [
        ["0 500", "29999 30499"],
        ["30000 30500"],
        ["61000 61500", "95000 95500"],
    ]


def test_word_positions_are_ms_start_and_length():
    video = VideoFactory()
    SceneFactory(video=video)
    CueFactory(
        video=video,
        start_ms=2_000,
        end_ms=4_000,
        text="To be, to be",
        words=[[2000, 2300, "To"], [2300, 2600, "be,"], [2600, 3000, "to"], [3000, 4000, "be"]],
    )

    (cue,) = presenters.transcript_page(video).scenes[0].cues

    assert cue.words == "0,0,2 300,3,3 600,7,2 1000,10,2"


def test_a_word_before_a_pause_says_how_long_it_lasts():
    video = VideoFactory()
    SceneFactory(video=video)
    words = [[0, 400, "Well,"], [1_200, 1_500, "this"], [1_579, 1_900, "is"], [1_900, 2_300, "it."]]
    CueFactory(video=video, end_ms=2_380, text="Well, this is it.", words=words)

    (cue,) = presenters.transcript_page(video).scenes[0].cues

    assert cue.words == "0,0,5,400 1200,6,4 1579,11,2 1900,14,3,400"


def test_word_positions_count_utf16_units():
    video = VideoFactory()
    SceneFactory(video=video)
    CueFactory(
        video=video,
        start_ms=0,
        end_ms=2_000,
        text="😀 안녕",
        words=[[0, 900, "😀"], [900, 2000, "안녕"]],
    )

    (cue,) = presenters.transcript_page(video).scenes[0].cues

    assert cue.words == "0,0,2 900,3,2"


@pytest.mark.parametrize(
    "changes",
    [{"words_estimated": True}, {"text": "Other words altogether."}, {"words": [[0, 1, " "]]}],
)
def test_no_word_positions_where_they_are_not_known(changes):
    video = VideoFactory()
    SceneFactory(video=video)
    CueFactory(video=video, **{"words": [[0, 900, "Three"]], **changes})

    (cue,) = presenters.transcript_page(video).scenes[0].cues

    assert cue.words == ""


def test_doubtful_words_are_one_piece_for_each_run():
    video = VideoFactory()
    SceneFactory(video=video)
    words = [
        [0, 100, "Bring", 0.99],
        [100, 200, "Adah", 0.31],
        [200, 300, "Lovelaze,", 0.69],
        [300, 400, "the", 0.7],
        [400, 500, "first", 0.12],
    ]
    CueFactory(video=video, end_ms=500, text="Bring Adah Lovelaze, the first!", words=words)

    page = presenters.transcript_page(video)

    (cue,) = page.scenes[0].cues
    assert cue.parts == (
        ("Bring ", "", ""),
        ("Adah Lovelaze,", "doubtful", ""),
        (" the ", "", ""),
        ("first", "doubtful", ""),
        ("!", "", ""),
    )
    assert page.doubtful_count == 3
    assert cue.words == "0,0,5 100,6,4 200,11,9 300,21,3 400,25,5"


def test_corrected_words_are_one_piece_that_says_what_was_heard():
    video = VideoFactory()
    SceneFactory(video=video)
    words = [
        [0, 100, "Ada", None, "Adah", "timed"],
        [100, 150, "King", None, "Lovelaze,", "spread"],
        [150, 200, "Lovelace,", None, "", "spread"],
        [200, 300, "the", 0.4],
    ]
    CueFactory(video=video, end_ms=300, text="Ada King Lovelace, the", words=words)

    page = presenters.transcript_page(video)

    assert page.scenes[0].cues[0].parts == (
        ("Ada King Lovelace,", "spread", "Adah Lovelaze,"),
        (" ", "", ""),
        ("the", "doubtful", ""),
    )
    assert page.doubtful_count == 1


def test_what_people_wrote_is_not_doubted():
    video = VideoFactory()
    SceneFactory(video=video)
    CueFactory(video=video, words=[[0, 900, "Three"], [900, 1_000, "small"]])

    page = presenters.transcript_page(video)

    assert page.scenes[0].cues[0].parts == ()
    assert page.doubtful_count == 0


def test_the_most_common_tags_come_first():
    video = VideoFactory()
    for tags in (["light", "lamp"], ["lamp"], ["lamp", "lamp", "desk"]):
        SceneFactory(video=video, tags=tags)

    assert presenters.transcript_page(video).tags == (("lamp", 3), ("light", 1), ("desk", 1))


def test_a_page_without_cues_says_why():
    video = VideoFactory(transcript_note="SPEECH_MODEL_MISSING")
    SceneFactory(video=video)

    page = presenters.transcript_page(video)

    assert (page.has_words, page.note) == (False, "No speech model is installed.")


@pytest.mark.parametrize(
    ("source", "note", "begins"),
    [
        ("track", "SUBTITLES_OTHER_LANGUAGE", "The subtitles inside the file are in another"),
        ("track", "SPOKEN_LANGUAGE_UNKNOWN", "The words are those of the subtitles"),
        ("track", "", ""),
        ("speech", "SUBTITLES_OTHER_LANGUAGE", ""),
    ],
)
def test_words_that_may_be_a_translation_are_said_to_be(source, note, begins):
    video = VideoFactory(transcript_source=source, transcript_note=note)
    CueFactory(video=video)

    notes = presenters.transcript_page(video).captions_notes

    assert bool(notes) == bool(begins)
    assert "".join(notes).startswith(begins)


def test_a_scene_over_180_s_cannot_be_exported_whole():
    video = VideoFactory(duration_ms=400_000)
    SceneFactory(video=video, start_ms=0, end_ms=180_000)
    SceneFactory(video=video, start_ms=180_000, end_ms=360_001)

    blocks = presenters.transcript_page(video).scenes

    assert [block.is_too_long for block in blocks] == [False, True]


def test_the_page_takes_three_queries_however_long_it_is(django_assert_num_queries):
    video = VideoFactory()
    SceneFactory.create_batch(12, video=video)
    CueFactory.create_batch(40, video=video)

    with django_assert_num_queries(3):
        presenters.transcript_page(video)


def test_resolution_is_the_shorter_side():
    assert presenters.transcript_page(VideoFactory(width=1080, height=1920)).resolution == "1080p"
    assert presenters.transcript_page(VideoFactory(width=None, height=None)).resolution == ""


@pytest.mark.parametrize(
    ("traits", "states"),
    [
        ({"pending": True}, ["later"] * 5),
        ({"processing": True}, ["done", "done", "now", "later", "later"]),
        ({"failed": True, "stage": "scenes"}, ["done", "done", "done", "failed", "later"]),
    ],
)
def test_steps_show_the_state_of_processing(traits, states):
    assert [step.state for step in presenters.processing_steps(VideoFactory(**traits))] == states


def test_describing_is_a_step_only_while_it_runs():
    video = VideoFactory(processing=True, stage="describe")

    assert [step.state for step in presenters.processing_steps(video)] == ["done"] * 5 + ["now"]


def test_elapsed_counts_from_the_start_of_this_run():
    video = VideoFactory(processing=True, started_at=AT - timedelta(seconds=65))

    assert presenters.elapsed_ms(video, at=AT) == 65_000
    assert presenters.elapsed_ms(VideoFactory(pending=True), at=AT) is None


@pytest.mark.parametrize(
    ("code", "name"), [("ko", "Korean"), ("pt-br", "Portuguese"), ("tlh", "tlh"), ("", "")]
)
def test_languages_have_names(code, name):
    assert language_name(code) == name
