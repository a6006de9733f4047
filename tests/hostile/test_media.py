"""Hostile media through the real path: upload, probe, processing, one export where it gets so far.

Each case ends in a reason that a person understands or in a good Short. What else must not happen is checked by
`World.watched`.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import lease, notify
from tests.hostile import media
from tests.hostile.boxes import box, boxes
from tests.hostile.environment import World, shows_canary

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # One transaction, one connection: heartbeats would need another, and messages a broker.
    monkeypatch.setattr(lease.LeaseRenewer, "_beat", lambda _renewer: None)
    monkeypatch.setattr(notify, "send_later", lambda _task, _pk: None)
    monkeypatch.setattr(notify, "send", lambda _task, _pk: None)
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 0)
    made = World(tmp_path)
    yield made
    made.close()


def test_playlists_in_disguise(world):
    for name, case in media.PLAYLISTS.items():
        with world.watched():
            outcome = world.try_case(case)
        assert outcome in case.codes, name


@pytest.mark.parametrize("name", media.CASES)
def test_a_hostile_file(world, name):
    case = media.CASES[name]

    with world.watched():
        outcome = world.try_case(case)

    assert outcome in case.codes


def test_a_link_in_storage_is_no_source(world):
    """Making one needs more access than an upload; even so, its target is not disclosed."""
    for target in (
        world.place.canary,
        Path("/etc/passwd"),
        world.folder / "outside" / "secret.txt",
    ):
        with world.watched():
            assert (
                world.try_stored(lambda path, to=target: path.symlink_to(to)) == "SOURCE_NOT_PLAIN"
            )


def test_eight_gigabytes_of_nothing(world):
    """A sparse file that is a film at both ends is used; one that is nothing is refused; both at once."""
    index = dict(boxes(media.film()))

    def film(path: Path) -> None:
        hole = 8 << 30
        with path.open("wb") as file:
            for kind in (b"ftyp", b"free", b"mdat"):
                file.write(box(kind, index[kind]))
            file.write(struct.pack(">I4sQ", 1, b"free", hole))
            file.seek(hole - 16, os.SEEK_CUR)
            file.write(box(b"moov", index[b"moov"]))

    def nothing(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(8 << 30)

    with world.watched():
        assert world.try_stored(film) == "READY"
        assert world.try_stored(nothing) == "NOT_A_VIDEO"


def test_the_canary_would_be_seen(world, tmp_path):
    """The check for another user's film finds it, and finds it nowhere else."""
    plain = tmp_path / "plain.mp4"
    plain.write_bytes(media.film())

    assert shows_canary(world.place.canary)
    assert not shows_canary(plain)


def test_the_next_good_upload_passes(world):
    with world.watched():
        world.try_case(media.CASES["packed_index_1_gib"])
        good = media.Case(lambda _place: media.film(), media.READY)
        assert world.try_case(good) == "READY"
