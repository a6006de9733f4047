"""Hostile media through the real path: upload, probe, processing, one export where it gets so far.

Each case ends in a reason that a person understands or in a good Short. What else must not happen is checked by
`AttackEnvironment.watched`.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import lease, notify
from tests.hostile import media
from tests.hostile.boxes import box, boxes
from tests.hostile.environment import AttackEnvironment, shows_canary

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AttackEnvironment]:
    # One transaction, one connection: heartbeats would need another, and messages a broker.
    monkeypatch.setattr(lease.LeaseRenewer, "_beat", lambda _renewer: None)
    monkeypatch.setattr(notify, "send_later", lambda _task, _pk: None)
    monkeypatch.setattr(notify, "send", lambda _task, _pk: None)
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 0)
    made = AttackEnvironment(tmp_path)
    yield made
    made.close()


def test_playlists_in_disguise(environment):
    for name, case in media.PLAYLISTS.items():
        with environment.watched():
            outcome = environment.try_case(case)
        assert outcome in case.codes, name


@pytest.mark.parametrize("name", media.CASES)
def test_a_hostile_file(environment, name):
    case = media.CASES[name]

    with environment.watched():
        outcome = environment.try_case(case)

    assert outcome in case.codes


def test_a_link_in_storage_is_no_source(environment):
    """Making one needs more access than an upload; even so, its target is not disclosed."""
    for target in (
        environment.place.canary,
        Path("/etc/passwd"),
        environment.folder / "outside" / "secret.txt",
    ):
        with environment.watched():
            assert (
                environment.try_stored(lambda path, to=target: path.symlink_to(to))
                == "SOURCE_NOT_PLAIN"
            )


def test_eight_gigabytes_of_nothing(environment):
    """A sparse file that is a video at both ends is used; one that is nothing is refused; both at once."""
    index = dict(boxes(media.make_video()))

    def sparse_video(path: Path) -> None:
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

    with environment.watched():
        assert environment.try_stored(sparse_video) == "READY"
        assert environment.try_stored(nothing) == "NOT_A_VIDEO"


def test_the_canary_would_be_seen(environment, tmp_path):
    """The check for another user's video finds it, and finds it nowhere else."""
    plain = tmp_path / "plain.mp4"
    plain.write_bytes(media.make_video())

    assert shows_canary(environment.place.canary)
    assert not shows_canary(plain)


def test_the_next_good_upload_passes(environment):
    with environment.watched():
        environment.try_case(media.CASES["packed_index_1_gib"])
        good = media.Case(lambda _place: media.make_video(), media.READY)
        assert environment.try_case(good) == "READY"
