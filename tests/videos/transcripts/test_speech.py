"""Hearing: it goes on after what was heard before, and ends where a person ends it."""

from dataclasses import replace

import pytest

from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.transcript import Word
from tests.clips import info_of
from tests.factories import VideoFactory
from videos.transcripts import speech, transcription
from videos.transcripts.reading import SearchContext

pytestmark = pytest.mark.django_db


def heard(number: int) -> HeardPiece:
    """The n-th second."""
    word = Word(number * 1000, number * 1000 + 900, f"word{number}.")
    return HeardPiece(number * 1000, number * 1000 + 1000, "en", (word,))


@pytest.fixture
def listen(clip, tmp_path, monkeypatch, settings):
    """Hears three seconds, a piece for each, and stops after `until` of them; returns what was found and stored."""
    settings.SPEECH_MODEL = "small"

    def hear(audio, *, start_ms, **_options):
        yield from (heard(number) for number in range(3) if number * 1000 >= start_ms)

    monkeypatch.setattr(speech, "hear", hear)

    def run(*, before: int = 0, until: int = 9, **columns):
        stored: list[HeardPiece] = []

        def on_piece(piece: HeardPiece) -> bool:
            stored.append(piece)
            return before + len(stored) < until

        context = SearchContext(
            video=VideoFactory(**columns),
            source=str(clip),
            info=replace(info_of(clip), duration_ms=60_000),
            work_dir=tmp_path,
            should_stop=lambda: False,
            on_progress=lambda fraction: None,
            heard=[heard(number) for number in range(before)],
            on_piece=on_piece,
        )
        search = transcription.TranscriptSearch(context)
        search.read_written()
        return search.transcribe(SpeechAudio(tmp_path / "speech.wav")), stored

    return run


def texts(found: transcription.FoundTranscript) -> str:
    return " ".join(cue.text for cue in found.transcript.cues)


def test_hearing_goes_on_after_what_was_heard_before(listen):
    found, stored = listen(before=2)
    assert stored == [heard(2)]
    assert texts(found) == "word0. word1. word2."
    assert found.heard_until_ms is None


def test_hearing_that_is_ended_keeps_what_was_heard_and_says_until_where(listen):
    found, stored = listen(until=2)
    assert stored == [heard(0), heard(1)]
    assert texts(found) == "word0. word1."
    assert found.heard_until_ms == 2_000


def test_hearing_that_was_ended_before_its_worker_died_hears_nothing_more(listen):
    found, stored = listen(before=1, hearing_stopped=True)
    assert stored == []
    assert (texts(found), found.heard_until_ms) == ("word0.", 1_000)
