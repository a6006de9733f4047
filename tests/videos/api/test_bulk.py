"""Several videos at once, their tags and the filters of the list, as a script meets them."""

import uuid

import pytest
from rest_framework.test import APIClient

from accounts.models import AccessToken
from tests.factories import ExportFactory, UserFactory, VideoFactory
from videos.models import Video
from videos.queries import MAX_TOGETHER

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    """The person who asks."""
    return UserFactory()


@pytest.fixture
def api(owner) -> APIClient:
    """A script with the person's token."""
    _, plain = AccessToken.make(user=owner, name="script")
    return APIClient(headers={"authorization": f"Bearer {plain}"})


def post(api, path: str, status: int = 200, **body):
    answer = api.post(path, body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def titles(api, query: str) -> list[str]:
    """The titles of the list, in order of the alphabet."""
    answer = api.get(f"/v1/videos?{query}")
    assert answer.status_code == 200, answer.content
    return sorted(video["title"] for video in answer.json()["results"])


def test_tags_are_given_listed_and_filtered(api, owner):
    one, two = (VideoFactory(owner=owner, title=title) for title in ("One", "Two"))
    ids = [str(one.pk), str(two.pk), str(VideoFactory().pk)]

    assert post(api, "/v1/videos/tags", videos=ids, add=["Draft", "Talk"]) == {"changed": 2}
    assert post(api, "/v1/videos/tags", videos=ids[:1], remove=["draft"]) == {"changed": 1}

    assert api.get("/v1/tags").json()["results"] == [
        {"name": "Draft", "videos": 1},
        {"name": "Talk", "videos": 2},
    ]
    assert api.get(f"/v1/videos/{two.pk}").json()["tags"] == ["Draft", "Talk"]
    assert titles(api, "tag=talk") == ["One", "Two"]
    assert titles(api, "tag=talk&tag=DRAFT") == ["Two"]


def test_the_tags_of_one_video_are_replaced(api, owner):
    video = VideoFactory(owner=owner)
    path = f"/v1/videos/{video.pk}"

    api.patch(path, {"tags": ["B", "A"]}, format="json")
    answer = api.patch(path, {"tags": ["b", "C"], "title": "New"}, format="json")

    assert (answer.json()["tags"], answer.json()["title"]) == (["B", "C"], "New")
    assert api.patch(path, {"tags": ["x" * 51]}, format="json").status_code == 422


def test_many_are_deleted_restored_and_processed_again(api, owner):
    video, busy = VideoFactory(owner=owner), VideoFactory(owner=owner, processing=True)
    ids = [str(video.pk), str(busy.pk)]

    assert sorted(post(api, "/v1/videos/delete", videos=ids)["videos"]) == sorted(ids)
    assert titles(api, "") == []
    assert post(api, "/v1/videos/restore", videos=ids) == {"changed": 2}
    done = post(api, "/v1/videos/reprocess", 202, videos=ids, language="ko")

    assert done["accepted"] == [str(video.pk)]
    assert [(each["id"], each["error_code"]) for each in done["refused"]] == [
        (str(busy.pk), "VIDEO_BUSY")
    ]


def test_a_tag_is_renamed(api, owner):
    video = VideoFactory(owner=owner)
    post(api, "/v1/videos/tags", videos=[str(video.pk)], add=["Old"])

    assert post(api, "/v1/tags/rename", name="old", new_name="New") == {"changed": 1}
    assert api.get("/v1/tags").json()["results"] == [{"name": "New", "videos": 1}]
    assert post(api, "/v1/tags/rename", name="old", new_name="New") == {"changed": 0}


@pytest.mark.parametrize("path", ["tags", "delete", "restore", "reprocess"])
def test_a_request_has_one_to_a_hundred_videos(api, path):
    for count in (0, MAX_TOGETHER + 1):
        many = [str(uuid.uuid4()) for _ in range(count)]
        assert post(api, f"/v1/videos/{path}", 422, videos=many)["error_code"] == "INVALID_INPUT"


def test_the_list_is_narrowed_by_words_language_and_shorts(api, owner):
    heard = VideoFactory(
        owner=owner, title="Heard", transcript_source="speech", transcript_language="ko"
    )
    VideoFactory(owner=owner, title="Silent", transcript_source="none", transcript_language="")
    ExportFactory(video=heard, completed=True)
    hidden = VideoFactory(
        owner=owner, title="Short deleted", transcript_source="speech", transcript_language="en-GB"
    )
    ExportFactory(video=hidden, completed=True, deleted_at=hidden.created_at)
    Video.objects.filter(owner=owner).update(status="ready")

    assert titles(api, "has_transcript=false") == ["Silent"]
    assert titles(api, "language=en") == ["Short deleted"]
    assert titles(api, "has_shorts=true") == ["Heard"]
    assert titles(api, "has_shorts=false&has_transcript=true") == ["Short deleted"]
