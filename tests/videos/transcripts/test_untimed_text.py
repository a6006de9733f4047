"""A text without times: accepted where it can be heard, aligned with what is heard, and heard once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from core.errors import HeimdexError
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.transcript import Word
from storage import files as storage_files
from tests.clips import info_of
from tests.factories import VideoFactory
from videos import transcript_services
from videos.choices import TranscriptSource as Source
from videos.models import Transcript, Video
from videos.transcripts import rows as transcript_rows
from videos.transcripts import speech, transcription
from videos.transcripts.reading import SearchContext

pytestmark = pytest.mark.django_db

TEXT = "Ann: Good morning!\nBo: Today we plant beans.\nAnn: And then we rest.\n"
HEARD = "good morning today we plant beams and then we rest"


@pytest.fixture
def hearing(monkeypatch, settings):
    """A recogniser that hears HEARD, a word each 200 ms; returns how often it was asked and from where."""
    settings.SPEECH_MODEL = "small"
    asked: list[int] = []

    def hear(_audio, *, start_ms, **_options):
        asked.append(start_ms)
        if start_ms:
            return
        words = tuple(Word(at * 200, at * 200 + 200, text) for at, text in enumerate(HEARD.split()))
        yield HeardPiece(0, words[-1].end_ms, "en", words)

    monkeypatch.setattr(speech, "hear", hear)
    return asked


def upload(text: str = TEXT):
    return SimpleUploadedFile("script.txt", text.encode())


@pytest.fixture
def video():
    return VideoFactory(duration_ms=3_000)


def process(video: Video, clip, tmp_path) -> transcription.FoundTranscript:
    """Find the transcript as processing does."""
    context = SearchContext(
        video=Video.objects.get(pk=video.pk),
        source=str(clip),
        info=info_of(clip),
        work_dir=tmp_path,
        should_stop=lambda: False,
        on_progress=lambda _: None,
    )
    search = transcription.TranscriptSearch(context)
    search.read_written()
    audio = SpeechAudio(tmp_path / "speech.wav") if search.needs_audio else None
    return search.transcribe(audio)


def test_each_line_gets_the_time_at_which_it_is_heard(video, clip, tmp_path, hearing):
    transcript_services.set_captions(video, file=upload(), language="en")
    row = Transcript.objects.get(video=video)
    assert (row.cue_count, row.label, row.language) == (0, "script.txt", "en")
    found = process(video, clip, tmp_path)
    assert (found.source, found.note) == (Source.CAPTIONS, "")
    assert [(c.start_ms, c.end_ms, c.text, c.speaker) for c in found.transcript.cues] == [
        (0, 400, "Good morning!", "Ann"),
        (400, 1_200, "Today we plant beans.", "Bo"),
        (1_200, 2_000, "And then we rest.", "Ann"),
    ]
    assert found.transcript.cues[1].words[-1] == Word(1_000, 1_200, "beans.")

    assert found.row is not None
    kept = transcript_rows.keep(Video.objects.get(pk=video.pk), found.row)
    row.refresh_from_db()
    assert (kept.pk, row.cue_count) == (row.pk, 3)
    again = process(video, clip, tmp_path)
    assert again.transcript.cues == found.transcript.cues
    assert hearing == [0]  # the same file is heard once


def test_a_text_of_something_else_makes_room_for_what_is_heard(video, clip, tmp_path, hearing):
    text = "The receipt lists every rule.\nLoudness is measured twice, and peaks never pass.\n"
    transcript_services.set_captions(video, file=upload(text), language="en")
    found = process(video, clip, tmp_path)
    assert (found.source, found.note) == (Source.SPEECH, "TEXT_NOT_SPOKEN")
    assert found.transcript.cues[0].text.startswith("good morning")
    assert hearing == [0, 2_000]  # goes on where the hearing for the text ended


def test_a_video_without_sound_says_so(video, silent_clip, tmp_path, hearing):
    transcript_services.set_captions(video, file=upload(), language="en")
    found = process(video, silent_clip, tmp_path)
    assert (found.source, found.note) == (Source.NONE, "NO_SOUND")
    assert not hearing


def test_without_anything_that_hears_it_is_refused_everywhere(video, settings):
    settings.SPEECH_MODEL, settings.SPEECH_API_URL = "none", ""
    api = APIClient()
    api.force_authenticate(video.owner)
    for path in ("transcripts", "captions"):
        refused = api.post(f"/v1/videos/{video.pk}/{path}", {"file": upload()}, format="multipart")
        assert (refused.status_code, refused.json()["error_code"]) == (422, "TEXT_NEEDS_SPEECH")
    assert not Transcript.objects.exists()
    settings.SPEECH_API_URL = "http://127.0.0.1:9/v1"
    added = api.post(f"/v1/videos/{video.pk}/transcripts", {"file": upload()}, format="multipart")
    assert (added.status_code, added.json()["cue_count"]) == (201, 0)


def test_the_page_shows_its_first_lines_before_it_is_sent(client, video, hearing):
    client.force_login(video.owner)
    shown = client.post("/captions/check", {"captions": upload()}).content.decode()
    assert "Good morning!" in shown
    assert not hearing


def test_a_text_is_bounded(video, hearing):
    with pytest.raises(HeimdexError) as caught:
        transcript_services.add_transcript(video, file=upload("word\n" * 200_001))
    assert (caught.value.code.name, caught.value.details["reason"]) == (
        "CAPTIONS_INVALID",
        "too_large",
    )


def test_its_file_is_where_it_was_sent(video, hearing):
    row = transcript_services.add_transcript(video, file=upload())
    assert storage_files.read_bytes(row.file_key, limit=10_000) == TEXT.encode()
