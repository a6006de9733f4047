"""Several transcripts of a video: adding, using and deleting them, and what an earlier release left."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import HeimdexError
from mediakit.text.transcript import Cue as TimedCue
from storage import files as storage_files
from tests.factories import CueFactory, TranscriptFactory, VideoFactory
from tests.videos.conftest import SRT
from videos import services, tasks, transcript_services
from videos.choices import TranscriptSource, VideoStatus
from videos.library import deletion
from videos.models import Transcript, Video
from videos.transcripts import rows as transcript_rows

pytestmark = pytest.mark.django_db

FRENCH = "1\n00:00:01,000 --> 00:00:02,000\nOui, nous sommes tous dans la maison et il pleut.\n"


def file(text: str = SRT, name: str = "words.srt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def code_of(action) -> str:
    with pytest.raises(HeimdexError) as refused:
        action()
    return refused.value.code.name


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """A block after which what waits for the commit has been done."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def video():
    """A video whose transcript in use was heard."""
    video = VideoFactory(transcript_source=TranscriptSource.SPEECH)
    row = TranscriptFactory(video=video, said="Heard words.")
    Video.objects.filter(pk=video.pk).update(transcript=row)
    video.refresh_from_db()
    return video


def test_a_file_becomes_one_more_transcript(video, stored, sent_messages, committing):
    with committing():
        row = transcript_services.add_transcript(video, file=file(FRENCH, "fr.srt"))

    assert (row.source, row.language, row.label, row.cue_count) == ("captions", "fr", "fr.srt", 1)
    assert [cue.text for cue in transcript_rows.timed_cues(row)] == [FRENCH.split("\n")[2]]
    assert stored() == [f"captions/{video.owner_id}/{video.pk}/{row.pk}.srt"] == [row.file_key]
    assert storage_files.read_bytes(row.file_key, limit=1000) == FRENCH.encode()
    video.refresh_from_db()
    assert (video.status, video.transcript.source) == (VideoStatus.READY, "speech")
    assert sent_messages == []
    assert transcript_rows.listed(video).count() == 2


def test_the_language_is_the_given_one_or_the_files(video):
    given = transcript_services.add_transcript(video, file=file(FRENCH), language="de")
    named = "WEBVTT\nLanguage: pt-BR\n\n00:01.000 --> 00:02.000\nSim\n"
    own = transcript_services.add_transcript(video, file=file(named, "a.vtt"))
    assert (given.language, own.language) == ("de", "pt-br")


def test_the_same_file_is_kept_once(video, stored):
    transcript_services.add_transcript(video, file=file(name="first.srt"))
    add = lambda: transcript_services.add_transcript(video, file=file(name="again.srt"))  # noqa: E731
    with pytest.raises(HeimdexError) as refused:
        add()
    assert refused.value.code.name == "TRANSCRIPT_EXISTS"
    assert "first.srt" in refused.value.message
    assert len(stored()) == 1


def test_a_file_can_be_added_while_the_video_is_processed_but_not_used():
    video = VideoFactory(processing=True)
    row = transcript_services.add_transcript(video, file=file())
    assert code_of(lambda: transcript_services.use_transcript(video, row)) == "VIDEO_BUSY"
    assert code_of(lambda: transcript_services.set_captions(video, file=file())) == "VIDEO_BUSY"
    video.refresh_from_db()
    assert (video.status, video.transcript_chosen) == (VideoStatus.PROCESSING, None)


def test_there_is_a_limit(video, stored):
    TranscriptFactory.create_batch(
        transcript_rows.MAX_PER_VIDEO - 1, video=video, digest=_Numbered()
    )
    add = lambda: transcript_services.add_transcript(video, file=file())  # noqa: E731
    assert code_of(add) == "TRANSCRIPT_LIMIT_EXCEEDED"
    assert stored() == []


class _Numbered:
    """Another digest each time it is asked for one."""

    count = 0

    def __str__(self) -> str:
        _Numbered.count += 1
        return f"digest {_Numbered.count}"


def test_using_one_queues_the_video_with_it(video, sent_messages, committing):
    row = transcript_services.add_transcript(video, file=file())
    with committing():
        after = transcript_services.use_transcript(video, row)
    assert (after.status, after.transcript_chosen) == (VideoStatus.PENDING, row)
    assert (after.captions_key, after.captions_filename) == (row.file_key, "words.srt")
    assert after.transcript_wanted == TranscriptSource.CAPTIONS
    assert after.transcript == video.transcript  # shown until the other one is ready
    assert sent_messages == [video.pk]


def test_using_the_one_in_use_changes_nothing(video, sent_messages, committing):
    with committing():
        after = transcript_services.use_transcript(video, video.transcript)
    assert (after.status, sent_messages) == (VideoStatus.READY, [])


def test_setting_a_file_that_is_here_already_uses_it(video, stored, committing):
    row = transcript_services.add_transcript(video, file=file())
    with committing():
        after = transcript_services.set_captions(video, file=file(name="b.srt"), encoding="cp1252")
    assert (after.transcript_chosen, after.captions_encoding) == (row, "cp1252")
    assert stored() == [row.file_key]


@pytest.mark.parametrize(
    ("options", "stays"),
    [
        ({}, True),
        ({"language": "en"}, True),
        ({"transcript": "captions", "encoding": "cp1252"}, True),
        ({"transcript": "speech"}, False),
        ({"language": "ko"}, False),
    ],
)
def test_processing_again_keeps_the_choice_unless_another_is_made(video, options, stays):
    row = transcript_services.add_transcript(video, file=file())
    Video.objects.filter(pk=video.pk).update(
        transcript_chosen=row, transcript_wanted="captions", language_wanted="en"
    )
    video.refresh_from_db()
    after = services.request_reprocess(video, **options)
    assert (after.transcript_chosen == row) is stays


def test_one_that_is_not_used_can_be_deleted(video, stored, committing):
    row = transcript_services.add_transcript(video, file=file())
    Video.objects.filter(pk=video.pk).update(
        captions_key=row.file_key, transcript_wanted=TranscriptSource.CAPTIONS
    )
    with committing():
        transcript_services.delete_transcript(video, row)
    video.refresh_from_db()
    assert list(Transcript.objects.all()) == [video.transcript]
    assert (stored(), video.captions_key, video.transcript_wanted) == ([], "", "auto")


def test_the_one_in_use_is_not_deleted_nor_the_one_being_read(video):
    delete = transcript_services.delete_transcript
    assert code_of(lambda: delete(video, video.transcript)) == "TRANSCRIPT_IN_USE"
    other = TranscriptFactory(video=video)
    transcript_services.use_transcript(video, other)
    assert code_of(lambda: delete(video, other)) == "VIDEO_BUSY"
    assert Transcript.objects.count() == 2


def test_deleting_the_video_deletes_its_transcripts(video, stored, committing):
    transcript_services.add_transcript(video, file=file())
    with committing():
        deletion.delete_video(video)
    assert (Transcript.objects.count(), stored()) == (0, [])


class TestAnEarlierRelease:
    """Its videos have cues, and perhaps a captions file, but no rows of transcripts."""

    def test_what_was_heard_is_kept_when_a_file_replaces_it(self):
        video = VideoFactory(transcript_source="speech", transcript_language="ko")
        CueFactory(video=video, text="One two three", speaker="Ann")
        transcript_services.set_captions(video, file=file())
        video.refresh_from_db()
        assert (video.transcript.source, video.transcript.language) == ("speech", "ko")
        (cue,) = transcript_rows.timed_cues(video.transcript)
        assert (cue.text, cue.speaker) == ("One two three", "Ann")
        assert [word.text for word in cue.words] == ["One", "two", "three"]
        assert Transcript.objects.count() == 2

    def test_a_file_that_was_used_and_one_that_was_not_get_their_rows(self):
        used = VideoFactory(captions_key="captions/1/a.srt", captions_filename="a.srt")
        CueFactory(video=used)
        unused = VideoFactory(captions_key="captions/1/b.srt", transcript_source="speech")
        CueFactory(video=unused)

        tasks.adopt_transcripts()

        (row,) = transcript_rows.listed(used)
        assert (row.label, row.file_key, row.cue_count) == ("a.srt", "captions/1/a.srt", 1)
        used.refresh_from_db()
        assert used.transcript == row
        rows = list(transcript_rows.listed(unused))
        assert {(row.source, row.cue_count) for row in rows} == {("captions", 0), ("speech", 1)}
        unused.refresh_from_db()
        assert unused.transcript.source == "speech"
        assert not transcript_rows.without_rows().exists()

    def test_a_video_without_words_gets_none_and_one_at_work_waits(self):
        VideoFactory()
        busy = VideoFactory(processing=True, captions_key="captions/1/c.srt")

        tasks.adopt_transcripts()

        assert not Transcript.objects.exists()
        Video.objects.filter(pk=busy.pk).update(status="failed", claim_token=None)
        assert transcript_rows.adopt_earlier(limit=1) == 1
        assert transcript_rows.adopt_earlier(limit=1) == 0


class TestKeeping:
    """What processing found."""

    def found(self, video, said, **columns):
        columns = {"source": "speech", "language": "en", **columns}
        return transcript_rows.new_row(video, cues=[TimedCue(0, 900, said)], **columns)

    def test_the_same_words_are_kept_once(self, video):
        first = transcript_rows.keep(video, self.found(video, "Other."))
        assert transcript_rows.keep(video, self.found(video, "Other.")) == first
        video.refresh_from_db()
        assert video.transcript == first
        assert Transcript.objects.count() == 2

    def test_a_file_that_is_read_again_replaces_its_reading(self, video):
        old = self.found(video, "Za?", file_key="captions/1/a.srt", digest="d", source="captions")
        kept = transcript_rows.keep(video, old)
        again = self.found(
            video, "Zażółć", file_key="captions/1/a.srt", digest="d", encoding="cp1250"
        )
        assert transcript_rows.keep(video, again) == kept
        kept.refresh_from_db()
        assert (kept.encoding, transcript_rows.timed_cues(kept)[0].text) == ("cp1250", "Zażółć")

    def test_the_oldest_that_was_not_uploaded_makes_room(self, video, monkeypatch):
        monkeypatch.setattr(transcript_rows, "MAX_PER_VIDEO", 3)
        uploaded = transcript_services.add_transcript(video, file=file())
        rows = [transcript_rows.keep(video, self.found(video, said)) for said in ("A.", "B.", "C.")]
        assert set(Transcript.objects.all()) == {uploaded, *rows[1:]}
