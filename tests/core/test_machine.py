"""Defaults that follow what the machine has."""

import os

import pytest

from core import machine


@pytest.mark.parametrize(
    ("processors", "gib", "expected"),
    [(1, 64, 1), (2, 1, 1), (2, 3.8, 2), (2, 16, 2), (64, 256, 2), (8, 0, 1)],
)
def test_two_shorts_at_once_where_there_is_room(monkeypatch, processors, gib, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    monkeypatch.setattr(machine, "memory_bytes", lambda: int(gib * 1024**3))

    assert machine.exports_at_once() == expected


def test_the_system_says_how_much_memory_there_is():
    assert machine.memory_bytes() > 256 * 1024**2
