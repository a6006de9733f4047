"""Words that a person put in get their times from the sound: later, once, and whatever happens meanwhile."""

import itertools
import subprocess
import uuid
import wave
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.test import Client
from django.urls import reverse

from jobs import lease, notify
from jobs.clock import database_now
from mediakit.asr import whisper
from mediakit.text.stored_words import words_from_json
from mediakit.text.transcript import WordCorrection
from storage import files
from tests.clips import info_of
from tests.demo_maker.talk import say
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from tests.speech_model import fetch_speech_model
from videos import tasks
from videos.choices import SideJobStatus
from videos.corrections import services, word_hearing
from videos.corrections.lines import apply_corrections, apply_times
from videos.corrections.placed import LinesReader
from videos.corrections.services import Change
from videos.corrections.structure import structure_of
from videos.models import Correction, Cue, UncorrectedTranscript, Video, WordTimes

pytestmark = pytest.mark.django_db(transaction=True)

SAID = ("We remember words", "and almost never", "the time at which they were said")
PAUSE_MS = 400


@pytest.fixture(autouse=True)
def settings_of_speech(settings, monkeypatch):
    """A speech model is used, and the tests run the tasks themselves."""
    settings.SPEECH_MODEL = "tiny.en"
    monkeypatch.setattr(notify, "send_later", lambda *_: None)
    monkeypatch.setattr(notify, "send", lambda *_: None)


@pytest.fixture
def heard(monkeypatch) -> dict[uuid.UUID, object]:
    """What the hearing returns for corrections by their id; an error is raised."""
    answers: dict[uuid.UUID, object] = {}

    def hear_words(correction, reader, *, should_stop):
        reader.lines(correction.video)
        answer = answers[correction.pk]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(word_hearing, "hear_words", hear_words)
    return answers


def make_video(*texts: str, **columns) -> Video:
    """A video of lines in which each word lasts 400 ms, with 200 ms between two."""
    video = VideoFactory(**columns)
    at = itertools.count(0, 600)
    for text in texts:
        timed = list(zip(text.split(), at, strict=False))
        words = [[start, start + 400, word] for word, start in timed]
        CueFactory(
            video=video, start_ms=timed[0][1], end_ms=timed[-1][1] + 600, text=text, words=words
        )
    SceneFactory(video=video, end_ms=60_000, text=" ".join(texts))
    return video


def correct(video: Video, line: int, was: str, text: str) -> Correction:
    start = Cue.objects.get(video=video, index=line).text.index(was)
    return services.correct(video.owner, video, Change(line, start, was, text)).correction


def words_of(video: Video, line: int = 0) -> list[tuple[str, int, int, str]]:
    stored = Cue.objects.get(video=video, index=line).words
    found = words_from_json(stored, estimated=False)
    return [(word.text, word.start_ms, word.end_ms, str(word.correction)) for word in found]


def run() -> None:
    WordTimes.objects.filter(status=SideJobStatus.PENDING).update(queued_at=database_now())
    tasks.hear_word_times()


def test_new_words_get_the_times_at_which_they_are_heard(heard):
    video = make_video("we bake bread", "at noon")
    correction = correct(video, 0, "bake", "do not bake")
    assert [word[3] for word in words_of(video)] == ["", *3 * ["spread"], ""]
    asked = WordTimes.objects.get()
    assert (asked.status, asked.owner_id) == (SideJobStatus.PENDING, video.owner_id)
    heard[correction.pk] = [(480, 520), (560, 700), (640, 990)]

    run()
    run()

    assert words_of(video) == [
        ("we", 0, 400, ""),
        ("do", 480, 520, "heard"),
        ("not", 560, 600, "heard"),
        ("bake", 600, 1000, ""),
        ("bread", 1200, 1600, ""),
    ]
    asked.refresh_from_db()
    assert (asked.status, asked.attempts) == (SideJobStatus.COMPLETED, 1)
    assert asked.attempt_history.count() == 1
    # Words of which each replaces one have their times already, and what is left out needs none.
    correct(video, 1, "noon", "night")
    correct(video, 1, "at", "")
    assert WordTimes.objects.count() == 1


def test_undoing_brings_back_the_first_bytes_and_a_later_correction_wins(heard):
    video = make_video("we bake bread")
    first = list(Cue.objects.filter(video=video).values_list("text", "words", "end_ms"))
    earlier = correct(video, 0, "bake", "do not bake")
    later = correct(video, 0, "do not bake", "will surely never bake")
    heard[earlier.pk] = None  # it does not show
    heard[later.pk] = [(610, 700), (700, 800), (800, 900), (900, 1000)]

    run()

    assert [word[:2] for word in words_of(video)][1:3] == [("will", 610), ("surely", 700)]
    assert not WordTimes.objects.filter(correction=earlier).exists()
    heard[earlier.pk] = [(420, 480), (480, 600), (600, 990)]
    services.undo(video, later.pk)
    assert WordTimes.objects.get().correction_id == earlier.pk
    run()
    assert words_of(video)[1] == ("do", 420, 480, "heard")
    services.undo(video, earlier.pk)
    assert list(Cue.objects.filter(video=video).values_list("text", "words", "end_ms")) == first
    assert not WordTimes.objects.exists()


def test_a_new_transcript_keeps_the_times_and_what_was_not_heard_yet_is_heard_in_it(heard):
    video = make_video("we bake bread", "at noon")
    done, waiting = correct(video, 0, "bake", "do not bake"), correct(video, 1, "at", "right at")
    heard[done.pk] = [(480, 520), (560, 600), (600, 990)]
    heard[waiting.pk] = ValueError("the source is away")
    run()
    Cue.objects.filter(video=video).delete()
    words = [[20, 390, "we"], [620, 1010, "bake"], [1210, 1600, "bread"], [1700, 2000, "at"]]
    CueFactory(video=video, start_ms=20, end_ms=2000, text="we bake bread at", words=words)
    UncorrectedTranscript.objects.filter(video=video).delete()

    apply_corrections(video)

    assert words_of(video)[:4] == [
        ("we", 20, 390, ""),
        ("do", 480, 520, "heard"),
        ("not", 560, 600, "heard"),
        ("bake", 620, 1010, ""),
    ]
    heard[waiting.pk] = [(1610, 1690), (1700, 1990)]
    run()
    assert words_of(video)[-2:] == [("right", 1610, 1690, "heard"), ("at", 1700, 2000, "")]


def test_a_lost_worker_gives_the_row_back_and_writes_nothing(heard, settings):
    video = make_video("we bake bread")
    correction = correct(video, 0, "bake", "do not bake")
    heard[correction.pk] = [(480, 520), (560, 600), (600, 990)]
    claim = lease.claim_next(WordTimes)
    assert claim is not None
    WordTimes.objects.update(
        heartbeat_at=database_now() - timedelta(seconds=2 * settings.JOB_LEASE_S)
    )

    assert tasks.sweep_word_times()

    with pytest.raises(lease.LeaseLostError):
        apply_times(claim, [(1, 2), (2, 3), (3, 4)], LinesReader())
    assert words_of(video)[1][3] == "spread"
    run()
    assert words_of(video)[1] == ("do", 480, 520, "heard")


def test_the_lines_of_a_video_are_read_once_for_all_that_wait_unless_they_change(
    heard, monkeypatch
):
    video = make_video("we bake bread", "at noon", "and we eat")
    reading = Mock(wraps=structure_of)
    monkeypatch.setattr("videos.corrections.placed.structure_of", reading)
    made = [correct(video, line, was, f"right {was}") for line, was in ((0, "bake"), (1, "noon"))]
    heard.update({each.pk: [(each.start_ms - 90, each.start_ms - 10), (0, 0)] for each in made})
    reading.reset_mock()
    run()
    assert reading.call_count == 1
    assert [words_of(video, line)[1][3] for line in (0, 1)] == ["heard", "heard"]

    reader, other = LinesReader(), correct(video, 2, "we", "we all")
    assert not reader.lines(Video.objects.get()).line(0).cue.text.startswith("They")
    correct(video, 0, "we", "They")
    lines = reader.lines(Video.objects.get())
    assert lines.line(0).cue.text == "They right bake bread"
    assert other in lines.placed[2].values()


def test_the_page_asks_while_words_wait_and_hears_which_lines_are_others_now(heard):
    video = make_video("we bake bread", "at noon")
    client = Client()
    client.force_login(video.owner)
    url = reverse("videos:word_times", args=[video.pk])
    assert "every 2s" not in client.get(url).content.decode()
    correction = correct(video, 1, "at", "right at")
    heard[correction.pk] = [(1750, 1800), (1800, 1990)]

    waiting = client.get(url)

    assert "?lines=1" in waiting.content.decode()
    assert "HX-Trigger" not in waiting.headers
    run()
    done = client.get(url, {"lines": "1,x"})
    assert done.headers["HX-Trigger"] == '{"lines-changed": {"at": [1]}}'
    assert "every 2s" not in done.content.decode()


def test_a_real_model_finds_words_that_the_transcript_missed(tmp_path, monkeypatch):
    monkeypatch.setattr(word_hearing, "_model", lambda _video: fetch_speech_model())
    pieces, starts, sound = [], [], b""
    for number, text in enumerate(SAID):
        say(text, tmp_path / f"{number}.wav")
        with wave.open(str(tmp_path / f"{number}.wav")) as spoken:
            pieces.append(spoken.readframes(spoken.getnframes()))
        starts.append(len(sound) // 32)
        sound += pieces[-1] + bytes(32 * PAUSE_MS)
    ends = [start + len(piece) // 32 for start, piece in zip(starts, pieces, strict=True)]
    video = _spoken_video(tmp_path, sound)
    words = [
        [start + (end - start) * at // len(said), start + (end - start) * (at + 1) // len(said), w]
        for start, end, text in list(zip(starts, ends, SAID, strict=True))[::2]
        for said in [text.split()]
        for at, w in enumerate(said)
    ]
    text = f"{SAID[0]} {SAID[2]}"
    CueFactory(video=video, start_ms=0, end_ms=ends[-1], text=text, words=words)

    correct(video, 0, "words", "words and almost never")
    run()
    whisper._load.cache_clear()

    found = words_of(video)
    assert [word[0] for word in found] == " ".join(SAID).split()
    assert [word[1:3] for word in found[:3]] == [tuple(word[:2]) for word in words[:3]]
    assert [word[3] for word in found[3:6]] == 3 * [WordCorrection.HEARD]
    assert abs(found[3][1] - starts[1]) <= 150
    assert abs(found[5][2] - ends[1]) <= 150


def _spoken_video(folder, sound: bytes) -> Video:
    with wave.open(str(folder / "talk.wav"), "wb") as talk:
        talk.setnchannels(1)
        talk.setsampwidth(2)
        talk.setframerate(16_000)
        talk.writeframes(sound)
    argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=64x64:r=5", "-i", "talk.wav"]
    subprocess.run([*argv, "-shortest", "talk.mp4"], cwd=folder, check=True, timeout=60)
    owner = UserFactory()
    key = f"sources/{owner.pk}/{uuid.uuid4()}.mp4"
    info = info_of(folder / "talk.mp4")
    files.save_file(key, folder / "talk.mp4", content_type="video/mp4")
    return VideoFactory(
        owner=owner,
        source_key=key,
        probe=info.to_json(),
        duration_ms=info.duration_ms,
        transcript_language="en",
    )
