"""What `try_encoders` and the system checks report about hardware encoders."""

from io import StringIO

import pytest
from django.core.management import call_command

from heimdex.settings import product
from heimdex.startup import checks, sandbox_setup
from mediakit import encoder_selection
from mediakit.render.encoders import HARDWARE
from mediakit.sandbox import config

NAMES = [encoder.name for encoder in HARDWARE]


@pytest.fixture(autouse=True)
def _as_before():
    before = config.current(), encoder_selection.current()
    yield
    config.configure(before[0])
    encoder_selection.configure(before[1])


def test_every_encoder_of_the_table_can_be_chosen():
    assert list(product.VIDEO_ENCODERS) == ["auto", "x264", *NAMES]


def test_the_setting_reaches_the_trial(settings):
    settings.VIDEO_ENCODER = "h264_videotoolbox"

    sandbox_setup.configure()

    assert [encoder.name for encoder in encoder_selection.current()._table] == ["h264_videotoolbox"]


def test_an_encoder_that_cannot_be_here_is_a_warning(settings, monkeypatch):
    monkeypatch.setattr("sys.platform", "plan9")
    settings.VIDEO_ENCODER = "h264_vaapi"

    (message,) = checks.check_encoder()

    assert message.id == "heimdex.W012"
    assert "h264_vaapi: only on linux" in message.msg
    for fine in ("auto", "x264"):
        settings.VIDEO_ENCODER = fine
        assert checks.check_encoder() == []


def test_the_command_has_a_line_for_every_encoder():
    said = StringIO()

    call_command("try_encoders", stdout=said)

    *lines, last = said.getvalue().splitlines()
    assert {line.split(":")[0].split()[0] for line in lines} == set(NAMES)
    assert all(
        ": not here: " in line or ": works" in line or ": not used: " in line for line in lines
    )
    assert last == "HEIMDEX_VIDEO_ENCODER=x264: exports use x264"
