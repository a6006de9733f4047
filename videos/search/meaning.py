"""Search by meaning: scenes whose text means what was typed, whatever its words. Off without a server for vectors.

A server with the OpenAI embeddings API makes a vector of each scene's text, in the background, and of a query. They are
compared here, in numpy; the database only keeps them, as half-precision numbers, each with the search entry whose words
it stands for: an entry that is replaced loses its vector, and gets a new one.
"""

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from mediakit.remote.embeddings import EmbeddingServiceError, embed_texts
from mediakit.search_text import ranking
from mediakit.search_text.query import Query
from videos.models import SearchEntry, SearchVector
from videos.search.candidates import Scope, scope_terms

logger = logging.getLogger(__name__)

# How many texts the server gets at a time, and how much of a scene: about 500 words.
BATCH, MAX_TEXT_CHARS = 32, 3_000
# The newest so many scenes are compared: with 1,536 dimensions 60 MB are read for one query.
MAX_COMPARED, ROWS_AT_A_TIME = 20_000, 2_000
# A scene is near when it is so many standard deviations nearer than all on average, and so near itself (cosine):
# a query of nonsense is about equally far from all.
MIN_SIGMA, MIN_COSINE, MAX_NEAR = 2.5, 0.2, 20
# So many of the nearest are looked at for the filters of the search.
MAX_FILTERED = 200
QUERY_TIMEOUT_S, CACHED_S = 3, 3_600
# A server that did not answer a query is not asked again for so long: searches do not wait for it in turn.
AWAY_KEY, AWAY_S = "query-vector-away", 30
# For so long it is known up to which entry every scene has its vector, and only newer entries are looked at. Then all
# are looked at again: an entry may be stored after one with a higher number.
SEEN_S = 3_600
_REFUSED = frozenset({400, 413, 422})
_EXCLUDED = re.compile(r"(?<!\S)-\S+")


class Near(NamedTuple):
    """A scene's entry that is near in meaning. `video_id` is as the database stores it."""

    id: int
    video_id: Any


def is_on() -> bool:
    """Whether a server for vectors is set up."""
    return bool(settings.EMBEDDING_API_URL)


def embed_missing(*, limit: int) -> int:
    """Give up to `limit` batches of scenes their vectors; returns how many scenes got one.

    Raises EmbeddingServiceError when the server does not answer. A text that it refuses gets an empty vector, so that
    it is not asked for again.
    """
    if not is_on():
        return 0
    entries = _waiting(limit * BATCH)
    for start in range(0, len(entries), BATCH):
        some = entries[start : start + BATCH]
        texts = [entry.scene.text[:MAX_TEXT_CHARS] for entry in some if entry.scene]
        rows = [
            SearchVector(
                entry=entry,
                owner_id=entry.owner_id,
                model=settings.EMBEDDING_API_MODEL,
                vector=vector,
            )
            for entry, vector in zip(some, _vectors(texts), strict=True)
        ]
        _save(rows)
    return len(entries)


def _waiting(limit: int) -> list[SearchEntry]:
    """Up to `limit` entries without a vector. What was found complete before is not read again for SEEN_S."""
    key = f"vectors-complete:{hashlib.sha256(settings.EMBEDDING_API_MODEL.encode()).hexdigest()}"
    newest = SearchEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = without_vector().filter(pk__gt=cache.get(key, 0))
    found = list(rows.select_related("scene").defer("body", "words")[:limit])
    if not found and cache.get(key) is None:
        cache.set(key, newest, SEEN_S)
    return found


def without_vector() -> QuerySet[SearchEntry]:
    """Entries of scenes with words that have no vector of the model in use, the newest first."""
    known = SearchVector.objects.filter(entry=OuterRef("pk"), model=settings.EMBEDDING_API_MODEL)
    spoken = SearchEntry.objects.filter(scene__isnull=False).exclude(scene__text="")
    return spoken.exclude(Exists(known)).order_by("-pk")


def near_scenes(text: str, query: Query, scope: Scope) -> list[Near]:
    """The user's scenes that mean what was typed, the nearest first; none when the server does not answer.

    The scope's conditions and the query's excluded words hold for them as well. Somebody who types an "exact phrase"
    wants these words and no others.
    """
    if not is_on() or not all(term.word for term in query.required):
        return []
    wanted = _query_vector(_EXCLUDED.sub(" ", text).strip())
    if not wanted:
        return []
    near = _nearest(wanted, scope)
    bodies = SearchEntry.objects.filter(pk__in=[row.id for row in near]).values_list("pk", "body")
    held = Query(tuple(scope_terms(scope)), query.excluded)
    fitting = {pk for pk, body in bodies if ranking.matches(held, body)}
    return [row for row in near if row.id in fitting][:MAX_NEAR]


def _save(rows: Sequence[SearchVector]) -> None:
    """Save vectors of entries that are still there: a scene may have changed while the server was asked."""
    with transaction.atomic():
        entries = SearchEntry.objects.filter(pk__in=[row.entry_id for row in rows])
        present = set(entries.select_for_update(no_key=True).values_list("pk", flat=True))
        SearchVector.objects.bulk_create(
            [row for row in rows if row.entry_id in present],
            update_conflicts=True,
            unique_fields=["entry"],
            update_fields=["model", "vector"],
        )


def _vectors(texts: Sequence[str]) -> list[bytes]:
    """The vector of each text as bytes; empty for one that the server refuses."""
    try:
        return [_packed(vector) for vector in _ask(texts)]
    except EmbeddingServiceError as error:
        if error.status not in _REFUSED:
            raise
        if len(texts) == 1:
            logger.warning("the embedding service refused a scene's text: %s", error)
            return [b""]
    return [vector for text in texts for vector in _vectors([text])]


def _ask(texts: Sequence[str], *, timeout_s: float | None = None, attempts: int = 3) -> list[Any]:
    return list(
        embed_texts(
            texts,
            url=settings.EMBEDDING_API_URL,
            key=settings.EMBEDDING_API_KEY,
            model=settings.EMBEDDING_API_MODEL,
            timeout_s=timeout_s or settings.REMOTE_TIMEOUT_S,
            attempts=attempts,
        )
    )


def _query_vector(text: str) -> bytes:
    """The vector of a query, asked for once an hour; empty while the server does not answer in time."""
    name = f"{settings.EMBEDDING_API_MODEL}\n{text}".encode()
    key = f"query-vector:{hashlib.sha256(name).hexdigest()}"
    known: bytes | None = cache.get(key)
    if known is not None:
        return known
    if cache.get(AWAY_KEY):
        return b""
    try:
        (vector,) = _ask([text], timeout_s=QUERY_TIMEOUT_S, attempts=1)
    except EmbeddingServiceError as error:
        logger.warning("a query is answered by its words alone: %s", error)
        if error.status not in _REFUSED:
            cache.set(AWAY_KEY, True, AWAY_S)  # noqa: FBT003 -- a cache takes the value by position
        return b""
    packed = _packed(vector)
    cache.set(key, packed, CACHED_S)
    return packed


def _packed(vector: Sequence[float]) -> bytes:
    """The vector as little-endian half-precision numbers."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and seldom need it

    return np.asarray(vector, "<f2").tobytes()


def _nearest(wanted: bytes, scope: Scope) -> list[Near]:
    """The MAX_FILTERED nearest of the scope's scenes that are near, the nearest first."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and seldom need it

    ids: list[Near] = []
    parts: list[np.ndarray[Any, Any]] = []
    target = np.frombuffer(wanted, "<f2").astype(np.float32)
    for rows in _stored(scope, size_bytes=len(wanted)):
        ids += [Near(entry_id, video_id) for entry_id, video_id, _ in rows]
        stored = np.frombuffer(b"".join(vector for *_, vector in rows), "<f2")
        parts.append(stored.reshape(len(rows), -1).astype(np.float32) @ target)
    if not parts:
        return []
    cosines = np.concatenate(parts)
    least = max(MIN_COSINE, float(cosines.mean() + MIN_SIGMA * cosines.std()))
    order = np.argsort(-cosines, kind="stable")[:MAX_FILTERED]
    return [ids[at] for at in order if cosines[at] >= least]


def _stored(scope: Scope, *, size_bytes: int) -> Iterator[list[tuple[int, Any, bytes]]]:
    """The newest vectors of the scope in parts, with their entries and videos; only those of a query's dimensions."""
    rows = SearchVector.objects.filter(owner_id=scope.owner_id, model=settings.EMBEDDING_API_MODEL)
    if scope.video_id is not None:
        rows = rows.filter(entry__video_id=scope.video_id)
    if scope.videos is not None:
        rows = rows.filter(entry__video__in=scope.videos)
    found = rows.order_by("-entry_id").values_list("entry_id", "entry__video_id", "vector")
    newest = iter(found[:MAX_COMPARED].iterator(chunk_size=ROWS_AT_A_TIME))
    while some := [(pk, video_id, bytes(v)) for pk, video_id, v in islice(newest, ROWS_AT_A_TIME)]:
        if fitting := [row for row in some if len(row[2]) == size_bytes]:
            yield fitting
