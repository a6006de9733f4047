"""A range is heard again: asked for by API, merged with the transcript in use, and durable."""

import pytest
from rest_framework.test import APIClient

from jobs import lease
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.transcript import Cue, Word
from tests.clips import info_of
from tests.factories import VideoFactory
from videos import lifecycle
from videos.choices import TranscriptSource as Source
from videos.choices import VideoStatus
from videos.models import Transcript, Video
from videos.transcripts import rows as transcript_rows
from videos.transcripts import speech, transcription
from videos.transcripts.reading import SearchContext

pytestmark = pytest.mark.django_db


def said(start_ms: int, text: str) -> Cue:
    words = tuple(
        Word(start_ms + at * 100, start_ms + at * 100 + 90, part)
        for at, part in enumerate(text.split())
    )
    return Cue(start_ms, words[-1].end_ms, text, words)


@pytest.fixture
def video(settings, clip):
    """Three seconds with captions in use."""
    settings.SPEECH_MODEL = "small"
    video = VideoFactory(duration_ms=3_000, language_wanted="en", probe=info_of(clip).to_json())
    cues = [said(0, "Good morning."), said(1_000, "Tuday we"), said(2_000, "rest.")]
    row = transcript_rows.new_row(video, source=Source.CAPTIONS, language="en", cues=cues)
    row.save()
    video.transcript = row
    video.save()
    return video


@pytest.fixture
def api(video):
    client = APIClient()
    client.force_authenticate(video.owner)
    return client


def hear(api, video, **data):
    return api.post(f"/v1/videos/{video.pk}/hear", data, format="json")


def find(video: Video, clip, tmp_path, **options) -> transcription.FoundTranscript:
    context = SearchContext(
        video=Video.objects.get(pk=video.pk),
        source=str(clip),
        info=info_of(clip),
        work_dir=tmp_path,
        should_stop=lambda: False,
        on_progress=lambda _: None,
        **options,
    )
    search = transcription.TranscriptSearch(context)
    search.read_written()
    assert search.needs_audio
    return search.transcribe(SpeechAudio(tmp_path / "speech.wav"))


@pytest.fixture
def asked(monkeypatch):
    """A recogniser that hears "Today we" at 1 s; what it was asked for."""
    asked: list[tuple[int, int | None, str]] = []

    def hear(_audio, *, start_ms, end_ms, language, **_options):
        asked.append((start_ms, end_ms, language))
        words = (Word(950, 1_100, "Today"), Word(1_110, 1_200, "we"), Word(2_000, 2_100, "rest."))
        yield HeardPiece(start_ms, end_ms, language, words)

    monkeypatch.setattr(speech, "hear", hear)
    return asked


def test_what_is_heard_replaces_the_range_and_becomes_the_transcript_in_use(
    api, video, clip, tmp_path, asked
):
    answer = hear(api, video, start_s=1.0, end_s=1.5, language="fr")
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    found = find(video, clip, tmp_path)
    assert asked == [(0, 2_500, "fr")]  # with a second beside it
    assert (found.source, found.transcript.language) == (Source.SPEECH, "en")
    assert [(cue.start_ms, cue.text) for cue in found.transcript.cues] == [
        (0, "Good morning."),
        (950, "Today we"),
        (2_000, "rest."),
    ]
    before = transcript_rows.timed_cues(video.transcript)
    assert found.transcript.cues[0] == before[0]
    assert found.transcript.cues[2] == before[2]

    claim = lease.claim_next(Video)
    assert claim is not None
    assert found.row is not None
    columns = {"thumbnail_key": "", "transcript_source": found.source}
    result = lifecycle.ProcessingResult(columns, (), (), None, found.row)
    lifecycle.finish(claim, result)
    now = Video.objects.get(pk=video.pk)
    assert now.transcript_id == now.transcript_chosen_id == found.row.pk
    assert (now.range_to_hear, now.transcript_wanted) == (None, Source.SPEECH)
    assert Transcript.objects.filter(pk=video.transcript_id).exists()


def test_it_goes_on_after_what_was_heard(api, video, clip, tmp_path, asked):
    hear(api, video, start_s=0.5, end_s=2.0)
    heard = (HeardPiece(0, 1_500, "en", (Word(1_000, 1_100, "Today"),)),)
    find(video, clip, tmp_path, heard=heard)
    assert asked == [(1_500, 3_000, "en")]


def test_the_transcript_in_use_stays_where_nothing_can_be_heard(
    api, video, clip, tmp_path, settings
):
    hear(api, video, start_s=1, end_s=2)
    settings.SPEECH_MODEL = "none"
    found = find(video, clip, tmp_path)
    assert (found.source, found.note) == (Source.CAPTIONS, "SPEECH_MODEL_MISSING")
    assert found.transcript.cues == transcript_rows.timed_cues(video.transcript)


@pytest.mark.parametrize(
    ("start", "end"),
    [(1, 1.4), (2, 1), (-1, 2), (2, 3.001)],
    ids=["short", "turned", "before", "after"],
)
def test_a_range_must_lie_in_the_video(api, video, start, end):
    refused = hear(api, video, start_s=start, end_s=end)
    assert (refused.status_code, refused.json()["error_code"]) == (422, "INVALID_INPUT")
    assert Video.objects.get(pk=video.pk).is_ready


def test_what_cannot_be_heard_is_refused_with_its_reason(api, video, settings):
    def code() -> tuple[int, str]:
        answer = hear(api, video, start_s=0, end_s=2)
        return answer.status_code, answer.json()["error_code"]

    settings.SPEECH_MODEL = "none"
    assert code() == (503, "SPEECH_MODEL_MISSING")
    Video.objects.update(probe={"audio": []})
    assert code() == (422, "NO_SOUND")
    Video.objects.update(transcript=None)
    assert code() == (404, "NO_TRANSCRIPT")
    Video.objects.update(status=VideoStatus.PENDING)
    assert code()[0] == 409


def test_another_processing_ends_the_wish(api, video, asked):
    Video.objects.update(heard_ms=2_500)
    hear(api, video, start_s=0, end_s=2)
    asked_for = Video.objects.get(pk=video.pk).range_to_hear
    assert asked_for is not None
    assert asked_for["heard_until_ms"] == 2_500
    Video.objects.update(status=VideoStatus.READY)
    api.post(f"/v1/videos/{video.pk}/reprocess", {}, format="json")
    assert Video.objects.get(pk=video.pk).range_to_hear is None


@pytest.mark.parametrize("other", [{"language": "fr"}, {"transcript": "none"}])
def test_after_a_failure_the_range_is_heard_unless_something_else_is_asked_for(
    api, client, video, other
):
    def again(**data) -> dict[str, object] | None:
        assert api.post(f"/v1/videos/{video.pk}/reprocess", data, format="json").status_code == 202
        return Video.objects.get(pk=video.pk).range_to_hear

    hear(api, video, start_s=1, end_s=2)
    asked_for = Video.objects.get(pk=video.pk).range_to_hear
    Video.objects.update(status=VideoStatus.FAILED, error_code="INTERNAL_ERROR")
    client.force_login(video.owner)
    assert "Only 0:01 to 0:02 is heard again" in client.get(f"/videos/{video.pk}").content.decode()
    assert again() == asked_for
    Video.objects.update(status=VideoStatus.FAILED)
    assert again(**other) is None


def test_a_transcript_that_is_chosen_after_a_failure_ends_the_wish(api, video):
    hear(api, video, start_s=1, end_s=2)
    Video.objects.update(status=VideoStatus.FAILED)
    row = transcript_rows.new_row(
        video, source=video.transcript_wanted, language="en", cues=[said(0, "Other words.")]
    )
    row.save()
    api.post(f"/v1/videos/{video.pk}/transcripts/{row.pk}/use")
    assert Video.objects.get(pk=video.pk).range_to_hear is None


def test_the_page_has_the_verb_where_it_can_be_done(client, video, settings):
    client.force_login(video.owner)
    page = f"/videos/{video.pk}"
    assert 'id="hear-dialog"' in client.get(page).content.decode()
    settings.SPEECH_MODEL = "none"
    assert "hear-dialog" not in client.get(page).content.decode()
    settings.SPEECH_MODEL = "small"
    wrong = client.post(f"{page}/hear", {"start": "0:01", "end": "0:01.2"}, follow=True)
    assert "at least 0.5 s" in wrong.content.decode()
    client.post(f"{page}/hear", {"start": "0:01", "end": "0:02.5", "language": "ko"})
    asked = Video.objects.get(pk=video.pk).range_to_hear
    assert asked is not None
    assert (asked["start_ms"], asked["end_ms"], asked["language"]) == (1_000, 2_500, "ko")
