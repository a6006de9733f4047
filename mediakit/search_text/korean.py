"""The written forms of a Korean word of a query, by rules: nouns with their particles, verbs with their endings.

Only queries go through this. A text is indexed as it is written.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_INITIALS, _VOWELS, _FINALS = 19, 21, 28
_BASE = ord("가")
_A, _AE, _YA, _YAE, _EO, _E, _YEO, _YE, _O, _WA, _WAE, _OE = range(12)
_U, _WO, _EU, _I = 13, 14, 18, 20
# Finals (the consonant below a syllable); 0 is none.
_N, _D, _L, _M, _B, _S, _SS, _H = 4, 7, 8, 16, 17, 19, 20, 27
_SILENT_INITIAL, _R_INITIAL = 11, 5

# Particles of nouns, the longest first. Those of one syllable are also ends of nouns (사과, 거의), so a noun that stays
# must have two syllables.
_PARTICLE_LIST = (
    "에서는 에서도 에서의 에서만 에서부터 으로부터 으로는 으로도 으로서 으로써 이라고 이라는 이라도 "
    "이랑 이나마 이란 라고 라는 에서 에게서 에게 한테 으로 까지 부터 처럼 보다 마다 마저 조차 밖에 "
    "께서 에는 에도 에만 와의 과의 들이 들은 들을 들의 들에게 들도 들과 들에 입니다 이었습니다 이에요 "
    "예요 이다 이고 인데 이며 이나 은 는 이 가 을 를 의 에 도 로 과 와 만 들 랑"
)
_PARTICLES = sorted(_PARTICLE_LIST.split(), key=len, reverse=True)
# What follows a noun of one syllable: longer words that begin with it are other words (물: 물론).
_AFTER_SHORT_NOUN = (
    "이 가 을 를 은 는 의 도 만 과 와 에 로 들 이나 이다 이에요 예요 입니다 이라 이랑 랑 한테 하고 "
    "처럼 보다 까지 부터 마다 밖에 이었 이고 인데 조차 마저 에서 에게 으로 에는 에도 이며 이지"
)
# Endings that follow a stem directly.
_AFTER_ANY = "고 거 게 겠 기 길 긴 는 냐 네 니 다 더 던 도록 든 듯 자 잖 죠 지 진 질 재 대 데 나"
_AFTER_VOWEL = "러 려 렵 며 면 므 서 세 셔 셨 소 시 신 실 십 야 요"
_AFTER_CONSONANT = "소 습 어 아 었 았 으 은 을 음 읍"
_AFTER_L = "며 면 려고 려면 려는 려다 러 어 아 었 았 음 수"
_AFTER_DROPPED_L = "는 니 네 세 셔 셨 시 신 실 십 오"
_AFTER_IRREGULAR = "어 아 었 았 으 은 을 음"
# What follows a final ㄹ (갈까, 갈게). With a stem of one syllable nothing shorter is told from other words.
_AFTER_FUTURE = "까 게 래 거 걸 수록 지도 텐데 테니"
# What follows a form in -아 or -어 of one syllable (커서, 커지다), which also begins other words (커피).
_AFTER_INFINITIVE = "서 요 도 야 지 졌 져 진 질 보 봐 봤 주 줘 줬 버"
_AFTER_B = "우 운 울 움 워 웠 와 왔"
# Forms of one syllable that are mostly other words.
_OTHER_WORDS = frozenset("안")
# Stems whose last consonant stays, beside many of the same sound that change it.
_REGULAR_H = frozenset("놓넣낳쌓닿좋찧땋")
_IRREGULAR_D = frozenset("걷듣묻싣닫붇")
_IRREGULAR_S = frozenset("짓낫잇붓긋젓")
# Nouns become verbs with these.
_DO = re.compile(
    r"^(?P<noun>[가-힣]{2,})(?:하|되|시키)(?:다|고|는|기|면|지|게|며|려고|면서|지만|도록|는데|자|던|니|네요|지요|죠|세요|거나)$"
    r"|^(?P<noun2>[가-힣]{2,})(?:해|한|할|합|했|된|될|됩|됐|돼|하여|하였|되어|되었)[가-힣]*$"
)
_STEM_END = re.compile(
    r"^(?P<stem>[가-힣]+?)(?:습니다|습니까|는다|는데요?|네요|지요|죠|거든요|군요|세요|려고|으려고|면서|으면서|지만|으면|거나|도록|더니"
    r"|고|기|면|게|지|는|던|자)$"
)

# What follows a form in -아 or -어, as one word with it: 걸어서, 찾아보세요, 도와줬어요.
_AUXILIARY = re.compile(
    r"^(?P<infinitive>[가-힣]+)(?:서|도|야|(?:보|주|버리|놓|두)(?:다|고|면|세요|십시오|는|니|자|기)"
    r"|(?:봐|줘|봤|줬|버려|버렸|놔|놨|둬|뒀)[가-힣]*)$"
)


class Form(NamedTuple):
    """A written form of a word. With `is_prefix` it may go on, otherwise it is the whole word."""

    text: str
    is_prefix: bool = True


class _Syllable(NamedTuple):
    initial: int
    vowel: int
    final: int

    def __str__(self) -> str:
        return chr(_BASE + (self.initial * _VOWELS + self.vowel) * _FINALS + self.final)


def _split(char: str) -> _Syllable:
    code = ord(char) - _BASE
    return _Syllable(code // (_VOWELS * _FINALS), code // _FINALS % _VOWELS, code % _FINALS)


def forms_of(word: str) -> set[Form]:
    """Return the forms in which a text may hold the typed word, which consists of whole syllables."""
    found = set(_noun_forms(word))
    if len(word) < 2:
        return found
    with_do = _DO.match(word)
    if with_do:
        found.add(Form(with_do["noun"] or with_do["noun2"]))
    for stem in _stems(word):
        found.update(_conjugate(stem))
    return found


def noun_of(word: str) -> str:
    """Return the word without its particle, or the word itself."""
    for particle in _PARTICLES:
        rest = word[: -len(particle)]
        if word.endswith(particle) and len(rest) >= (2 if len(particle) == 1 else 1):
            return rest
    return word


def _noun_forms(word: str) -> Iterator[Form]:
    noun = noun_of(word)
    if len(noun) > 1:
        yield Form(noun)
        if noun != word:
            yield Form(word)
        return
    yield Form(noun, is_prefix=False)
    for after in _AFTER_SHORT_NOUN.split():
        yield Form(noun + after, is_prefix=len(after) > 1)


def _stems(word: str) -> set[str]:
    """Return the stems of which the word may be a form: `먹` for 먹다, 먹었어요 and 먹습니다."""
    found = {*_present_stems(word)}
    past = _past(word)
    if word.endswith("다") and not past and not word.endswith(("니다", "는다")):
        found.add(word[:-1])
    if past:
        found.update(_stems_of_infinitive(past))
    elif word.endswith("요") and len(word) > 1:
        found.update(_stems_of_infinitive(word[:-1]))
    with_more = _AUXILIARY.match(word)
    if with_more and len(with_more["infinitive"]) > 1:
        found.update(_stems_of_infinitive(with_more["infinitive"]))
    found.update(_adjective_stems(word))
    match = _STEM_END.match(word)
    if match and _may_be_stem(match["stem"]):
        found.add(match["stem"])
        last = _split(match["stem"][-1])
        if not last.final:
            found.add(match["stem"][:-1] + str(last._replace(final=_L)))
    return found


def _adjective_stems(word: str) -> Iterator[str]:
    """Yield the stem of an adjective before its noun, where its last vowel tells it from a noun (예쁜, 추운)."""
    before, last = word[:-1], _split(word[-1])
    if not before or last.final != _N:
        return
    if last.vowel == _EU and last.initial != _SILENT_INITIAL:
        yield before + str(last._replace(final=0))
    previous = _split(before[-1])
    if word[-1] == "운" and not previous.final:
        yield before[:-1] + str(previous._replace(final=_B))


def _may_be_stem(stem: str) -> bool:
    """Whether it is long enough to be told from a pronoun with its particle (나는, 너는)."""
    return len(stem) > 1 or _split(stem).final != 0


def _past(word: str) -> str:
    """Return the infinitive of a word in the past tense (먹었다: 먹어); "" for any other."""
    for at in range(len(word) - 1, -1, -1):
        last = _split(word[at])
        if last.final == _SS and last.vowel != _I and word[at] != "겠":
            return word[:at] + str(last._replace(final=0))
    return ""


def _present_stems(word: str) -> Iterator[str]:
    """Yield the stems of -ㅂ니다 and -ㄴ다."""
    for ending, final in (("니다", _B), ("니까", _B), ("다", _N)):
        rest = word[: -len(ending)]
        if word.endswith(ending) and rest and _split(rest[-1]).final == final:
            last = _split(rest[-1])
            yield rest[:-1] + str(last._replace(final=0))
            yield rest[:-1] + str(last._replace(final=_L))


def _stems_of_infinitive(form: str) -> Iterator[str]:
    """Yield the stems of a form in -아 or -어, also where it is contracted or irregular."""
    before, last = form[:-1], _split(form[-1])
    if last.final:
        return
    if form[-1] == "해":
        yield before + "하"
        return
    if form[-1] in "아어여" and before:
        yield before
        yield from _changed_stems(before)
        return
    yield from _contracted_stems(before, last)
    if before:
        yield from _irregular_stems(before, last)


def _contracted_stems(before: str, last: _Syllable) -> Iterator[str]:
    yield before + str(last)
    vowels = {
        _AE: (_A,),
        _WA: (_O,),
        _WO: (_U,),
        _YEO: (_I,),
        _WAE: (_OE,),
        _EO: (_EU,),
        _A: (_EU,),
    }
    for vowel in vowels.get(last.vowel, ()):
        yield before + str(last._replace(vowel=vowel))


def _changed_stems(before: str) -> Iterator[str]:
    """Yield the stems with ㄷ or ㅅ at the end that lose it before -아 and -어 (걸어: 걷, 지어: 짓)."""
    last = _split(before[-1])
    changes = {_L: (_D, _IRREGULAR_D), 0: (_S, _IRREGULAR_S)}
    final, known = changes.get(last.final, (0, frozenset()))
    changed = str(last._replace(final=final))
    if changed in known:
        yield before[:-1] + changed


def _irregular_stems(before: str, last: _Syllable) -> Iterator[str]:
    previous = _split(before[-1])
    if last.initial == _SILENT_INITIAL and last.vowel in {_WO, _WA} and not previous.final:
        yield before[:-1] + str(previous._replace(final=_B))  # 추워: 춥
    if last.initial == _R_INITIAL and last.vowel in {_A, _EO} and previous.final == _L:
        yield before[:-1] + str(previous._replace(final=0)) + "르"  # 몰라: 모르
    if str(last) in "래개얘예":  # 파래: 파랗
        for vowel in (_A, _EO) if last.vowel == _AE else (_YA,) if last.vowel == _YAE else (_YEO,):
            yield before + str(last._replace(vowel=vowel, final=_H))


def _conjugate(stem: str) -> Iterator[Form]:
    """Yield the forms of a verb or an adjective with this stem."""
    before, last = stem[:-1], _split(stem[-1])
    for ending in _AFTER_ANY.split():
        yield Form(stem + ending)
    if not last.final:
        yield from _vowel_stem(before, last)
    elif last.final == _L:
        yield from _l_stem(before, last)
    else:
        for ending in _AFTER_CONSONANT.split():
            yield Form(stem + ending)
        yield from _consonant_stem(before, last)


def _vowel_stem(before: str, last: _Syllable) -> Iterator[Form]:
    stem = before + str(last)
    for ending in _AFTER_VOWEL.split():
        yield Form(stem + ending)
    for final in (_N, _L, _M):
        yield Form(before + str(last._replace(final=final)), is_prefix=bool(before))
    if not before:
        future = str(last._replace(final=_L))
        yield from (Form(future + ending) for ending in _AFTER_FUTURE.split())
    yield Form(before + str(last._replace(final=_B)) + "니")
    yield Form(before + str(last._replace(final=_B)) + "시")
    for infinitive in _infinitives(before, last):
        yield Form(infinitive[:-1] + str(_split(infinitive[-1])._replace(final=_SS)))
        if len(infinitive) == 1 and infinitive != stem:
            yield from (Form(infinitive + ending) for ending in _AFTER_INFINITIVE.split())
        yield Form(infinitive, is_prefix=len(infinitive) > 1 and infinitive != stem)


def _infinitives(before: str, last: _Syllable) -> Iterator[str]:
    """Yield the forms in -아 and -어 of a stem without a final consonant."""
    stem = before + str(last)
    if str(last) == "하":
        yield before + "해"
        yield before + "하여"
        return
    vowels = {_O: _WA, _U: _WO, _I: _YEO, _OE: _WAE}
    if last.vowel == _EU:
        yield from _eu_infinitives(before, last)
    elif last.vowel in vowels:
        yield before + str(last._replace(vowel=vowels[last.vowel]))
        yield stem + ("아" if last.vowel == _O else "어")
    else:
        yield stem
        yield stem + "어"


def _eu_infinitives(before: str, last: _Syllable) -> Iterator[str]:
    is_bright = bool(before) and _split(before[-1]).vowel in {_A, _O, _YA}
    vowel = _A if is_bright else _EO
    yield before + str(last._replace(vowel=vowel))
    if str(last) == "르" and before:
        doubled = str(_split(before[-1])._replace(final=_L))
        if not _split(before[-1]).final:
            yield before[:-1] + doubled + str(last._replace(vowel=vowel))  # 모르: 몰라


def _l_stem(before: str, last: _Syllable) -> Iterator[Form]:
    stem, dropped = before + str(last), last._replace(final=0)
    for ending in _AFTER_L.split():
        yield Form(stem + ending)
    for ending in _AFTER_DROPPED_L.split():
        yield Form(before + str(dropped) + ending)
    adnominal = before + str(dropped._replace(final=_N))
    if adnominal not in _OTHER_WORDS:
        yield Form(adnominal, is_prefix=bool(before))
    yield from (Form(stem + ending) for ending in _AFTER_FUTURE.split())
    yield Form(stem, is_prefix=False)
    yield Form(before + str(dropped._replace(final=_B)) + "니")


def _consonant_stem(before: str, last: _Syllable) -> Iterator[Form]:
    """Yield the forms of the irregular stems in ㅂ, ㄷ, ㅅ and ㅎ."""
    open_end = before + str(last._replace(final=0))
    if last.final == _B:
        yield from (Form(open_end + ending) for ending in _AFTER_B.split())
    elif last.final == _D and str(last) in _IRREGULAR_D:
        changed = before + str(last._replace(final=_L))
        # 물을 is mostly water.
        endings = [one for one in _AFTER_IRREGULAR.split() if changed + one != "물을"]
        yield from (Form(changed + ending) for ending in endings)
    elif last.final == _S and str(last) in _IRREGULAR_S:
        yield from (Form(open_end + ending) for ending in _AFTER_IRREGULAR.split())
    elif last.final == _H and before and str(last) not in _REGULAR_H:
        yield from _h_forms(before, last)


def _h_forms(before: str, last: _Syllable) -> Iterator[Form]:
    """Yield the forms of colours and the like: 파란, 파래, 파랬."""
    bright = {_A: _AE, _EO: _AE, _YA: _YAE, _YEO: _YE}.get(last.vowel, last.vowel)
    for final in (_N, _L, _M):
        yield Form(before + str(last._replace(final=final)))
    for final in (0, _SS):
        yield Form(before + str(last._replace(vowel=bright, final=final)))
    yield Form(before + str(last._replace(final=0)) + "면")
