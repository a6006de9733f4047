"""Speech of any amount that nobody said, with natural word frequencies, the same for the same seed.

A made-up vocabulary stands for English: word r of it occurs in proportion to 1 / (r + 2.7) (Zipf and Mandelbrot), the
frequent words are the short ones, and each video has words of its own topic. Korean is nouns with particles and verbs
with endings, from lists of syllables.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from random import Random
from typing import Any

import numpy as np

WORDS, KOREAN_NOUNS, KOREAN_VERBS = 60_000, 12_000, 1_500
SCENE_WORDS, KOREAN_SCENE_WORDS = 60, 25  # of half a minute
SCENES_A_VIDEO = 300  # two hours and a half
TOPIC_WORDS, TOPIC_SHARE = 24, 0.1
KOREAN_EACH = 5  # every fifth video is in Korean

_ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "st",
    "tr",
    "pl",
    "gr",
    "ch",
    "sh",
    "th",
]
_NUCLEI = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS = ["", "", "n", "r", "s", "t", "l", "m", "d", "ck", "nd"]
_SYLLABLES = [
    "가",
    "간",
    "감",
    "강",
    "거",
    "건",
    "결",
    "경",
    "고",
    "공",
    "과",
    "관",
    "교",
    "구",
    "국",
    "군",
    "권",
    "기",
    "김",
    "나",
    "난",
    "남",
    "내",
    "노",
    "농",
    "다",
    "단",
    "담",
    "당",
    "대",
    "도",
    "동",
    "두",
    "라",
    "래",
    "로",
    "리",
    "마",
    "만",
    "명",
    "모",
    "목",
    "무",
    "문",
    "물",
    "미",
    "민",
    "바",
    "박",
    "반",
    "발",
    "방",
    "배",
    "번",
    "보",
    "복",
    "본",
    "부",
    "분",
    "비",
    "사",
    "산",
    "상",
    "생",
    "서",
    "선",
    "설",
    "성",
    "세",
    "소",
    "손",
    "수",
    "순",
    "시",
    "식",
    "신",
    "실",
    "심",
    "안",
    "약",
    "양",
    "어",
    "언",
    "업",
    "여",
    "역",
    "연",
    "영",
    "예",
    "오",
    "외",
    "용",
    "우",
    "운",
    "원",
    "유",
    "은",
    "음",
    "의",
    "이",
    "인",
    "일",
    "임",
    "입",
    "자",
    "작",
    "장",
    "재",
    "전",
    "점",
    "정",
    "제",
    "조",
    "종",
    "주",
    "준",
    "중",
    "지",
    "직",
    "진",
    "질",
    "차",
    "창",
    "책",
    "천",
    "청",
    "체",
    "초",
    "총",
    "최",
    "추",
    "출",
    "치",
    "친",
    "카",
    "타",
    "통",
    "특",
    "판",
    "평",
    "포",
    "표",
    "품",
    "피",
    "하",
    "학",
    "한",
    "합",
    "해",
    "행",
    "향",
    "현",
    "형",
    "호",
    "화",
    "환",
    "활",
    "회",
    "후",
]
_PARTICLES = [
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "에서",
    "의",
    "도",
    "로",
    "으로",
    "와",
    "과",
    "까지",
    "부터",
    "만",
    "보다",
    "에게",
    "이나",
]
_ENDINGS = [
    "고",
    "는",
    "다",
    "지만",
    "면서",
    "었어요",
    "었습니다",
    "습니다",
    "는데",
    "기",
    "지",
    "네요",
    "려고",
    "어서",
    "어야",
]


class Speech:
    """Scenes of any number of videos."""

    def __init__(self, seed: int = 20261129) -> None:
        """Make the vocabularies."""
        self._seed = seed
        chance = Random(seed)  # noqa: S311 - no secret
        self.words = _distinct(chance, WORDS, _english_word)
        self.nouns = _distinct(chance, KOREAN_NOUNS, _korean_noun)
        self._verbs = _distinct(chance, KOREAN_VERBS, _korean_noun)

    @cached_property
    def _cumulative(self) -> Any:
        return _zipf(WORDS)

    @cached_property
    def _cumulative_nouns(self) -> Any:
        return _zipf(KOREAN_NOUNS)

    def scenes(self, video: int) -> list[str]:
        """Return the text of each scene of a video."""
        rng = np.random.default_rng([self._seed, video])
        if video % KOREAN_EACH == KOREAN_EACH - 1:
            return self._korean(rng)
        count = SCENES_A_VIDEO * SCENE_WORDS
        drawn = np.searchsorted(self._cumulative, rng.random(count))
        topic = rng.integers(200, WORDS // 3, TOPIC_WORDS)
        is_topic = rng.random(count) < TOPIC_SHARE
        drawn[is_topic] = topic[rng.integers(0, TOPIC_WORDS, int(is_topic.sum()))]
        said = [self.words[at] for at in drawn.tolist()]
        return _lines(said, SCENE_WORDS)

    def _korean(self, rng: Any) -> list[str]:
        count = SCENES_A_VIDEO * KOREAN_SCENE_WORDS
        nouns = np.searchsorted(self._cumulative_nouns, rng.random(count)).tolist()
        particles = rng.integers(0, len(_PARTICLES), count).tolist()
        is_verb = (rng.random(count) < 0.25).tolist()
        verbs = rng.integers(0, KOREAN_VERBS, count).tolist()
        endings = rng.integers(0, len(_ENDINGS), count).tolist()
        said = [
            self._verbs[verbs[at]] + _ENDINGS[endings[at]]
            if is_verb[at]
            else self.nouns[nouns[at]] + _PARTICLES[particles[at]]
            for at in range(count)
        ]
        return _lines(said, KOREAN_SCENE_WORDS)


def _zipf(count: int) -> Any:
    share = 1 / (np.arange(count) + 2.7)
    return np.cumsum(share) / share.sum()


def _lines(said: Sequence[str], length: int) -> list[str]:
    return [" ".join(said[at : at + length]) for at in range(0, len(said), length)]


def _distinct(chance: Random, count: int, make: Callable[[Random, int], str]) -> list[str]:
    """Return distinct made words, the shorter ones first, as the frequent words of a language are short."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[make(chance, len(found))] = None
    return list(found)


def _english_word(chance: Random, rank: int) -> str:
    syllables = 1 + int(rank > 300) + int(rank > 2_000 and chance.random() < 0.6)
    syllables += int(rank > 20_000 and chance.random() < 0.6)
    parts = (_ONSETS, _NUCLEI, _CODAS)
    return "".join(chance.choice(part) for _ in range(syllables) for part in parts)


def _korean_noun(chance: Random, rank: int) -> str:
    syllables = 2 + int(rank > 3_000 and chance.random() < 0.5)
    return "".join(chance.choices(_SYLLABLES, k=syllables))


def queries(speech: Speech, *, videos: int, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (kind, query), `count` of each kind, from what is said in the first videos."""
    rng = np.random.default_rng([seed, 1])
    english = [n for n in range(videos) if n % KOREAN_EACH != KOREAN_EACH - 1]
    korean = [n for n in range(videos) if n % KOREAN_EACH == KOREAN_EACH - 1]

    def said(among: Sequence[int]) -> list[str]:
        scenes = speech.scenes(int(rng.choice(among)))
        return scenes[int(rng.integers(len(scenes)))].split()

    for _ in range(count):
        yield "one common word", speech.words[int(rng.integers(100))]
        yield "one rare word", speech.words[int(rng.integers(WORDS // 2, WORDS))]
        words = said(english)
        at = int(rng.integers(len(words) - 1))
        yield "phrase of two", f'"{words[at]} {words[at + 1]}"'
        words = said(english)
        yield "two words", " ".join(rng.choice(words, 2).tolist())
        word = str(rng.choice([word for word in said(english) if len(word) > 3]))
        yield "prefix while typing", word[: int(rng.integers(2, len(word)))]
        word = str(rng.choice(said(korean)))
        yield "Korean word", word
