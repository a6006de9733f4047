"""Costs of ending a caption line after a word: low at punctuation and before conjunctions, high inside a phrase.

`language` is always a code such as "en"; if it is empty, the function words of all languages count.
"""

import re
from collections.abc import Sequence

from mediakit.text.function_words import FunctionWords, function_words
from mediakit.text.transcript import NO_SPACE_MARK, Cue, Word, is_unspaced
from mediakit.text.word_segmentation import script_of

# The cost of a line end at a position, from the best position to a forbidden one. The scale is relative.
SENTENCE_COST, COMMA_COST, PHRASE_COST, PARTICLE_COST = 0.0, 1.0, 2.0, 3.0
DEFAULT_COST, WEAK_BOND_COST, FORBIDDEN_COST = 5.0, 7.0, 20.0
# A pause this long between two words makes a better place.
PAUSE_MS = 350
# From this cost on a place is bad; a pause takes only the discount off it.
BAD_BREAK_COST, PAUSE_DISCOUNT = 12.0, 6.0

_STOPS = ".!?…。！？؟۔।"
_COMMAS = ",;:、，；：،–—"
_CLOSERS = "\"'”’»›」』）)]}〉》"
_KOREAN_BOUND = re.compile(
    r"(?:것|거|건|게|걸|수|때|등|뿐|줄|데|적|만큼|대로|채|중|번|개|명|년|있|없|않|못하|싶"
    r"|하[는고다지면여]|해[서요]?$)"
)
_KOREAN_LINKED = re.compile(
    r"(?:고|며|면|서|는데|은데|지만|니까|려고|도록|거나|면서|다가|때문에|라고|다고|하여|이라|으로"
    r"|에서|까지|부터)$"
)
_KOREAN_PARTICLE = re.compile(r"(?:은|는|이|가|을|를|에|도|로|와|과|의|만|께|한테|에게)$")
_KOREAN_ADNOMINAL = re.compile(r"(?:의|한|던|적인|있는|없는|하는|되는|그|이|저|더|안|못|잘)$")
_NUMBER = re.compile(r"[\d.,%$€£₩]+")
_OPENERS = "\"'“‘«‹「『（([{〈《¿¡- "
_EDGE_PUNCTUATION = _CLOSERS + _STOPS + _COMMAS + "¿¡«“‘("
_THAI = re.compile("[\u0e00-\u0e7f]")
_THAI_END = re.compile("(?:ครับ|ค่ะ|คะ|จ้ะ|จ้า)$")
_JAPANESE_LINKED = re.compile(
    "(?:は|[てで]|ながら|ので|から|けど|けれど|けれども|ば|たら|なら|が)$"
)
_JAPANESE_PARTICLE = re.compile("(?:[をにへともや]|より|まで)$")
_JAPANESE_BOUND = re.compile(
    "こと|もの|とき|時[にはも]|ため|よう[にな]|わけ|はず|ところ|ほう|まま|だけ|ほど|くらい|ぐらい|など|い[るまたて]|あ[るりっ]"
    "|な[いくかるりっ]|くる|いく|ください|下さい|お[くき]|み[るまた]|しま[うっ]|し[たて]|する|します|でき|いう|言う|です|だ|よ[るれ]|つい[てた]"
)
_ENGLISH_I = re.compile("I(?:['’].*)?")
_HANGUL = re.compile("[가-힣]")
# Emoji comment on the words before them. Musical notes are excluded: a song may begin with one.
_EMOJI_ONLY = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2668\u2670-\u27bf\u2b00-\u2bff\u231a-\u23ff\u200d\ufe0e\ufe0f]+"
)


def break_costs(words: Sequence[Word], language: str = "") -> list[float]:
    """Return the cost of ending a line after each word but the last. Emoji stay with the words before them."""
    costs, last_word = [], words[:1]
    for word in words[1:]:
        if _EMOJI_ONLY.fullmatch(word.text):
            costs.append(FORBIDDEN_COST)
        else:
            costs.append(break_cost(last_word[0], word, language))
            last_word = [word]
    return costs


def sentence_end_flags(words: Sequence[Word]) -> list[bool]:
    """Return for each word whether a sentence ends with it. Emoji after a sentence belong to it."""
    found: list[bool] = []
    for number, word in enumerate(words):
        reacts = bool(found) and bool(_EMOJI_ONLY.fullmatch(word.text))
        polite = number + 1 < len(words) and _is_thai_end(word.text, words[number + 1].text)
        found.append(found[-1] if reacts else polite or ends_sentence(word))
        if reacts:
            found[-2] = False
    return found


def begins_sentence(before: Word, cue: Cue, language: str = "") -> bool:
    """Whether a cue begins a sentence though no full stop stands before it: by its capital, or always in Thai."""
    first, _, more = cue.text.lstrip(_OPENERS).partition(" ")
    if before.text[-1:] in _COMMAS:
        return False
    if _THAI.match(first):
        return True
    plain = not more or cue.text.isupper() or not first[:1].isupper() or _ENGLISH_I.fullmatch(first)
    return not plain and before.text.lower() not in function_words(language).proclitics


def break_cost(before: Word, after: Word, language: str = "") -> float:
    """Return the cost of ending a line between two words: from SENTENCE_COST to FORBIDDEN_COST."""
    body = before.text.rstrip(_CLOSERS).lstrip(NO_SPACE_MARK)
    if body[-1:] and body[-1:] in _STOPS and not body[:-1].isdigit():
        return SENTENCE_COST
    if body[-1:] and body[-1:] in _COMMAS:
        return COMMA_COST
    if _HANGUL.search(body):
        cost = _korean_cost(body, after.text)
    elif is_unspaced(body) or is_unspaced(after.text):
        cost = _unspaced_cost(body, after.text, language)
    else:
        cost = _spaced_cost(body, after.text, function_words(language))
    if before.estimated or after.start_ms - before.end_ms < PAUSE_MS:
        return cost
    return cost - PAUSE_DISCOUNT if cost >= BAD_BREAK_COST else min(cost, COMMA_COST)


def ends_sentence(word: Word) -> bool:
    """Whether the word ends a sentence by its punctuation."""
    return word.text.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def _spaced_cost(before: str, after: str, language_words: FunctionWords) -> float:
    parts, following = (
        _split_elision(before.lower()),
        _split_elision(after.lower().strip(_EDGE_PUNCTUATION)),
    )
    if parts[-1].endswith("'") or following[-1] in language_words.enclitics:
        return FORBIDDEN_COST
    opens = not language_words.openers.isdisjoint(following)
    if not language_words.proclitics.isdisjoint((before.lower(), parts[-1])):
        # A break after "and" is less bad than one after "the" or inside "parce que".
        return (
            FORBIDDEN_COST - 4
            if parts[-1] in language_words.openers and not opens
            else FORBIDDEN_COST
        )
    if opens:
        return PHRASE_COST
    if _NUMBER.fullmatch(before):
        return WEAK_BOND_COST + 1
    if before[:1].isupper() and after[:1].isupper() and not before.isupper():  # a name
        return WEAK_BOND_COST
    return PARTICLE_COST if not language_words.proclitics.isdisjoint(following) else DEFAULT_COST


def _split_elision(word: str) -> tuple[str, ...]:
    """Return the word, or its two parts if a vowel is elided: `qu'` and `il` for `qu'il`."""
    head, elided, rest = word.replace("’", "'").partition("'")
    return (f"{head}'", rest) if elided and rest else (head + elided,)


def _korean_cost(before: str, after: str) -> float:
    if _KOREAN_BOUND.match(after.strip(_EDGE_PUNCTUATION)):
        return FORBIDDEN_COST
    if _NUMBER.fullmatch(before):
        return WEAK_BOND_COST + 2
    if _KOREAN_LINKED.search(before):
        return PHRASE_COST
    if _KOREAN_ADNOMINAL.search(before):
        return WEAK_BOND_COST
    return PARTICLE_COST if _KOREAN_PARTICLE.search(before) else DEFAULT_COST


def _unspaced_cost(before: str, after: str, language: str) -> float:
    """Return the cost between words of Chinese, Japanese or Thai. In Thai a space ends a phrase."""
    following = after.strip(NO_SPACE_MARK + _EDGE_PUNCTUATION)
    script = script_of(before + following, language)
    if script == "th" and not after.startswith(NO_SPACE_MARK):
        both = _THAI.match(before[-1:]) and _THAI.match(following)
        return (
            SENTENCE_COST if _is_thai_end(before, after) else COMMA_COST if both else DEFAULT_COST
        )
    language_words = function_words(script)
    if following in language_words.enclitics or _NUMBER.fullmatch(before):
        return FORBIDDEN_COST
    opens = following in language_words.openers
    if before in language_words.proclitics:
        # The model sometimes takes the end of a name for a function word.
        return DEFAULT_COST if opens else FORBIDDEN_COST
    if opens or following in language_words.proclitics:
        return PHRASE_COST if opens else PARTICLE_COST
    return {"ja": _japanese_cost, "zh": _chinese_cost, "th": _thai_cost}[script](before, following)


def _is_thai_end(before: str, after: str) -> bool:
    """Whether a polite particle ends a sentence: a space follows it."""
    return bool(_THAI_END.search(before)) and not after.startswith(NO_SPACE_MARK)


def _japanese_cost(before: str, after: str) -> float:
    if _JAPANESE_BOUND.match(after):
        return FORBIDDEN_COST
    if _JAPANESE_LINKED.search(before):
        return PHRASE_COST
    if _JAPANESE_PARTICLE.search(before):
        return PARTICLE_COST
    return WEAK_BOND_COST if before.endswith(("の", "な", "という")) else DEFAULT_COST + 1


def _chinese_cost(before: str, after: str) -> float:
    if before.endswith(("的", "地", "得")):
        return WEAK_BOND_COST
    # A single character mostly forms a word with its neighbour.
    return WEAK_BOND_COST + 2 if len(before) == 1 or len(after) == 1 else DEFAULT_COST


def _thai_cost(before: str, _after: str) -> float:
    # The model's words are short, often parts of words: a break at a space or function word is better.
    return FORBIDDEN_COST if before.endswith(("การ", "ความ")) else WEAK_BOND_COST + 3
