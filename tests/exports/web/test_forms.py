"""Times as people type them, and what the dialog's form makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formatting import exact_clock, parse_clock
from exports.web.forms.export import ExportForm


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("4:12.380", 252_380),
        ("1:02:07.5", 3_727_500),
        ("252.38", 252_380),
        ("252,38", 252_380),
        (" 0:00 ", 0),
        ("90:00", 5_400_000),
        ("7.", 7_000),
        ("0.0005", 1),
        ("0.0004999", 0),
    ],
)
def test_times_are_read_as_people_write_them(text, ms):
    assert parse_clock(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-1", "4:60", "1:60:00", "1:2:3:4", "1e3", "٣:٠٠", "inf", "0x10", "4 12", "9" * 40],
)
def test_anything_else_is_no_time(text):
    assert parse_clock(text) is None


@given(st.integers(min_value=0, max_value=24 * 3_600_000))
def test_what_is_shown_can_be_typed(ms):
    assert parse_clock(exact_clock(ms)) == ms


def test_a_wrong_time_is_kept_as_it_was_typed():
    form = ExportForm({"start": "soon", "end": "0:10", "strategy": "blur", "quality": "high"})

    assert not form.is_valid()
    assert list(form.errors) == ["start"]
    assert 'value="soon"' in str(form["start"])


@pytest.mark.parametrize("field", ["strategy", "quality"])
def test_only_known_choices_are_taken(field):
    filled = {"start": "0", "end": "10", "strategy": "blur", "quality": "high", field: "zoom"}

    assert list(ExportForm(filled).errors) == [field]
