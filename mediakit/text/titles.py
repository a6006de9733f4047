"""A title for a cut, made from what is said in it."""

from collections.abc import Sequence

from mediakit.text.transcript import Cue, estimate_words, join_words, sentence_spans

MAX_CHARS = 80  # two lines of a list on a phone
MAX_WORDS = 40  # no sentence of more words fits into MAX_CHARS
# Fewer words than this that begin small are the end of a sentence that was cut.
FRAGMENT_WORDS = 3
_OPEN_ENDS = ".,;:!?。，、；：！？…- "


def first_sentence(cues: Sequence[Cue], *, max_chars: int = MAX_CHARS) -> str:
    """The first sentence of the cues, after what is left of one that was cut.

    One of more characters ends with "…" after a word. Empty without words.
    """
    words = [word for cue in cues[:MAX_WORDS] for word in estimate_words(cue).words][:MAX_WORDS]
    if not words:
        return ""
    spans = sentence_spans(words)
    is_fragment = spans[0][1] < FRAGMENT_WORDS and words[0].text[:1].islower()
    first, end = spans[1] if is_fragment and len(spans) > 1 else spans[0]
    kept = [word.text for word in words[first:end]]
    sentence = join_words(kept)
    if len(sentence) <= max_chars:
        return sentence
    while len(kept) > 1 and len(join_words(kept)) >= max_chars:
        kept.pop()
    return join_words(kept)[: max_chars - 1].rstrip(_OPEN_ENDS) + "…"
