"""A sample of a sound track to listen to: made once, for its owner only, a bounded number of times."""

from pathlib import Path

import pytest

from core.throttles import Throttle
from exports.previews import sound_samples
from storage import files
from tests.factories import CueFactory, UserFactory

pytestmark = pytest.mark.django_db
SOUND = b"a few seconds of sound"


@pytest.fixture
def video(source, person):
    """Twenty minutes, as far as the probe says."""
    video = source(person)
    video.duration_ms = 1_200_000
    video.probe |= {"duration_ms": 1_200_000}
    video.save()
    return video


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def made(monkeypatch) -> list[tuple[int, int]]:
    """The samples that were made, without a decoder: track and time."""
    calls: list[tuple[int, int]] = []

    def make(_source, _info, track, *, time_ms: int, out: Path) -> None:
        calls.append((track.index, time_ms))
        out.write_bytes(SOUND)

    monkeypatch.setattr(sound_samples, "write_sound_sample", make)
    return calls


def address(video, track: int = 1, time_ms: int = 1_000) -> str:
    return f"/videos/{video.pk}/listen/{track}/{time_ms}.m4a"


def test_a_real_sample_can_be_played_in_parts(signed_in, source, person):
    answer = signed_in.get(address(source(person)), headers={"Range": "bytes=0-31"})

    sound = b"".join(answer.streaming_content)
    assert (answer.status_code, answer.headers["Content-Type"]) == (206, "audio/mp4")
    assert sound[4:8] == b"ftyp"
    assert answer.headers["Cache-Control"] == "private, max-age=3600"


def test_a_sample_is_made_once_and_times_are_rounded(signed_in, video, made):
    for time_ms in (1_000, 1_400):
        answer = signed_in.get(address(video, time_ms=time_ms))
        assert b"".join(answer.streaming_content) == SOUND

    assert made == [(1, 1_000)]
    assert files.size(f"stills/{video.owner_id}/{video.pk}/sound-1-1000.m4a") == len(SOUND)


@pytest.mark.parametrize(
    ("time_ms", "begins_ms"),
    [
        (0, 12_000),  # the next words
        (12_700, 12_500),  # inside of them
        (15_000, 15_000),  # none for a long time
        (9_999_999, 1_194_000),  # past the end
    ],
)
def test_it_begins_where_something_is_said(signed_in, video, made, time_ms, begins_ms):
    CueFactory(video=video, index=0, start_ms=12_000, end_ms=14_000)
    CueFactory(video=video, index=1, start_ms=90_000, end_ms=91_000)
    b"".join(signed_in.get(address(video, time_ms=time_ms)).streaming_content)

    assert made == [(1, begins_ms)]


def test_only_the_owner_hears_it(client, video, made):
    assert client.get(address(video)).status_code == 302
    client.force_login(UserFactory())
    answer = client.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (404, "VIDEO_NOT_FOUND")
    assert made == []


def test_a_track_that_is_missing_or_cannot_be_decoded(signed_in, video, made):
    (sound,) = video.probe["audio"]
    video.probe["audio"] = [sound, sound | {"index": 2, "is_readable": False}]
    video.save()
    for track in (0, 2, 7):
        answer = signed_in.get(address(video, track))
        assert answer.status_code == 422
        assert answer.json()["error_code"] == "NO_SUCH_TRACK"
    assert made == []


def test_a_user_who_asks_too_often_has_to_wait(signed_in, video, made, monkeypatch):
    monkeypatch.setattr(sound_samples, "PER_USER", Throttle("few-samples", limit=2))
    answers = [signed_in.get(address(video, time_ms=1_000 * n)) for n in range(4)]
    for answer in answers[:2]:
        b"".join(answer.streaming_content)

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert len(made) == 2
