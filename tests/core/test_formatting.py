"""Times, lengths and sizes as people read them."""

import pytest
from django.template import defaultfilters

from core.formatting import clock, duration, exact_clock, seconds, size
from core.templatetags.formatting import register


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, ""), (0, "0:00"), (252_380, "4:12"), (3_727_000, "1:02:07")]
)
def test_clock(ms, shown):
    assert clock(ms) == shown


def test_exact_times_keep_milliseconds():
    assert exact_clock(252_380) == "4:12.380"
    assert seconds(252_380) == "252.380"
    assert exact_clock(None) == seconds(None) == ""


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(None, ""), (1_100, "1.1 s"), (38_000, "38 s"), (89_999, "90 s"), (252_000, "4:12")],
)
def test_duration(ms, shown):
    assert duration(ms) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (12_400_000, "12.4 MB"), (2 * 10**12, "2.0 TB")],
)  # fmt: skip
def test_size(count, shown):
    assert size(count) == shown


def test_no_filter_hides_one_of_djangos():
    assert not set(register.filters) & set(defaultfilters.register.filters)
