"""Search: from what a person typed to ranked entries."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.errors import HeimdexError
from mediakit.search_text import query as queries
from mediakit.search_text.query import Query, Term, parse_query
from mediakit.search_text.ranking import Ranker, matches
from videos.errors import VideoCode
from videos.search import words
from videos.search.candidates import (
    CANDIDATES,
    Candidate,
    Scope,
    newest_matching,
)
from videos.search.meaning import Near, near_scenes

MAX_QUERY_CHARS, MAX_TERMS = 500, 32
# A Korean verb has 40 to 60 written forms, and each is looked up by itself. From so many forms on they are looked up
# once, together with the parts of words; which of what is found has them is seen in its text.
MANY_FORMS = 20
# Matches inside of longer words rank after all others.
PART_FACTOR = 0.01
# Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, who chose 60): an entry's score is the sum of
# 1 / (60 + rank) over both lists. With this weight of meaning the first of its list, which no word found, comes after
# 183 that words found.
FUSION_RANK, MEANING_WEIGHT = 60, 0.25


class Ranked(NamedTuple):
    """A found entry. `video_id` is as the database stores it.

    `is_part`: found inside of longer words only. `is_by_meaning`: found by its meaning only; the words are not in it.
    """

    id: int
    video_id: Any
    score: float
    is_part: bool
    is_by_meaning: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found, the best first. `query` has the terms that were looked up in the end.

    `corrected` maps each mistyped word to the words that were looked up in its place. With `is_cut` there may be more,
    older matches.
    """

    query: Query
    ranked: tuple[Ranked, ...]
    corrected: dict[str, list[str]]
    is_cut: bool = False


def search(
    text: str, scope: Scope, *, is_typing: bool = False, in_one_video: bool = False
) -> Found:
    """Find what a person typed in the scope. Raises SEARCH_EMPTY or SEARCH_TOO_LONG, in words.

    1. The words as they are, then inside of longer words (Korean).
    2. If nothing matches: the last word as the beginning of one. With `is_typing` that comes first.
    3. If still nothing matches: words that the user's videos do not have are corrected to the nearest ones.
    4. Where a server for vectors is set up, scenes that mean what was typed are added, except with `is_typing`.
    """
    query = _checked(text)
    found = _found_by_words(query, text, scope, is_typing=is_typing)
    return found if is_typing else _with_meaning(found, near_scenes(text, query, scope))


def _found_by_words(query: Query, text: str, scope: Scope, *, is_typing: bool) -> Found:
    may_go_on = is_typing and text[-1:].isalnum()
    attempts: list[Callable[[], tuple[Query, dict[str, list[str]]]]] = [
        lambda: (_with_completions(query, scope) if may_go_on else query, {}),
        lambda: (_with_completions(query, scope), {}),
        lambda: _with_corrections(query, scope),
    ]
    tried: list[Query] = []
    for attempt in attempts:
        changed, corrected = attempt()
        if changed not in tried:
            tried.append(changed)
            found = _look_up(changed, scope)
            if found.ranked:
                return replace(found, corrected=corrected)
    return Found(query, (), {})


def _checked(text: str) -> Query:
    if len(text) > MAX_QUERY_CHARS:
        raise HeimdexError(VideoCode.SEARCH_TOO_LONG, {"limit": MAX_QUERY_CHARS})
    query = parse_query(text)
    if not query.required:
        raise HeimdexError(VideoCode.SEARCH_EMPTY)
    if len(query.required) + len(query.excluded) > MAX_TERMS:
        raise HeimdexError(VideoCode.SEARCH_TOO_MANY_WORDS, {"limit": MAX_TERMS})
    return query


def _with_meaning(found: Found, near: Sequence[Near]) -> Found:
    """Fuse what was found by words with what is near in meaning, by reciprocal rank."""
    if not near:
        return found
    scores: dict[int, float] = defaultdict(float)
    for rank, row in enumerate(found.ranked, start=1):
        scores[row.id] += 1 / (FUSION_RANK + rank)
    for rank, each in enumerate(near, start=1):
        scores[each.id] += MEANING_WEIGHT / (FUSION_RANK + rank)
    by_words = {row.id for row in found.ranked}
    others = [
        Ranked(each.id, each.video_id, 0, is_part=False, is_by_meaning=True)
        for each in near
        if each.id not in by_words
    ]
    rows = [row._replace(score=round(scores[row.id], 6)) for row in [*found.ranked, *others]]
    return replace(found, ranked=tuple(sorted(rows, key=lambda row: (-row.score, -row.id))))


def _look_up(query: Query, scope: Scope) -> Found:
    """Look a query up as it is, and inside of longer words where that finds fewer than CANDIDATES."""
    loosened = query.loosened()
    parts: list[Candidate] = []
    if query.is_loosenable and _forms(query) >= MANY_FORMS:
        parts = newest_matching(loosened, scope)
    if parts and len(parts) < CANDIDATES:
        candidates = [candidate for candidate in parts if matches(query, candidate.body)]
    else:
        candidates = newest_matching(query, scope)
    ranked = _ranked(query.required, candidates)
    is_cut = len(candidates) >= CANDIDATES
    if query.is_loosenable and not is_cut:
        exact = {candidate.id for candidate in candidates}
        parts = parts or newest_matching(loosened, scope)
        is_cut = len(parts) >= CANDIDATES
        parts = [candidate for candidate in parts if candidate.id not in exact]
        ranked += _ranked(loosened.required, parts, is_part=True)
    return Found(query, tuple(ranked), {}, is_cut=is_cut)


def _forms(query: Query) -> int:
    return sum(len(term.phrases) for term in query.required)


def _ranked(
    terms: Sequence[Term], candidates: Sequence[Candidate], *, is_part: bool = False
) -> list[Ranked]:
    """Rank candidates; of equal ones the newest comes first."""
    scores = Ranker(terms).scores([candidate.body for candidate in candidates])
    factor = PART_FACTOR if is_part else 1
    rows = [
        Ranked(candidate.id, candidate.video_id, round(score * factor, 6), is_part)
        for candidate, score in zip(candidates, scores, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row.score, -row.id))


def _with_completions(query: Query, scope: Scope) -> Query:
    """Return the query whose last word may go on."""
    *before, last = query.required
    if len(last.word) < 2:
        return query
    more = words.completions(last.word, owner_id=scope.owner_id)
    return replace(query, required=(*before, queries.completed(last, more)))


def _with_corrections(query: Query, scope: Scope) -> tuple[Query, dict[str, list[str]]]:
    """Return the query with the words corrected that the user's videos do not have, and these corrections."""
    corrected: dict[str, list[str]] = {}
    required: list[Term] = []
    for term in query.required:
        is_known = not term.word or bool(newest_matching(Query((term,)), Scope(scope.owner_id)))
        near = [] if is_known else words.corrected_words(term.word, owner_id=scope.owner_id)
        if near:
            corrected[term.word] = near
        required.append(queries.corrected(term, near) if near else term)
    return replace(query, required=tuple(required)), corrected
