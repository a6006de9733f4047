"""The processes of `benchmarks.search.speed`: each fills one database or measures what search needs on it."""

import json
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import bulk_rows, environment
from benchmarks.search.made_speech import KOREAN_EACH, SCENES_A_VIDEO, Speech, queries

MANY, FEW = 1, 2  # the ids of the people with 99 % and with 1 % of the videos
FEW_EACH = 100
SCENE_MS = 30_000
TIMED, COMPARED, FROM_VIDEOS = 10, 84, 60
NS_PER_MS = 1e6
TURNS = 3  # of which the fastest counts, as other work on the machine only adds


# Common words, and one that is being typed.
FIRST = ("jim", '"jim re"', "tro")


def main(folder: Path, scenes: int, command: str, *argv: str) -> None:
    """Run one command: `fill`, `first N` or `all`."""
    environment.set_up(folder, migrate=command == "fill")
    began = time.perf_counter()
    if command == "fill":
        fill(scenes)
    elif command == "first":
        _found(FIRST[int(argv[0])], MANY)
        print((time.perf_counter() - began) * 1000)
    else:
        print(json.dumps(measure(scenes)))


def fill(scenes: int) -> None:
    """Write people, videos, scenes and what is indexed of them, unless it is there."""
    from accounts.models import User  # noqa: PLC0415 - after the set-up
    from videos.models import Cue, Scene, SearchEntry, SearchWord, Video  # noqa: PLC0415

    if User.objects.exists():
        return
    speech = Speech()
    videos = scenes // SCENES_A_VIDEO
    bulk_rows.write(User, ["id", "username"], [(MANY, "many"), (FEW, "few")])
    columns = ["id", "owner_id", "title", "filename", "source_key", "status", "duration_ms"]
    bulk_rows.write(
        Video,
        columns,
        (
            (_id(n), _owner(n), f"Talk {n}", "talk.mp4", f"sources/{n}", "ready", 9_000_000)
            for n in range(videos)
        ),
    )
    bulk_rows.write(
        Scene,
        ["id", "video_id", "index", "start_ms", "end_ms", "text"],
        (
            (_id(n, at), _id(n), at, at * SCENE_MS, (at + 1) * SCENE_MS, text)
            for n in range(videos)
            for at, text in enumerate(speech.scenes(n))
        ),
    )
    bulk_rows.write(
        Cue,
        ["video_id", "index", "start_ms", "end_ms", "text", "words"],
        _cues(speech, videos),
        skip=["id"],
    )
    with _index_built_at_the_end():
        bulk_rows.write(
            SearchEntry,
            ["owner_id", "video_id", "scene_id", "body", "version"],
            _entries(speech, videos),
            skip=["id"],
        )
    counts = _word_counts(speech)
    rows = ((owner, word, count) for owner in (MANY, FEW) for word, count in counts)
    bulk_rows.write(SearchWord, ["owner_id", "word", "count"], rows, skip=["id"])
    _analyze()


def measure(scenes: int) -> dict[str, Any]:
    """Return the figures of this database."""
    speech = Speech()
    timed = list(queries(speech, videos=FROM_VIDEOS, count=TIMED, seed=1))
    compared = list(queries(speech, videos=FROM_VIDEOS, count=COMPARED, seed=2))
    _found("jim", MANY)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times: dict[str, list[float]] = {}
    for owner, share in ((FEW, "1 %"), (MANY, "99 %")):
        for kind, query in timed:
            call = partial(_found, query, owner, kind=kind)
            times.setdefault(f"{kind}, {share}", []).append(
                min(_cost_ms(call) for _ in range(TURNS))
            )
    first = [_found(query, MANY, kind=kind) for kind, query in compared]
    after_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index_bytes, entry_bytes = _sizes()
    add_ms, delete_ms = _changes(speech, scenes // SCENES_A_VIDEO)
    return {
        "times": dict(sorted(times.items())),
        "first": first,
        "scenes": scenes,
        "memory_mb": (after_kb - before_kb) / 1000,
        "index_bytes": index_bytes / scenes,
        "entry_bytes": entry_bytes / scenes,
        "add_ms": add_ms,
        "delete_ms": delete_ms,
    }


def _found(query: str, owner: int, *, kind: str = "") -> list[int]:
    """Search and load what the page shows; returns the ids of the entries, the best first."""
    from videos.search.candidates import Scope  # noqa: PLC0415
    from videos.search.finding import search  # noqa: PLC0415
    from videos.search.grouping import results_by_video  # noqa: PLC0415

    found = search(query, Scope(owner), is_typing="typing" in kind)
    results_by_video(found, page_number=None)
    return [row.id for row in found.ranked[:10]]


def _cost_ms(call: Callable[[], object]) -> float:
    """Return the processor time of a call, here and in PostgreSQL, in ms."""
    began = time.thread_time_ns() + _database_ns()
    call()
    return (time.thread_time_ns() + _database_ns() - began) / NS_PER_MS


def _database_ns() -> int:
    """Return how long this connection's process of PostgreSQL has run on a processor; 0 on SQLite."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return 0
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def _changes(speech: Speech, number: int) -> tuple[float, float]:
    """Return what adding the transcript of one more video and deleting the video cost, in ms: medians of three."""
    from videos.library.deletion import delete_video  # noqa: PLC0415
    from videos.models import Scene, Video  # noqa: PLC0415
    from videos.search.entries import index_video  # noqa: PLC0415

    added, deleted = [], []
    for turn in range(3):
        video = Video.objects.create(
            owner_id=MANY, title="One more", filename="more.mp4", source_key=f"sources/more{turn}"
        )
        Scene.objects.bulk_create(
            Scene(video=video, index=at, start_ms=at, end_ms=at + 1, text=text)
            for at, text in enumerate(speech.scenes(number + turn * KOREAN_EACH))
        )
        added.append(_cost_ms(partial(index_video, video.pk)))
        deleted.append(_cost_ms(partial(delete_video, video)))
    return sorted(added)[1], sorted(deleted)[1]


def _id(video: int, scene: int | None = None) -> uuid.UUID:
    return uuid.UUID(int=(video + 1) * 1_000 + (0 if scene is None else scene + 1))


def _owner(video: int) -> int:
    return FEW if video % FEW_EACH == 1 else MANY


def _cues(speech: Speech, videos: int) -> Iterator[tuple[Any, ...]]:
    """Yield the halves of each scene as cues, without the times of their words."""
    for video in range(videos):
        for at, text in enumerate(speech.scenes(video)):
            start_ms, middle = at * SCENE_MS, text.index(" ", len(text) // 2)
            half_ms = start_ms + SCENE_MS // 2
            yield _id(video), 2 * at, start_ms, half_ms, text[:middle], "[]"
            yield _id(video), 2 * at + 1, half_ms, start_ms + SCENE_MS, text[middle + 1 :], "[]"


def _entries(speech: Speech, videos: int) -> Iterator[tuple[Any, ...]]:
    from mediakit.search_text.folding import encode, fold, stem  # noqa: PLC0415
    from mediakit.search_text.tokenizer import WORD, index_text  # noqa: PLC0415
    from videos.search.entries import INDEX_VERSION, owner_label  # noqa: PLC0415

    tokens = {word: encode(WORD, stem(fold(word))) for word in speech.words}
    for video in range(videos):
        owner, video_id = _owner(video), _id(video)
        label = owner_label(owner)
        is_korean = video % KOREAN_EACH == KOREAN_EACH - 1
        for at, text in enumerate(speech.scenes(video)):
            # Of words in letters the index has their tokens only, each made once here.
            words = " ".join(map(tokens.__getitem__, text.split())) if not is_korean else ""
            body = index_text([text]) if is_korean else f"{words} z z z"
            if not is_korean and at == 0 and body != index_text([text]):
                sys.exit("The tokens are not those of the product.")
            yield owner, video_id, _id(video, at), f"{label} {body}", INDEX_VERSION
        yield (
            owner,
            video_id,
            None,
            f"{label} {index_text([f'Talk {video}', 'talk.mp4'])}",
            INDEX_VERSION,
        )


def _word_counts(speech: Speech) -> list[tuple[str, int]]:
    """Return how often about a word occurs in a million scenes."""
    return [(word, 4_000_000 // (at + 3)) for at, word in enumerate(speech.words)]


@contextmanager
def _index_built_at_the_end() -> Iterator[None]:
    """Keep the database from indexing each row as it comes, and index all at the end."""
    from django.db import connection  # noqa: PLC0415

    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'videos_searchentry'"
            )
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            cursor.execute("INSERT INTO videos_searchindex(videos_searchindex) VALUES ('rebuild')")
            for _name, sql in triggers:
                cursor.execute(sql, None)
            return
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE tablename = 'videos_searchentry' AND indexdef LIKE '%USING gin%'"
        )
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("ALTER TABLE videos_searchentry DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE videos_searchentry ENABLE TRIGGER USER")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, sql in indexes:
            cursor.execute(sql)
        cursor.execute("ALTER INDEX videos_searchentry_pairs ALTER COLUMN 1 SET STATISTICS 0")


def _analyze() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _sizes() -> tuple[int, int]:
    """Return the bytes of the full-text index, and of it and the table of entries with its indexes."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                """
                SELECT (SELECT sum(pg_relation_size(indexname::regclass)) FROM pg_indexes
                        WHERE tablename = 'videos_searchentry' AND indexdef LIKE '%%USING gin%%'),
                    pg_total_relation_size('videos_searchentry')
                """
            )
            index, entries = cursor.fetchone()
            return int(index), int(entries)
        cursor.execute("SELECT sum(length(block)) FROM videos_searchindex_data")
        (index,) = cursor.fetchone()
        cursor.execute("SELECT sum(length(body)) FROM videos_searchentry")
        return int(index), int(index) + int(cursor.fetchone()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
