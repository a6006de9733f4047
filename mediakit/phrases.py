"""Where a line of captions may end: at punctuation, before a conjunction, never inside what belongs together."""

import re
from collections.abc import Sequence

from mediakit.transcript import Cue, Word

STOP, COMMA, PHRASE, KOREAN, USUAL, TIGHT = 0.0, 1.0, 2.0, 3.0, 5.0, 9.0
PAUSE_MS = 350

_STOPS = ".!?…。！？؟۔।"
_COMMAS = ",;:、，；：،–—"
_CLOSERS = "\"'”’»›」』）)]}〉》"
# Words that begin a phrase: a line likes to end before them.
_OPENING = (
    "and but or nor so because that which who whose where when while if unless until since though although"
    " than then as with without for from into about like before after between during through"
    " et mais ou donc car parce que qui quand si comme pour avec sans dans depuis pendant"
    " y pero o porque cuando si como para con sin en desde und aber oder denn weil dass wenn ob als für mit ohne"
    " e ma perché quando se come per con senza mas porque quando com sem и но или что который если когда потому"
    " و أو لكن لأن إذا عندما"
)
OPENING = frozenset(_OPENING.split())
# Words that lean on the next one: no line ends with them.
_LEANING = (
    "a an the my your his her its our their this these those some any no every each to of in on at by with for from"
    " and or but if as than very so not is are was were be been am i'm it's you're we're they're i we you he she"
    " they will would can could should must may might do does did has have had mr mrs ms dr"
    " le la les l' un une des du de d' au aux mon ma mes ton ta tes son sa ses ce cet cette ces et ou ne en à je tu il"
    " elle on nous vous ils elles el los las una unos unas del al mi su y der die das den dem ein eine einen im am zum"
    " zur und il lo gli uno di da e o os as um uma no na do и в на с не"
)
LEANING = frozenset(_LEANING.split())
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
_I = re.compile("I(?:['’].*)?")
_HANGUL = re.compile("[가-힣]")
# Emoji alone say how the words before them are meant. Notes are none: a song may begin with one.
_REACTION = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2668\u2670-\u27bf\u2b00-\u2bff\u231a-\u23ff\u200d\ufe0e\ufe0f]+"
)


def break_costs(words: Sequence[Word]) -> list[float]:
    """What it costs to end a line after each of the words but the last; emoji stay with what they are about."""
    costs, said = [], words[:1]
    for word in words[1:]:
        if _REACTION.fullmatch(word.text):
            costs.append(TIGHT)
        else:
            costs.append(break_cost(said[0], word))
            said = [word]
    return costs


def stops(words: Sequence[Word]) -> list[bool]:
    """Whether a sentence ends with each of the words, or with the emoji after it."""
    found: list[bool] = []
    for word in words:
        reacts = bool(found) and bool(_REACTION.fullmatch(word.text))
        found.append(found[-1] if reacts else is_stop(word))
        if reacts:
            found[-2] = False
    return found


def begins_sentence(before: Word, cue: Cue) -> bool:
    """Whether a cue begins a sentence by its capital, when there is no full stop before it."""
    first, _, more = cue.text.lstrip(_OPENERS).partition(" ")
    plain = not more or cue.text.isupper() or not first[:1].isupper() or _I.fullmatch(first)
    return not plain and before.text.lower() not in LEANING and before.text[-1:] not in _COMMAS


def break_cost(before: Word, after: Word) -> float:
    """How bad it is to end a line between the two words: 0 for a full stop, 9 where nobody would."""
    body = before.text.rstrip(_CLOSERS)
    if body[-1:] and body[-1:] in _STOPS and not body[:-1].isdigit():
        return STOP
    if body[-1:] and body[-1:] in _COMMAS:
        return COMMA
    cost = _korean(body, after.text) if _HANGUL.search(body) else _european(body, after.text)
    paused = not before.estimated and after.start_ms - before.end_ms >= PAUSE_MS
    return min(cost, COMMA) if paused else cost


def is_stop(word: Word) -> bool:
    """Whether the word ends a sentence by its punctuation."""
    return word.text.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def _european(before: str, after: str) -> float:
    low, following = before.lower(), after.lower().strip(_CLOSERS + "¿¡«“‘(")
    if low in LEANING or low.endswith(("'", "’")):
        return TIGHT
    if _NUMBER.fullmatch(before) and following not in OPENING:
        return TIGHT - 1
    names = before[:1].isupper() and after[:1].isupper() and not before.isupper()
    if names:
        return TIGHT - 2
    return PHRASE if following in OPENING else USUAL


def _korean(before: str, after: str) -> float:
    if _BOUND.match(after) or _NUMBER.fullmatch(before):
        return TIGHT
    if _LINKED.search(before):
        return PHRASE
    if _ADNOMINAL.search(before):
        return USUAL + 2
    return KOREAN if _PARTICLE.search(before) else USUAL
