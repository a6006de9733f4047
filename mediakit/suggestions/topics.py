"""What a video is about, and where it turns to something else."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from statistics import fmean, pstdev

from mediakit.suggestions.sentences import Sentence
from mediakit.text.key_terms import key_terms
from mediakit.text.languages import stop_words

KEY_TERM_COUNT = 30
# Two words are a term of a whole video if they stand together this often.
MIN_PAIR_COUNT = 3
# The text is compared over this time on both sides of a possible border.
BLOCK_MS = 40_000
# The corpus that key terms of the whole video are compared in: one text a minute.
MINUTE_MS = 60_000
# Words count as the same when they begin alike: "phone" and "phones", "학교에서" and "학교는".
STEM_LETTERS, STEM_SYLLABLES = 6, 2
_HANGUL = ("가", "힣")


def stem(word: str) -> str:
    """Return the beginning of a word, which stands for all its forms."""
    if _HANGUL[0] <= word[:1] <= _HANGUL[1]:
        return word[:STEM_SYLLABLES]
    return word[:STEM_LETTERS].removesuffix("s") if word.isascii() else word[:STEM_LETTERS]


def content_stems(tokens: Iterable[str], language: str) -> list[str]:
    """Return the stems of the words that carry meaning."""
    ignored = stop_words(language)
    return [
        stem(token)
        for token in tokens
        if token not in ignored and (len(token) > 2 or not token.isascii())
    ]


def video_key_terms(sentences: Sequence[Sentence], language: str) -> list[str]:
    """Return the key terms of the whole video, the best first. A term that is said once is none of a whole video."""
    minutes: dict[int, list[str]] = {}
    for sentence in sentences:
        minutes.setdefault(sentence.start_ms // MINUTE_MS, []).append(sentence.text)
    corpus = [" ".join(texts) for texts in minutes.values()]
    text = "\n".join(corpus)
    said, counts = text.lower(), Counter(stem(t) for each in sentences for t in each.tokens)
    found: dict[str, None] = {}  # a set in order
    for term in key_terms(text, language=language, corpus=corpus, count=2 * KEY_TERM_COUNT):
        whole = said.count(term.lower()) >= MIN_PAIR_COUNT
        found.update(dict.fromkeys([term] if whole else term.split()))
    repeated = [
        term for term in found if all(counts[stem(word)] > 1 for word in term.lower().split())
    ]
    return repeated[:KEY_TERM_COUNT]


def key_term_counts(sentences: Sequence[Sentence], terms: Iterable[str]) -> list[int]:
    """Return for each sentence how many of its words are key terms."""
    wanted = {stem(word) for term in terms for word in term.lower().split()}
    return [sum(stem(token) in wanted for token in sentence.tokens) for sentence in sentences]


def topic_borders(sentences: Sequence[Sentence], language: str) -> set[int]:
    """Return the indices of sentences with which another topic begins.

    As in TextTiling (Hearst 1997): a border lies where the words before and after have the least in common, compared
    with the places around it.
    """
    stems = [Counter(content_stems(sentence.tokens, language)) for sentence in sentences]
    likeness = [1.0, *(_likeness(sentences, stems, i) for i in range(1, len(sentences)))]
    peaks_before = list(accumulate(likeness, lambda peak, here: max(here, peak * 0.9)))
    peaks_after = list(
        reversed(list(accumulate(reversed(likeness), lambda peak, here: max(here, peak * 0.9))))
    )
    depths = [peaks_before[i] + peaks_after[i] - 2 * likeness[i] for i in range(1, len(sentences))]
    if len(depths) < 3:
        return set()
    least = fmean(depths) + 0.5 * pstdev(depths)
    return {
        index
        for index, depth in enumerate(depths, start=1)
        if depth > least and depth >= max(depths[max(0, index - 3) : index + 2])
    }


def _likeness(sentences: Sequence[Sentence], stems: Sequence[Counter[str]], index: int) -> float:
    """Return the cosine between the words of BLOCK_MS before a sentence and those from it on."""
    at_ms = sentences[index].start_ms
    before: Counter[str] = Counter()
    for place in range(index - 1, -1, -1):
        if at_ms - sentences[place].start_ms > BLOCK_MS:
            break
        before.update(stems[place])
    after: Counter[str] = Counter()
    for place in range(index, len(sentences)):
        if sentences[place].end_ms - at_ms > BLOCK_MS:
            break
        after.update(stems[place])
    shared = sum(count * after[word] for word, count in before.items())
    sizes = sum(c * c for c in before.values()) * sum(c * c for c in after.values())
    return shared / math.sqrt(sizes) if sizes else 0.0
