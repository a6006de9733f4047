"""What may come in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CoreCode, HeimdexError
from videos import policy, storage_keys
from videos.errors import VideoCode


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("talk.mp4", "talk.mp4"),
        ("한국어 강의 🎬.mp4", "한국어 강의 🎬.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Videos\\talk.mp4", "talk.mp4"),
        ("a\0b\nc\td.mp4", "ab c d.mp4"),
        ("gpj.\u202e4pm.exe", "gpj.4pm.exe"),
        ("x" * 251 + ".mp4", "x" * 251 + ".mp4"),
        ("e\u0301te\u0301.mp4", "été.mp4"),
    ],
)
def test_a_file_name_is_the_paths_last_part_without_invisible_characters(name, kept):
    assert policy.clean_filename(name) == kept


@pytest.mark.parametrize("name", ["", "  ", "/", "..", "\0", "가" * 86, "x" * 256])
def test_a_file_name_without_or_with_too_many_bytes_is_refused(name):
    with pytest.raises(HeimdexError) as refused:
        policy.clean_filename(name)
    assert refused.value.code == VideoCode.FILE_NAME_INVALID


@given(st.text())
def test_no_title_is_empty_too_long_or_breaks_a_line(title):
    cleaned = policy.clean_title(title, filename="talk.mp4")
    assert 0 < len(cleaned) <= 255
    assert cleaned == " ".join(cleaned.split())
    cleaned.encode()
    assert "\0" not in cleaned


def test_a_title_comes_from_the_file_name_when_none_is_given():
    assert policy.clean_title(" \n", filename="My talk.final.mp4") == "My talk.final"
    assert policy.clean_title("A <b>title</b>", filename="x.mp4") == "A <b>title</b>"
    assert policy.clean_title("", filename=".mp4") == ".mp4"


@pytest.mark.parametrize(
    ("given_code", "kept"), [("", ""), ("EN", "en"), ("pt_BR", "pt-br"), ("kor", "kor")]
)
def test_a_language_is_a_code(given_code, kept):
    assert policy.clean_language(given_code) == kept


@pytest.mark.parametrize("code", ["english", "e", "en;drop", "en-" + "x" * 20, "--model=x"])
def test_what_is_no_language_code_is_refused(code):
    with pytest.raises(HeimdexError) as refused:
        policy.clean_language(code)
    assert refused.value.code == CoreCode.INVALID_INPUT


def test_sizes_outside_the_limits_are_refused(settings):
    settings.UPLOAD_MAX_BYTES = 1_500_000
    policy.check_size(1_500_000)
    with pytest.raises(HeimdexError) as empty:
        policy.check_size(0)
    with pytest.raises(HeimdexError) as large:
        policy.check_size(1_500_001)
    assert empty.value.code == VideoCode.EMPTY_FILE
    assert (large.value.code, large.value.status) == (VideoCode.FILE_TOO_LARGE, 413)
    assert "1.5 MB" in large.value.message


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("words.doc", b"1\n", "CAPTIONS_UNSUPPORTED"),
        ("words", b"1\n", "CAPTIONS_UNSUPPORTED"),
        ("words.srt", b"", "CAPTIONS_INVALID"),
        ("words.srt", b"x" * 2001, "CAPTIONS_TOO_LARGE"),
        (
            "words.srt",
            b"1\n1 --> 00:00:05,000\nHo.\n",
            "CAPTIONS_INVALID",
        ),
    ],
)
def test_captions_that_cannot_be_read_are_refused(settings, name, content, code):
    settings.CAPTIONS_MAX_BYTES = 2000
    with pytest.raises(HeimdexError) as refused:
        policy.read_captions(SimpleUploadedFile(name, content))
    assert refused.value.code.name == code


def test_the_message_about_captions_names_line_and_reason():
    content = b"1\n1 --> 00:00:05,000\nHo.\n"
    with pytest.raises(HeimdexError) as refused:
        policy.read_captions(SimpleUploadedFile("words.srt", content))
    assert "line 2" in refused.value.message
    assert "the time cannot be read" in refused.value.message


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.MP4", ".mp4"), ("a.한글", ""), ("a.m%p", ""), ("a", ""), ("a.abcdefgh", "")],
)
def test_a_storage_key_carries_only_a_plain_ending(name, suffix):
    assert storage_keys.plain_suffix(name) == suffix
