"""The preview of a framing: the real frame, made once, for its owner only."""

import contextlib
import threading
from functools import partial
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from core.throttles import Throttle
from exports.previews import framing_stills
from mediakit.errors import ToolError
from storage import files
from tests.factories import UserFactory, VideoFactory

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff picture"


@pytest.fixture
def video(source, person):
    return source(person)


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def made(monkeypatch) -> list[tuple[str, int]]:
    """The stills that were made, without a decoder."""
    calls: list[tuple[str, int]] = []

    def make(_source, _info, *, time_ms: int, strategy: str, out: Path, **_more) -> None:
        calls.append((strategy, time_ms))
        out.write_bytes(JPEG)

    monkeypatch.setattr(framing_stills, "framing_still", make)
    return calls


def address(video, strategy: str = "blur", time_ms: int = 1_000) -> str:
    return f"/videos/{video.pk}/still/{strategy}/{time_ms}.jpg"


def test_a_still_is_the_real_frame_upright(signed_in, video, settings):
    answer = signed_in.get(address(video, "letterbox"))

    picture = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert picture[:3] == b"\xff\xd8\xff"
    assert list(settings.WORK_DIR.iterdir()) == []


def test_the_whole_picture_to_choose_a_part_of(signed_in, video):
    answer = signed_in.get(address(video, framing_stills.WHOLE_PICTURE))

    picture = b"".join(answer.streaming_content)
    frame = picture.index(b"\xff\xc0") + 5  # height and width in the baseline frame's header
    height, width = (int.from_bytes(picture[i : i + 2]) for i in (frame, frame + 2))
    assert (width, height) == (320, 180)


def test_a_still_is_made_once(signed_in, video, made):
    for _ in range(2):
        answer = signed_in.get(address(video, time_ms=1_040))
        assert b"".join(answer.streaming_content) == JPEG

    assert made == [("blur", 1_000)]
    key = f"stills/{video.owner_id}/{video.pk}/blur-1000.jpg"
    assert default_storage.exists(key)


def test_who_asks_for_a_still_that_is_being_made_waits_for_it(video, monkeypatch):
    made: list[str] = []
    ask = partial(framing_stills.framing_preview, video, strategy="blur", time_ms=1_000)
    second = threading.Thread(target=ask)

    def slowly(_source, _info, *, strategy: str, out: Path, **_more: object) -> None:
        made.append(strategy)
        if not second.ident:
            second.start()
            second.join(0.2)
        out.write_bytes(JPEG)

    monkeypatch.setattr(framing_stills, "framing_still", slowly)
    ask()
    second.join()

    assert made == ["blur"]


def test_a_time_past_the_end_is_the_last_frame(signed_in, video, made):
    answer = signed_in.get(address(video, time_ms=9_999_999))

    assert b"".join(answer.streaming_content) == JPEG
    assert made == [("blur", (video.duration_ms - 1) // 100 * 100)]


def test_only_the_owner_sees_it(client, video, made):
    assert client.get(address(video)).status_code == 302
    client.force_login(UserFactory())
    answer = client.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (404, "VIDEO_NOT_FOUND")
    assert made == []


def test_a_framing_that_does_not_exist(signed_in, video, made):
    answer = signed_in.get(address(video, "zoom"))

    assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


def test_a_video_that_was_not_probed_yet(signed_in, person):
    video = VideoFactory(owner=person, pending=True, duration_ms=None)

    answer = signed_in.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (409, "VIDEO_NOT_READY")


def test_a_source_that_is_gone(signed_in, video):
    files.delete(video.source_key)

    answer = signed_in.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (410, "SOURCE_MISSING")


def test_a_tool_that_fails_is_said_without_its_words(signed_in, video, monkeypatch):
    def fail(*_args, **_options):
        raise ToolError("no", tool="ffmpeg", tail="secret words")

    monkeypatch.setattr(framing_stills, "framing_still", fail)

    answer = signed_in.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (500, "TOOL_FAILED")
    assert "secret" not in answer.content.decode()


def test_a_damaged_source_is_said_so_by_every_preview(signed_in, video):
    files.save_bytes(video.source_key, b"no video", content_type="video/mp4")
    look = f"/videos/{video.pk}/look/blur.jpg?start_ms=0&end_ms=2000"

    found = [signed_in.get(url, headers={"accept": "image/*"}) for url in (address(video), look)]

    assert [answer.status_code for answer in found] == [500, 500]
    assert all("The video tool stopped" in answer.content.decode() for answer in found)


def test_a_person_who_asks_for_too_many_is_asked_to_come_back(signed_in, video, made, monkeypatch):
    monkeypatch.setattr(framing_stills, "PER_USER", Throttle("one", limit=1, window_s=10**6))

    first, second, again = (
        signed_in.get(address(video, time_ms=time_ms)) for time_ms in (0, 500, 0)
    )

    assert second.status_code == 429
    assert second.json()["error_code"] == "THROTTLED"
    assert 0 < int(second.headers["Retry-After"]) <= 10**6
    assert b"".join(first.streaming_content) == b"".join(again.streaming_content) == JPEG


def test_too_many_at_once_are_asked_to_come_back(signed_in, video, made, monkeypatch):
    turns = threading.BoundedSemaphore(1)
    turns.acquire()
    monkeypatch.setattr(framing_stills, "_render_slots", turns)
    monkeypatch.setattr(framing_stills, "SLOT_WAIT_S", 0)

    answer = signed_in.get(address(video))

    assert (answer.status_code, answer.json()["error_code"]) == (429, "THROTTLED")
    assert answer.headers["Retry-After"] == "5"


def test_one_user_cannot_hold_every_thread(signed_in, video, made, monkeypatch):
    monkeypatch.setattr(framing_stills, "QUEUE_PER_USER", 1)
    with framing_stills.queue_slot(video.owner_id):
        refused = signed_in.get(address(video))
        with framing_stills.queue_slot(video.owner_id + 1):
            pass  # another user's

    assert (refused.status_code, refused.json()["error_code"]) == (429, "THROTTLED")
    assert b"".join(signed_in.get(address(video)).streaming_content) == JPEG


def test_several_users_cannot_hold_every_thread_either(signed_in, video, made):
    others = [video.owner_id + 1 + at // 2 for at in range(framing_stills.QUEUE_OF_ALL)]
    with contextlib.ExitStack() as held:
        for other in others:
            held.enter_context(framing_stills.queue_slot(other))
        refused = signed_in.get(address(video))

    assert (refused.status_code, refused.json()["error_code"]) == (429, "THROTTLED")
    assert b"".join(signed_in.get(address(video)).streaming_content) == JPEG


def test_the_frame_in_the_middle_is_one_that_is_kept():
    assert framing_stills.middle_frame_ms((1_000, 2_050)) == 1_500
    assert framing_stills.middle_frame_ms((0, 400), (5_000, 5_600)) == 5_100
    assert framing_stills.middle_frame_ms((0, 400), (5_050, 5_450)) == 5_100
    assert framing_stills.middle_frame_ms((0, 900), (5_050, 5_450)) == 600
