"""Typed readers for environment variables: read once, refused when they are not valid.

Every reader takes the variable's name and a default, and raises `ImproperlyConfigured` with the variable's
name in the sentence when the value cannot be used. An empty value counts as unset.
"""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable without surrounding white space."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A boolean: 1/true/yes/on or 0/false/no/off in any case."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {raw!r}.")


def integer(name: str, default: int, *, min_value: int = 0, max_value: int | None = None) -> int:
    """A whole number of at least `min_value` and, with one, at most `max_value`."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw.replace("_", ""))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if value < min_value:
        raise ImproperlyConfigured(f"{name} must be at least {min_value}, not {value}.")
    if max_value is not None and value > max_value:
        raise ImproperlyConfigured(f"{name} must be at most {max_value}, not {value}.")
    return value


def price(name: str) -> Decimal | None:
    """An amount of money, 0 or more, such as 0.15; None where none is given."""
    raw = text(name)
    if not raw:
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise ImproperlyConfigured(f"{name} must be an amount such as 0.15, not {raw!r}.")
    return value


def choice(name: str, default: str, *, choices: tuple[str, ...]) -> str:
    """One of `choices`."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def string_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list separated by commas or white space."""
    raw = text(name)
    return raw.replace(",", " ").split() if raw else list(default)


def secret(name: str, default: str = "") -> str:
    """A secret: NAME itself, or the content of the file that NAME_FILE names."""
    value = text(name)
    if value:
        return value
    file = text(f"{name}_FILE")
    if not file:
        return default
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {exc.strerror}.") from exc
