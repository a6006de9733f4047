"""Captions in JSON: YouTube's json3, and what the tools around Whisper write."""

import json

import pytest

from mediakit.errors import InputError
from mediakit.subtitles.formats import parse_captions, read_captions


def read(data, name="a.json"):
    return read_captions(json.dumps(data, indent=1).encode(), filename=name)


def times(cues):
    return [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in cues]


def word_times(cue):
    return [(w.start_ms, w.end_ms, w.text) for w in cue.words]


def test_youtubes_json_keeps_its_word_times():
    segs = [
        {"utf8": "welcome"},
        {"utf8": " to", "tOffsetMs": 400},
        {"utf8": " all", "tOffsetMs": 700},
    ]
    events = [{"id": 1, "wpWinPosId": 1}, {"tStartMs": 160, "dDurationMs": 2300, "segs": segs}]
    (cue,) = read({"events": events}, "a.json3").cues
    assert word_times(cue) == [(160, 560, "welcome"), (560, 860, "to"), (860, 2460, "all")]


def test_whispers_json_keeps_its_word_times_and_drops_what_is_malformed():
    words = [
        {"word": " Hello", "start": 0.5, "end": 0.9, "probability": 0.25},
        {"word": " there.", "start": 1.0, "end": 1.6},
    ]
    rows = [
        {"start": 0.5, "end": 1.6, "text": " Hello there.", "words": words},
        {"start": None, "end": 3, "text": "No time"},
        {"start": 2, "end": 3, "text": "Second line."},
    ]
    reading = read({"segments": rows, "language": "en"})
    assert times(reading.cues) == [
        (500, 1600, "Hello there.", ""),
        (2000, 3000, "Second line.", ""),
    ]
    assert (reading.cues[0].words[1].start_ms, reading.dropped) == (1000, 1)
    assert reading.language == "en"
    assert [word.probability for word in reading.cues[0].words] == [0.25, None]


def test_a_fault_names_the_line_of_its_part():
    rows = [{"start": 0, "end": 1, "text": "One"}, {"start": "soon", "end": 3, "text": "Two"}]
    text = '{\n"language": "en",\n"segments": [\n' + ",\n\n".join(map(json.dumps, rows)) + "\n]}"
    assert read_captions(text.encode(), filename="a.json").faults[0].line == 6


def test_whisperx_keeps_words_that_it_could_not_place_and_who_spoke():
    """WhisperX gives no time to numbers, and each word the speaker that diarization found."""
    words = [
        {"word": "In", "start": 1.0, "end": 1.2, "score": 0.9, "speaker": "SPEAKER_00"},
        {"word": "2014", "speaker": "SPEAKER_00"},
        {"word": "yes.", "start": 2.0, "end": 2.4, "score": 0.8, "speaker": "SPEAKER_00"},
        {"word": "Really?", "start": 2.5, "end": 3.0, "score": 0.7, "speaker": "SPEAKER_01"},
    ]
    segment = {"start": 1.0, "end": 3.0, "text": " In 2014 yes. Really?", "words": words}
    reading = read({"segments": [segment], "word_segments": words})
    assert times(reading.cues) == [
        (1000, 2400, "In 2014 yes.", "SPEAKER_00"),
        (2500, 3000, "Really?", "SPEAKER_01"),
    ]
    assert word_times(reading.cues[0])[1] == (1200, 2000, "2014")
    assert reading.dropped == 0


def test_a_segments_speaker_is_kept():
    rows = [{"start": 0, "end": 1, "text": "Hi", "speaker": "SPEAKER_03"}]
    assert read(rows).cues[0].speaker == "SPEAKER_03"


def test_the_openai_api_lists_words_beside_segments():
    data = {
        "language": "english",
        "segments": [
            {"start": 0, "end": 1, "text": "One two."},
            {"start": 1, "end": 2.5, "text": "Three."},
        ],
        "words": [
            {"word": "One", "start": 0.0, "end": 0.4},
            {"word": "two", "start": 0.4, "end": 0.9},
            {"word": "Three", "start": 1.25, "end": 2.0},
        ],
    }
    first, second = read(data).cues
    assert word_times(first) == [(0, 400, "One"), (400, 900, "two")]
    assert word_times(second) == [(1250, 2000, "Three")]
    assert read(data).language == ""  # a name is no code


@pytest.mark.parametrize(
    "data",
    [
        {"words": [{"word": f"w{n}.", "start": n, "end": n + 0.5} for n in range(4)]},
        {"word_segments": [{"word": f"w{n}.", "start": n, "end": n + 0.5} for n in range(4)]},
        {"chunks": [{"text": f" w{n}.", "timestamp": [n, n + 0.5]} for n in range(4)]},
    ],
)
def test_a_document_of_words_alone_becomes_lines(data):
    cues = read(data).cues
    assert [word for cue in cues for word in word_times(cue)] == [
        (n * 1000, n * 1000 + 500, f"w{n}.") for n in range(4)
    ]
    assert not any(word.estimated for cue in cues for word in cue.words)


def test_chunks_of_transformers_and_parts_of_whisper_cpp_are_read():
    chunks = [
        {"text": " Good morning.", "timestamp": [0.0, 1.5]},
        {"text": " Good night.", "timestamp": [2.0, None]},
    ]
    assert times(read({"text": "x", "chunks": chunks}).cues) == [
        (0, 1500, "Good morning.", ""),
        (2000, 2500, "Good night.", ""),
    ]
    part = {"offsets": {"from": 500, "to": 900}, "text": " Hello"}
    assert times(read({"result": {}, "transcription": [part]}).cues) == [(500, 900, "Hello", "")]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("{", "bad_syntax", 1),
        ('{\n"segments": [\n{"start": 1,]', "bad_syntax", 3),
        ('{"segments": []} x', "bad_syntax", 1),
        ("[" * 100_000, "bad_syntax", 1),
        ('{"segments": [' + "[" * 100_000, "bad_syntax", 1),
        ('{"a": ' + "9" * 100_000 + "}", "bad_syntax", 1),
        ("[]", "no_cues", 1),
        ('{"events": 1}', "unknown_format", 1),
        ('{"segments": [{"start": 1e999, "end": 2, "text": "a"}]}', "bad_fields", 1),
        ('{"segments": [{"start": NaN, "end": 2, "text": "a"}]}', "bad_fields", 1),
        ('{"segments": [\n{"start": 1e30, "end": 1e30, "text": "a"}]}', "time_too_large", 2),
    ],
)
def test_what_is_no_captions_is_refused_with_its_line(text, reason, line):
    with pytest.raises(InputError) as caught:
        parse_captions(text.encode(), filename="a.json")
    assert (caught.value.params["reason"], caught.value.params["line"]) == (reason, line)
