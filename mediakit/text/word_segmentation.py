"""Word segmentation for scripts without spaces between words: Chinese, Japanese, Thai.

BudouX's models, which come with its package, find the word boundaries. The scripts' line breaking rules (kinsoku)
forbid some of them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

from budoux import Parser

from mediakit.text.transcript import NO_SPACE_MARK, Word, is_unspaced, join_words

# A longer gap in the speech separates two words in any script.
PAUSE_MS = 350
# The longest text segmented at once; a longer run is cut at this length, even inside a word.
MAX_RUN_CHARS = 600

_KANA = re.compile("[ぁ-ヿ]")
_THAI = re.compile("[\u0e00-\u0e7f]")
_STOP = re.compile("(?<=[。！？!?])(?=[^。！？!?」』）”’])")
# Scripts with spaces between phrases, of which recognisers return parts of words: Thai, Lao, Burmese, Khmer.
_SUBWORD_SCRIPTS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
# The longest phrase joined from such parts.
MAX_PHRASE_CHARS = 60
_LETTERS = re.compile("[0-9A-Za-z]{2}")
_CLOSING = "。、！？，；：・…‥」』）〉》】］｝〕’”,.!?;:)]}%％‰℃"
_SMALL = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶーゝゞヽヾ々〻〜～"
_THAI_AFTER = "ะัาำิีึืฺุูๅๆ็่้๊๋์ํ๎ฯ"
# No line begins with a character of the first set, none ends with one of the second (kinsoku).
NEVER_FIRST = frozenset(_CLOSING + _SMALL + _THAI_AFTER)
NEVER_LAST = frozenset("「『（〈《【［｛〔‘“([{$￥€£เแโใไ")
# Frequent words that the models split.
_KEPT_WORDS = frozenset(("ที่สุด", "วันนี้", "ต้องการ", "人工智", "人工智能"))
# Chinese particles that belong to the word before them.
_PARTICLES = frozenset("的了着著过過吗嗎呢吧啊呀嘛们們")


@cache
def _parser(language: str) -> Parser:
    """Load BudouX's parser for "ja", "zh" (simplified), "zh-hant" or "th"."""
    name = {"zh": "zh-hans"}.get(language, language)
    model = files("budoux").joinpath("models", f"{name}.json").read_text(encoding="utf-8")
    return Parser(json.loads(model))


def script_of(text: str, language: str = "") -> str:
    """Return the script of a text without spaces: "ja", "zh" or "th"."""
    if _THAI.search(text):
        return "th"
    return "ja" if _KANA.search(text) or language.startswith("ja") else "zh"


def split_text(text: str, script: str) -> list[str]:
    """Split a text without spaces into words. Joined, they are the text."""
    found: list[str] = []
    parser = _parser("zh-hant" if script == "zh" and _is_traditional(text) else script)
    for sentence in _STOP.split(text):
        pieces = parser.parse(sentence)
        for number, piece in enumerate(pieces):
            if number and _is_unbreakable(found[-1], piece, script):
                found[-1] += piece
            else:
                found.append(piece)
    return found


def _is_traditional(text: str) -> bool:
    """Whether a Chinese text has characters that only the set of the traditional script holds."""
    return any(
        char.encode("big5", "ignore") and not char.encode("gb2312", "ignore") for char in text
    )


def _is_unbreakable(before: str, after: str, script: str) -> bool:
    """Whether no line may break between the two, or they are one word."""
    if after[0] in NEVER_FIRST or before[-1] in NEVER_LAST:
        return True
    if _LETTERS.fullmatch(before[-1] + after[0]) or before + after in _KEPT_WORDS:
        return True
    return script == "zh" and after[0] in _PARTICLES and not after[1:2].isalpha()


def segment_words(spoken: Iterable[Word], language: str = "") -> Iterator[Word]:
    """Segment unspaced text into the words of its language. Other words are yielded as they are.

    Times are those of a word's letters. A Thai word without a space before it begins with `NO_SPACE_MARK`.
    """
    for run in _unspaced_runs(spoken):
        if is_unspaced(run[0].text):
            yield from _segment_run(run, language)
        else:
            yield from run


def merge_subwords(recognised: Iterable[Word]) -> Iterator[Word]:
    """Strip the spaces before a recogniser's words, and join parts of words.

    A part without a space before it belongs to the word before. Thai, Lao, Burmese and Khmer come in parts of words,
    which are joined up to the next space or pause.
    """
    last: Word | None = None
    for word in recognised:
        if last and _continues_phrase(last, word):
            last = _joined(last, word)
            continue
        if last and last.text.strip():
            yield replace(last, text=last.text.strip())
        last = word
    if last and last.text.strip():
        yield replace(last, text=last.text.strip())


def _joined(before: Word, after: Word) -> Word:
    """The two as one word, which is as sure as the less sure of them."""
    sure = [each.probability for each in (before, after) if each.probability is not None]
    return replace(
        before,
        end_ms=max(before.end_ms, after.end_ms),
        text=before.text + after.text,
        probability=min(sure, default=None),
    )


def _continues_phrase(before: Word, after: Word) -> bool:
    border = before.text[-1:], after.text[:1]
    if all(_SUBWORD_SCRIPTS.match(letter) for letter in border):
        short = len(before.text) + len(after.text) <= MAX_PHRASE_CHARS
        return short and after.start_ms - before.end_ms < PAUSE_MS
    # "l" and "'histoire", "Est" and "-ce": one word, since no space is between them.
    return not border[1].isspace() and not is_unspaced("".join(border))


def _unspaced_runs(spoken: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield runs of words that are written without spaces and spoken without a pause; other words alone."""
    run: list[Word] = []
    letters = 0
    for word in spoken:
        letters += len(word.text)
        if run and (letters > MAX_RUN_CHARS or not _is_same_run(run[-1], word)):
            yield run
            run, letters = [], len(word.text)
        run.append(word)
    if run:
        yield run


def _is_same_run(before: Word, after: Word) -> bool:
    unspaced = join_words([before.text, after.text]) == before.text + after.text
    return (
        unspaced
        and is_unspaced(before.text)
        and is_unspaced(after.text)
        and after.start_ms - before.end_ms < PAUSE_MS
    )


def _segment_run(run: Sequence[Word], language: str) -> Iterator[Word]:
    text = "".join(word.text.replace(NO_SPACE_MARK, "") for word in run)
    script = script_of(text, language)
    times = [*_letter_times(run)]
    estimated = any(word.estimated for word in run)
    at = 0
    for start in range(0, len(text), MAX_RUN_CHARS):
        for piece in split_text(text[start : start + MAX_RUN_CHARS], script):
            mark = NO_SPACE_MARK if at and script == "th" else ""
            yield Word(
                times[at][0], times[at + len(piece) - 1][1], mark + piece, estimated=estimated
            )
            at += len(piece)


def _letter_times(run: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield (start_ms, end_ms) of each letter of the words."""
    for word in run:
        text = word.text.replace(NO_SPACE_MARK, "")
        times = [
            word.start_ms + (word.end_ms - word.start_ms) * number // len(text)
            for number in range(len(text) + 1)
        ]
        yield from pairwise(times)
