"""Looking a query up in the database's full-text index: the newest entries that match.

Ranking every entry that matches takes seconds in a large library, so only the newest CANDIDATES are ranked. Both
databases return the same ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Min

from mediakit.search_text import ranking
from mediakit.search_text.query import Phrase, Query, Term
from videos.models import SearchEntry, VideoQuerySet
from videos.search.entries import owner_label

# The most entries of one query that are ranked.
CANDIDATES = 1_000
# PostgreSQL tests so many entries, spread over the newest SAMPLED_NUMBERS, to see how frequent a query's matches are. A
# query of more forms is tested on fewer, so that this takes 1 to 3 ms.
SAMPLE, SAMPLED_FORMS, SAMPLED_NUMBERS = 600, 3_000, 60_000
# With fewer matches in the sample all are opened: there are few, and the sample does not tell how many.
MIN_SAMPLE_MATCHES = 4
# What is searched has so many more matches than are asked for, in standard deviations of what the sample tells.
DEPTH_MARGIN = 2.0
# So many entries are passed in the index of numbers in the time in which one is opened.
PASSED_A_READ = 60
# How PostgreSQL plans a search. Comparing a text with a query is as dear as opening its entry; told so, it reads the
# table from its end for frequent words only, and has the index of words and that of numbers say what to open.
# Compiling a query takes longer than it saves.
_PLANS = {"cpu_operator_cost": "0.05", "jit": "off"}
# Without these it would walk the window by number and read every text in it, on two processors.
_PLANS_BY_INDEX = {
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "max_parallel_workers_per_gather": "0",
    **_PLANS,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to search: the videos of one user, optionally one or some of them, and entries with all of these labels.

    With `is_said` only in what is said.
    """

    owner_id: int
    video_id: UUID | None = None
    videos: VideoQuerySet | None = None
    labels: tuple[str, ...] = ()
    is_said: bool = False


class Candidate(NamedTuple):
    """An entry that matches. `video_id` is as the database stores it."""

    id: int
    video_id: Any
    body: str


def newest_matching(query: Query, scope: Scope) -> list[Candidate]:
    """Return the newest entries in the scope that match, at most CANDIDATES, the newest first."""
    if scope.video_id is not None:
        return _in_one_video(query, scope, scope.video_id)
    terms = [*scope_terms(scope), *query.required]
    if connection.vendor == "sqlite":
        return _on_sqlite(terms, query.excluded, scope)
    return _on_postgresql(terms, query.excluded, scope)


def _in_one_video(query: Query, scope: Scope, video_id: UUID) -> list[Candidate]:
    """Read the entries of a video without the index, which has the matches in all videos."""
    scoped = Query((*scope_terms(scope), *query.required), query.excluded)
    entries = SearchEntry.objects.filter(owner_id=scope.owner_id, video_id=video_id)
    if scope.videos is not None:
        entries = entries.filter(video__in=scope.videos)
    if scope.is_said:
        entries = entries.filter(scene__isnull=False)
    rows = entries.order_by("-id").values_list("id", "video_id", "body")
    return [Candidate(*row) for row in rows if ranking.matches(scoped, row[2])][:CANDIDATES]


def scope_terms(scope: Scope) -> list[Term]:
    """The terms that every entry of the scope has: its owner and its labels."""
    labels = (owner_label(scope.owner_id), *scope.labels)
    return [Term((Phrase((label,)),)) for label in labels]


def _on_sqlite(terms: Sequence[Term], excluded: Sequence[Term], scope: Scope) -> list[Candidate]:
    all_of = " AND ".join(map(_fts5_term, terms))
    none_of = " OR ".join(map(_fts5_term, excluded))
    match = f"({all_of}) NOT ({none_of})" if none_of else all_of
    narrowed, params = _narrowed(scope)
    return _rows(
        f"""
        SELECT entry.id, entry.video_id, entry.body
        FROM videos_searchindex AS found CROSS JOIN videos_searchentry AS entry ON entry.id = found.rowid
        WHERE found.videos_searchindex MATCH %s AND entry.owner_id = %s {narrowed}
        ORDER BY found.rowid DESC LIMIT %s
        """,  # noqa: S608 - the fragment is the ORM's
        [match, scope.owner_id, *params, CANDIDATES],
    )


def _on_postgresql(
    terms: Sequence[Term], excluded: Sequence[Term], scope: Scope
) -> list[Candidate]:
    if _needs_index([*terms, *excluded]):
        return _newest_by_index(terms, excluded, scope)
    where, values = _condition(terms, excluded, scope)
    return _rows_set(
        _PLANS,
        f"""
        SELECT entry.id, entry.video_id, entry.body FROM videos_searchentry AS entry
        WHERE {where} ORDER BY entry.id DESC LIMIT %s
        """,  # noqa: S608 - the fragments are the ORM's and ours
        [*values, CANDIDATES],
    )


def _condition(
    terms: Sequence[Term], excluded: Sequence[Term], scope: Scope
) -> tuple[str, list[Any]]:
    """Return the condition that an entry matches, and its values."""
    narrowed, params = _narrowed(scope)
    query = _tsquery(terms, excluded)
    where = f"entry.owner_id = %s AND entry.tsv @@ %s::tsquery {narrowed}"
    return where, [scope.owner_id, query, *params]


def _condition_by_pairs(
    terms: Sequence[Term], excluded: Sequence[Term], scope: Scope
) -> tuple[str, list[Any]]:
    """Return the condition that an entry matches, by which phrases are looked up in the index of pairs.

    The index of words has no places: of frequent words it names ten thousands of entries in which they stand apart. So
    it is used for the words besides the phrases only; what is no plain comparison is not looked up in it.
    """
    narrowed, params = _narrowed(scope)
    pairs = [pair for term in terms if (pair := _pairs(term))]
    words = [term for term in terms if not _pairs(term)]
    has_pairs = ["videos_token_pairs(entry.body) @> videos_token_pairs(%s)"] * len(pairs)
    has_words = ["entry.tsv @@ %s::tsquery"] if words else []
    matches = ["entry.owner_id = %s", "(entry.tsv @@ %s::tsquery) IS TRUE"]
    where = f"{' AND '.join([*matches, *has_pairs, *has_words])} {narrowed}"
    query = _tsquery(terms, excluded)
    return where, [
        scope.owner_id,
        query,
        *pairs,
        *([_tsquery(words, ())] if words else []),
        *params,
    ]


def _pairs(term: Term) -> str:
    """Return the tokens, two and more, that follow each other in every entry with the term; "" where it has none."""
    if len(term.phrases) > 1:
        return ""
    tokens, is_prefix = term.phrases[0]
    followed = tokens[:-1] if is_prefix else tokens
    return " ".join(followed) if len(followed) > 1 else ""


def _newest_by_index(
    terms: Sequence[Term], excluded: Sequence[Term], scope: Scope
) -> list[Candidate]:
    """Return the newest entries through PostgreSQL's indexes, at first among the newest ones of a large library.

    An index names every entry with a word that is in many, and each would be opened for its number. How many of the
    newest ones are likely to have CANDIDATES matches is seen by a sample.
    """
    ends = SearchEntry.objects.filter(owner_id=scope.owner_id).aggregate(Min("id"), Max("id"))
    oldest, newest = ends["id__min"] or 0, ends["id__max"] or 0
    label = owner_label(scope.owner_id)
    others = [term for term in terms if term.phrases[0].tokens != (label,)]
    forms = sum(len(term.phrases) for term in [*others, *excluded])
    sampled = _condition(others, excluded, scope)
    sample = _sample(sampled, oldest, newest, size=min(SAMPLE, SAMPLED_FORMS // forms))
    has_pairs = any(map(_pairs, others))
    by_number = _condition_by_pairs(others, excluded, scope) if has_pairs else sampled
    # Where nearly all entries are the owner's, or pairs say what to open, the label only takes time.
    needs_label = not (sample.is_mostly_own or has_pairs)
    among_all = _condition(terms, excluded, scope) if needs_label else by_number
    found: list[Candidate] = []
    upto = newest
    while (wanted := CANDIDATES - len(found)) > 0:
        after = sample.depth(oldest, upto, wanted=wanted)
        if after is None:
            return found + _rows_by_index(*_up_to(among_all, upto), limit=wanted)
        where, values = _up_to(by_number, upto)
        more = _rows_by_index(f"{where} AND entry.id > %s", [*values, after], limit=wanted)
        found += more
        # What was found says better than the sample how far down the rest is.
        sample = sample._replace(size=upto - after, matches=len(more))
        upto = after
    return found


def _up_to(condition: tuple[str, Sequence[Any]], newest: int) -> tuple[str, list[Any]]:
    where, values = condition
    return f"{where} AND entry.id <= %s", [*values, newest]


class Sample(NamedTuple):
    """Of `size` numbers of entries so many are an owner's, and so many of these match."""

    size: int
    own: int
    matches: int

    @property
    def is_mostly_own(self) -> bool:
        """Whether most entries are the owner's."""
        return 2 * self.own > self.size

    def depth(self, oldest: int, newest: int, *, wanted: int) -> int | None:
        """Return the number after which so many matches as wanted are likely; None where all are to be opened.

        That is where the sample tells too little, and where opening every match costs no more than passing all numbers
        down to that one. The owner's entries are those from `oldest` to `newest`.
        """
        if self.matches < MIN_SAMPLE_MATCHES:
            return None
        deviation = sqrt(1 / self.matches + 1 / wanted)
        matches = wanted * (1 + DEPTH_MARGIN * deviation)
        passed = max(1, round(matches * self.size / self.matches))
        all_matches = (newest - oldest) * self.matches / self.size
        is_cheaper = passed / PASSED_A_READ + matches < all_matches
        return newest - passed if is_cheaper else None


def _sample(condition: tuple[str, Sequence[Any]], oldest: int, newest: int, *, size: int) -> Sample:
    """Test entries at equal distances among the newest ones; none in a library of few."""
    step = min(SAMPLED_NUMBERS, newest - oldest) // max(1, size)
    if step < 2:
        return Sample(1, 0, 0)
    numbers = list(range(newest, newest - step * size, -step))
    where, values = condition
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE {where}) FROM videos_searchentry AS entry
            WHERE entry.id = ANY(%s) AND entry.owner_id = %s
            """,  # noqa: S608 - the fragments are the ORM's and ours
            [*values, numbers, values[0]],
        )
        return Sample(size, *cursor.fetchone())


def _needs_index(terms: Iterable[Term]) -> bool:
    """Whether PostgreSQL takes the matches for far more frequent than they are, as it does with phrases and prefixes.

    Then it would read the whole table from its end. It knows the frequency of plain words, so it may choose itself: the
    index for a rare word, the table's end for a frequent one.
    """
    return any(
        phrase.is_prefix or len(phrase.tokens) > 1 for term in terms for phrase in term.phrases
    )


def _narrowed(scope: Scope) -> tuple[str, Sequence[Any]]:
    """The scope's conditions that are no labels. Nearly all entries are said, so that needs none."""
    said = "AND entry.scene_id IS NOT NULL" if scope.is_said else ""
    if scope.videos is None:
        return said, ()
    sql, params = scope.videos.order_by().values("pk").query.sql_with_params()
    return f"{said} AND entry.video_id IN ({sql})", params


def _rows_by_index(where: str, values: Sequence[Any], *, limit: int) -> list[Candidate]:
    """Return the newest entries; PostgreSQL reads the table's pages only where its index of words sends it."""
    return _rows_set(
        _PLANS_BY_INDEX,
        f"""
        WITH matching AS MATERIALIZED (SELECT id, entry.ctid AS place FROM videos_searchentry AS entry WHERE {where}),
            newest AS MATERIALIZED (SELECT id, place FROM matching ORDER BY id DESC LIMIT %s)
        SELECT entry.id, entry.video_id, entry.body
        FROM newest JOIN videos_searchentry AS entry ON entry.ctid = newest.place ORDER BY entry.id DESC
        """,  # noqa: S608 - the fragments are the ORM's and ours
        [*values, limit],
    )


def _rows_set(settings: Mapping[str, str], sql: str, params: Sequence[Any]) -> list[Candidate]:
    """Return the rows of a query for which PostgreSQL has these settings."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items()))
        rows = _rows(sql, params)
        cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in settings))
    return rows


def _rows(sql: str, params: Sequence[Any]) -> list[Candidate]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Candidate(*row) for row in cursor.fetchall()]


def _fts5_term(term: Term) -> str:
    """Return a term in FTS5's language. Tokens have letters and digits only, so nothing needs escaping."""
    phrases = (f'"{" ".join(phrase.tokens)}"{" *" * phrase.is_prefix}' for phrase in term.phrases)
    return f"({' OR '.join(phrases)})"


def _tsquery(terms: Iterable[Term], excluded: Iterable[Term]) -> str:
    """Return a query in PostgreSQL's language."""
    return " & ".join([*map(_tsquery_term, terms), *(f"!{_tsquery_term(t)}" for t in excluded)])


def _tsquery_term(term: Term) -> str:
    """Return a term in PostgreSQL's language."""
    return f"({' | '.join(map(_tsquery_phrase, term.phrases))})"


def _tsquery_phrase(phrase: Phrase) -> str:
    tokens = [f"'{token}'" for token in phrase.tokens]
    return f"({' <-> '.join(tokens)}{':*' * phrase.is_prefix})"
