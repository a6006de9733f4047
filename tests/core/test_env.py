"""Environment variables are read typed, and refused by name when they are not valid."""

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import env


@pytest.mark.parametrize(
    ("raw", "value"), [("yes", True), ("1", True), ("OFF", False), ("no", False)]
)
def test_flag_reads_yes_and_no(monkeypatch, raw, value):
    monkeypatch.setenv("X", raw)

    assert env.flag("X", default=not value) is value


def test_empty_counts_as_unset(monkeypatch):
    monkeypatch.setenv("X", "  ")

    assert env.flag("X", default=True) is True
    assert env.integer("X", 7) == 7
    assert env.string_list("X", ("a",)) == ["a"]
    assert env.text("X", "b") == "b"


def test_invalid_values_are_refused_by_name(monkeypatch):
    monkeypatch.setenv("X", "perhaps")

    for read in (
        lambda: env.flag("X", default=True),
        lambda: env.integer("X", 1),
        lambda: env.choice("X", "a", choices=("a", "b")),
        lambda: env.price("X"),
    ):
        with pytest.raises(ImproperlyConfigured, match=r"^X must be"):
            read()


def test_integer_has_a_minimum(monkeypatch):
    monkeypatch.setenv("X", "1_000")
    assert env.integer("X", 1) == 1000

    monkeypatch.setenv("X", "0")
    with pytest.raises(ImproperlyConfigured, match="at least 1"):
        env.integer("X", 5, min_value=1)


def test_a_price_is_an_amount_or_none(monkeypatch):
    assert env.price("X") is None
    monkeypatch.setenv("X", "0.15")
    assert env.price("X") == Decimal("0.15")
    for wrong in ("-1", "NaN", "inf", "1,5"):
        monkeypatch.setenv("X", wrong)
        with pytest.raises(ImproperlyConfigured, match="an amount"):
            env.price("X")


def test_integer_may_have_a_maximum(monkeypatch):
    monkeypatch.setenv("X", "180")
    assert env.integer("X", 60, max_value=180) == 180
    monkeypatch.setenv("X", "181")
    with pytest.raises(ImproperlyConfigured, match="at most 180, not 181"):
        env.integer("X", 60, max_value=180)


def test_lists_are_split_at_commas_and_white_space(monkeypatch):
    monkeypatch.setenv("X", "a.example, b.example c.example")

    assert env.string_list("X") == ["a.example", "b.example", "c.example"]


def test_secret_comes_from_the_variable_or_its_file(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("X_FILE", str(file))
    assert env.secret("X") == "from the file"

    monkeypatch.setenv("X", "itself")
    assert env.secret("X") == "itself"

    monkeypatch.delenv("X")
    monkeypatch.setenv("X_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="X_FILE cannot be read"):
        env.secret("X")
