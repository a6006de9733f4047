"""Where a line of captions may end: at punctuation, before a conjunction, never inside what belongs together.

`language` is a code such as "en" wherever it is asked for; without one the little words of all languages count.
"""

import re
from collections.abc import Sequence

from mediakit.text.function_words import LittleWords, little_words
from mediakit.text.transcript import JOINT, Cue, Word, is_unspaced
from mediakit.text.word_segmentation import script_of

STOP, COMMA, PHRASE, PARTICLE, USUAL, APART, TIGHT = 0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 20.0
PAUSE_MS = 350
# From here on nobody would end a line; a pause there makes it so much better and no more.
CLOSE, PAUSED = 12.0, 6.0

_STOPS = ".!?…。！？؟۔।"
_COMMAS = ",;:、，；：،–—"
_CLOSERS = "\"'”’»›」』）)]}〉》"
_BOUND = re.compile(
    r"(?:것|거|건|게|걸|수|때|등|뿐|줄|데|적|만큼|대로|채|중|번|개|명|년|있|없|않|못하|싶"
    r"|하[는고다지면여]|해[서요]?$)"
)
_LINKED = re.compile(
    r"(?:고|며|면|서|는데|은데|지만|니까|려고|도록|거나|면서|다가|때문에|라고|다고|하여|이라|으로"
    r"|에서|까지|부터)$"
)
_PARTICLE = re.compile(r"(?:은|는|이|가|을|를|에|도|로|와|과|의|만|께|한테|에게)$")
_ADNOMINAL = re.compile(r"(?:의|한|던|적인|있는|없는|하는|되는|그|이|저|더|안|못|잘)$")
_NUMBER = re.compile(r"[\d.,%$€£₩]+")
_OPENERS = "\"'“‘«‹「『（([{〈《¿¡- "
_ENDS = _CLOSERS + _STOPS + _COMMAS + "¿¡«“‘("
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
_I = re.compile("I(?:['’].*)?")
_HANGUL = re.compile("[가-힣]")
# Emoji alone say how the words before them are meant. Notes are none: a song may begin with one.
_REACTION = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2668\u2670-\u27bf\u2b00-\u2bff\u231a-\u23ff\u200d\ufe0e\ufe0f]+"
)


def break_costs(words: Sequence[Word], language: str = "") -> list[float]:
    """What it costs to end a line after each of the words but the last; emoji stay with what they are about."""
    costs, said = [], words[:1]
    for word in words[1:]:
        if _REACTION.fullmatch(word.text):
            costs.append(TIGHT)
        else:
            costs.append(break_cost(said[0], word, language))
            said = [word]
    return costs


def stops(words: Sequence[Word]) -> list[bool]:
    """Whether a sentence ends with each of the words, or with the emoji after it."""
    found: list[bool] = []
    for number, word in enumerate(words):
        reacts = bool(found) and bool(_REACTION.fullmatch(word.text))
        polite = number + 1 < len(words) and _is_thai_end(word.text, words[number + 1].text)
        found.append(found[-1] if reacts else polite or is_stop(word))
        if reacts:
            found[-2] = False
    return found


def begins_sentence(before: Word, cue: Cue, language: str = "") -> bool:
    """Whether a cue begins a sentence by its capital, or in Thai by itself, when there is no full stop before it."""
    first, _, more = cue.text.lstrip(_OPENERS).partition(" ")
    if before.text[-1:] in _COMMAS:
        return False
    if _THAI.match(first):
        return True
    plain = not more or cue.text.isupper() or not first[:1].isupper() or _I.fullmatch(first)
    return not plain and before.text.lower() not in little_words(language).leaning


def break_cost(before: Word, after: Word, language: str = "") -> float:
    """How bad it is to end a line between the two words: 0 for a full stop, 20 where nobody would."""
    body = before.text.rstrip(_CLOSERS).lstrip(JOINT)
    if body[-1:] and body[-1:] in _STOPS and not body[:-1].isdigit():
        return STOP
    if body[-1:] and body[-1:] in _COMMAS:
        return COMMA
    if _HANGUL.search(body):
        cost = _korean(body, after.text)
    elif is_unspaced(body) or is_unspaced(after.text):
        cost = _unspaced(body, after.text, language)
    else:
        cost = _european(body, after.text, little_words(language))
    if before.estimated or after.start_ms - before.end_ms < PAUSE_MS:
        return cost
    return cost - PAUSED if cost >= CLOSE else min(cost, COMMA)


def is_stop(word: Word) -> bool:
    """Whether the word ends a sentence by its punctuation."""
    return word.text.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def _european(before: str, after: str, little: LittleWords) -> float:
    parts, following = _heads(before.lower()), _heads(after.lower().strip(_ENDS))
    if parts[-1].endswith("'") or following[-1] in little.trailing:
        return TIGHT
    opens = not little.opening.isdisjoint(following)
    if not little.leaning.isdisjoint((before.lower(), parts[-1])):
        # Worse than after "and" it is after "the", or inside of "parce que".
        return TIGHT - 4 if parts[-1] in little.opening and not opens else TIGHT
    if opens:
        return PHRASE
    if _NUMBER.fullmatch(before):
        return APART + 1
    if before[:1].isupper() and after[:1].isupper() and not before.isupper():  # a name
        return APART
    return PARTICLE if not little.leaning.isdisjoint(following) else USUAL


def _heads(word: str) -> tuple[str, ...]:
    """The word, or its two parts where a vowel was left out: qu' and il of `qu'il`."""
    head, elided, rest = word.replace("’", "'").partition("'")
    return (f"{head}'", rest) if elided and rest else (head + elided,)


def _korean(before: str, after: str) -> float:
    if _BOUND.match(after.strip(_ENDS)):
        return TIGHT
    if _NUMBER.fullmatch(before):
        return APART + 2
    if _LINKED.search(before):
        return PHRASE
    if _ADNOMINAL.search(before):
        return APART
    return PARTICLE if _PARTICLE.search(before) else USUAL


def _unspaced(before: str, after: str, language: str) -> float:
    """Between words that are written without a space, or in Thai with one, where a phrase ends."""
    following = after.strip(JOINT + _ENDS)
    script = script_of(before + following, language)
    if script == "th" and not after.startswith(JOINT):
        both = _THAI.match(before[-1:]) and _THAI.match(following)
        return STOP if _is_thai_end(before, after) else COMMA if both else USUAL
    little = little_words(script)
    if following in little.trailing or _NUMBER.fullmatch(before):
        return TIGHT
    opens = following in little.opening
    if before in little.leaning:
        # Models take the end of a name for a little word now and then.
        return USUAL if opens else TIGHT
    if opens or following in little.leaning:
        return PHRASE if opens else PARTICLE
    return {"ja": _japanese, "zh": _chinese, "th": _thai}[script](before, following)


def _is_thai_end(before: str, after: str) -> bool:
    """Whether a polite particle ends a sentence: there is a space after it."""
    return bool(_THAI_END.search(before)) and not after.startswith(JOINT)


def _japanese(before: str, after: str) -> float:
    if _JAPANESE_BOUND.match(after):
        return TIGHT
    if _JAPANESE_LINKED.search(before):
        return PHRASE
    if _JAPANESE_PARTICLE.search(before):
        return PARTICLE
    return APART if before.endswith(("の", "な", "という")) else USUAL + 1


def _chinese(before: str, after: str) -> float:
    if before.endswith(("的", "地", "得")):
        return APART
    # A single character is mostly one with what stands beside it.
    return APART + 2 if len(before) == 1 or len(after) == 1 else USUAL


def _thai(before: str, _after: str) -> float:
    # Words of the model are short, often parts of one: a space or a little word is the better place.
    return TIGHT if before.endswith(("การ", "ความ")) else APART + 3
