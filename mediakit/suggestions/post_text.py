"""What is written beside a Short when it is posted: a description and hashtags from its own words."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.suggestions import wording
from mediakit.suggestions.phrases import phrases
from mediakit.suggestions.sentences import Sentence, read_sentences
from mediakit.text.languages import normalize_language_code
from mediakit.text.transcript import Cue

# Fewer words than this at the start, before a whole sentence, are the end of one that was cut.
_FRAGMENT_WORDS = 3
_ENDS = tuple('.!?…。！？"”’)')


@dataclass(frozen=True, slots=True)
class PostText:
    """The first sentences of a Short, and key terms of its video that are said in it, as `#term`."""

    description: str = ""
    hashtags: tuple[str, ...] = ()


def post_text(cues: Sequence[Cue], *, language: str, terms: Sequence[str]) -> PostText:
    """Return the post's text for the cues of a Short; `terms` are the key terms of its video, the best first.

    Empty where nothing is said. Nothing is invented.
    """
    code = normalize_language_code(language).partition("-")[0]
    end_ms = max((cue.end_ms for cue in cues), default=0)
    sentences = _whole(read_sentences(cues, phrases(code), duration_ms=end_ms))
    if not sentences:
        return PostText()
    return PostText(wording.description(sentences), wording.hashtags(sentences, terms))


def _whole(sentences: Sequence[Sentence]) -> Sequence[Sentence]:
    """Return the sentences without a fragment at the start, and without one at the end where others are punctuated."""
    if len(sentences) > 1 and len(sentences[0].tokens) < _FRAGMENT_WORDS:
        sentences = sentences[1:]
    others = sentences[:-1]
    is_cut = others and not sentences[-1].text.endswith(_ENDS)
    return others if is_cut and all(each.text.endswith(_ENDS) for each in others) else sentences
