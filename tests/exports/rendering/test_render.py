"""One export from row to file, by the real task with real ffmpeg; and every way it can go wrong."""

import errno
import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import structlog
from django.core.files.storage import default_storage
from django.utils.translation import override

from core.errors import HeimdexError
from exports import services, tasks
from exports.captions import styles
from exports.captions.styles import ShortStyle
from exports.choices import ExportStatus
from exports.models import Export
from exports.rendering import attempt as attempts
from jobs import lease
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions.caption_style import PRESETS, BurnIn, Overlays
from mediakit.conformance.rules import overlap_ms
from mediakit.conformance.verification import Claims
from mediakit.errors import (
    InputError,
    MediaErrorCode,
    ToolError,
    ToolLimitError,
    ToolTimeoutError,
    VerificationError,
)
from mediakit.probing.probe import probe
from mediakit.text.transcript import Cue
from storage import files
from storage.errors import StorageCode
from tests.exports.render_runs import breaking, left_behind, real_commits, run, stored
from tests.factories import CueFactory
from videos.models import SoundLevels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]


@pytest.fixture
def reports(monkeypatch) -> list[tuple[str, float]]:
    """Every stage and percent that was reported."""
    reports: list[tuple[str, float]] = []
    report = lease.LeaseRenewer.report

    def listen(self, stage: str, percent: float) -> None:
        reports.append((stage, percent))
        report(self, stage, percent)

    monkeypatch.setattr(lease.LeaseRenewer, "report", listen)
    return reports


@real_commits
@pytest.mark.parametrize("strategy", ["center_crop", "letterbox", "blur"])
def test_an_export_becomes_a_short(export, strategy, settings, clip, reports):
    Export.objects.update(aspect_ratio_strategy=strategy, output_quality="medium")
    before = hashlib.sha256(clip.read_bytes()).hexdigest()

    row = run(export)

    assert (row.status, row.error_code, row.attempts) == (ExportStatus.COMPLETED, "", 1)
    short = Path(default_storage.path(row.file_key))
    assert stored(export) == [row.file_key]
    assert row.file_size_bytes == short.stat().st_size
    assert row.file_sha256 == hashlib.sha256(short.read_bytes()).hexdigest()
    assert row.duration_ms is not None
    assert abs(row.duration_ms - 800) <= 100
    assert (row.width, row.height) == (1080, 1920)
    assert all(rule["ok"] for rule in row.receipt["rules"] if rule["hard"])
    assert row.receipt["cover_ms"] in {0, 480, 500, 520}  # a keyframe
    picture = probe(str(short)).video
    assert (picture.codec, picture.pix_fmt, picture.sar) == ("h264", "yuv420p", Fraction(1))
    assert left_behind(settings) == []
    source = Path(default_storage.path(export.video.source_key))
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    stages = list(dict.fromkeys(stage for stage, _ in reports))
    assert stages == ["prepare", "sound", "encode", "store", "verify"]
    percents = [percent for _, percent in reports]
    assert percents == sorted(percents)
    assert percents[-1] <= 99


@real_commits
@pytest.mark.parametrize("strategy", ["center_crop", "smart_crop"])
def test_an_export_of_several_ranges(export, strategy):
    CueFactory(
        video=export.video,
        start_ms=100,
        end_ms=2_800,
        text="Stay um here",
        words=[[200, 600, "Stay"], [1_200, 1_500, "um"], [2_000, 2_500, "here"]],
    )
    ranges = [[120, 1_000], [1_800, 2_800]]
    cues = styles.cues_for_ranges(export.video, [(120, 1_000), (1_800, 2_800)])
    Export.objects.update(
        aspect_ratio_strategy=strategy,
        output_quality="medium",
        start_ms=120,
        end_ms=2_800,
        ranges=ranges,
        captions="outline",
        look=ShortStyle(PRESETS["outline"]).to_json(),
        caption_cues=styles.cues_to_json(cues),
    )

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.COMPLETED, "")
    assert row.duration_ms is not None
    assert abs(row.duration_ms - 1_880) <= 40
    (join,) = row.receipt["joins"]
    assert join["removed_ms"] == [1_000, 1_800]
    assert (join["at_ms"], join["removed_text"]) == (880, "um")
    rules = {rule["name"]: rule for rule in row.receipt["rules"]}
    assert rules["right_moment"]["ok"]
    assert rules["captions_shown"]["ok"]
    if strategy == "smart_crop":
        assert row.plan is not None
        shots = row.plan["shots"]
        assert (shots[0]["start_ms"], shots[-1]["end_ms"]) == (0, 1_880)
        assert 860 in {shot["end_ms"] for shot in shots}  # half a frame before the join


@pytest.mark.usefixtures("quick")
def test_a_second_delivery_renders_nothing(export, monkeypatch):
    first = run(export)
    breaking(AssertionError("rendered twice"), monkeypatch)

    assert run(export).completed_at == first.completed_at


def test_an_export_that_is_gone_is_no_work():
    tasks.render_export("00000000-0000-4000-8000-000000000000")


def test_what_cannot_be_made_fails_without_another_attempt(export, monkeypatch, sent_messages):
    breaking(InputError(MediaErrorCode.UNSUPPORTED_CODEC, "No.", codec="xyz"), monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.FAILED, 1)
    assert row.error_message == "The picture is encoded as xyz, which this server cannot play."
    assert sent_messages == []


@pytest.mark.parametrize("limit", ["memory", "cpu", "size"])
def test_what_needs_more_than_it_may_have_fails_without_another_attempt(
    export, monkeypatch, sent_messages, limit
):
    error = ToolLimitError("no", limit=limit, tool="ffmpeg", returncode=1, tail="the last words")
    breaking(error, monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.FAILED, 1)
    assert row.error_code == f"TOOL_LIMIT_{limit.upper()}"
    assert "server allows" in row.error_message
    assert sent_messages == []


def test_what_the_system_killed_is_tried_again(export, monkeypatch, sent_messages, caplog):
    breaking(ToolLimitError("no", limit="killed", tool="ffmpeg", returncode=-9), monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.PENDING, 1)
    assert "TOOL_KILLED" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_tool_that_fails_gets_every_attempt_then_its_words_are_kept(
    export, monkeypatch, sent_messages, settings
):
    breaking(ToolError("no", tool="ffmpeg", returncode=1, tail="the last words"), monkeypatch)

    for attempt in range(1, settings.JOB_MAX_ATTEMPTS):
        row = run(export)
        assert (row.status, row.attempts) == (ExportStatus.PENDING, attempt)
    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "TOOL_FAILED")
    assert (row.attempts, row.tool_output) == (3, "the last words")
    assert "the last words" not in row.error_message
    assert sent_messages == []  # the sweep wakes it when its time has come
    assert left_behind(settings) == []


@pytest.mark.usefixtures("quick")
def test_audio_options_are_used_and_a_stored_loudness_index_is_not_measured_again(
    export, monkeypatch
):
    given: dict[str, object] = {}
    render = vars(attempts)["render_short"]

    def listen(_source, _info, spec, out, *, loudness_index, **options):
        given.update(track=spec.audio_index, noise=spec.reduce_noise, loudness_index=loudness_index)
        render(_source, _info, spec, out, **options)

    monkeypatch.setattr(attempts, "render_short", listen)
    Export.objects.update(audio_track=1, reduce_noise=True)
    SoundLevels.objects.create(video=export.video, track=1, blocks=b"abcd")

    assert run(export).status == ExportStatus.COMPLETED
    assert given == {"track": 1, "noise": True, "loudness_index": LoudnessIndex(b"abcd", 1)}


def test_captions_are_held_against_the_speech_where_there_are_any():
    cues = (Cue(0, 1_000, "One two."), Cue(2_000, 3_000, "Three."))
    style = PRESETS["outline"]
    plain = BurnIn(duration_ms=4_000, cues=cues)

    assert attempts.verification_claims(None) == attempts.verification_claims(plain) == Claims()
    claims = attempts.verification_claims(replace(plain, style=style))
    assert claims.speech_ms
    assert claims.captions_ms
    assert overlap_ms(claims.speech_ms, claims.captions_ms) >= 1_900
    rare = replace(plain, style=style, cues=(Cue(0, 1_000, "One 𠀀 two"),))
    lacking = attempts.verification_claims(rare)
    assert (lacking.missing_letters, lacking.letter_share) == ("𠀀", pytest.approx(6 / 7))
    titled = attempts.verification_claims(replace(plain, overlays=Overlays(hook="A𐎀")))
    assert titled == Claims(title_share=0.5, title_missing="𐎀")


@pytest.mark.usefixtures("quick")
def test_a_failed_export_can_be_retried(export, monkeypatch):
    with monkeypatch.context() as broken:
        breaking(InputError(MediaErrorCode.TRUNCATED_FILE, "No."), broken)
        assert run(export).status == ExportStatus.FAILED

    services.retry_export(export)

    row = run(export)
    assert (row.status, row.attempts, row.error_code) == (ExportStatus.COMPLETED, 1, "")


@pytest.mark.usefixtures("quick")
def test_a_file_that_breaks_a_promise_is_never_completed(export, monkeypatch, sent_messages):
    receipt = {"rules": [{"name": "frame_rate", "ok": False, "hard": True}]}
    error = VerificationError(
        rule="frame_rate", expected="25 fps", measured="24 fps", receipt=receipt
    )
    breaking(error, monkeypatch, "verify_short")

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "VERIFICATION_FAILED")
    assert "“Steady frame rate”: wanted 25 fps, found 24 fps" in row.error_message
    with override("ko"):
        assert "일정한 프레임 속도" in row.error_message
    assert row.receipt == receipt
    assert (row.stage, row.file_key, sent_messages) == ("store", "", [])
    assert stored(export) == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "change",
    [lambda b: b + b"\0", lambda b: bytes([b[0] ^ 1]) + b[1:]],
    ids=["one byte more", "one bit else"],
)
def test_stored_bytes_that_differ_are_noticed(export, monkeypatch, settings, change):
    settings.JOB_MAX_ATTEMPTS = 1
    save = files.save_file

    def garble(key: str, path: Path, **options) -> None:
        path.write_bytes(change(path.read_bytes()))
        save(key, path, **options)

    monkeypatch.setattr(files, "save_file", garble)

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "STORAGE_CORRUPT")
    assert stored(export) == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HeimdexError(StorageCode.STORAGE_UNAVAILABLE), "STORAGE_UNAVAILABLE"),
        (OSError(errno.ENOSPC, "full"), "STORAGE_FULL"),
        (RuntimeError("a bug"), "INTERNAL_ERROR"),
        (ToolTimeoutError("slow", tool="ffmpeg"), "TOOL_TIMEOUT"),
    ],
)
def test_our_own_trouble_is_tried_again_and_then_said_in_words(
    export, error, code, monkeypatch, settings
):
    settings.JOB_MAX_ATTEMPTS = 2
    breaking(error, monkeypatch)

    assert run(export).status == ExportStatus.PENDING
    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, code)
    assert row.error_message


def test_a_missing_source_is_said_at_once(export, sent_messages):
    files.delete(export.video.source_key)

    row = run(export)

    assert (row.status, row.error_code, sent_messages) == (
        ExportStatus.FAILED,
        "SOURCE_MISSING",
        [],
    )
    assert row.error_message.startswith("The video's file is gone")


def test_a_deleted_video_is_said_at_once(export):
    export.video.delete()

    assert run(export).error_code == "SOURCE_MISSING"


@pytest.mark.usefixtures("quick")
def test_a_probe_from_another_version_is_done_again(export):
    video = export.video
    video.probe = {"container": "old"}
    video.save(update_fields=["probe"])

    assert run(export).status == ExportStatus.COMPLETED


@real_commits
@pytest.mark.services
def test_a_short_from_s3_to_s3(on_s3, export):
    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.COMPLETED, "")
    assert files.size(row.file_key) == row.file_size_bytes
    assert sorted(on_s3.keys()) == sorted([row.file_key, export.video.source_key])


def test_every_line_of_the_job_carries_its_id(export, quick, monkeypatch):
    contexts: list[dict] = []
    render = quick.render

    def record(*args, **options):
        contexts.append(structlog.contextvars.get_contextvars())
        render(*args, **options)

    monkeypatch.setattr(attempts, "render_short", record)

    run(export)

    assert contexts == [{"export_id": str(export.pk)}]
    assert structlog.contextvars.get_contextvars() == {}
