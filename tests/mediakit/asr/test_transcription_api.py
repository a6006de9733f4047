"""Speech recognition by a service: a real server on this machine, and what becomes of its answers."""

import email
import math
import wave
from email import policy
from typing import Any

import numpy as np
import pytest

from mediakit.asr import transcription_api
from mediakit.asr.chunking import SAMPLE_RATE_HZ, SpeechAudio
from mediakit.asr.heard_piece import join_pieces
from mediakit.asr.transcription_api import SpeechServiceError, hear_remote
from mediakit.errors import StoppedError
from mediakit.remote import http_service
from mediakit.text.transcript import Transcript, Word

KEY = "sk-very-secret"


def sound(path, seconds: float, *, loud: float = 0.3):
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    samples = 32767 * loud * np.sin(2 * math.pi * 220 * time)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture
def wav(tmp_path):
    return sound(tmp_path / "speech.wav", 4)


def ask(service, wav, **changes) -> Transcript:
    options = {"url": service.url, "key": KEY, "model": "whisper-1", "timeout_s": 5}
    return join_pieces(hear_remote(SpeechAudio(wav), **(options | changes)))


def form(request) -> dict[str, list[bytes]]:
    """The fields of a multipart request."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[bytes]] = {}
    message = email.message_from_bytes(head + request.body, policy=policy.default)
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        fields.setdefault(name, []).append(bytes(part.get_payload(decode=True)))
    return fields


def word(text: str, start: float, end: float) -> dict[str, object]:
    return {"word": text, "start": start, "end": end}


VERBOSE: dict[str, Any] = {
    "language": "english",
    "text": "Hello there, world. It's me!",
    "segments": [
        {"start": 0.0, "end": 2.0, "text": " Hello there, world.", "avg_logprob": -0.2},
        {"start": 2.0, "end": 4.0, "text": " It's me!", "no_speech_prob": 0.1},
    ],
    "words": [
        word("Hello", 0.1, 0.5),
        word("there", 0.6, 1.0),
        word("world", 1.1, 1.8),
        word("its", 2.1, 2.5),
        word("me", 2.6, 3.0),
    ],
}


def test_words_keep_the_services_times_and_the_segments_punctuation(service, wav):
    service.answer(VERBOSE)
    transcript = ask(service, wav)
    assert transcript.language == "en"
    assert [cue.text for cue in transcript.cues] == ["Hello there, world.", "It's me!"]
    assert transcript.cues[0].words == (
        Word(100, 500, "Hello"),
        Word(600, 1000, "there,"),
        Word(1100, 1800, "world."),
    )
    assert transcript.cues[1].words[0] == Word(2100, 2500, "It's")


def test_the_sound_is_sent_as_flac_with_the_requested_options(service, wav):
    service.answer(VERBOSE)
    ask(service, wav, language="ko-KR")
    (request,) = service.requests
    fields = form(request)
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert fields["file"][0].startswith(b"fLaC")
    assert len(fields["file"][0]) < 25_000_000
    assert fields["model"] == [b"whisper-1"]
    assert fields["language"] == [b"ko"]
    assert fields["response_format"] == [b"verbose_json"]
    assert fields["timestamp_granularities[]"] == [b"word", b"segment"]


def test_words_that_the_service_leaves_out_are_spread_between_the_others(service, wav):
    service.answer(VERBOSE | {"words": VERBOSE["words"][1:2] + VERBOSE["words"][4:]})
    words = [word for cue in ask(service, wav).cues for word in cue.words]
    assert [(w.text, w.estimated) for w in words] == [
        ("Hello", True),
        ("there,", False),
        ("world.", True),
        ("It's", True),
        ("me!", False),
    ]
    assert words[0].end_ms <= 600 <= words[2].start_ms


def test_segments_alone_give_estimated_words(service, wav):
    service.answer({**VERBOSE, "words": None})
    words = [word for cue in ask(service, wav).cues for word in cue.words]
    assert all(word.estimated for word in words)
    assert (words[0].start_ms, words[-1].end_ms) == (0, 4000)


def test_words_alone_are_enough(service, wav):
    service.answer({"text": "x", "words": [*VERBOSE["words"], word("late", 3.5, 99.0)]})
    cue = ask(service, wav).cues[0]
    assert cue.words[0] == Word(100, 500, "Hello")
    assert cue.end_ms <= 4000


def test_unsure_segments_and_nonsense_are_left_out(service, wav):
    doubtful = [
        {"start": 0, "end": 1, "text": "Thanks for watching", "no_speech_prob": 0.9, "avg_logprob": -0.9},
        {"start": 0, "end": 1, "text": "loop loop", "compression_ratio": 5},
        {"start": 0, "end": 1, "text": "unsure", "avg_logprob": -3},
        {"start": 2, "end": 1, "text": "backwards"},
        {"start": "x", "end": 1, "text": "no number"},
        {"start": math.inf, "end": 1, "text": "never"},
        {"start": 1, "end": 2},
        "no segment",
    ]  # fmt: skip
    service.answer({"text": "", "segments": [s for s in doubtful if s != doubtful[5]]})
    assert ask(service, wav) == Transcript("", ())


def test_a_service_that_knows_no_times_is_asked_in_short_pieces(service, tmp_path, monkeypatch):
    monkeypatch.setattr(transcription_api, "UNTIMED_CHUNK_S", 2)
    service.answer({"text": "one two"})
    transcript = ask(service, sound(tmp_path / "a.wav", 5))
    assert len(service.requests) >= 4
    assert b"verbose_json" not in service.requests[-1].body
    words = [word for cue in transcript.cues for word in cue.words]
    assert len(words) == 2 * (len(service.requests) - 1)
    assert all(word.estimated for word in words)
    assert words[-1].end_ms <= 5000


def test_a_service_that_refuses_to_give_times_is_asked_for_text(service, wav):
    service.answer({"error": "unsupported response_format"}, 400)
    service.answer({"text": "Hello there."})
    assert [cue.text for cue in ask(service, wav, language="en").cues] == ["Hello there."]


def test_long_sound_is_sent_in_pieces_at_their_times(service, tmp_path, monkeypatch):
    monkeypatch.setattr(transcription_api, "CHUNK_S", 3)
    service.answer({"segments": [{"start": 0.5, "end": 1.0, "text": "Hi."}], "language": "ko"})
    transcript = ask(service, sound(tmp_path / "a.wav", 8))
    assert transcript.language == "ko"
    starts = [cue.start_ms for cue in transcript.cues]
    assert len(starts) == len(service.requests) == 3
    assert starts[0] == 500
    assert starts == sorted(starts)


def test_what_was_heard_before_is_not_sent_again(service, tmp_path, monkeypatch):
    monkeypatch.setattr(transcription_api, "CHUNK_S", 3)
    service.answer({"segments": [{"start": 0.5, "end": 1.0, "text": "Hi."}], "language": "ko"})
    transcript = ask(service, sound(tmp_path / "a.wav", 7), start_ms=5_000)
    assert len(service.requests) == 1
    assert transcript.cues[0].start_ms == 5_500


def test_silence_is_not_sent(service, tmp_path):
    assert ask(service, sound(tmp_path / "a.wav", 3, loud=0)) == Transcript("", ())
    assert service.requests == []


@pytest.mark.parametrize("status", [401, 403, 413])
def test_a_refusal_is_an_error_without_the_key(service, wav, status):
    service.answer({"error": {"message": f"Incorrect API key: {KEY}"}}, status)
    with pytest.raises(SpeechServiceError) as caught:
        ask(service, wav)
    assert caught.value.code == "SPEECH_SERVICE_FAILED"
    assert caught.value.params == {"status": status}
    assert KEY not in str(caught.value)
    assert len(service.requests) == 1


def test_a_busy_service_is_asked_again_and_in_the_end_given_up(service, wav):
    service.answer({}, 503)
    with pytest.raises(SpeechServiceError):
        ask(service, wav)
    assert len(service.requests) == http_service.ATTEMPTS


@pytest.mark.parametrize("answer", [b"not json", ["a"], {"text": 5}])
def test_an_answer_that_is_no_transcript_is_an_error(service, wav, answer):
    service.answer(answer)
    with pytest.raises(SpeechServiceError):
        ask(service, wav)


def test_it_stops_when_should_stop_says_so(service, wav):
    with pytest.raises(StoppedError):
        ask(service, wav, should_stop=lambda: True)


@pytest.mark.parametrize(
    ("named", "code"), [("Korean", "ko"), ("en", "en"), ("klingonese", ""), (None, "")]
)
def test_languages_are_known_by_name(named, code):
    assert transcription_api._language_code(named) == code


def test_scripts_without_spaces_are_aligned_by_letters():
    recognised = [(0, 500, "今日"), (500, 900, "は"), (1000, 1500, "晴れ")]
    words = transcription_api._align_words("今日は、晴れ。", 0, 2000, recognised)
    assert "".join(word.text for word in words) == "今日は、晴れ。"
    assert [word.start_ms for word in words] == [0, 1000]
