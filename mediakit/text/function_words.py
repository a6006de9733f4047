"""Function words by language, for line breaking: phrase openers, proclitics and enclitics."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """Words in lower case.

    `openers` begin a phrase, so a line may well begin with one. `proclitics` belong to the next word: no line ends
    with one. `enclitics` belong to the word before: no line begins with one.
    """

    openers: frozenset[str]
    proclitics: frozenset[str]
    enclitics: frozenset[str]


# Both openers and proclitics: conjunctions and prepositions.
_OPENING_PROCLITICS = {
    "en": "and but or nor because which while if unless until whereas although than whether what how why where when"
    " with without for from into during between",
    "fr": "et mais ou donc or ni car parce que qu' qui quand pourquoi comment si comme lorsque lorsqu' puisque puisqu'"
    " dont où pour par avec sans dans sur sous chez vers entre contre depuis pendant jusque jusqu' afin quoique tandis",
    "es": "y e o u ni pero sino porque pues que qué quien quienes cuando donde como si aunque mientras para por con sin"
    " en desde hasta entre sobre según contra hacia durante tras ante bajo",
    "de": "und oder aber denn sondern weil dass daß ob wenn als wie warum wieso"
    " wo wer was obwohl damit bevor nachdem während sobald solange"
    " für mit ohne gegen durch um von vom bei beim nach seit aus zwischen unter über hinter neben wegen trotz bis",
    "it": "e ed o od oppure ma però né perché poiché che chi cui quando dove come se mentre anche con per senza tra fra"
    " su verso contro durante secondo dopo",
    "pt": "e ou mas nem que quem porque pois quando onde como se embora enquanto para pra por com sem em entre sobre"
    " desde até contra durante",
    "nl": "en of maar want omdat dat die wat als toen terwijl hoewel zodat voor met zonder van naar bij door over"
    " tussen tegen tijdens sinds",
    "ru": "и а но или что чтобы как если когда потому который которая которые хотя где для без из от до под над при"
    " про через между",
    "ar": "و أو لكن لأن إذا عندما ثم أن إن حتى كما التي الذي الذين في من إلى على عن مع بعد قبل بين عند",
    "th": "และ แต่ หรือ เพราะ เพราะว่า ถ้า หาก ที่ ซึ่ง โดย เพื่อ เมื่อ ว่า จาก กับ ใน ของ คือ",
    "zh": "但是 但 因为 所以 如果 而且 而 然后 不过 或者 或 以及 虽然 可是 于是 那么 只要 只有 哪怕"
    " 不管 无论 即使 尽管 由于 因此 比如 为了 并且 并 在 从 和 与 把 被 对 向 给 让 跟",
}
# Openers only: they may also end a phrase.
_PHRASE_OPENERS = {
    "en": "so that who whose though since then as like about before after through",
    "fr": "alors après avant puis ensuite",
    "es": "entonces luego después antes",
    "it": "poi prima quindi",
    "pt": "então depois antes",
    "ja": "そして しかし でも だから それで また もし なぜなら つまり",
    "th": "แล้ว",
}
# Proclitics only: articles, possessives, pronouns, auxiliaries.
_PROCLITICS = {
    "en": "a an the my your his her its our their this these those some any no every each to of in on at by as very"
    " so not is are was were be been am i'm it's you're we're they're i we you he she they will would can could"
    " should must may might do does did has have had mr mrs ms dr",
    "fr": "à de d' du des le la les l' un une au aux en mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs"
    " ce cet cette ces c' quel quelle quels quelles je j' tu il elle on nous vous ils elles ne n' se s' me m' te t' y"
    " lui très plus moins aussi trop tout tous toute toutes chaque quelques est sont était a ont ai as avons avez"
    " avait va vais peut même m mm mme mlle",
    "es": "el la los las lo un una unos unas al del de a mi mis tu tus su sus nuestro nuestra nuestros nuestras este"
    " esta estos estas ese esa esos esas aquel aquella cada todo toda todos todas me te se nos os le les no muy más"
    " menos tan es son era está están he has ha hemos han había sr sra",
    "de": "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine meinen"
    " dein deine sein seine seinen ihr ihre ihren ihrem unser unsere euer dieser diese dieses diesen diesem jeder jede"
    " jedes jeden welche welcher welches im in am an auf zu zum zur ins ich du er sie es wir man sehr so ist sind war"
    " waren hat haben wird werden kann nicht meisten sich mich"
    " dich uns",
    "it": "il lo la i gli le l' un uno una un' di d' a da in del dello della dell' dei degli delle al allo alla all' ai"
    " agli alle dal dallo dalla dall' dai dagli dalle nel nello nella nell' nei negli nelle sul sullo sulla sull' sui"
    " sugli sulle mio mia miei mie tuo tua suo sua suoi sue nostro nostra questo questa questi queste quest' quel"
    " quella quei quelle ogni mi ti si ci vi ne non più molto tanto così è sono era ho hai ha abbiamo hanno c'",
    "pt": "o a os as um uma uns umas de do da dos das no na nos nas ao à aos às pelo pela pelos pelas num numa meu"
    " minha meus minhas teu tua seu sua seus suas nosso nossa este esta estes estas esse essa esses essas aquele"
    " aquela cada todo toda todos todas me te se lhe nos não muito mais menos tão é são era foi está tem",
    "nl": "de het een in op aan te om mijn jouw zijn haar ons onze hun dit deze ik je jij hij ze zij we wij er niet"
    " heel zo is was heeft heb wordt",
    "ru": "в во на не с со о об у к ко по за мой моя наш наша его её их этот эта это очень",
    "ar": "هذا هذه ذلك تلك لا لم لن ما قد سوف كل يا هو هي",
    "th": "การ ความ จะ ไม่ ให้ เป็น อย่า กำลัง ต้อง ได้ทำ มัน เขา เรา ผม คุณ ฉัน ทุก",
    "zh": "是 不 没 没有 很 最 更 太 也 就 还 再 可以 这 那 这个 那个 每 一个 我 你 他 她 它 我们 你们 他们",
    "ja": "この その あの どの もう とても",
}
# Enclitics.
_ENCLITICS = {
    "hi": "का के की को से में पर ने तक भी ही है हैं था थी थे",
    "th": "ครับ ค่ะ คะ นะ จ้ะ ด้วย นี้ นั้น ๆ ที่สุด แล้ว อยู่ กัน เลย",
    "zh": "的 了 着 过 吗 呢 吧 啊 呀 嘛 们 地 得 里 上 下 中",
}
_LANGUAGES = (*_OPENING_PROCLITICS, "ja", "hi", "ko")


def _word_set(table: dict[str, str], languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in languages for word in table.get(name, "").split())


@cache
def function_words(language: str = "") -> FunctionWords:
    """Return the function words of a language, given as a code ("en", "pt-BR"); of all languages if unknown."""
    code = language.lower().replace("_", "-").partition("-")[0]
    languages = (code,) if code in _LANGUAGES else _LANGUAGES
    both = _word_set(_OPENING_PROCLITICS, languages)
    return FunctionWords(
        both | _word_set(_PHRASE_OPENERS, languages),
        both | _word_set(_PROCLITICS, languages),
        _word_set(_ENCLITICS, languages),
    )
