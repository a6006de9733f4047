"""What pages say about an export at one moment."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from exports.framing.texts import reason_text, shot_line
from exports.models import Export
from exports.receipts.rule_labels import RULE_WORDS
from exports.receipts.text import GROUPS, receipt_groups, rule_results
from exports.web import presenters
from mediakit.conformance.verification import verify_short
from mediakit.render.short import ShortSpec
from tests.exports.conftest import NOON
from tests.factories import ExportFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("trait", "state", "shape"),
    [
        ({}, "active", "chip--waiting"),
        ({"processing": True}, "active", "chip--working"),
        ({"completed": True}, "ready", "chip--done"),
        ({"expired": True}, "expired", "chip--off"),
        ({"failed": True}, "failed", "chip--failed"),
        ({"cancelled": True}, "cancelled", "chip--off"),
    ],
)
def test_every_state_has_its_word_and_shape_and_is_found_by_it(trait, state, shape):
    export = ExportFactory.create(**trait)
    at = export.created_at

    card = presenters.make_card(export, at=at)

    assert (card.state, card.chip_class) == (state, shape)
    assert card.status_text
    assert list(presenters.in_state(Export.objects.all(), state, at=at)) == [export]
    assert presenters.count_states(Export.objects.all(), at=at) == {
        **dict.fromkeys(presenters.STATES, 0),
        "": 1,
        state: 1,
    }


def test_it_is_ready_until_the_very_moment_it_expires():
    export = ExportFactory.create(completed=True, expires_at=NOON)

    before = presenters.make_card(export, at=NOON - timedelta(milliseconds=1))
    then = presenters.make_card(export, at=NOON)

    assert (before.state, before.left_s) == ("ready", 1)
    assert (then.state, then.left_s) == ("expired", 0)


def test_a_file_that_is_gone_is_expired_whatever_the_time():
    export = ExportFactory.create(completed=True, file_key="", expires_at=NOON)

    assert presenters.make_card(export, at=NOON - timedelta(hours=1)).state == "expired"


def test_elapsed_counts_from_the_start_of_the_work():
    export = ExportFactory.create(
        processing=True, queued_at=NOON, started_at=NOON + timedelta(seconds=50)
    )

    assert presenters.make_card(export, at=NOON + timedelta(seconds=62)).elapsed_text == "12 s"


@pytest.mark.parametrize(
    ("elapsed_s", "progress", "text"),
    [
        (44, 50, ""),  # no longer than usual
        (600, 14, ""),  # nothing to estimate from
        (60, 50, "This machine is busy: about 1 more minute."),
        (300, 25, "This machine is busy: about 15 more minutes."),
    ],
)
def test_a_slow_export_says_that_the_machine_is_busy_and_how_long_it_goes_on(
    elapsed_s, progress, text
):
    export = ExportFactory.create(
        processing=True, progress=progress, started_at=NOON, start_ms=0, end_ms=10_000
    )

    card = presenters.make_card(export, at=NOON + timedelta(seconds=elapsed_s))

    assert card.busy_text == text


def test_a_waiting_export_has_no_estimate():
    export = ExportFactory.create(queued_at=NOON, progress=50)

    assert presenters.make_card(export, at=NOON + timedelta(hours=1)).busy_text == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (86_399, "23 h 59 min")],
)
def test_time_left_is_said_like_a_clock(count, text):
    assert presenters.time_text(count) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(30_000, "30.0 s"), (45_740, "45.74 s"), (180_001, "180.001 s"), (5, "0.005 s")],
)
def test_lengths_are_exact_to_the_millisecond(ms, text):
    assert presenters.seconds_text(ms) == text


def test_an_export_outlives_its_video():
    export = ExportFactory.create(
        completed=True, video=None, owner=ExportFactory.create().owner, title="x"
    )

    card = presenters.make_card(export, at=export.created_at)

    assert (card.poster_url, card.repeat_url, card.video_url) == ("", "", "")


def test_the_receipt_is_a_short_list_of_promises():
    rules = [
        {"name": "picture_size", "ok": True},
        {"name": "square_pixels", "ok": True},
        {"name": "true_peak", "ok": True},
        {"name": "loudness", "ok": False, "expected": "-14 LUFS", "measured": "-20 LUFS"},
        {"name": "something_new", "ok": True},
    ]

    size, loudness, new = receipt_groups(rules)

    assert (size.ok, size.text) == (True, "1080 × 1920 with square pixels")
    assert (loudness.ok, loudness.found) == (False, "wanted -14 LUFS, found -20 LUFS")
    assert (new.ok, new.text) == (True, "something new")
    assert (size.state, loudness.state) == ("ok", "broken")


def test_every_rule_is_told_in_words_with_what_was_found():
    rules = [
        {"name": "sync", "ok": True, "expected": "≤ 25 ms", "measured": "0 ms", "hard": True},
        {"name": "no_black", "ok": False, "expected": "none", "measured": "0–2 s", "hard": False},
    ]

    sync, black = rule_results({"rules": rules})

    assert (sync.code, sync.label, sync.state) == ("sync", "Picture and sound in step", "ok")
    assert (black.state, black.expected, black.measured) == ("warning", "none", "0–2 s")
    with override("ko"):
        assert rule_results({"rules": rules})[1].expected == "없음"
    assert rule_results({}) == []


def test_every_rule_of_a_real_short_is_put_into_words(short, clip_info):
    spec = ShortSpec(0, 1_000, quality="medium")
    receipt = verify_short(str(short), clip_info, spec).to_json()

    shown = receipt_groups(receipt["rules"])

    claimed = {"captions_shown", "title_shown", "subject_in_frame", "no_clicks"}
    assert [tick.text for tick in shown] == [
        str(text).replace("%(size)s", "1080 × 1920")
        for names, text in GROUPS
        if names not in claimed
    ]
    assert all(tick.ok for tick in shown)
    worded = {check.code for check in rule_results(receipt) if not check.code.startswith("fits_")}
    assert worded <= set(RULE_WORDS)
    assert "Inside the limits of TikTok" in {check.label for check in rule_results(receipt)}


def test_each_shot_is_told_in_words():
    row = {
        "start_ms": 65_000,
        "layout": "crop",
        "reason": "speaker",
        "people": 2,
        "speaker": "Anna",
    }
    plain = shot_line({**row, "chosen": False, "enlargement": 1.8})
    assert (plain.start, plain.layout) == ("1:05.000", "Fill the screen")
    assert (plain.reason, plain.enlarged) == ("2 people, Anna speaks", "")
    chosen = shot_line({**row, "chosen": True, "enlargement": 2.67})
    assert (chosen.reason, chosen.enlarged) == (
        "as you wish",
        "enlarged 2.7\N{MULTIPLICATION SIGN}",
    )
    reasons = [reason_text(reason, 3, "") for reason in ("speaker", "apart", "group", "nobody", "")]
    assert reasons[0] == "3 people, the one who speaks"
    assert len(set(reasons)) == 5
    assert reason_text("person", 1, "") == "1 person"
    assert reason_text("shown", 1, "") == "something is held up"
