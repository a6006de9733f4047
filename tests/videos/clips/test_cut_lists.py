"""Cut lists of a video's clips, suggestions and scenes, through the API and the dialog of its page."""

import json

import opentimelineio as otio
import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from tests.factories import SceneFactory, SuggestionFactory, UserFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS as SOURCES
from videos.choices import SuggestionState
from videos.clips.cut_lists import KINDS
from videos.clips.services import ClipState, create_clip, delete_clip
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video() -> Video:
    """A talk at 29.97 frames a second with time code from 10 h, two clips, two suggestions and a scene."""
    probe = SOURCES["29.97 drop"].to_json()
    made = VideoFactory(
        title="A talk", filename="talk 1.mov", probe=probe, duration_ms=probe["duration_ms"]
    )
    create_clip(made.owner, made, ClipState("Bread", [(1_001, 3_003), (6_006, 8_008)]))
    create_clip(made.owner, made, ClipState("Butter", [(60_000, 70_000)]))
    gone = create_clip(made.owner, made, ClipState("Deleted", [(0, 1_000)]))
    delete_clip(made.owner, gone.pk)
    SuggestionFactory(video=made)
    SuggestionFactory(video=made, title="Dismissed", state=SuggestionState.DISMISSED)
    SceneFactory(video=made, text="Bread rises because yeast makes gas. And so on.")
    SceneFactory(video=made, text="")
    return made


@pytest.fixture
def api(video: Video) -> APIClient:
    """The owner's client."""
    client = APIClient()
    client.force_authenticate(video.owner)
    return client


def segments(api: APIClient, video: Video, of: str) -> list[tuple[str, float, float]]:
    """The ranges of a list as LosslessCut gets them."""
    answer = api.get(f"/v1/videos/{video.pk}/cut-list/llc?of={of}")
    project = json.loads(answer.content)
    assert project["mediaFileName"] == "talk 1.mov"
    return [(s["name"], s["start"], s["end"]) for s in project["cutSegments"]]


def test_a_list_is_of_clips_suggestions_or_scenes(api: APIClient, video: Video):
    bread = [("Bread", 1.001, 3.003), ("Bread", 6.006, 8.008)]
    assert segments(api, video, "clips") == [*bread, ("Butter", 60, 70)]
    assert segments(api, video, "suggestions") == [("Why does bread rise?", 0, 20)]
    scenes = [("Bread rises because yeast makes gas.", 0, 30), ("Scene 2", 30, 60)]
    assert segments(api, video, "scenes") == scenes
    clip = video.clips.get(title="Bread")
    project = json.loads(api.get(f"/v1/clips/{clip.pk}/cut-list/llc").content)
    assert [s["name"] for s in project["cutSegments"]] == ["Bread", "Bread"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_file_to_download(api: APIClient, video: Video, kind: str):
    answer = api.get(f"/v1/videos/{video.pk}/cut-list/{kind}", headers={"Accept": "*/*"})

    assert answer.status_code == 200
    assert f'attachment; filename="A talk.{KINDS[kind].ending}"' in answer["Content-Disposition"]
    assert answer["Content-Type"] == f"{KINDS[kind].content_type}; charset=utf-8"
    assert "Bread" in answer.content.decode()


def test_an_editor_finds_the_frames_at_the_source_s_time_code(api: APIClient, video: Video):
    text = api.get(f"/v1/videos/{video.pk}/cut-list/edl").content.decode()

    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=30000 / 1001)

    clip = timeline.video_tracks()[0][0]
    # 10:00:00;00 and 30 frames: 1.001 s.
    assert "10:00:01;00" in text
    # Ten hours of drop frame are 1,078,920 frames (107,892 an hour).
    assert clip.source_range.start_time.value == 1_078_920 + 30
    assert "* COMMENT: Butter" in text


def test_what_cannot_be_listed_is_said(api: APIClient, video: Video):
    def refused(path: str) -> tuple[int, str]:
        answer = api.get(path)
        return answer.status_code, answer.json()["error_code"]

    base = f"/v1/videos/{video.pk}/cut-list"
    assert refused(f"{base}/docx") == (404, "CUT_LIST_UNKNOWN")
    assert refused(f"{base}/edl?of=everything") == (422, "INVALID_INPUT")
    video.clips.all().delete()
    assert refused(f"{base}/edl") == (404, "CUT_LIST_EMPTY")
    fresh = VideoFactory(owner=video.owner, pending=True, probe={})
    assert refused(f"/v1/videos/{fresh.pk}/cut-list/edl") == (409, "CONFLICT")


def test_the_dialog_offers_what_there_is(client, video: Video):
    client.force_login(video.owner)
    address = reverse("videos:cut_list", args=[video.pk])

    html = client.get(address, headers={"HX-Request": "true"}).content.decode()

    for words in ("All 2 clips", "The suggestion", "All 2 scenes", "Bread", "“talk 1.mov”"):
        assert words in html
    assert "Deleted" not in html
    bread = video.clips.get(title="Bread")
    file = reverse("videos:cut_list_file", args=[video.pk])
    answer = client.get(file, {"of": str(bread.pk), "kind": "fcpxml"})
    assert answer["Content-Disposition"] == 'attachment; filename="Bread.fcpxml"'
    other = VideoFactory(owner=video.owner)
    elsewhere = reverse("videos:cut_list_file", args=[other.pk])
    assert client.get(elsewhere, {"of": str(bread.pk), "kind": "edl"}).status_code == 404
    client.force_login(UserFactory())
    assert client.get(file, {"of": "clips", "kind": "edl"}).status_code == 404
