"""One export from row to file, by the real task with real ffmpeg; and every way it can go wrong."""

import errno
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import structlog
from django.core.files.storage import default_storage
from django.utils.translation import override

from exports import lifecycle, pipeline, services, tasks
from exports.choices import ExportStatus
from exports.models import Export
from heimdex.errors import HeimdexError
from jobs import lease
from jobs.clock import database_now
from jobs.lease import LeaseLostError
from mediakit.errors import (
    InputError,
    StoppedError,
    ToolError,
    ToolLimitError,
    ToolTimeoutError,
    VerificationError,
)
from mediakit.heard import Heard
from mediakit.look import PRESETS, Drawing
from mediakit.probe import probe
from mediakit.rules import covered
from mediakit.transcript import Cue
from mediakit.verify import Claims, Receipt
from storage import files
from tests.factories import ExportFactory, UserFactory
from videos.models import SoundLevels

pytestmark = pytest.mark.django_db
# Where the heartbeat has to reach the database by a connection of its own.
real_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def export(source) -> Export:
    return ExportFactory(video=source(UserFactory()), start_ms=500, end_ms=1_300)


def stored(export: Export) -> list[str]:
    """The keys of every file that any attempt at it has stored."""
    listed = files.listing(f"exports/{export.owner_id}/")
    return [file.key for file in listed if str(export.pk) in file.key]


def run(export: Export) -> Export:
    Export.objects.filter(status=ExportStatus.PENDING).update(queued_at=database_now())
    tasks.render_export(str(export.pk))
    return Export.objects.get(pk=export.pk)


def left_behind(settings) -> list[Path]:
    return list(settings.WORK_DIR.iterdir())


def breaking(error: Exception, monkeypatch, name: str = "render_short") -> None:
    """Let one step of the pipeline raise."""

    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(pipeline, name, fail)


@pytest.fixture(autouse=True)
def _no_heartbeat(request, monkeypatch) -> None:
    """A test inside one transaction has the database to itself; its leases are long enough."""
    if not request.node.get_closest_marker("django_db").kwargs.get("transaction"):
        monkeypatch.setattr(lease.Keeper, "_beat", lambda _keeper: None)


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, float]]:
    """Every stage and percent that was reported."""
    reports: list[tuple[str, float]] = []
    report = lease.Keeper.report

    def listen(self, stage: str, percent: float) -> None:
        reports.append((stage, percent))
        report(self, stage, percent)

    monkeypatch.setattr(lease.Keeper, "report", listen)
    return reports


@dataclass(frozen=True)
class Quick:
    """What stands in for rendering and checking."""

    render: Callable[..., None]
    verify: Callable[..., Receipt]


@pytest.fixture
def quick(monkeypatch) -> Quick:
    """A renderer and a check that take no time, for stories about everything around them."""

    def render(
        _source, _info, _spec, out: Path, *, on_progress, should_stop, timeout_s, **_more
    ) -> None:
        assert timeout_s > 0
        on_progress("sound", 1.0)
        if should_stop():
            raise StoppedError("stopped")
        on_progress("encode", 0.5)
        out.write_bytes(b"a short file")

    def verify(source, _info, spec, *, on_progress, should_stop, timeout_s, **_more) -> Receipt:
        assert timeout_s > 0
        on_progress(0.5)
        if should_stop():
            raise StoppedError("stopped")
        return Receipt(
            size_bytes=Path(source).stat().st_size,
            duration_ms=spec.duration_ms,
            width=1080,
            height=1920,
            frame_rate=Fraction(25),
            video_bit_rate=1,
            loudness_lufs=None,
            true_peak_db=None,
            rules=(),
        )

    monkeypatch.setattr(pipeline, "render_short", render)
    monkeypatch.setattr(pipeline, "verify_short", verify)
    return Quick(render, verify)


@real_commits
@pytest.mark.parametrize("strategy", ["center_crop", "letterbox", "blur"])
def test_an_export_becomes_a_short(export, strategy, settings, clip, told):
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
    picture = probe(str(short)).video
    assert (picture.codec, picture.pix_fmt, picture.sar) == ("h264", "yuv420p", Fraction(1))
    assert left_behind(settings) == []
    source = Path(default_storage.path(export.video.source_key))
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == ["prepare", "sound", "encode", "store", "verify"]
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert percents[-1] <= 99


@pytest.mark.usefixtures("quick")
def test_a_second_delivery_renders_nothing(export, monkeypatch):
    first = run(export)
    breaking(AssertionError("rendered twice"), monkeypatch)

    assert run(export).completed_at == first.completed_at


def test_an_export_that_is_gone_is_no_work():
    tasks.render_export("00000000-0000-4000-8000-000000000000")


def test_what_cannot_be_made_fails_without_another_attempt(export, monkeypatch, woken):
    breaking(InputError("UNSUPPORTED_CODEC", "No.", codec="xyz"), monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.FAILED, 1)
    assert row.error_message == "The picture is encoded as xyz, which this server cannot play."
    assert woken == []


@pytest.mark.parametrize("limit", ["memory", "cpu", "size"])
def test_what_needs_more_than_it_may_have_fails_without_another_attempt(
    export, monkeypatch, woken, limit
):
    error = ToolLimitError("no", limit=limit, tool="ffmpeg", returncode=1, tail="the last words")
    breaking(error, monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.FAILED, 1)
    assert row.error_code == f"TOOL_LIMIT_{limit.upper()}"
    assert "server allows" in row.error_message
    assert woken == []


def test_what_the_system_killed_is_tried_again(export, monkeypatch, woken, caplog):
    breaking(ToolLimitError("no", limit="killed", tool="ffmpeg", returncode=-9), monkeypatch)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.PENDING, 1)
    assert "TOOL_KILLED" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_tool_that_fails_gets_every_attempt_then_its_words_are_kept(
    export, monkeypatch, woken, settings
):
    breaking(ToolError("no", tool="ffmpeg", returncode=1, tail="the last words"), monkeypatch)

    for attempt in range(1, settings.JOB_MAX_ATTEMPTS):
        row = run(export)
        assert (row.status, row.attempts) == (ExportStatus.PENDING, attempt)
    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "TOOL_FAILED")
    assert (row.attempts, row.tool_output) == (3, "the last words")
    assert "the last words" not in row.error_message
    assert woken == []  # the sweep wakes it when its time has come
    assert left_behind(settings) == []


@pytest.mark.usefixtures("quick")
def test_the_sound_is_made_as_it_was_asked_for_and_not_measured_where_it_was_heard(
    export, monkeypatch
):
    given: dict[str, object] = {}
    render = vars(pipeline)["render_short"]

    def listen(_source, _info, spec, out, *, heard, **options):
        given.update(track=spec.audio_index, noise=spec.reduce_noise, heard=heard)
        render(_source, _info, spec, out, **options)

    monkeypatch.setattr(pipeline, "render_short", listen)
    Export.objects.update(audio_track=1, reduce_noise=True)
    SoundLevels.objects.create(video=export.video, track=1, blocks=b"abcd")

    assert run(export).status == ExportStatus.COMPLETED
    assert given == {"track": 1, "noise": True, "heard": Heard(b"abcd", 1)}


def test_captions_are_held_against_the_speech_where_there_are_any():
    cues = (Cue(0, 1_000, "One two."), Cue(2_000, 3_000, "Three."))
    style = PRESETS["outline"]
    plain = Drawing(duration_ms=4_000, cues=cues)

    assert pipeline.claims_of(None) == pipeline.claims_of(plain) == Claims()
    claims = pipeline.claims_of(replace(plain, style=style))
    assert claims.speech_ms
    assert claims.captions_ms
    assert covered(claims.speech_ms, claims.captions_ms) >= 1_900


@pytest.mark.usefixtures("quick")
def test_a_failed_export_can_be_asked_for_again(export, monkeypatch):
    with monkeypatch.context() as broken:
        breaking(InputError("TRUNCATED_FILE", "No."), broken)
        assert run(export).status == ExportStatus.FAILED

    services.retry_export(export)

    row = run(export)
    assert (row.status, row.attempts, row.error_code) == (ExportStatus.COMPLETED, 1, "")


@pytest.mark.usefixtures("quick")
def test_a_file_that_breaks_a_promise_is_never_completed(export, monkeypatch, woken):
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
    assert (row.stage, row.file_key, woken) == ("store", "", [])
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
        (HeimdexError("STORAGE_UNAVAILABLE"), "STORAGE_UNAVAILABLE"),
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


def test_a_missing_source_is_said_at_once(export, woken):
    files.delete(export.video.source_key)

    row = run(export)

    assert (row.status, row.error_code, woken) == (ExportStatus.FAILED, "SOURCE_MISSING", [])
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


@real_commits
def test_cancelling_kills_the_work_and_leaves_nothing(export, quick, monkeypatch, settings):
    settings.JOB_HEARTBEAT_S = 1
    begun, render = threading.Event(), quick.render

    def slow(*args, **options):
        begun.set()
        cancelled.wait(10)
        while not options["should_stop"]():
            cancelled.wait(0.01)
        render(*args, **options)  # stopped by the order to stop, with ffmpeg and all

    cancelled = threading.Event()
    monkeypatch.setattr(pipeline, "render_short", slow)
    work = threading.Thread(target=_in_thread, args=(export,))
    work.start()
    begun.wait(10)

    services.cancel_export(export)
    cancelled.set()
    work.join(30)

    assert not work.is_alive()
    assert Export.objects.get().status == ExportStatus.CANCELLED
    assert stored(export) == []
    assert left_behind(settings) == []


def _in_thread(export: Export) -> None:
    from django.db import connection  # noqa: PLC0415 - this thread's own

    try:
        tasks.render_export(str(export.pk))
    finally:
        connection.close()


def test_a_worker_that_lost_its_row_stores_nothing(export, quick, monkeypatch):
    render = quick.render

    def lose(*args, **options):
        render(*args, **options)
        Export.objects.update(status=ExportStatus.CANCELLED, claim_token=None)

    monkeypatch.setattr(pipeline, "render_short", lose)

    row = run(export)

    assert (row.status, row.file_key) == (ExportStatus.CANCELLED, "")
    assert stored(export) == []


def test_a_row_lost_after_storing_leaves_no_file(export, quick, monkeypatch):
    verify = quick.verify

    def lose(*args, **options):
        Export.objects.update(status=ExportStatus.CANCELLED, claim_token=None)
        return verify(*args, **options)

    monkeypatch.setattr(pipeline, "verify_short", lose)

    assert run(export).status == ExportStatus.CANCELLED
    assert stored(export) == []


def test_a_worker_that_wakes_after_its_lease_never_touches_the_newer_file(
    export, quick, monkeypatch
):
    """It sleeps in mid-upload; the row is swept and made again; then the sleeper stores its own bytes."""
    save = files.save_file
    done: list[str] = []

    def sleep_first(key: str, path: Path, **options) -> None:
        if not done:
            done.append(key)
            Export.objects.update(heartbeat_at=database_now() - timedelta(hours=1))
            tasks.sweep()
            monkeypatch.setattr(pipeline, "render_short", quick.render)
            tasks.render_export()
            path.write_bytes(b"what the sleeper made")
        save(key, path, **options)

    monkeypatch.setattr(files, "save_file", sleep_first)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 2)
    assert stored(export) == [row.file_key]
    assert row.file_key != done[0]
    assert files.fingerprint(row.file_key).sha256 == row.file_sha256


@pytest.mark.usefixtures("quick")
def test_a_commit_whose_answer_was_lost_keeps_its_file(export, monkeypatch):
    finish = lifecycle.finish

    def finish_then_break(*args, **options):
        monkeypatch.setattr(lifecycle, "finish", finish)
        finish(*args, **options)
        raise LeaseLostError("as after a second try of what had come through")

    monkeypatch.setattr(lifecycle, "finish", finish_then_break)

    row = run(export)

    assert row.status == ExportStatus.COMPLETED
    assert stored(export) == [row.file_key]


def test_a_file_that_cannot_be_removed_is_left_to_the_schedule(export, monkeypatch):
    def refuse(*_keys: str) -> None:
        raise HeimdexError("STORAGE_UNAVAILABLE")

    monkeypatch.setattr(files, "delete", refuse)
    breaking(InputError("TRUNCATED_FILE", "No."), monkeypatch)

    assert run(export).status == ExportStatus.FAILED


@pytest.fixture
def stopping():
    yield lease.stopping
    lease.stopping.clear()


def test_a_stopping_process_hands_its_work_back(export, quick, monkeypatch, stopping, woken):
    render = quick.render

    def stop(*args, **options):
        stopping.set()
        render(*args, **options)

    monkeypatch.setattr(pipeline, "render_short", stop)

    row = run(export)

    assert (row.status, row.attempts, row.claim_token) == (ExportStatus.PENDING, 0, None)
    assert woken == [str(export.pk)]


def test_a_stopping_process_takes_nothing_up(export, stopping):
    stopping.set()

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.PENDING, 0)


def test_time_is_bounded_by_the_clips_length(settings):
    assert pipeline.timeout_s(1_000) == 60
    assert pipeline.timeout_s(30_000) == 300
    assert pipeline.timeout_s(180_000) == 600


def test_an_attempt_that_takes_too_long_is_stopped(export, settings):
    settings.EXPORT_TIMEOUT_LEAST_S = settings.EXPORT_TIMEOUT_MOST_S = 0
    settings.JOB_MAX_ATTEMPTS = 1

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "TOOL_TIMEOUT")
    assert row.error_message == "The work took too long and was stopped."


@pytest.mark.parametrize("name", ["render_short", "verify_short"])
@pytest.mark.usefixtures("quick")
def test_a_stop_that_nobody_ordered_is_time_running_out(export, monkeypatch, settings, name):
    settings.JOB_MAX_ATTEMPTS = 1

    def overrun(*_args, **_options):
        attempts[0]._deadline = 0
        raise StoppedError("stopped")

    attempts: list[pipeline.Attempt] = []
    make = pipeline.make

    def watch(export, *, attempt, hold):
        attempts.append(attempt)
        return make(export, attempt=attempt, hold=hold)

    monkeypatch.setattr(pipeline, "make", watch)
    monkeypatch.setattr(pipeline, name, overrun)

    assert run(export).error_code == "TOOL_TIMEOUT"


def test_every_line_of_the_job_carries_its_id(export, quick, monkeypatch):
    seen: list[dict] = []
    render = quick.render

    def look(*args, **options):
        seen.append(structlog.contextvars.get_contextvars())
        render(*args, **options)

    monkeypatch.setattr(pipeline, "render_short", look)

    run(export)

    assert seen == [{"export_id": str(export.pk)}]
    assert structlog.contextvars.get_contextvars() == {}
