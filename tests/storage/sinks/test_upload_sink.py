"""Uploads piece by piece: any cut of the bytes gives the same file, and reported progress is never lost."""

import errno
import hashlib
import io
import os
import random
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError
from django.utils import timezone

from core.errors import CoreCode, HeimdexError
from storage import files, local, s3
from storage.errors import StorageCode
from storage.sinks import s3_sink, upload_sink
from storage.sinks.upload_stream import Received, State
from tests.services import Bucket

KEY = "sources/1/talk.mp4"
PART = 5 * 1024**2
DATA = random.Random(7).randbytes(2 * PART + 700_000)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest parts S3 takes."""
    monkeypatch.setattr(s3_sink, "MIN_PART_BYTES", PART)


def _nothing(_offset: int, _state: State) -> None:
    pass


def _append(state: State, offset: int, data: bytes, **options) -> Received:
    options = {"on_progress": _nothing, "stream": io.BytesIO(data), **options}
    return upload_sink.append(KEY, state, offset=offset, length=len(data), **options)


def _digest() -> str:
    return hashlib.sha256(files.read_bytes(KEY, limit=len(DATA))).hexdigest()


WHOLE = hashlib.sha256(DATA).hexdigest()


class Dropped(io.BytesIO):
    """A client that goes away."""

    def __init__(self, data: bytes, *, after: int) -> None:
        super().__init__(data[:after])

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        if not chunk:
            raise OSError(errno.ECONNRESET, "gone")
        return chunk


@pytest.mark.parametrize(
    "cuts",
    [
        (),
        (1,),
        (PART,),
        (PART - 1, PART + 1),
        (2_000_000, 4_000_000, 9_000_000, len(DATA) - 1),
    ],
)
def test_any_cut_gives_the_same_file(anywhere: str, cuts: tuple[int, ...]):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    for start, end in zip((0, *cuts), (*cuts, len(DATA)), strict=True):
        received = _append(state, start, DATA[start:end])
        assert (received.offset, received.error) == (end, None)
        state = received.state
    assert files.size(KEY) is None

    upload_sink.finish(KEY, state, size_bytes=len(DATA))
    upload_sink.finish(KEY, state, size_bytes=len(DATA))

    assert _digest() == WHOLE
    assert list(upload_sink.list_unfinished()) == []
    assert list(files.listing("incoming/")) == []


def test_what_a_leaving_client_sent_counts(anywhere: str):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))

    received = _append(state, 0, DATA, stream=Dropped(DATA, after=PART + 12_345))

    assert (received.offset, received.error) == (PART + 12_345, None)
    rest = _append(received.state, received.offset, DATA[received.offset :])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))
    assert _digest() == WHOLE


def test_a_process_that_dies_loses_only_bytes_after_its_last_report(anywhere: str):
    """The next request continues from the last reported state; the rest is sent again."""
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    first = _append(state, 0, DATA[:1_000_000])
    reported = [(first.offset, first.state)]

    def on_progress(offset: int, state: State) -> None:
        reported.append((offset, state))
        if offset > PART // 2 or len(reported) > 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _append(first.state, first.offset, DATA[first.offset :], on_progress=on_progress)

    offset, state = reported[-1]
    assert offset >= first.offset
    rest = _append(state, offset, DATA[offset:])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))
    assert _digest() == WHOLE


def test_the_same_bytes_twice_are_no_harm(anywhere: str):
    """An answer got lost: the row kept the older offset and state."""
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    first = _append(state, 0, DATA[:3_000_000])
    _append(first.state, first.offset, DATA[first.offset : 9_000_000])

    again = _append(first.state, first.offset, DATA[first.offset : 7_000_000])
    rest = _append(again.state, again.offset, DATA[again.offset :])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))

    assert _digest() == WHOLE


@pytest.mark.parametrize("finished", [False, True])
def test_abort_leaves_nothing(anywhere: str, finished: bool):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    received = _append(state, 0, DATA if finished else DATA[: PART + 5])
    if finished:
        upload_sink.finish(KEY, received.state, size_bytes=len(DATA))

    upload_sink.abort(KEY, received.state)
    upload_sink.abort(KEY, received.state)

    assert files.size(KEY) is None
    assert list(upload_sink.list_unfinished()) == []


def test_unfinished_uploads_can_be_found_and_removed(anywhere: str):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    _append(state, 0, DATA[: PART + 5])

    found = list(upload_sink.list_unfinished())

    assert {leftover.key for leftover in found} == {KEY}
    assert all(abs(item.since - timezone.now()) < timedelta(minutes=1) for item in found)
    for leftover in found:
        upload_sink.remove(leftover)
    assert list(upload_sink.list_unfinished()) == []


def test_a_disk_without_room_is_told_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "free_bytes", lambda: 1_000)

    with pytest.raises(HeimdexError, match="STORAGE_FULL"):
        upload_sink.begin(KEY, size_bytes=1_001)


def test_a_disk_that_fills_up_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    write = os.pwrite

    def full(descriptor: int, data: bytes, at: int) -> int:
        if at >= 1_000_000:
            raise OSError(errno.ENOSPC, "no room")
        return write(descriptor, data[: 1_000_000 - at], at)

    monkeypatch.setattr("storage.sinks.local_sink.os.pwrite", full)
    received = _append(state, 0, DATA)
    assert received.error is not None
    assert received.error.code == CoreCode.STORAGE_FULL
    assert 0 < received.offset <= 1_000_000
    monkeypatch.undo()

    rest = _append(received.state, received.offset, DATA[received.offset :])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))
    assert _digest() == WHOLE


def test_a_disk_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    local.root().parent.mkdir(parents=True, exist_ok=True)
    (local.root() / "incoming").write_bytes(b"a file where a folder should be")

    received = _append(state, 0, DATA)

    assert received.offset == 0
    assert received.error is not None
    assert received.error.code == StorageCode.STORAGE_UNAVAILABLE


def test_a_disk_that_lost_bytes_says_where_to_go_on():
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    _append(state, 0, DATA[:1_000])

    received = _append(state, 5_000, DATA[5_000:])

    assert received.offset == 1_000
    assert received.error is not None
    assert received.error.code == StorageCode.UPLOAD_OFFSET_MISMATCH


class _Failing:
    """A client of S3 whose named call fails."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._real = s3.remote().client

    def __getattr__(self, name: str) -> object:
        if name == self._name:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")
        return getattr(self._real, name)


@pytest.mark.services
@pytest.mark.parametrize(("call", "safe"), [("upload_part", 0), ("put_object", PART)])
def test_s3_going_away_keeps_what_it_has(
    on_s3: Bucket, monkeypatch: pytest.MonkeyPatch, call: str, safe: int
):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    failing = s3.Remote(_Failing(call), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
    with monkeypatch.context() as patch:
        patch.setattr(s3, "remote", lambda: failing)
        received = _append(state, 0, DATA[: PART + 1_000])

    assert received.offset == safe
    assert received.error is not None
    assert received.error.code == StorageCode.STORAGE_UNAVAILABLE
    rest = _append(received.state, received.offset, DATA[received.offset :])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))
    assert _digest() == WHOLE


@pytest.mark.services
def test_s3_keeps_one_tail_at_most_and_no_local_copy(on_s3: Bucket, settings):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    offset = 0
    for _ in range(4):
        received = _append(state, offset, DATA[offset : offset + 1_000_000])
        offset, state = received.offset, received.state

    assert len(on_s3.keys()) <= 2
    assert not local.is_local()
    assert list(settings.WORK_DIR.iterdir()) == []


@pytest.mark.services
def test_a_multipart_upload_s3_forgot_is_told(on_s3: Bucket):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    upload_sink.abort(KEY, state)

    received = _append(state, 0, DATA)

    assert received.error is not None
    assert received.error.code == StorageCode.UPLOAD_NOT_FOUND
    with pytest.raises(HeimdexError, match="UPLOAD_NOT_FOUND"):
        upload_sink.finish(KEY, {**state, "parts": ["etag"]}, size_bytes=len(DATA))


@pytest.mark.services
def test_a_kept_end_that_is_gone_is_told(on_s3: Bucket):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    received = _append(state, 0, DATA[:1_000])
    files.delete_prefix("incoming/")

    again = _append(received.state, received.offset, DATA[1_000:])

    assert again.error is not None
    assert again.error.code == StorageCode.UPLOAD_NOT_FOUND


def test_parts_grow_so_that_s3_takes_the_largest_upload(monkeypatch: pytest.MonkeyPatch):
    class Client:
        def create_multipart_upload(self, **_: str) -> dict[str, str]:
            return {"UploadId": "one"}

    monkeypatch.setattr(s3, "remote", lambda: s3.Remote(Client(), "bucket"))  # type: ignore[arg-type]  # as much of a client as is needed

    state = s3_sink.begin(KEY, 1024**4)

    assert state["part_size"] * 10_000 >= 1024**4


@pytest.mark.services
def test_s3_refusing_to_put_the_parts_together_is_told(
    on_s3: Bucket, monkeypatch: pytest.MonkeyPatch
):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    received = _append(state, 0, DATA)
    failing = s3.Remote(_Failing("complete_multipart_upload"), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
    with monkeypatch.context() as patch:
        patch.setattr(s3, "remote", lambda: failing)
        with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
            upload_sink.finish(KEY, received.state, size_bytes=len(DATA))

    assert files.size(KEY) is None
    upload_sink.finish(KEY, received.state, size_bytes=len(DATA))
    assert _digest() == WHOLE


@pytest.mark.services
def test_s3_being_away_when_an_end_is_read_back_keeps_it(
    on_s3: Bucket, monkeypatch: pytest.MonkeyPatch
):
    state = upload_sink.begin(KEY, size_bytes=len(DATA))
    first = _append(state, 0, DATA[:1_000])
    failing = s3.Remote(_Failing("get_object"), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
    with monkeypatch.context() as patch:
        patch.setattr(s3, "remote", lambda: failing)
        received = _append(first.state, first.offset, DATA[1_000:])

    assert received.error is not None
    assert received.error.code == StorageCode.STORAGE_UNAVAILABLE
    assert received.offset == 1_000
    rest = _append(received.state, received.offset, DATA[1_000:])
    upload_sink.finish(KEY, rest.state, size_bytes=len(DATA))
    assert _digest() == WHOLE
