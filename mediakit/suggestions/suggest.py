"""Suggested clips of a video: ranges that stand on their own, ranked, with reasons. No model and no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mediakit.suggestions import wording
from mediakit.suggestions.material import (
    MAX_CLIP_MS,
    MIN_CLIP_MS,
    Material,
    Reason,
    Suggestion,
)
from mediakit.suggestions.phrases import phrases
from mediakit.suggestions.pictures import with_a_picture
from mediakit.suggestions.scoring import WEIGHTS, ScoredWindow, WindowScorer
from mediakit.suggestions.selection import choose, windows
from mediakit.suggestions.sentences import Sentence, read_sentences
from mediakit.suggestions.topics import key_term_counts, topic_borders, video_key_terms
from mediakit.suggestions.wordless import suggest_without_words
from mediakit.text.languages import guess_language, normalize_language_code

# One suggestion for this much of the video, within these limits.
TIME_PER_SUGGESTION_MS = 180_000
LEAST_COUNT, MOST_COUNT = 5, 40
# How often other clips take the place of those that open badly, and are looked at in turn.
MAX_LOOKS = 3
Look = Callable[[Sequence[int]], Sequence[tuple[bool, bool]]]


def suggest(
    material: Material,
    *,
    min_ms: int = MIN_CLIP_MS,
    max_ms: int = MAX_CLIP_MS,
    weights: Mapping[Reason, float] = WEIGHTS,
) -> list[Suggestion]:
    """Return the suggested clips of a video, the best first; the same material gives the same list.

    Each is `min_ms` to `max_ms` long, and no two share more than a tenth. Without words they are made from sound and
    picture. A video in which no range fits has none.
    """
    count = suggestion_count(material.duration_ms)
    material = _ordered(material)
    text = " ".join(cue.text for cue in material.cues)
    code = normalize_language_code(material.language).partition("-")[0] or guess_language(text)
    sentences = read_sentences(material.cues, phrases(code), duration_ms=material.duration_ms)
    if not sentences:
        return suggest_without_words(material, count=count, min_ms=min_ms, max_ms=max_ms)
    terms = video_key_terms(sentences, code)
    term_counts = key_term_counts(sentences, terms)
    scorer = WindowScorer(
        sentences,
        material,
        term_counts=term_counts,
        borders=topic_borders(sentences, code),
        weights=weights,
    )
    found = windows(sentences, duration_ms=material.duration_ms, min_ms=min_ms, max_ms=max_ms)
    candidates = with_a_picture(list(found), material, start=lambda window: window.start_ms)
    ranked = sorted(
        scorer.score(candidates),
        key=lambda each: (-each.score, each.window.start_ms, each.window.end_ms),
    )
    chosen = choose(
        ranked,
        count=count,
        span=lambda each: (each.window.start_ms, each.window.end_ms),
        tokens=lambda each: _tokens(_said(sentences, each)),
    )
    return [_worded(each, _said(sentences, each), term_counts, terms) for each in chosen]


def suggest_by_openings(
    material: Material, look: Look, *, max_ms: int = MAX_CLIP_MS
) -> list[Suggestion]:
    """Return the suggested clips as `suggest` does, without those that open on a black or frozen picture.

    `look` says of times whether they are black, and whether they are frozen. Where most openings are frozen the video
    shows slides, and that says nothing. If every clip opens badly, all are kept.
    """
    seen: dict[int, tuple[bool, bool]] = {}
    found = suggest(material, max_ms=max_ms)
    for _ in range(MAX_LOOKS):
        unknown = [each.start_ms for each in found if each.start_ms not in seen]
        if not unknown:
            break
        seen |= dict(zip(unknown, look(unknown), strict=True))
        bad = _bad_starts(seen)
        dark = sorted({*material.dark_ms, *bad})
        found = suggest(replace(material, dark_ms=dark), max_ms=max_ms)
    bad = _bad_starts(seen)
    return [each for each in found if each.start_ms not in bad] or found


def _bad_starts(seen: Mapping[int, tuple[bool, bool]]) -> set[int]:
    frozen = {at for at, (_, is_frozen) in seen.items() if is_frozen}
    if 2 * len(frozen) > len(seen):
        frozen = set()
    return frozen | {at for at, (is_black, _) in seen.items() if is_black}


def suggestion_count(duration_ms: int) -> int:
    """Return how many clips a video of that length is offered."""
    return min(MOST_COUNT, max(LEAST_COUNT, -(-duration_ms // TIME_PER_SUGGESTION_MS)))


def _ordered(material: Material) -> Material:
    return replace(
        material,
        shots_ms=sorted(material.shots_ms),
        faces=sorted(material.faces, key=lambda face: face.time_ms),
        dark_ms=sorted(material.dark_ms),
        still_ms=sorted(material.still_ms),
    )


def _said(sentences: Sequence[Sentence], scored: ScoredWindow) -> Sequence[Sentence]:
    return sentences[scored.window.first : scored.window.last + 1]


def _tokens(said: Sequence[Sentence]) -> list[str]:
    return [token for sentence in said for token in sentence.tokens]


def _worded(
    scored: ScoredWindow,
    said: Sequence[Sentence],
    term_counts: Sequence[int],
    terms: Sequence[str],
) -> Suggestion:
    first = scored.window.first
    counts = term_counts[first : first + len(said)]
    carrying = wording.carrying_sentence(said, counts)
    return Suggestion(
        start_ms=scored.window.start_ms,
        end_ms=scored.window.end_ms,
        score=scored.score,
        reasons=scored.reasons,
        sentence=wording.shorten(carrying.text, wording.SENTENCE_CHARS),
        title=wording.title(said, counts),
        description=wording.description(said),
        hashtags=wording.hashtags(said, terms),
        signals=scored.signals,
    )
