"""Archives of stored files, on the local disk and on S3."""

import io
import zipfile

import pytest
from django.test import RequestFactory

from core.errors import HeimdexError
from storage import files
from storage.archive import Member, serve_archive


def test_an_archive_is_made_while_it_is_read(anywhere):
    content = bytes(range(256)) * 5_000
    files.save_bytes("exports/1/a.mp4", content, content_type="video/mp4")
    members = [Member("하나.mp4", "exports/1/a.mp4", len(content))]

    answer = serve_archive(RequestFactory().get("/"), members, {"b.txt": "words"}, filename="a.zip")

    data = answer.getvalue()
    assert int(answer["Content-Length"]) == len(data)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    assert archive.read("하나.mp4") == content
    assert archive.read("b.txt") == b"words"
    head = serve_archive(RequestFactory().head("/"), members, {"b.txt": "words"}, filename="a.zip")
    assert head["Content-Length"] == answer["Content-Length"]


def test_a_file_that_is_gone_ends_the_archive(anywhere):
    members = [Member("a.mp4", "exports/1/gone.mp4", 10)]

    answer = serve_archive(RequestFactory().get("/"), members, {}, filename="a.zip")

    with pytest.raises(HeimdexError) as caught:
        answer.getvalue()
    assert caught.value.code.name == "SOURCE_MISSING"
