"""Languages of a transcript: codes, stop words and detection."""

import re
from collections import Counter
from functools import lru_cache

import stopwordsiso

# The three-letter codes that containers use, for languages that have a two-letter one.
_CODE_PAIRS = (
    "ara=ar bul=bg cat=ca ces=cs cze=cs dan=da deu=de ger=de ell=el gre=el eng=en est=et fas=fa"
    " per=fa fin=fi fra=fr fre=fr heb=he hin=hi hrv=hr hun=hu ind=id isl=is ice=is ita=it jpn=ja"
    " kor=ko lav=lv lit=lt nld=nl dut=nl nor=no pol=pl por=pt ron=ro rum=ro rus=ru slk=sk slo=sk"
    " slv=sl spa=es srp=sr swe=sv tha=th tur=tr ukr=uk vie=vi zho=zh chi=zh"
)
_TWO_LETTER_CODES = dict(pair.split("=") for pair in _CODE_PAIRS.split())
# The languages that are tried, in this order, if the language is unknown.
_GUESSABLE = ("en", "fr", "de", "es", "it", "pt", "nl", "ru", "pl", "sv", "tr", "ar")
_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[ぁ-ヿ]")
_TURKISH = re.compile(r"[ığşİ]")
HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


def normalize_language_code(language: str) -> str:
    """Return a language code in its two-letter form, `en` for `eng`; empty for "undetermined"."""
    code = language.strip().lower().replace("_", "-")
    head, dash, rest = code.partition("-")
    if head in {"und", "mul", "zxx", "mis"}:
        return ""
    return f"{_TWO_LETTER_CODES.get(head, head)}{dash}{rest}"[:16]


@lru_cache(maxsize=8)
def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language in lower case; none for a language without a list."""
    words = stopwordsiso.stopwords(language) if stopwordsiso.has_lang(language) else set()
    return frozenset(word.lower() for word in words)


def guess_language(text: str) -> str:
    """Return the two-letter code of a text's likely language, by its script and its stop words.

    Empty if fewer than a fifth of the words, or fewer than three, are stop words of the best language.
    """
    for pattern, language in ((_HANGUL, "ko"), (_KANA, "ja"), (HAN, "zh")):
        if pattern.search(text):
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
