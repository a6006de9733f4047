"""Edges of clips that are made from words: in the quiet that is heard beside them."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from jobs.clock import database_now
from storage import files
from tests.clips import info_of
from tests.factories import CueFactory, SuggestionFactory, VideoFactory
from tests.mediakit.tightening.spoken_talk import flat_index
from tests.work_done import calls_made
from videos import tasks
from videos.analyses import speech_levels
from videos.clips.word_edges import edges_json
from videos.models import Clip, SpeechLevels
from videos.suggestions.services import accept

pytestmark = pytest.mark.django_db
LENGTH_MS = 120_000


@pytest.fixture
def video(person):
    """A video whose second cue's words are heard 60 ms later than they are written."""
    made = VideoFactory(owner=person, duration_ms=LENGTH_MS, ready_at=database_now())
    for start_ms, text in ((1_000, "one two"), (3_000, "three")):
        words = [
            [start_ms + at * 1_000, start_ms + at * 1_000 + 400, word]
            for at, word in enumerate(text.split())
        ]
        CueFactory(
            video=made,
            start_ms=start_ms,
            end_ms=words[-1][1],
            text=text,
            words=words,
            words_estimated=False,
        )
    index = flat_index([(1_000, 1_400), (2_060, 2_460), (3_060, 3_460)], LENGTH_MS)
    SpeechLevels.objects.create(video=made, steps=index.steps)
    return made


def test_the_page_gets_the_edges_of_every_word(browser, video):
    answer = browser.get(reverse("videos:word_edges", args=[video.pk]))

    assert json.loads(answer.content) == [[-40, 440, 1_020, 1_500], [20, 500]]
    again = browser.get(
        reverse("videos:word_edges", args=[video.pk]), headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


def test_a_video_whose_sound_is_not_measured_yet_has_none(browser, video):
    video.speech_levels.delete()
    answer = browser.get(reverse("videos:word_edges", args=[video.pk]))
    assert (answer.json(), answer.get("ETag")) == ([], None)


def test_a_suggestion_becomes_a_clip_that_begins_and_ends_in_quiet(person, video):
    row = SuggestionFactory(video=video, start_ms=1_950, end_ms=3_420)
    clip, _ = accept(person, row)
    assert clip.kept_ranges == ((2_020, 3_500),)
    assert Clip.objects.get().title


def test_edges_of_four_times_as_many_words_are_about_four_times_the_work(video):
    def work(count: int) -> int:
        video.cues.all().delete()
        cues = [
            CueFactory.build(
                video=video,
                index=at,
                start_ms=at * 3_600,
                end_ms=at * 3_600 + 3_500,
                words=[
                    [at * 3_600 + n * 350, at * 3_600 + n * 350 + 250, "word"] for n in range(10)
                ],
            )
            for at in range(count)
        ]
        type(cues[0]).objects.bulk_create(cues)
        spans = [(start, end) for cue in cues for start, end, _ in cue.words]
        video.duration_ms = count * 3_600
        SpeechLevels.objects.update(steps=flat_index(spans, video.duration_ms).steps)
        found = []
        calls = calls_made(lambda: found.append(edges_json(video)))
        edges = json.loads(found[0])
        assert edges[100] == [value for n in range(10) for value in (n * 350 - 40, n * 350 + 290)]
        return calls

    assert work(800) < 5 * work(200)


def test_videos_of_an_earlier_release_are_measured_once(person, clip: Path, silent_clip: Path):
    heard, silent, pending = (
        VideoFactory(owner=person),
        VideoFactory(owner=person),
        VideoFactory(pending=True),
    )
    for made, path in ((heard, clip), (silent, silent_clip)):
        files.save_bytes(made.source_key, path.read_bytes(), content_type="video/mp4")
        made.probe = info_of(path).to_json()
        made.save()
    unreadable = VideoFactory(owner=person, probe={})
    tasks.measure_speech()
    assert not SpeechLevels.objects.filter(video=pending).exists()
    assert len(speech_levels.speech_index(heard).steps) in range(290, 320)
    for made in (silent, unreadable):
        assert SpeechLevels.objects.get(video=made).steps == b""
    assert speech_levels.measure_earlier(limit=1) == 0


def test_the_waveform_is_small_and_sent_once(browser, video):
    address = reverse("videos:waveform", args=[video.pk])
    answer = browser.get(address)
    assert len(answer.content) == LENGTH_MS // 40
    assert (answer.content[1_100 // 40] >> 4, answer.content[5_000 // 40] >> 4) == (10, 0)
    again = browser.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    SpeechLevels.objects.update(steps=b"")
    assert browser.get(address).status_code == 204
