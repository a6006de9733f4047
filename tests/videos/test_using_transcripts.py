"""A video whose transcript is exchanged: processing builds scenes, cues and search from the one that was chosen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from storage import files as storage_files
from tests.factories import VideoFactory
from tests.videos.conftest import SRT
from videos import tasks, transcript_services
from videos.choices import TranscriptSource, VideoStatus
from videos.models import SearchEntry, Transcript, Video
from videos.transcripts import rows as transcript_rows

pytestmark = pytest.mark.django_db(transaction=True)

ZEBRA = "WEBVTT\n\n00:00.500 --> 00:02.000\n<v Ann>Zebras <00:01.000>graze.\n"


@pytest.fixture
def process(sent_messages):
    """Processes a video as a worker does."""

    def run(video: Video) -> Video:
        tasks.process_video()
        video.refresh_from_db()
        assert (video.status, video.error_code) == (VideoStatus.READY, "")
        return video

    return run


@pytest.fixture
def video(clip, process):
    """A processed clip with its captions file."""
    storage_files.save_bytes("captions/1/words.srt", SRT.encode(), content_type="text/plain")
    video = VideoFactory(
        pending=True, captions_key="captions/1/words.srt", captions_filename="words.srt"
    )
    storage_files.save_bytes(video.source_key, clip.read_bytes(), content_type="video/mp4")
    return process(video)


def shown(video: Video) -> str:
    return " ".join(cue.text for cue in transcript_rows.shown_cues(video))


def is_indexed(video: Video, word: str) -> bool:
    return SearchEntry.objects.filter(video=video, body__contains=word).exists()


def test_what_is_read_becomes_the_transcript_in_use(video):
    row = Transcript.objects.get(video=video)
    assert (video.transcript, row.label, row.file_key) == (row, "words.srt", video.captions_key)
    assert [cue.text for cue in transcript_rows.timed_cues(row)] == [
        "The garden begins here.",
        "Plant the garden beans.",
    ]
    again = SimpleUploadedFile("again.srt", SRT.encode())
    transcript_services.set_captions(video, file=again)
    assert Transcript.objects.filter(video=video).count() == 1


def test_another_file_replaces_scenes_and_search_and_the_first_can_be_used_again(video, process):
    first = video.transcript
    file = SimpleUploadedFile("zebra.vtt", ZEBRA.encode())
    second = transcript_services.add_transcript(video, file=file, language="en")
    assert "garden" in shown(video)

    transcript_services.use_transcript(video, second)
    process(video)
    assert (shown(video), video.transcript, video.transcript_language) == (
        "Zebras graze.",
        second,
        "en",
    )
    assert (is_indexed(video, "zebra"), is_indexed(video, "garden")) == (True, False)
    assert video.cues.get().speaker == "Ann"
    assert [word[:2] for word in video.cues.get().words] == [[500, 1000], [1000, 2000]]

    transcript_services.use_transcript(video, first)
    process(video)
    assert "garden" in shown(video)
    assert (is_indexed(video, "zebra"), is_indexed(video, "garden")) == (False, True)
    assert Transcript.objects.filter(video=video).count() == 2


def test_what_was_heard_is_used_without_being_heard_again(video, process):
    heard = transcript_rows.new_row(
        video, source=TranscriptSource.SPEECH, language="en", cues=transcript_rows.shown_cues(video)
    )
    heard.cues[0][2] = "Heard here."
    heard.save()
    transcript_services.use_transcript(video, heard)
    process(video)
    assert video.transcript_source == TranscriptSource.SPEECH
    assert video.transcript_note == ""
    assert "Heard here." in shown(video)


def test_a_file_that_is_gone_leaves_what_was_read_of_the_others(video, process):
    file = SimpleUploadedFile("zebra.vtt", ZEBRA.encode())
    second = transcript_services.add_transcript(video, file=file)
    storage_files.delete(second.file_key)
    transcript_services.use_transcript(video, second)
    process(video)
    assert (shown(video), video.transcript) == ("Zebras graze.", second)
