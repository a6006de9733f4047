"""The suggestions of a video: stored with its scenes, answered by its owner, made later for earlier videos."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from core.errors import HeimdexError
from jobs.clock import database_now
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.subtitles.writers import write_vtt
from mediakit.suggestions.material import VERSION, Basis, Reason
from mediakit.text.stored_words import words_to_json
from storage import files as storage_files
from tests.clips import make_clip
from tests.factories import CueFactory, SuggestionFactory, UserFactory, VideoFactory
from tests.mediakit.suggestions.speech import said
from tests.mediakit.suggestions.test_suggest import ANSWER, made_answer
from videos import tasks, transcript_services
from videos.choices import SuggestionBasis, SuggestionReason, SuggestionState
from videos.models import Clip, ShotAnalysis, SoundLevels, Suggestion, Video
from videos.suggestions import rows as suggestion_rows
from videos.suggestions import services as suggestion_services

pytestmark = pytest.mark.django_db

SECONDS = 24


def answered(start_ms: int, end_ms: int, **columns) -> Suggestion:
    return SuggestionFactory.build(start_ms=start_ms, end_ms=end_ms, **columns)


def earlier_video(**columns) -> Video:
    """A video with the words of ANSWER, as an earlier release left it."""
    video = VideoFactory(duration_ms=60_000, ready_at=database_now(), **columns)
    for cue in said(ANSWER):
        words = words_to_json(cue.words)
        CueFactory(
            video=video, start_ms=cue.start_ms, end_ms=cue.end_ms, text=cue.text, words=words
        )
    return video


@pytest.fixture
def suggestion():
    """A suggestion of a ready video."""
    return SuggestionFactory(start_ms=2_000, end_ms=22_000)


@pytest.fixture
def api(suggestion):
    """The owner's client."""
    client = APIClient()
    client.force_authenticate(suggestion.video.owner)
    return client


def address(suggestion, *rest) -> str:
    return "/".join(map(str, (f"/v1/videos/{suggestion.video_id}/suggestions", *rest)))


def test_every_code_has_its_words():
    assert set(SuggestionReason.values) == set(Reason)
    assert set(SuggestionBasis.values) == set(Basis)


@pytest.mark.django_db(transaction=True)
def test_they_are_made_with_the_scenes_and_again_with_another_transcript(tmp_path, sent_messages):
    clip = make_clip(tmp_path / "suggest.mp4", seconds=SECONDS, size=(160, 90))
    words = write_vtt(said(ANSWER)).encode()
    storage_files.save_bytes("captions/1/bread.vtt", words, content_type="text/vtt")
    video = VideoFactory(
        pending=True, captions_key="captions/1/bread.vtt", captions_filename="bread.vtt"
    )
    storage_files.save_bytes(video.source_key, clip.read_bytes(), content_type="video/mp4")
    tasks.process_video()
    video.refresh_from_db()
    (row,) = video.suggestions.all()
    assert (row.title, row.basis, row.rank) == (ANSWER[0], SuggestionBasis.WORDS, 0)
    assert row.reasons[0] == SuggestionReason.QUESTION
    assert 15_000 <= row.duration_ms <= SECONDS * 1_000
    assert video.suggestions_version == VERSION

    other = SimpleUploadedFile("other.vtt", write_vtt(said(made_answer(3))).encode())
    transcript = transcript_services.add_transcript(video, file=other)
    transcript_services.use_transcript(video, transcript)
    tasks.process_video()
    assert [row.title for row in video.suggestions.all()] == [made_answer(3)[0]]


def test_earlier_videos_get_theirs_from_their_rows():
    video = earlier_video()
    pending = VideoFactory(pending=True)
    tasks.suggest_clips()
    (row,) = video.suggestions.all()
    assert (row.title, row.state) == (ANSWER[0], SuggestionState.OPEN)
    pending.refresh_from_db()
    assert pending.suggestions_version == 0
    assert suggestion_rows.suggest_for_earlier(limit=1) == 0


def test_known_faces_and_stored_sound_are_used():
    video = earlier_video()
    samples = [[at, [[0.4, 0.2, 0.1, 0.2, 0.9, 0.0]]] for at in range(0, 60_000, 1_000)]
    ShotAnalysis.objects.create(
        video=video,
        start_ms=0,
        end_ms=60_000,
        version=3,
        detector="yunet",
        data={"samples": samples},
        plan={},
    )
    unseen, silent = earlier_video(), earlier_video()
    silent.cues.all().delete()
    lufs = [-20.0 if at < 300 else -30.0 for at in range(600)]
    lufs[290:300] = [-70.0] * 10
    levels = LoudnessIndex.from_levels(lufs, lufs, track=1)
    SoundLevels.objects.create(video=silent, track=1, blocks=levels.blocks)
    tasks.suggest_clips()
    assert video.suggestions.get().score > unseen.suggestions.get().score
    first = silent.suggestions.get(rank=0)
    assert (first.basis, first.start_ms, first.title) == (SuggestionBasis.SOUND, 0, "")
    assert first.reasons == [SuggestionReason.ENERGY]


def test_a_video_that_was_processed_again_meanwhile_keeps_its_new_ones(monkeypatch):
    video = earlier_video()
    make = suggestion_rows.new_rows

    def make_slowly(*args, **kwargs):
        Video.objects.filter(pk=video.pk).update(ready_at=database_now())
        return make(*args, **kwargs)

    monkeypatch.setattr(suggestion_rows, "new_rows", make_slowly)
    assert suggestion_rows.suggest_for_earlier(limit=1) == 1
    assert not video.suggestions.exists()


def test_answers_stay_with_the_suggestion_that_is_found_again():
    before = SuggestionFactory(start_ms=10_000, end_ms=40_000, state=SuggestionState.DISMISSED)
    again = answered(12_000, 41_000, video=before.video, rank=0)
    other = answered(60_000, 90_000, video=before.video, rank=1)
    suggestion_rows.replace(before.video_id, [again, other])
    rows = before.video.suggestions.all()
    assert [row.state for row in rows] == [SuggestionState.DISMISSED, SuggestionState.OPEN]


def test_a_list_says_why_in_words(api, suggestion):
    answer = api.get(address(suggestion), HTTP_ACCEPT_LANGUAGE="ko").json()
    assert answer["is_made"] is False
    (row,) = answer["results"]
    assert (row["start_s"], row["end_s"], row["duration_s"]) == (2.0, 22.0, 20.0)
    assert row["reasons"] == ["질문에 답합니다", "숫자를 말합니다"]
    assert row["reason_codes"] == ["question", "numbers"]
    assert (row["state"], row["clip_id"], row["basis"]) == ("open", None, "words")


def test_keeping_makes_one_clip(api, suggestion):
    first = api.post(address(suggestion, suggestion.pk, "accept"))
    assert first.status_code == 201
    clip = Clip.objects.get(video=suggestion.video)
    assert (clip.title, clip.kept_ranges) == (suggestion.title, ((2_000, 22_000),))
    assert (first.json()["state"], first.json()["clip_id"]) == ("accepted", str(clip.pk))
    assert first["Location"].endswith(f"/v1/clips/{clip.pk}")

    again = api.post(address(suggestion, suggestion.pk, "accept"))
    assert (again.status_code, again.json()["clip_id"]) == (200, str(clip.pk))
    assert api.delete(f"/v1/clips/{clip.pk}").status_code == 204
    anew = api.post(address(suggestion, suggestion.pk, "accept"))
    assert (anew.status_code, Clip.objects.not_deleted().count()) == (201, 1)


def test_without_words_a_clip_gets_the_title_of_its_video(suggestion):
    suggestion.title = ""
    suggestion.save()
    clip, is_new = suggestion_services.accept(suggestion.video.owner, suggestion)
    assert (clip.title, is_new) == (suggestion.video.title, True)


def test_a_dismissal_is_taken_back(api, suggestion):
    dismissed = api.post(address(suggestion, suggestion.pk, "dismiss"))
    assert (dismissed.status_code, dismissed.json()["state"]) == (200, "dismissed")
    assert api.get(address(suggestion)).json()["results"][0]["state"] == "dismissed"
    assert api.post(address(suggestion, suggestion.pk, "restore")).json()["state"] == "open"

    api.post(address(suggestion, suggestion.pk, "accept"))
    api.post(address(suggestion, suggestion.pk, "dismiss"))
    assert Clip.objects.count() == 1
    assert api.post(address(suggestion, suggestion.pk, "restore")).json()["state"] == "accepted"


@pytest.mark.parametrize("verb", ["accept", "dismiss", "restore"])
def test_what_is_not_there_is_a_404(api, suggestion, verb):
    elsewhere = SuggestionFactory(video__owner=suggestion.video.owner)
    strange = SuggestionFactory(video__owner=UserFactory())
    for path in (
        address(suggestion, elsewhere.pk, verb),
        address(strange, strange.pk, verb),
        address(suggestion, "nothing", verb),
    ):
        answer = api.post(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "SUGGESTION_NOT_FOUND")
    assert not Clip.objects.exists()


def test_a_suggestion_that_was_replaced_meanwhile(suggestion):
    stale = Suggestion.objects.select_related("video").get(pk=suggestion.pk)
    suggestion.delete()
    with pytest.raises(HeimdexError) as error:
        suggestion_services.accept(stale.video.owner, stale)
    assert error.value.code.name == "SUGGESTION_NOT_FOUND"
