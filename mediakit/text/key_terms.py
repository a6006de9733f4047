"""Key terms of a scene: words and pairs of words that are frequent in it and rare in the rest of the video."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mediakit.text.korean_nouns import NounStemmer
from mediakit.text.languages import HAN, guess_language, normalize_language_code, stop_words

# Weights in the score: of a pair of words, which is more specific than one word, and of a name.
PAIR_WEIGHT = 1.6
NAME_WEIGHT = 1.3
# Of a word that occurs once in the whole video.
SINGLE_MENTION_WEIGHT = 0.7
# Longer words are more specific: LETTER_WEIGHT is added per letter.
LETTER_WEIGHT, MAX_WEIGHTED_LETTERS = 0.03, 12
# A longer run of Han characters is a phrase, not a term.
MAX_HAN_TERM_CHARS = 6
# A pair must occur this often in the scene, unless it is a name.
MIN_PAIR_COUNT = 2

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ELISION = re.compile(
    r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|nell|all|un)['’](?=\w)", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s?$")
_HAN_RUN = re.compile(r"[㐀-䶿一-鿿々]{2,}|[ァ-ヺー]{3,}|[A-Za-z][A-Za-z0-9]+")
_CHINESE_FILLERS = (
    "的了是在和与也都就而及或但你我他她它们这那个些么吗呢吧啊把被让给对从到向很不没有会能可以要"
)
# Fillers of spoken language, which stop word lists made from written text lack.
_SPOKEN_WORDS = (
    "okay yeah gonna wanna kinda guys um uh hmm mhm things stuff lot bit actually basically really"
    " btw euh voilà donc genre truc trucs hein bah ben"
)
_SPOKEN = frozenset(_SPOKEN_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the text: `key` for counting, `shown` as written, and whether it is the first of a phrase."""

    key: str
    shown: str
    opens: bool


class _Corpus:
    """Counts of each term in the whole video, and the forms in which it is written."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self.language = language
        self.stop_words = stop_words(language)
        phrases = [_phrases(text, language) for text in texts]
        flat = [token for text in phrases for phrase in text for token in phrase]
        self._known = {token.key for token in flat}
        self._nouns = NounStemmer(token.key for token in flat) if language == "ko" else None
        self._documents = Counter(term for text in phrases for term in self._terms_once(text))
        self._counts = Counter(self.key(token) for token in flat)
        self._size = len(texts)
        self._shown: dict[str, Counter[str]] = {}
        for token in flat:
            if not token.opens or token.shown.islower() or token.shown.isupper():
                self._shown.setdefault(self.key(token), Counter())[token.shown] += 1
        capitals = sum(token.shown.isupper() and len(token.shown) > 1 for token in flat)
        self._all_capitals = capitals * 2 > len(flat)

    def _terms_once(self, phrases: Iterable[list[_Token]]) -> set[str]:
        """Return the keys, and pairs of adjacent keys, in the text."""
        found: set[str] = set()
        for phrase in phrases:
            keys = [self.key(token) for token in phrase]
            found.update(keys)
            found.update(f"{a} {b}" for a, b in pairwise(keys))
        return found

    def key(self, token: _Token) -> str:
        """Return the key of a word: without particle or plural ending if the video has that form, too."""
        if self._nouns is not None:
            return self._nouns.stem(token.key)
        if len(token.key) > 4 and token.key.endswith("s"):
            singulars = (token.key[:-1], f"{token.key.removesuffix('ies')}y")
            return next((word for word in singulars if word in self._known), token.key)
        return token.key

    def can_be_term(self, key: str) -> bool:
        """Whether a word can be a key term."""
        if self._is_acronym(key):
            return True
        if not any(map(str.isalpha, key)) or self._is_stop(key):
            return False
        if not key.isascii():
            return len(key) > 1 and not (HAN.match(key) and len(key) > MAX_HAN_TERM_CHARS)
        return len(key) > 2

    def _is_acronym(self, key: str) -> bool:
        """Whether the word is always in capitals, in a video whose text mostly is not."""
        forms = self._shown.get(key, Counter())
        capitals = bool(forms) and all(form.isupper() for form in forms)
        return capitals and len(key) > 1 and not self._all_capitals

    def _is_stop(self, key: str) -> bool:
        parts = re.split(r"['’\-]", key)
        return key in _SPOKEN or key in self.stop_words or self.stop_words.issuperset(parts)

    def weight(self, key: str) -> float:
        """Return the weight of one word in any scene."""
        name = NAME_WEIGHT if self.is_name(key) else 1.0
        once = SINGLE_MENTION_WEIGHT if self._counts[key] < 2 and name == 1.0 else 1.0
        letters = 0 if HAN.match(key) else min(len(key), MAX_WEIGHTED_LETTERS)
        return name * once * (1 + LETTER_WEIGHT * letters)

    def rarity(self, term: str) -> float:
        """Return the term's inverse document frequency over the scenes; above 0."""
        return math.log(1 + (self._size + 1) / (self._documents[term] + 0.5))

    def is_name(self, key: str) -> bool:
        """Whether the word mostly has a capital where no sentence begins."""
        forms = self._shown.get(key, Counter())
        capitals = sum(count for form, count in forms.items() if form[:1].isupper())
        return capitals * 4 > forms.total() * 3 and not self._all_capitals

    def shown(self, key: str) -> str:
        """Return the word as it is shown: a name in its most frequent form."""
        if not self.is_name(key):
            return key
        forms = self._shown[key]
        most = max(forms.values())
        return min(form for form, count in forms.items() if count == most)


def key_terms(text: str, *, language: str, corpus: Sequence[str], count: int = 6) -> list[str]:
    """Return at most `count` terms that distinguish the text from the rest of `corpus`, the best first.

    The score is TF-IDF with weights. `corpus` holds the texts of all scenes, with or without this one. `language` is
    a code such as `en` or `kor`; if empty, it is detected. The result is deterministic.
    """
    # Sorted, so that all scenes of a video share one cached corpus.
    known = _corpus(tuple(sorted({text, *corpus})), _language(language, text))
    phrases = [[(token, known.key(token)) for token in p] for p in _phrases(text, known.language)]
    singles = Counter(key for phrase in phrases for _, key in phrase if known.can_be_term(key))
    scores = {
        key: (1 + math.log(count_in_scene)) * known.rarity(key) * known.weight(key)
        for key, count_in_scene in singles.items()
    }
    pairs = _pairs(phrases, known)
    for (first, second), count_in_scene in pairs.items():
        term = f"{first} {second}"
        scores[term] = PAIR_WEIGHT * (1 + math.log(count_in_scene)) * known.rarity(term)
    # Sorting is stable: equal terms stay in the order of first mention.
    ranked = sorted(scores, key=lambda term: -scores[term])
    return [
        " ".join(known.shown(key) for key in term.split(" "))
        for term in _drop_pair_parts(ranked, singles, pairs)[:count]
    ]


def _pairs(
    phrases: Sequence[Sequence[tuple[_Token, str]]], known: _Corpus
) -> Counter[tuple[str, str]]:
    """Return the adjacent pairs of possible key terms that occur several times, or are a name of two words."""
    found: Counter[tuple[str, str]] = Counter()
    for phrase in phrases:
        for (_, first), (_, second) in pairwise(phrase):
            if first != second and known.can_be_term(first) and known.can_be_term(second):
                found[first, second] += 1
    return Counter(
        {
            pair: count_in_scene
            for pair, count_in_scene in found.items()
            if count_in_scene >= MIN_PAIR_COUNT or all(known.is_name(key) for key in pair)
        }
    )


def _drop_pair_parts(
    ranked: Sequence[str], singles: Counter[str], pairs: Counter[tuple[str, str]]
) -> list[str]:
    """Drop the words that hardly occur outside a pair that is kept."""
    inside: Counter[str] = Counter()
    for pair, count_in_scene in pairs.items():
        for key in pair:
            inside[key] += count_in_scene
    kept: list[str] = []
    taken: set[str] = set()
    for term in ranked:
        keys = term.split(" ")
        if len(keys) > 1 and taken.isdisjoint(keys):
            taken.update(keys)
            kept.append(term)
        elif len(keys) == 1 and singles[term] > inside[term] and term not in taken:
            taken.add(term)
            kept.append(term)
    return kept


@lru_cache(maxsize=2)
def _corpus(texts: tuple[str, ...], language: str) -> _Corpus:
    """Build the corpus of a video, once for all its scenes."""
    return _Corpus(texts, language)


def _language(code: str, text: str) -> str:
    """Return a two-letter code; if `code` is empty, the detected language, or English."""
    return normalize_language_code(code).partition("-")[0] or guess_language(text) or "en"


def _phrases(text: str, language: str) -> list[list[_Token]]:
    """Return the words of the text in phrases: runs without punctuation in between."""
    if language in {"ja", "zh"}:
        pattern = f"[{_CHINESE_FILLERS}]" if language == "zh" else r"\s"
        runs = (run for piece in re.split(pattern, text) for run in _HAN_RUN.findall(piece))
        return [[_Token(run.lower(), run, opens=False)] for run in runs]
    found: list[list[_Token]] = []
    end = -1
    for match in _WORD.finditer(text):
        shown = _POSSESSIVE.sub("", _ELISION.sub("", match.group()))
        between = text[max(end, 0) : match.start()]
        opens = end < 0 or bool(re.search(r"[.!?…:;\"“«\n]|--|[-–—] ", between))
        if opens or between.strip():
            found.append([])
        found[-1].append(_Token(shown.lower(), shown, opens))
        end = match.end()
    return found
