"""Filter of a recogniser's hallucinations, by the measures that it returns with its text, and by the text.

Recognisers return text for silence and music, too. Text with a low probability, text without voice and repeated
text are left out. In music that the voice detection takes for a voice, recognisers write what their training
captions had there: credits, thanks, interjections.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

# The minimum mean log probability (natural logarithm) of a segment's tokens; the second one is for likely non-speech.
MIN_AVG_LOGPROB, MIN_AVG_LOGPROB_IN_NOISE = -1.2, -0.7
# Above this probability of no speech the stricter limit applies.
MAX_NO_SPEECH_PROB = 0.6
# Text with a higher compression ratio repeats itself.
MAX_COMPRESSION_RATIO = 2.4
# The minimum share of a segment's time with voice, and of its words with a duration above 20 ms.
MIN_VOICED_SHARE, MIN_TIMED_WORDS_SHARE = 0.25, 0.5
# More equal lines in a row are a loop.
MAX_REPEATS = 2
# Typical inventions are left out if this much speaks for noise. Two real clips of music give "Mm-hmm." at a
# probability of no speech of .52 and a log probability of -.52 and -.56; real thanks have about .05 and -.2.
MIN_NOISE_PROB, MAX_SURE_LOGPROB = 0.3, -0.5
# So few different words in so many are an interjection that repeats itself.
MIN_REPEATED_WORDS, MAX_DIFFERENT_SHARE = 4, 0.34

# Credits of captions, which recognisers learnt from: addresses anywhere, and the beginnings of credit lines.
_ADDRESSES = re.compile(r"amara\.org|castingwords|opensubtitles")
_CREDITS = re.compile(
    r"(?:subtitles?|captions?|transcri(?:bed|ption)) (?:by(?! default)|provided by)"
    r"|sous titr(?:es|age) (?:réalis|par |st )|untertitel(?:ung)? (?:der |des |im auftrag|von )"
    r"|subtítulos (?:por|realizados) |sottotitoli (?:creati|a cura)|legendas (?:pela|por) "
    r"|субтитры (?:сделал|создавал|подогнал)|редактор субтитров|字幕(?:by|志愿者|由|製作)|자막 ?(?:제공|제작)"
)
MAX_CREDIT_WORDS = 12
# What people do say, and recognisers write into music and silence: whole segments, folded.
_TYPICAL = frozenset(
    (
        *(
            "thank you",
            "thank you very much",
            "thanks",
            "thanks for watching",
            "thank you for watching",
        ),
        *(
            "please subscribe",
            "see you next time",
            "bye",
            "bye bye",
            "you",
            "oh",
            "ah",
            "uh",
            "um",
            "hmm",
            "mm",
        ),
        *(
            "mm hmm",
            "mhm",
            "uh huh",
            "yeah",
            "okay",
            "so",
            "music",
            "applause",
            "laughter",
            "silence",
        ),
        *(
            "merci",
            "merci d avoir regardé cette vidéo",
            "vielen dank",
            "danke",
            "gracias",
            "gracias por ver el video",
        ),
        *("obrigado", "grazie", "спасибо", "спасибо за внимание", "продолжение следует"),
        *(
            "감사합니다",
            "시청해주셔서 감사합니다",
            "시청해 주셔서 감사합니다",
            "다음 영상에서 만나요",
            "네",
            "아",
        ),
        *(
            "ご視聴ありがとうございました",
            "ありがとうございました",
            "はい",
            "谢谢观看",
            "谢谢大家",
            "謝謝觀看",
        ),
    )
)
_ENCLOSED = re.compile(r"[\[(（【*♪♫][^\])）】*♪♫]*[\])）】*♪♫]|[♪♫]")


def is_plausible(segment: Any, voiced: Sequence[tuple[float, float]]) -> bool:
    """Whether a faster-whisper segment is likely speech. `voiced` holds the (start, end) of voice in s."""
    is_probable = (
        segment.avg_logprob >= MIN_AVG_LOGPROB
        and segment.compression_ratio <= MAX_COMPRESSION_RATIO
    )
    is_clear = (
        segment.no_speech_prob <= MAX_NO_SPEECH_PROB
        or segment.avg_logprob >= MIN_AVG_LOGPROB_IN_NOISE
    )
    duration = segment.end - segment.start
    voiced_s = sum(max(0.0, min(segment.end, b) - max(segment.start, a)) for a, b in voiced)
    words = segment.words or ()
    timed_words = sum(word.end - word.start > 0.02 for word in words)
    return bool(
        is_probable
        and is_clear
        and voiced_s >= MIN_VOICED_SHARE * duration
        and timed_words >= MIN_TIMED_WORDS_SHARE * len(words)
        and not is_invented(
            segment.text, avg_logprob=segment.avg_logprob, no_speech_prob=segment.no_speech_prob
        )
    )


def is_invented(text: str, *, avg_logprob: float, no_speech_prob: float) -> bool:
    """Whether a segment's text says nothing, is a credit of captions, or is what recognisers write into music.

    The last needs measures that speak for noise: people do say "Thank you."
    """
    spoken = _fold(_ENCLOSED.sub(" ", text))
    if not spoken or _ADDRESSES.search(text.casefold()):
        return True
    words = spoken.split()
    if len(words) <= MAX_CREDIT_WORDS and _CREDITS.match(spoken):
        return True
    if no_speech_prob < MIN_NOISE_PROB and avg_logprob >= MAX_SURE_LOGPROB:
        return False
    if no_speech_prob < MIN_NOISE_PROB / 2:
        return False
    is_repeated = len(words) >= MIN_REPEATED_WORDS and len(set(words)) <= max(
        1, int(MAX_DIFFERENT_SHARE * len(words))
    )
    sentences = [_fold(part) for part in re.split(r"[.,!?;…。、！？]+", text)]
    return is_repeated or all(part in _TYPICAL for part in sentences if part)


def _fold(text: str) -> str:
    """Return the words without case and punctuation, with one space between two."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded))


class RepeatDetector:
    """Counts equal lines in a row."""

    def __init__(self) -> None:
        self._line = ""
        self._count = 0

    def is_loop(self, text: str) -> bool:
        """Whether the line has repeated too often. Counts it."""
        line = text.strip().casefold()
        self._count = self._count + 1 if line == self._line else 1
        self._line = line
        return self._count > MAX_REPEATS
