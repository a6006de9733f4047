"""The auditor: compares the responses that clients got with rows, files, folders and processes. All counts must be 0.

- lost: a 202 whose export is missing, or failed without a reason.
- dup: one key that stands for two exports, or two stored files of one export.
- stray: stored files, unfinished multipart uploads or working files without an owner ten minutes later. The
  auditor does not wait ten minutes: it passes the database's time plus 600 s to the product's own clean-up.
- corrupt: a Short whose stored size or SHA-256 differs from its row, or a source that is not what was sent.
- stuck: exports or videos still pending or processing.
- over_quota: counted exports above a person's limit in any 24 hours.
- orphans: ffmpeg or ffprobe that outlived its process, or still runs though no job does.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tests.faults.client import Ledger
from tests.services import Bucket

ALLOWANCE_S = 600
WINDOW = timedelta(hours=24)
COUNTED = {"pending", "processing", "completed"}
KINDS = ("lost", "dup", "stray", "corrupt", "stuck", "over_quota", "orphans")

Rows = Callable[..., list[tuple[Any, ...]]]


class Store(Protocol):
    """The storage, accessed directly."""

    def objects(self) -> dict[str, tuple[int, float]]:
        """Every stored file: key -> (size in bytes, time it was last changed)."""
        ...

    def unfinished(self) -> list[str]:
        """Multipart uploads that were begun and neither finished nor given up."""
        ...

    def sha256(self, key: str) -> str:
        """The SHA-256 of a stored file, in hex."""
        ...


class S3Store:
    """A bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._client = bucket.client()

    def objects(self) -> dict[str, tuple[int, float]]:
        """All pages of the listing."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket.name)
        return {
            item["Key"]: (item["Size"], item["LastModified"].timestamp())
            for page in pages
            for item in page.get("Contents", ())
        }

    def unfinished(self) -> list[str]:
        """What a listing of objects does not show."""
        found = self._client.list_multipart_uploads(Bucket=self._bucket.name)
        return [item["Key"] for item in found.get("Uploads", ())]

    def sha256(self, key: str) -> str:
        """Read whole."""
        body = self._client.get_object(Bucket=self._bucket.name, Key=key)["Body"]
        digest = hashlib.sha256()
        for piece in body.iter_chunks(1 << 20):
            digest.update(piece)
        return digest.hexdigest()


class FolderStore:
    """A local folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def objects(self) -> dict[str, tuple[int, float]]:
        """Every file in it."""
        return {
            str(path.relative_to(self._folder)): (path.stat().st_size, path.stat().st_mtime)
            for path in self._folder.rglob("*")
            if path.is_file()
        }

    def unfinished(self) -> list[str]:
        """Folders have no such thing."""
        return []

    def sha256(self, key: str) -> str:
        """Read whole."""
        with (self._folder / key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class Audit:
    """What was found wrong, by kind, and the words for it."""

    found: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    exports: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.found.values())

    def line(self) -> str:
        """`lost 0 dup 0 stray 0 corrupt 0 stuck 0 over_quota 0 orphans 0`."""
        return " ".join(f"{kind} {len(self.found[kind])}" for kind in KINDS)

    def words(self) -> str:
        """Every finding on a line of its own."""
        return "\n".join(f"{kind}: {text}" for kind in KINDS for text in self.found[kind])

    def counts(self) -> dict[str, int]:
        """For JSON."""
        return {kind: len(self.found[kind]) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the auditor checks. `later` runs the product's cleaning up as of so many seconds from now."""

    rows: Rows
    store: Store
    ledger: Ledger
    later: Callable[[float], object]
    work_dirs: Iterable[Path]
    orphans: Iterable[str]
    stamps: Mapping[str, float] = field(default_factory=dict)
    default_limit: int = 10


def audit(facts: Facts) -> Audit:
    """Check everything."""
    result = Audit()
    facts.later(ALLOWANCE_S)
    rows = facts.rows(
        "SELECT id, owner_id, status, error_code, file_key, file_size_bytes, file_sha256,"
        " idempotency_key, place_taken_at, deleted_at FROM exports_export"
    )
    exports = {str(row[0]).replace("-", ""): row for row in rows}
    objects = facts.store.objects()
    _lost(result, facts.ledger, exports)
    _dup(result, facts.ledger, rows, objects)
    _stray(result, facts, rows, objects)
    _corrupt(result, facts, rows, objects)
    _stuck(result, facts, rows)
    _over_quota(result, facts, rows)
    result.found["orphans"] += list(facts.orphans)
    result.exports = Counter(f"{row[2]} {row[3]}".strip() for row in rows)
    return result


def _lost(result: Audit, ledger: Ledger, exports: Mapping[str, tuple[Any, ...]]) -> None:
    for accepted in ledger.accepted:
        if accepted.export_id in ledger.withdrawn:
            continue
        row = exports.get(accepted.export_id.replace("-", ""))
        if row is None:
            result.found["lost"].append(f"export {accepted.export_id} is missing")
        elif row[2] == "failed" and not row[3]:
            result.found["lost"].append(f"export {accepted.export_id} failed without a reason")


def _dup(
    result: Audit, ledger: Ledger, rows: list[tuple[Any, ...]], objects: Mapping[str, Any]
) -> None:
    keys = Counter((row[1], row[7]) for row in rows if row[7])
    result.found["dup"] += [f"key {key} has {n} rows" for key, n in keys.items() if n > 1]
    answers = defaultdict(set)
    for accepted in ledger.accepted:
        answers[accepted.owner_id, accepted.key].add(accepted.export_id)
    for key, ids in answers.items():
        if len(ids - ledger.withdrawn) > 1:
            result.found["dup"].append(f"key {key} was answered with {sorted(ids)}")
    stored = Counter(
        key.rpartition("/")[2].split(".")[0] for key in objects if key.startswith("exports/")
    )
    result.found["dup"] += [f"export {pk} has {n} files" for pk, n in stored.items() if n > 1]


def _stray(
    result: Audit, facts: Facts, rows: list[tuple[Any, ...]], objects: Mapping[str, Any]
) -> None:
    named = {row[4] for row in rows}
    for sql in (
        "SELECT source_key, captions_key, thumbnail_key FROM videos_video",
        "SELECT thumbnail_key FROM videos_scene",
        "SELECT file_key FROM videos_transcript",
        "SELECT storage_key, captions_key FROM videos_upload",
    ):
        for row in facts.rows(sql):
            named.update(row)
    videos = {str(row[0]).replace("-", "") for row in facts.rows("SELECT id FROM videos_video")}
    for key in objects:
        is_still = key.startswith("stills/") and key.split("/")[-2].replace("-", "") in videos
        if key not in named and not is_still:
            result.found["stray"].append(f"stored file {key}")
    uploads = {row[0] for row in facts.rows("SELECT storage_key FROM videos_upload")}
    result.found["stray"] += [
        f"unfinished upload {key}" for key in facts.store.unfinished() if key not in uploads
    ]
    for folder in facts.work_dirs:
        for path in folder.rglob("*"):
            if path.is_file():
                result.found["stray"].append(f"working file {path}")


def _corrupt(
    result: Audit,
    facts: Facts,
    rows: list[tuple[Any, ...]],
    objects: Mapping[str, tuple[int, float]],
) -> None:
    for row in rows:
        if row[2] != "completed" or not row[4]:
            continue
        if row[4] not in objects:
            result.found["corrupt"].append(f"export {row[0]} has no file {row[4]}")
        elif (objects[row[4]][0], facts.store.sha256(row[4])) != (row[5], row[6]):
            result.found["corrupt"].append(f"export {row[0]}: other bytes than its row says")
    _sources(result, facts, objects)


def _sources(result: Audit, facts: Facts, objects: Mapping[str, tuple[int, float]]) -> None:
    sources = facts.rows("SELECT id, source_key FROM videos_video")
    known = {str(pk).replace("-", ""): key for pk, key in sources}
    for source in facts.ledger.sources.values():
        key = known.get(source.video_id.replace("-", ""))
        if key is None:
            continue  # deleted by its owner
        if key not in objects:
            result.found["corrupt"].append(f"source {key} is gone")
        elif (objects[key][0], facts.store.sha256(key)) != (source.size, source.sha256):
            result.found["corrupt"].append(f"source {key} was changed")
        elif key in facts.stamps and facts.stamps[key] != objects[key][1]:
            result.found["corrupt"].append(f"source {key} was written again")


def _stuck(result: Audit, facts: Facts, rows: list[tuple[Any, ...]]) -> None:
    result.found["stuck"] += [
        f"export {row[0]} is {row[2]}" for row in rows if row[2] in {"pending", "processing"}
    ]
    for pk, status in facts.rows("SELECT id, status FROM videos_video"):
        if status.lower() in {"pending", "processing"}:
            result.found["stuck"].append(f"video {pk} is {status}")


def _over_quota(result: Audit, facts: Facts, rows: list[tuple[Any, ...]]) -> None:
    limits: dict[int, int | None] = dict(facts.rows("SELECT id, export_limit FROM accounts_user"))
    taken = defaultdict(list)
    for row in rows:
        if row[2] in COUNTED:
            taken[row[1]].append(_moment(row[8]))
    for owner, moments in taken.items():
        limit = limits.get(owner)
        limit = facts.default_limit if limit is None else limit
        moments.sort()
        for first, last in zip(moments, moments[limit:], strict=False):
            if last - first < WINDOW:
                result.found["over_quota"].append(f"person {owner}: more than {limit} in 24 h")
                break


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
