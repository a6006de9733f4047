"""The transcripts of a video as a script meets them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from tests.factories import CueFactory, TranscriptFactory, UserFactory, VideoFactory
from tests.videos.conftest import SRT
from videos.models import Transcript, Video
from videos.transcripts import rows as transcript_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def video():
    """A video with words."""
    video = VideoFactory(title="Talk")
    CueFactory(video=video)
    transcript_rows.adopt_earlier(limit=1)
    return video


@pytest.fixture
def api(video):
    """The owner's client."""
    client = APIClient()
    client.force_authenticate(video.owner)
    return client


def address(video, *rest) -> str:
    return "/".join(map(str, (f"/v1/videos/{video.pk}/transcripts", *rest)))


def add(api, video, **data):
    file = SimpleUploadedFile("fr.srt", SRT.encode())
    return api.post(address(video), {"file": file, **data}, format="multipart")


def test_transcripts_are_added_listed_used_and_deleted(api, video):
    (first,) = api.get(address(video)).json()["results"]
    assert (first["source"], first["is_in_use"], first["cue_count"]) == ("captions", True, 1)

    added = add(api, video, language="fr")
    assert added.status_code == 201
    second = added.json()
    assert api.get(added["Location"]).json() == second
    assert (second["filename"], second["language"], second["is_in_use"]) == ("fr.srt", "fr", False)
    assert [row["id"] for row in api.get(address(video)).json()["results"]] == [
        first["id"],
        second["id"],
    ]

    used = api.post(address(video, second["id"], "use"))
    assert (used.status_code, used.json()["status"]) == (202, "PENDING")
    busy = api.delete(address(video, second["id"]))
    assert (busy.status_code, busy.json()["error_code"]) == (409, "CONFLICT")

    Video.objects.update(status="ready", transcript=Transcript.objects.get(pk=second["id"]))
    assert api.delete(address(video, first["id"])).status_code == 204
    refused = api.delete(address(video, second["id"]))
    assert (refused.status_code, refused.json()["error_code"]) == (409, "TRANSCRIPT_IN_USE")
    assert "in use" in refused.json()["message"]


def test_the_same_file_twice_is_said_in_words(api, video):
    add(api, video)
    again = add(api, video)
    assert again.status_code == 409
    assert again.json()["message"] == "This file is here already, as “fr.srt”."


def test_each_is_downloaded_as_it_was_read(api, video):
    row = TranscriptFactory(video=video, said="Bonjour.", language="fr")
    answer = api.get(address(video, row.pk, "srt"))
    assert answer.content.decode() == "1\n00:00:00,000 --> 00:00:00,900\nBonjour.\n"
    assert 'filename="Talk.fr.srt"' in answer["Content-Disposition"]
    assert api.get(address(video, row.pk, "vtt"), HTTP_ACCEPT="text/vtt").status_code == 200
    assert api.get(address(video, row.pk, "txt")).content == b"Bonjour.\n"
    assert api.get(address(video, row.pk, "doc")).status_code == 404


def test_others_transcripts_do_not_exist(api, video):
    theirs = TranscriptFactory()
    mine = TranscriptFactory(video=video)
    stranger = APIClient()
    stranger.force_authenticate(UserFactory())
    for client, path in (
        (api, address(video, theirs.pk)),
        (api, address(theirs.video, theirs.pk)),
        (stranger, address(video, mine.pk)),
        (api, address(video, "no-id")),
    ):
        for answer in (client.get(f"{path}/srt"), client.post(f"{path}/use"), client.delete(path)):
            assert answer.status_code == 404
    assert stranger.get(address(video)).status_code == 404
    assert Transcript.objects.filter(pk__in=(theirs.pk, mine.pk)).count() == 2
