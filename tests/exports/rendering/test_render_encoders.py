"""An export with an encoder in hardware: the one that proved itself is used, and x264 helps out when it fails.

x264 with other options stands for the hardware: it passes the real trial, and what it does with an export of medium
quality the tests say.
"""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from exports.choices import ExportStatus
from exports.models import Export
from exports.rendering import attempt as attempts
from mediakit import encoder_selection
from mediakit.errors import EncoderError, ToolError, ToolTimeoutError
from mediakit.render.encoders import X264, Encoder
from mediakit.sandbox.confinement import Devices
from tests.exports.render_runs import left_behind, run, stored
from tests.mediakit.conftest import ffprobe

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]
LEVEL = "5.2"  # no Short by x264 says so of itself
SPOILT: list[str] = []


def _options(quality, rate):
    medium = SPOILT if quality.crf == 22 else []
    return [*X264.options(quality, rate), "-preset", "superfast", "-level", LEVEL, *medium]


# With all that a hardware encoder needs: options before the inputs, a last filter, and access to devices.
STAND_IN = Encoder(
    "stand_in",
    "libx264",
    _options,
    input_options=("-filter_threads", "2"),
    upload_filter="format=nv12",
    devices=Devices(files=("/dev/full",), info_paths=("/proc/devices",), may_bind=True),
)
NEVER_ASKED = Encoder("never_asked", "no_such_encoder", _options)


@pytest.fixture(scope="session")
def proven() -> encoder_selection.EncoderSelection:
    """A real trial, once. Encoders after the first that works are not tried."""
    selection = encoder_selection.EncoderSelection(
        "auto", (NEVER_ASKED, STAND_IN, NEVER_ASKED), budget_s=200
    )
    assert selection.select() == STAND_IN
    return selection


@pytest.fixture
def selection(proven) -> Iterator[encoder_selection.EncoderSelection]:
    """A process of its own for each test, as far as encoders go."""
    before = encoder_selection.current()
    mine = copy.copy(proven)
    encoder_selection.configure(mine)
    yield mine
    encoder_selection.configure(before)
    SPOILT.clear()


def attempt() -> attempts.Attempt:
    return attempts.Attempt(report=lambda *_: None, should_stop=lambda: False)


def level_of(export: Export) -> int:
    streams = ffprobe(Path(default_storage.path(export.file_key)))["streams"]
    return next(stream["level"] for stream in streams if stream["codec_type"] == "video")


@pytest.mark.usefixtures("selection")
def test_an_encoder_that_passed_the_trial_makes_the_short(export):
    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 1)
    assert row.receipt["encoder"] == "stand_in"
    assert level_of(row) == 52


@pytest.mark.parametrize(
    "failing",
    [
        (["-x264-params", "no-such=1", "-profile:v", "none"], "ffmpeg failed with exit code"),
        (["-bf", "5"], "breaks the rule “b_frames”"),
    ],
    ids=["the tool fails", "a rule is broken"],
)
def test_an_encoder_that_fails_later_is_replaced_within_the_attempt_and_not_used_again(
    export, selection, failing, caplog, settings
):
    spoilt, words = failing
    SPOILT.extend(spoilt)
    Export.objects.update(output_quality="medium")

    row = run(export)

    assert (row.status, row.attempts, row.error_code) == (ExportStatus.COMPLETED, 1, "")
    assert row.receipt["encoder"] == "x264"
    assert level_of(row) < 52
    assert stored(export) == [row.file_key]
    assert left_behind(settings) == []
    assert selection.select() is X264
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "stand_in on /dev/full failed, once more with x264" in warnings[0]
    assert words in warnings[0]
    assert "stand_in on /dev/full is not used any more by this process" in warnings[1]


def test_a_video_that_no_encoder_can_use_costs_no_encoder(selection):
    encoders = []

    def work(encoder: Encoder) -> None:
        encoders.append(encoder)
        raise EncoderError("no", tool="ffmpeg") if encoder == STAND_IN else ToolError("no", tool="")

    with pytest.raises(ToolError):
        attempts.with_best_encoder(work, attempt=attempt())

    assert encoders == [STAND_IN, X264]
    assert selection.select() == STAND_IN


def test_one_that_takes_too_long_is_left_out_of_the_next_attempt(selection):
    def work(encoder: Encoder) -> str:
        if encoder is X264:
            return "made"
        raise ToolTimeoutError("slow", tool="ffmpeg")

    with pytest.raises(ToolTimeoutError):
        attempts.with_best_encoder(work, attempt=attempt())

    assert attempts.with_best_encoder(work, attempt=attempt()) == "made"
    assert selection.select() is X264
