"""Replaces attributes of modules, classes and objects in this process."""

from typing import Any


def replace(target: Any, **attributes: Any) -> None:
    """Set attributes that exist already. Raises AttributeError for a new one, which would change nothing."""
    for name, value in attributes.items():
        if not hasattr(target, name):
            raise AttributeError(f"{target!r} has no {name}: the mutant changes nothing")
        setattr(target, name, value)
