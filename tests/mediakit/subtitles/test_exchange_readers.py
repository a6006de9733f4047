"""Captions as services hand them out: SBV, YouTube's and Whisper's JSON, TTML."""

import json

import pytest

from mediakit.errors import InputError
from mediakit.subtitles.formats import parse_captions, read_captions


def times(cues):
    return [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in cues]


def test_sbv_is_read_with_its_speakers():
    text = "0:00:00.599,0:00:04.160\n>> ALICE: Hi, I am\nAlice\n\nbad,line\nx\n\n0:00:04.160,0:00:06.770\nEnd."
    read = read_captions(text.encode(), filename="a.sbv")
    assert times(read.cues) == [(599, 4160, "Hi, I am\nAlice", "Alice"), (4160, 6770, "End.", "")]
    assert (read.dropped, read.faults[0].line) == (1, 5)


def test_youtubes_json_keeps_its_word_times():
    segs = [
        {"utf8": "welcome"},
        {"utf8": " to", "tOffsetMs": 400},
        {"utf8": " all", "tOffsetMs": 700},
    ]
    events = [{"id": 1, "wpWinPosId": 1}, {"tStartMs": 160, "dDurationMs": 2300, "segs": segs}]
    (cue,) = parse_captions(json.dumps({"events": events}).encode(), filename="a.json3")
    assert [(w.start_ms, w.end_ms, w.text) for w in cue.words] == [
        (160, 560, "welcome"),
        (560, 860, "to"),
        (860, 2460, "all"),
    ]


def test_a_deeply_nested_document_is_read():
    deep = f'<tt><p begin="1s" end="2s">{"<span>" * 9_000}a{"</span>" * 9_000}</p></tt>'
    assert parse_captions(deep.encode(), filename="a.ttml")[0].text == "a"


def test_whispers_json_keeps_its_word_times_and_drops_what_is_malformed():
    words = [
        {"word": " Hello", "start": 0.5, "end": 0.9},
        {"word": " there.", "start": 1.0, "end": 1.6},
    ]
    rows = [
        {"start": 0.5, "end": 1.6, "text": " Hello there.", "words": words},
        {"start": None, "end": 3, "text": "No time"},
        {"start": 2, "end": 3, "text": "Second line."},
    ]
    read = read_captions(json.dumps({"segments": rows}).encode(), filename="a.json")
    assert times(read.cues) == [(500, 1600, "Hello there.", ""), (2000, 3000, "Second line.", "")]
    assert (read.cues[0].words[1].start_ms, read.dropped) == (1000, 1)


def test_ttml_is_read():
    text = (
        '<?xml version="1.0" encoding="utf-8"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
        '<p begin="00:00:00.160" end="00:00:02.400">welcome to<br/>the <span>show</span></p>'
        '<p begin="2.5s" dur="1500ms">second &amp; last</p><p begin="soon" end="4s">no</p></div></body></tt>'
    )
    read = read_captions(text.encode(), filename="a.ttml")
    assert times(read.cues) == [
        (160, 2400, "welcome to\nthe show", ""),
        (2500, 4000, "second & last", ""),
    ]
    assert read.dropped == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{", "a.json"),
        ("[]", "a.json"),
        ('{"events": 1}', "a.json3"),
        ("<tt>" + "<p>" * 20_000, "a.ttml"),
        ("[" * 100_000, "a.json"),
        ("<tt><p", "a.ttml"),
        ('<!DOCTYPE tt [<!ENTITY a "aaaa">]><tt><p begin="1s" end="2s">&a;</p></tt>', "a.ttml"),
    ],
)
def test_what_is_no_captions_is_refused(text, name):
    with pytest.raises(InputError) as caught:
        parse_captions(text.encode(), filename=name)
    assert caught.value.params["reason"] == "unknown_format"
