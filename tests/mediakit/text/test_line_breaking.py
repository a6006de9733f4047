"""Where lines of captions end, in sentences of many languages as people say them."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.captions import fonts, overlay
from mediakit.captions.caption_style import PRESETS, BurnIn, Overlays
from mediakit.framing.output_format import SHORT
from mediakit.text import line_breaking, word_segmentation
from mediakit.text.function_words import function_words
from mediakit.text.transcript import (
    NO_SPACE_MARK,
    Cue,
    Word,
    estimate_words,
    join_words,
    split_into_lines,
)

# What is said, and what no line may end with in it: words, or the ends of words in scripts without spaces.
EUROPEAN = [
    (
        "fr",
        (
            "Aujourd'hui je vais vous parler de la meilleure façon de préparer une réunion avec votre équipe et de ne"
            " pas perdre la matinée à l'écouter se plaindre de la musique et des arts."
        ),
        "je de la une avec votre et ne à l' des se",
    ),
    (
        "fr",
        "C'est en regardant les enfants jouer dans la cour que j'ai compris pourquoi l'école avait besoin d'un jardin.",
        "c'est en les dans la que j'ai pourquoi l' avait d'un",
    ),
    (
        "es",
        (
            "Cuando llegamos al final del proyecto nos dimos cuenta de que los números no eran lo más importante para"
            " el equipo y que la gente que camina por las calles se saluda sin conocerse."
        ),
        "cuando al del nos de que los no lo para el y la por las se sin",
    ),
    (
        "de",
        (
            "Am Ende des Tages ist es für den Erfolg einer Firma wichtig, dass die Leute einander zuhören und mit dem"
            " Fahrrad zur Arbeit fahren und nicht mit der Bahn oder dem Auto."
        ),
        "am des ist es für den einer dass die und mit dem zur nicht der oder",
    ),
    (
        "it",
        (
            "Quando ho cominciato a lavorare con gli studenti della scuola ho capito che la cosa più importante è il"
            " tempo che si passa sulla spiaggia con gli amici e guardare il tramonto."
        ),
        "quando ho a con gli della che la più è il si sulla e",
    ),
    (
        "pt",
        (
            "O que eu aprendi com os meus alunos foi que a paciência é uma das coisas mais importantes para quem quer"
            " ensinar nas escolas e que as pessoas estavam à espera do concerto na praça."
        ),
        "o que com os meus foi a é uma das para nas e as à do na",
    ),
    (
        "en",
        "I bought a new car and drove to the office of the man with whom I had worked for the rest of my life.",
        "i a and to the of with had for my",
    ),
    (
        "ar",
        "اليوم سوف نتحدث عن الطريقة التي يمكن بها أن نصنع مقاطع قصيرة من فيديو طويل في دقائق.",
        "سوف عن التي أن من في",
    ),
    (
        "ko",
        "오늘은 우리가 매일 하는 실수를 그리고 그것을 어떻게 바꿀 수 있는지에 할 수 있는 만큼 이야기하는 것입니다.",
        "바꿀 할 하는 이야기하는",
    ),
]
# The lines, as one sees them, with a mark where a page ends.
UNSPACED = [
    (
        "zh",
        "今天我们来谈一谈人工智能在医疗领域的应用，以及它会怎样改变医生的工作。",
        "今天我们来谈一谈人工智能 在医疗领域的应用，|以及它会怎样 改变医生的工作。",
    ),
    ("zh", "他说的话是真的吗？我觉得不太可能吧。", "他说的话是真的吗？|我觉得不太可能吧。"),
    (
        "zh",
        "这个视频的字幕是自动生成的所以可能会有一些错误请大家多多包涵",
        "这个视频的字幕 是自动生成的|所以可能会有一些 错误请大家多多包涵",
    ),
    (
        "ja",
        "今日は会議の前に、新しい資料をもう一度確認しておきましょう。",
        "今日は会議の前に、|新しい資料をもう一度 確認しておきましょう。",
    ),
    (
        "ja",
        "それって本当なんですか？と聞かれることがよくあります。",
        "それって本当なんですか？|と聞かれることが よくあります。",
    ),
    (
        "th",
        "สวัสดีครับ วันนี้เราจะมาพูดถึงเรื่องการทำวิดีโอสั้นให้น่าสนใจ",
        "สวัสดีครับ|วันนี้เราจะมาพูดถึง เรื่องการทำวิดีโอสั้นให้น่าสนใจ",
    ),
    (
        "th",
        "ถ้าคุณชอบคลิปนี้ อย่าลืมกดไลก์และกดติดตามด้วยนะครับ",
        "ถ้าคุณชอบคลิปนี้|อย่าลืมกดไลก์|และกดติดตามด้วยนะครับ",
    ),
]


def names(table: list[tuple[str, str, str]]) -> list[str]:
    return [f"{row[0]}-{number}" for number, row in enumerate(table)]


def captions(*cues: Cue, language: str, preset: str = "outline") -> list[list[str]]:
    """The lines of each page."""
    found = overlay.caption_pages(
        BurnIn(cues[-1].end_ms + 500, cues, PRESETS[preset], language=language)
    )
    return [
        [join_words([word.text for word in line]).replace(NO_SPACE_MARK, "") for line in page.lines]
        for page in found
    ]


def said(text: str, ms: int = 180) -> Cue:
    return Cue(0, len(text) * (ms if word_segmentation.script_of(text) else 70), text)


@pytest.mark.parametrize(("language", "text", "never"), EUROPEAN, ids=names(EUROPEAN))
def test_no_line_ends_with_what_leans_on_the_next(language, text, never):
    recognised = split_into_lines(
        estimate_words(said(text)).words
    )  # as a recogniser's: cues that end anywhere
    for cues, known, preset in itertools.product(
        ([said(text)], recognised), (language, ""), ("outline", "plain")
    ):
        shown = captions(*cues, language=known, preset=preset)
        every = [line.casefold() for page in shown for line in page]
        assert " ".join(every) == text.casefold()
        for line, _ in itertools.pairwise(every):
            assert line.split()[-1] not in never.split(), every


@pytest.mark.parametrize(("language", "text", "expected"), UNSPACED, ids=names(UNSPACED))
def test_scripts_without_spaces_break_between_words(language, text, expected):
    letters = tuple(  # as a recogniser tells them, one by one
        Word(number * 150, number * 150 + 150, letter) for number, letter in enumerate(text)
    )
    spoken = [said(text)]
    if language != "th":
        spoken.append(Cue(0, len(text) * 150, text, letters))
    for cue in spoken:
        shown = captions(cue, language=language)
        assert "|".join(" ".join(page) for page in shown) == expected


def test_a_cue_is_a_sentence_where_nothing_else_tells():
    for language, first, second in (
        ("zh", "字幕是自动生成的", "请大家多多包涵"),
        ("th", "วันนี้อากาศดี", "เราไปทะเลกัน"),
    ):
        shown = captions(Cue(0, 1900, first), Cue(2000, 3900, second), language=language)
        assert shown == [[first], [second]]


def test_a_pause_does_not_make_up_for_a_word_that_leans():
    words = [Word(0, 300, "dans"), Word(900, 1200, "la"), Word(1800, 2200, "cour")]
    after_in, after_the = (
        line_breaking.break_cost(*two, "fr") for two in itertools.pairwise(words)
    )
    quick = line_breaking.break_cost(Word(0, 300, "belle"), Word(300, 600, "cour"), "fr")
    assert after_the > after_in > quick


@pytest.mark.parametrize(
    ("language", "worse", "better"),
    [
        ("en", "new car", "new and"),  # `car` is a conjunction in French only
        ("en", "the dogs", "dogs bark"),
        ("fr", "compris pourquoi", "compris. Pourquoi"),
        ("fr", "qu'il vient", "compris qu'il"),
        ("fr", "parce qu'on", "et on"),
        ("en", "what the", "offers the"),
        ("de", "Haus steht", "Haus und"),
        ("ko", "바꿀 수", "실수를 바꿀"),
        ("hi", "घर में", "में है और"),
    ],
)
def test_the_language_decides_what_a_word_is(language, worse, better):
    def cost(pair: str) -> float:
        before, after = (Word(0, 1, text) for text in pair.split()[-2:])
        return line_breaking.break_cost(before, after, language)

    assert cost(worse) > cost(better)


def test_every_language_known_by_its_code_alone():
    assert function_words("pt-BR") == function_words("pt")
    assert function_words("xx") == function_words("")
    assert "the" not in function_words("fr").proclitics


KINSOKU = st.text(alphabet="日本語学的了吗がっょー々ァ。、「」（）？！A7กาที่เรื่องๆ", max_size=40)


@given(KINSOKU, st.sampled_from(["ja", "zh", "th"]))
def test_no_word_begins_or_ends_where_no_line_may(text, script):
    found = word_segmentation.split_text(text, script)
    assert "".join(found) == text
    for one, two in itertools.pairwise(found):
        if one[-1] not in "。！？":
            assert two[0] not in word_segmentation.NEVER_FIRST
            assert one[-1] not in word_segmentation.NEVER_LAST


@given(st.lists(KINSOKU, max_size=8))
def test_words_are_read_anew_in_their_own_time(texts):
    cue = estimate_words(Cue(100, 9_000, " ".join(texts)))
    found = list(word_segmentation.segment_words(cue.words))
    times = [time for word in found for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert all(100 <= time <= 9_000 for time in times)
    assert "".join(word.text for word in found).replace(NO_SPACE_MARK, "") == "".join(
        cue.text.split()
    )


def test_letters_from_a_recogniser_become_phrases_up_to_a_space_or_a_pause():
    words = [
        *(Word(0, 100, " สวัส"), Word(100, 200, "ดี"), Word(200, 300, "ครับ")),
        *(
            Word(300, 400, " วัน"),
            Word(400, 500, "นี้"),
            Word(1500, 1600, "เรา"),
            Word(1600, 1700, " "),
        ),
    ]
    found = list(word_segmentation.merge_subwords(words))
    assert [word.text for word in found] == ["สวัสดีครับ", "วันนี้", "เรา"]
    assert [(word.start_ms, word.end_ms) for word in found] == [(0, 300), (300, 500), (1500, 1600)]
    plain = [
        Word(0, 100, " Hello"),
        Word(100, 200, " 안녕"),
        Word(200, 300, "日"),
        Word(300, 400, "本"),
    ]
    assert [word.text for word in word_segmentation.merge_subwords(plain)] == [
        "Hello",
        "안녕",
        "日",
        "本",
    ]


def test_parts_of_a_word_that_a_recogniser_splits_are_one_word_again():
    parts = [" Est", "-ce", " l", "'histoire", " de", " 3", ".5", "%?", " 日", "本"]
    heard = [Word(at * 100, at * 100 + 100, part) for at, part in enumerate(parts)]
    found = [word.text for word in word_segmentation.merge_subwords(heard)]
    assert found == ["Est-ce", "l'histoire", "de", "3.5%?", "日", "本"]


def test_a_phrase_is_as_sure_as_its_least_sure_part():
    sure = [Word(0, 100, " สวัส", probability=0.9), Word(100, 200, "ดี", probability=0.4)]
    assert [word.probability for word in word_segmentation.merge_subwords(sure)] == [0.4]
    half = [sure[0], Word(100, 200, "ดี")]
    assert [word.probability for word in word_segmentation.merge_subwords(half)] == [0.9]


def test_titles_have_no_spaces_where_none_are_written():
    text = "今天我们来谈一谈人工智能在医疗领域的应用以及它会怎样改变医生的工作"
    written = overlay.ass_script(BurnIn(2000, overlays=Overlays(hook=text)))
    shown = [
        line.rpartition("}")[2] for line in written.splitlines() if "Heimdex Ideographs" in line
    ]
    assert "".join(shown) == text
    assert len(shown) == 3


def test_the_mark_of_a_word_that_goes_on_is_never_drawn():
    written = overlay.ass_script(
        BurnIn(6000, (Cue(0, 6000, UNSPACED[-1][1]),), PRESETS["karaoke"], language="th")
    )
    assert NO_SPACE_MARK not in written
    assert NO_SPACE_MARK not in json.dumps(overlay.filter_graph(BurnIn(10), SHORT.size))
    assert fonts.width_em(NO_SPACE_MARK + "นะ", "black") == fonts.width_em("นะ", "black")


def test_words_of_traditional_chinese_are_kept_whole():
    found = word_segmentation.split_text("今天我們要一起討論這個問題", "zh")
    assert {"今天", "我們", "一起", "討論", "問題"} <= set(found)
