"""Languages of a transcript: codes, stop words and detection."""

import re
from collections import Counter
from functools import lru_cache

import stopwordsiso

# The three-letter codes that containers use, for languages that have a two-letter one, and old codes.
_CODE_PAIRS = (
    "ara=ar bul=bg cat=ca ces=cs cze=cs dan=da deu=de ger=de ell=el gre=el eng=en est=et fas=fa"
    " per=fa fin=fi fra=fr fre=fr heb=he hin=hi hrv=hr hun=hu ind=id isl=is ice=is ita=it jpn=ja"
    " kor=ko lav=lv lit=lt nld=nl dut=nl nor=no pol=pl por=pt ron=ro rum=ro rus=ru slk=sk slo=sk"
    " slv=sl spa=es srp=sr swe=sv tha=th tur=tr ukr=uk vie=vi zho=zh chi=zh cmn=zh"
    " afr=af amh=am aze=az bel=be ben=bn bos=bs cym=cy wel=cy eus=eu baq=eu fil=tl tgl=tl gle=ga glg=gl guj=gu"
    " hye=hy arm=hy kan=kn kat=ka geo=ka kaz=kk khm=km lao=lo mal=ml mar=mr mkd=mk mac=mk mlt=mt mon=mn msa=ms"
    " may=ms mya=my bur=my nep=ne nob=no nno=no nb=no nn=no ori=or pan=pa sin=si sqi=sq alb=sq swa=sw tam=ta"
    " tel=te urd=ur uzb=uz iw=he in=id"
)
_TWO_LETTER_CODES = dict(pair.split("=") for pair in _CODE_PAIRS.split())
# The languages that are tried, in this order, if the language is unknown.
_GUESSABLE = ("en", "fr", "de", "es", "it", "pt", "nl", "ru", "pl", "sv", "tr", "ar")
_TURKISH = re.compile(r"[ığşİ]")
HAN = re.compile(r"[㐀-鿿]")
# Scripts in which one language is written, or mostly one. Japanese is tried before Chinese, whose characters it shares.
_SCRIPT_LANGUAGES = {
    "ko": re.compile(r"[가-힣]"),
    "ja": re.compile(r"[ぁ-ヿ]"),
    "zh": HAN,
    "el": re.compile(r"[Ͱ-Ͽἀ-῿]"),
    "hy": re.compile(r"[԰-֏]"),
    "he": re.compile(r"[א-ת]"),
    "bn": re.compile(r"[ঀ-৿]"),
    "pa": re.compile(r"[਀-੿]"),
    "gu": re.compile(r"[઀-૿]"),
    "or": re.compile(r"[଀-୿]"),
    "ta": re.compile(r"[஀-௿]"),
    "te": re.compile(r"[ఀ-౿]"),
    "kn": re.compile(r"[ಀ-೿]"),
    "ml": re.compile(r"[ഀ-ൿ]"),
    "si": re.compile(r"[඀-෿]"),
    "th": re.compile(r"[ก-๛]"),
    "lo": re.compile(r"[ກ-ໟ]"),
    "my": re.compile(r"[က-႟]"),
    "ka": re.compile(r"[Ⴀ-ჿ]"),
    "am": re.compile(r"[ሀ-፿]"),
    "km": re.compile(r"[ក-៿]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


def normalize_language_code(language: str) -> str:
    """Return a language code in its two-letter form, `en` for `eng`; empty for "undetermined"."""
    code = language.strip().lower().replace("_", "-")
    head, dash, rest = code.partition("-")
    if head in {"und", "mul", "zxx", "mis"}:
        return ""
    return f"{_TWO_LETTER_CODES.get(head, head)}{dash}{rest}"[:16]


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language in lower case; none for a language without a list."""
    words = stopwordsiso.stopwords(language) if stopwordsiso.has_lang(language) else set()
    return frozenset(word.lower() for word in words)


def is_guessable(language: str) -> bool:
    """Whether `guess_language` can find this language. The text of any other may be taken for a related one."""
    head = language.partition("-")[0]
    return head in _GUESSABLE or head in _SCRIPT_LANGUAGES


def guess_language(text: str) -> str:
    """Return the two-letter code of a text's likely language, by its script and its stop words.

    A script needs a fifth of the letters. Empty if fewer than a fifth of the words, or fewer than three, are stop words
    of the best language.
    """
    letters = len(_LETTER.findall(text))
    for language, pattern in _SCRIPT_LANGUAGES.items():
        if letters and len(pattern.findall(text)) * 5 >= letters:
            return language
    words = Counter(_WORD.findall(text.lower()))
    hits = {
        name: sum(words[word] for word in words.keys() & stop_words(name)) for name in _GUESSABLE
    }
    best = max(_GUESSABLE, key=lambda name: hits[name])
    if hits[best] >= max(3, words.total() / 5):
        return best
    turkish = sum(count for word, count in words.items() if _TURKISH.search(word))
    return "tr" if turkish >= max(2, words.total() / 5) else ""
