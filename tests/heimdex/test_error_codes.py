"""Every error code is a member of an enum, has its public form, and cannot be written wrongly."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings

from core.errors import (
    CoreCode,
    ErrorCode,
    HeimdexError,
    all_codes,
    from_media,
    text_for,
)
from exports.errors import ExportCode
from exports.receipts.rule_labels import RULE_WORDS
from heimdex.error_codes import API_CODES, ENUMS, MEDIA_CODES
from mediakit.errors import InputError, MediaErrorCode, ToolError
from netfetch.errors import FetchErrorCode
from videos.errors import CAPTIONS_REASONS, IMPORT_CODES, VideoCode

# The public codes and their HTTP statuses. Clients and rows hold these names: one may be added, none may go or change.
PUBLIC = {
    "BATCH_NOT_FOUND": 404,
    "BATCH_SIZE": 422,
    "CAPTIONS_INVALID": 422,
    "CAPTIONS_NOT_DRAWABLE": 422,
    "TITLE_NOT_DRAWABLE": 422,
    "CAPTIONS_TOO_LARGE": 413,
    "CAPTIONS_UNREADABLE": 422,
    "CAPTIONS_UNSUPPORTED": 422,
    "CLIP_CHANGED": 409,
    "CLIP_LIMIT": 409,
    "CLIP_NOT_FOUND": 404,
    "CLIP_TOO_LONG": 422,
    "CLIP_TOO_SHORT": 422,
    "CLIP_VERSION_NOT_FOUND": 404,
    "CUT_LIST_EMPTY": 404,
    "CUT_LIST_UNKNOWN": 404,
    "CORRECTION_INCLUDED": 409,
    "CORRECTION_LIMIT": 409,
    "CORRECTION_NOT_FOUND": 404,
    "LINE_CHANGED": 409,
    "SPEAKER_NOT_FOUND": 404,
    "LINE_NOT_FOUND": 404,
    "NOT_HEARING": 409,
    "SPOKEN_LANGUAGE_UNKNOWN": 422,
    "SUBTITLES_OTHER_LANGUAGE": 422,
    "TRANSCRIPT_EXISTS": 409,
    "TRANSCRIPT_IN_USE": 409,
    "TRANSCRIPT_LIMIT_EXCEEDED": 409,
    "TRANSCRIPT_NOT_FOUND": 404,
    "RANGES_OVERLAP": 422,
    "RANGES_SCATTERED": 422,
    "RANGES_TOO_MANY": 422,
    "RANGE_OUTSIDE_VIDEO": 422,
    "RANGE_REVERSED": 422,
    "RANGE_TOO_SHORT": 422,
    "RANKING_EMPTY": 409,
    "RANKING_OFF": 409,
    "RANKING_SERVICE_FAILED": 502,
    "CONFLICT": 409,
    "DATABASE_UNAVAILABLE": 503,
    "EMPTY_FILE": 422,
    "EXPORT_EXPIRED": 404,
    "EXPORT_LIMIT_EXCEEDED": 429,
    "EXPORT_NOT_CANCELLABLE": 409,
    "EXPORT_NOT_COMPLETED": 409,
    "EXPORT_NOT_FOUND": 404,
    "EXPORT_NOT_RETRYABLE": 409,
    "EXPORT_REQUESTS_EXCEEDED": 429,
    "FILE_NAMES_INVALID": 422,
    "FILE_NAME_INVALID": 422,
    "FILE_TOO_LARGE": 413,
    "REQUEST_TOO_LARGE": 413,
    "FORBIDDEN": 403,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "IMPORT_ADDRESS_REFUSED": 422,
    "FINISH_FILE_GONE": 409,
    "FINISH_FILE_INVALID": 422,
    "FINISH_FILE_IN_USE": 409,
    "FINISH_FILE_LIMIT": 409,
    "FINISH_FILE_NOT_FOUND": 404,
    "FINISH_FILE_TOO_LARGE": 422,
    "FINISH_FILE_TOO_LONG": 422,
    "SHORT_TOO_LONG": 422,
    "IMPORT_ANSWER_INVALID": 422,
    "IMPORT_HTTP_STATUS": 502,
    "IMPORT_INTERRUPTED": 502,
    "IMPORT_LIMIT_EXCEEDED": 429,
    "IMPORT_LINK_INVALID": 422,
    "IMPORT_NOT_A_VIDEO": 422,
    "IMPORT_NOT_REACHABLE": 502,
    "IMPORT_NOT_TRUSTED": 422,
    "IMPORT_OFF": 403,
    "IMPORT_REDIRECT_INSECURE": 422,
    "IMPORT_TOO_LARGE": 413,
    "IMPORT_TOO_MANY_REDIRECTS": 422,
    "IMPORT_TOO_SLOW": 422,
    "INTERNAL_ERROR": 500,
    "INVALID_INPUT": 422,
    "LOGIN_THROTTLED": 429,
    "LOGO_IN_USE": 409,
    "LOGO_NOT_FOUND": 404,
    "LOGO_INVALID": 422,
    "LOGO_TOO_LARGE": 422,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "NOT_A_VIDEO": 422,
    "NOT_FOUND": 404,
    "NO_CAPTIONS": 404,
    "TEXT_NEEDS_SPEECH": 422,
    "TEXT_NOT_SPOKEN": 422,
    "NO_CAPTIONS_FILE": 422,
    "NO_SOUND": 422,
    "SOUND_NOT_MEASURED": 409,
    "NO_SPEECH": 422,
    "NO_SUBTITLE_TRACK": 422,
    "NO_SUCH_TRACK": 422,
    "NO_TRANSCRIPT": 404,
    "NO_VIDEO_STREAM": 422,
    "PRESET_LIMIT": 409,
    "PRESET_NAME_TAKEN": 409,
    "PRESET_NOT_FOUND": 404,
    "RAW_STREAM": 422,
    "RECEIPT_NOT_FOUND": 404,
    "SUGGESTION_NOT_FOUND": 404,
    "SANDBOX_FAILED": 500,
    "SCENE_NOT_FOUND": 404,
    "SEARCH_EMPTY": 422,
    "SEARCH_TOO_LONG": 422,
    "SEARCH_TOO_MANY_WORDS": 422,
    "SCENE_TOO_LONG": 422,
    "SIGNUP_CLOSED": 403,
    "STORAGE_QUOTA_EXCEEDED": 403,
    "TOO_MANY_UPLOADS": 429,
    "SIGNUP_THROTTLED": 429,
    "SOUND_UNREADABLE": 422,
    "SOURCE_MISSING": 410,
    "SOURCE_NOT_PLAIN": 422,
    "SPAN_OUTSIDE_VIDEO": 422,
    "SPAN_REVERSED": 422,
    "SPAN_TOO_SHORT": 422,
    "SPEECH_MODEL_MISSING": 503,
    "SPEECH_SERVICE_FAILED": 502,
    "SPEECH_SERVICE_MISSING": 503,
    "STORAGE_CORRUPT": 500,
    "STORAGE_FULL": 507,
    "STORAGE_UNAVAILABLE": 503,
    "THROTTLED": 429,
    "TOOL_FAILED": 500,
    "TOOL_KILLED": 500,
    "TOOL_LIMIT_CPU": 422,
    "TOOL_LIMIT_MEMORY": 422,
    "TOOL_LIMIT_SIZE": 422,
    "TOOL_MISSING": 503,
    "TOOL_TIMEOUT": 500,
    "TOO_MANY_TRACKS": 422,
    "TRUNCATED_FILE": 422,
    "UNAUTHENTICATED": 401,
    "UNSUPPORTED_CODEC": 422,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "UPLOAD_BUSY": 423,
    "UPLOAD_NOT_FOUND": 404,
    "UPLOAD_OFFSET_MISMATCH": 409,
    "UPLOAD_VERSION_UNKNOWN": 412,
    "VERIFICATION_FAILED": 500,
    "VIDEO_BUSY": 409,
    "VIDEO_NOT_FOUND": 404,
    "VIDEO_NOT_READY": 409,
    "VIDEO_TOO_LARGE": 422,
    "VIDEO_TOO_LONG": 422,
    "VIDEO_TOO_SHORT": 422,
    "VISION_SERVICE_FAILED": 502,
    "WORKER_LOST": 500,
}

# What mypy says about each line: nothing, or the beginning of an error's code.
SNIPPET = """\
from core.errors import HeimdexError
from mediakit.errors import InputError
from netfetch.errors import FetchError, FetchErrorCode
from mediakit.errors import MediaErrorCode
from videos.errors import VideoCode

HeimdexError(VideoCode.VIDEO_BUSY)
InputError(MediaErrorCode.EMPTY_FILE, "")
FetchError(FetchErrorCode.FETCH_TOO_SLOW, "")
HeimdexError(VideoCode.VIDEO_BUZY)  # attr-defined
HeimdexError("VIDEO_BUSY")  # arg-type
HeimdexError(MediaErrorCode.EMPTY_FILE)  # arg-type
InputError(MediaErrorCode.EMTY_FILE, "")  # attr-defined
InputError("EMPTY_FILE", "")  # arg-type
FetchError(FetchErrorCode.FETCH_TO_SLOW, "")  # attr-defined
FetchError("FETCH_TOO_SLOW", "")  # arg-type
"""


def test_the_public_codes_and_their_statuses_are_these():
    assert {name: code.status for name, code in all_codes().items()} == PUBLIC


def test_the_enums_hold_every_code_once():
    members = [code for enum in ENUMS for code in enum]

    assert sorted(code.name for code in members) == sorted(PUBLIC)
    assert {code.name: code for code in members} == all_codes()


def test_every_code_has_a_sentence():
    for name, code in all_codes().items():
        assert str(code.sentence).endswith((".", "!", "?", "s", ")")), name


def test_two_apps_cannot_have_the_same_code():
    with pytest.raises(ValueError, match="VIDEO_BUSY is a code of VideoCode already"):

        class Other(ErrorCode):
            VIDEO_BUSY = 409, "Busy."

    assert all_codes()["VIDEO_BUSY"] is VideoCode.VIDEO_BUSY


def test_every_code_of_mediakit_has_a_public_one():
    assert set(MEDIA_CODES) == set(MediaErrorCode)
    for code, public in MEDIA_CODES.items():
        assert public.name == code.name or public is CoreCode.INTERNAL_ERROR


def test_every_failure_of_a_fetch_has_a_public_code():
    assert set(IMPORT_CODES) == set(FetchErrorCode) - {FetchErrorCode.FETCH_STOPPED}
    for code, public in IMPORT_CODES.items():
        assert public.name == code.replace("FETCH_", "IMPORT_")


def test_the_api_knows_a_finer_code_as_one_of_the_common_ones():
    assert set(API_CODES.values()) == {CoreCode.CONFLICT, CoreCode.INVALID_INPUT}
    assert not set(API_CODES) & set(API_CODES.values())


def test_only_what_is_wrong_with_the_input_keeps_its_parameters():
    theirs = from_media(InputError(MediaErrorCode.UNSUPPORTED_CODEC, "no", codec="vvc1"))
    ours = from_media(ToolError("no", tool="ffmpeg"))
    mistake = from_media(InputError(MediaErrorCode.UNKNOWN_QUALITY, "no", quality="ultra"))

    assert (theirs.code, theirs.details) == (VideoCode.UNSUPPORTED_CODEC, {"codec": "vvc1"})
    assert (ours.code, ours.details) == (CoreCode.TOOL_FAILED, {})
    assert (mistake.code, mistake.details) == (CoreCode.INTERNAL_ERROR, {})


@pytest.mark.parametrize("reason", CAPTIONS_REASONS)
def test_the_reason_of_unreadable_captions_is_in_words(reason):
    text = text_for("CAPTIONS_INVALID", {"line": 7, "reason": reason})

    assert str(CAPTIONS_REASONS[reason]) in text
    assert reason not in text


def test_a_broken_rule_is_in_words():
    params = {"rule": "sync", "expected": "as in the video", "measured": "-12 ms"}

    text = ExportCode.VERIFICATION_FAILED.message(params)

    assert str(RULE_WORDS["sync"]) in text
    assert "found -12 ms" in text


@pytest.mark.parametrize("code", ["VIDEO_BUSY", MediaErrorCode.EMPTY_FILE])
def test_what_is_no_public_code_cannot_be_raised(code):
    with pytest.raises(TypeError, match="not an ErrorCode"):
        HeimdexError(cast("Any", code))


def test_a_code_that_does_not_exist_fails_the_type_check(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    root = Path(settings.BASE_DIR)
    modules = [
        f"{package}/errors.py" for package in ("core", "mediakit", "netfetch", "storage", "videos")
    ]
    # Django and all the rest are left out: they would take half a minute.
    options = ["--config-file=", "--follow-imports=skip", "--ignore-missing-imports"]
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            *options,
            "--cache-dir",
            tmp_path / "cache",
            *modules,
            snippet,
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    wrong = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(SNIPPET.splitlines(), 1)
        if "  # " in line
    }
    found = {
        int(line.split(":")[1]): line.rpartition("[")[2].rstrip("]")
        for line in checked.stdout.splitlines()
        if ": error: " in line
    }
    assert found == wrong, checked.stdout + checked.stderr
