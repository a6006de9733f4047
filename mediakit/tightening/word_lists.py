"""Words that say nothing, by language, and words that are doubled on purpose. Folded: lower case, no punctuation.

`sounds` are hesitations wherever they stand. `phrases` are fillers only where they stand alone: between pauses, commas
or the ends of a sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FillerWords:
    """The fillers of one language, and the words whose repetition means something."""

    sounds: frozenset[str] = frozenset()
    phrases: frozenset[tuple[str, ...]] = frozenset()
    doubled: frozenset[str] = field(default_factory=frozenset)


def _words(sounds: str, phrases: str, doubled: str = "") -> FillerWords:
    return FillerWords(
        frozenset(sounds.split()),
        frozenset(tuple(phrase.split()) for phrase in phrases.split(",") if phrase.strip()),
        frozenset(doubled.split()),
    )


NO_FILLERS = FillerWords()
FILLERS: Mapping[str, FillerWords] = {
    "en": _words(
        "um umm uhm uh uhh er err erm eh hmm hm mm mhm ah",
        "you know, i mean, like, well, so, right, okay, ok, basically, actually, literally, sort of, kind of,"
        " you see, let's see, i guess, anyway, or something, or whatever",
        "very really so no yes yeah long far much many more had that bye go never again ha blah knock night",
    ),
    "ko": _words(
        "음 으음 음음 어 어어 으 에 흠 엄 아",
        "그, 저, 저기, 뭐, 막, 이제, 인제, 그러니까, 그니까, 뭐랄까, 뭐지, 뭐냐, 있잖아, 있잖아요, 약간, 좀, 자,"
        " 그 뭐, 그 뭐지, 뭐라고 할까",
        "빨리 조금 많이 아주 정말 진짜 너무 점점 오래 천천히 네 예 아니 자꾸 더 몰래 살살 하나",
    ),
    "de": _words(
        "äh ähm ehm hm hmm öh mh",
        "also, ja, na ja, naja, ich meine, sozusagen, irgendwie, halt, quasi, wissen sie, weißt du",
        "sehr ganz viel immer nein ja lange so mehr die das der sie",
    ),
    "fr": _words(
        "euh heu hum hm mmh ben bah",
        "bon, hein, alors, donc, en fait, du coup, tu vois, vous voyez, je veux dire, voilà, genre, quoi, enfin",
        "très bien non oui nous vous trop jamais plus",
    ),
    "es": _words(
        "eh em este mmm hm",
        "bueno, pues, o sea, sabes, digamos, en plan, vale, entonces",
        "muy no sí mucho más nunca poco",
    ),
    "ja": _words(
        "えー えーと えっと あの あのー うーん んー まあ その そのー", "なんか, こう, ちょっと"
    ),
}
