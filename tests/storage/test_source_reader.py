"""What ffmpeg is given to read: a path, or a loopback address that reads S3 in ranges."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import HeimdexError
from mediakit.errors import StoppedError, ToolError
from storage import files, s3
from storage.source_reader import MIN_BLOCK_BYTES, RangedReader, open_source
from tests.services import Bucket

KEY = "sources/1/talk.mp4"
DATA = bytes(range(256)) * 4096  # 1 MiB


def _store(data: bytes = DATA, key: str = KEY) -> None:
    files.save_bytes(key, data, content_type="video/mp4")


def test_a_local_source_is_its_path():
    _store(b"video")

    with open_source(KEY) as address:
        assert Path(address).read_bytes() == b"video"


def test_a_source_that_is_gone(anywhere: str):
    with pytest.raises(HeimdexError, match="SOURCE_MISSING"), open_source(KEY):
        pass


@pytest.mark.services
def test_ranges(on_s3: Bucket):
    _store()

    with open_source(KEY) as address, httpx.Client() as client:
        whole = client.get(address)
        part = client.get(address, headers={"Range": "bytes=1000-1999"})
        end = client.get(address, headers={"Range": f"bytes={len(DATA) - 10}-"})
        beyond = client.get(address, headers={"Range": f"bytes={len(DATA)}-"})
        head = client.head(address)

    assert (whole.status_code, whole.content) == (200, DATA)
    assert (part.status_code, part.content) == (206, DATA[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(DATA)}"
    assert end.content == DATA[-10:]
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(DATA)}")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(DATA)))


@pytest.mark.services
def test_nothing_else_is_reachable(on_s3: Bucket):
    _store()
    _store(b"another video", "sources/2/other.mp4")

    with open_source(KEY) as address, httpx.Client() as client:
        host = address.rpartition("/")[0]
        for path in ("", "x", "sources/2/other.mp4", "../sources/2/other.mp4"):
            assert client.get(f"{host}/{path}").status_code == 404
        assert client.get(f"{address}x").status_code == 404
        assert client.post(address).status_code == 501
    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


@pytest.mark.services
def test_a_hang_up_stops_the_reading(on_s3: Bucket):
    size = 24 * 1024**2
    _store(bytes(size))

    with RangedReader(KEY, size) as reader:
        with httpx.stream("GET", reader.url) as answer:
            next(answer.iter_raw(chunk_size=1024))
        with httpx.stream("GET", reader.url, headers={"Range": f"bytes={size - 5}-"}) as answer:
            assert len(answer.read()) == 5
    assert reader.bytes_read < size / 3
    assert not reader.failed


@pytest.mark.services
def test_cutting_reads_about_its_share(on_s3: Bucket, tmp_path: Path):
    """20 s out of 200 s, with the index at the file's end."""
    clip, long_clip = tmp_path / "clip.mp4", tmp_path / "long.mp4"
    quiet = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    picture = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=5", "-vf", "noise=alls=30"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-g", "25"]
    subprocess.run([*quiet, *picture, *encode, str(clip)], check=True)
    repeat = ["-stream_loop", "39", "-i", str(clip), "-c", "copy", str(long_clip)]
    subprocess.run([*quiet, *repeat], check=True)
    size = long_clip.stat().st_size
    files.save_file(KEY, long_clip, content_type="video/mp4")

    with RangedReader(KEY, size) as reader:
        out = ["-ss", "120", "-i", reader.url, "-t", "20", "-c", "copy", str(tmp_path / "cut.mp4")]
        subprocess.run([*quiet, *out], check=True)

    share = size // 10
    sys.stdout.write(
        f"read {reader.bytes_read:,} bytes for a share of {share:,} ({reader.bytes_read / share:.2f}x)\n"
    )
    assert share * 0.9 < reader.bytes_read < share * 1.5 + 2_000_000
    assert not reader.failed


class _Failing:
    """A bucket that fails so many times, then works again."""

    def __init__(self, failures: int) -> None:
        self.left = failures
        self._real = s3.remote()

    def get_object(self, **params: Any) -> object:
        if self.left:
            self.left -= 1
            raise OSError("connection reset")
        return self._real.client.get_object(**params)


@pytest.mark.services
def test_a_short_failure_of_s3_is_not_seen(on_s3: Bucket):
    _store()

    with RangedReader(KEY, len(DATA)) as reader:
        reader._remote = s3.Remote(_Failing(2), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
        assert httpx.get(reader.url).content == DATA
    assert not reader.failed


@pytest.mark.services
def test_a_lasting_failure_of_s3_is_told_whatever_the_tool_says(
    on_s3: Bucket, monkeypatch: pytest.MonkeyPatch
):
    _store()
    failing = s3.Remote(_Failing(1_000_000), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
    sizes = files.size(KEY)
    monkeypatch.setattr(files, "size", lambda _key: sizes)
    monkeypatch.setattr(s3, "remote", lambda: failing)

    with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
        _read(None)
    with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
        _read(ToolError("ffmpeg saw the end too early", tool="ffmpeg"))
    with pytest.raises(StoppedError):
        _read(StoppedError("stop requested"))


def _read(error: Exception | None) -> None:
    """Read the broken source as a tool would, which then ends well or with an error."""
    with open_source(KEY) as address:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(address)
        if error:
            raise error


@pytest.mark.services
def test_a_tool_that_fails_by_itself_keeps_its_own_error(on_s3: Bucket):
    _store()

    def work() -> None:
        with open_source(KEY) as address:
            assert len(httpx.get(address, headers={"Range": "bytes=0-9"}).content) == 10
            raise ToolError("no such filter", tool="ffmpeg")

    with pytest.raises(ToolError):
        work()


@pytest.mark.services
def test_blocks_grow_with_what_was_taken(on_s3: Bucket):
    size = 6 * MIN_BLOCK_BYTES
    _store(bytes(size))
    ranges: list[str] = []

    class Watching(_Failing):
        def get_object(self, **params: Any) -> object:
            ranges.append(params["Range"])
            return super().get_object(**params)

    with RangedReader(KEY, size) as reader:
        reader._remote = s3.Remote(Watching(0), on_s3.name)  # type: ignore[arg-type]  # as much of a client as is needed
        assert len(httpx.get(reader.url).content) == size

    lengths = [
        int(b) - int(a) + 1 for a, b in (r.removeprefix("bytes=").split("-") for r in ranges)
    ]
    assert lengths[0] == MIN_BLOCK_BYTES
    assert sum(lengths) == size
    assert lengths[-2] >= lengths[0]
