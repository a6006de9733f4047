"""Defaults that follow what the machine has, or a container leaves of it."""

import os

import pytest

from core import machine

GIB = 1024**3


@pytest.fixture(autouse=True)
def control_group(tmp_path, monkeypatch):
    """The folder in which a container's limits are written; none at first."""
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("processors", "gib", "expected"),
    [(1, 64, 1), (2, 1, 1), (2, 3.8, 2), (2, 16, 2), (64, 256, 2), (8, 0, 1)],
)
def test_two_shorts_at_once_where_there_is_room(monkeypatch, processors, gib, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    monkeypatch.setattr(machine, "memory_bytes", lambda: int(gib * GIB))

    assert machine.exports_at_once() == expected


def test_the_system_says_how_much_memory_there_is():
    assert machine.memory_bytes() > 256 * 1024**2


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("memory.max", "67108864\n", 67_108_864),
        ("memory/memory.limit_in_bytes", "67108864\n", 67_108_864),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
    ],
)
def test_a_container_has_the_memory_that_it_is_given(control_group, name, text, expected):
    whole = machine.memory_bytes()
    (control_group / name).parent.mkdir(exist_ok=True)
    (control_group / name).write_text(text)

    assert machine.memory_bytes() == (expected or whole)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, 4),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ({}, 4),
    ],
)
def test_a_container_has_the_processors_that_it_is_given(
    control_group, monkeypatch, files, expected
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)), raising=False)
    for name, text in files.items():
        (control_group / name).parent.mkdir(exist_ok=True)
        (control_group / name).write_text(text)

    assert machine.processors() == expected
