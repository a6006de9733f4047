"""Captions in XML: TTML of all versions, and YouTube's srv1, srv2 and srv3."""

import pytest

from mediakit.errors import InputError
from mediakit.subtitles.formats import parse_captions, read_captions

TTML = "http://www.w3.org/ns/ttml"


def read(text, name="a.ttml", **options):
    return read_captions(text.encode(), filename=name, **options)


def times(reading):
    return [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in reading.cues]


def word_times(cue):
    return [(w.start_ms, w.end_ms, w.text) for w in cue.words]


def test_ttml_is_read():
    text = (
        '<?xml version="1.0" encoding="utf-8"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
        '<p begin="00:00:00.160" end="00:00:02.400">welcome to<br/>the <span>show</span></p>'
        '<p begin="2.5s" dur="1500ms">second &amp; last</p>\n<p begin="soon" end="4s">no</p></div></body></tt>'
    )
    reading = read(text)
    assert times(reading) == [
        (160, 2400, "welcome to\nthe show", ""),
        (2500, 4000, "second & last", ""),
    ]
    assert (reading.dropped, reading.faults[0].line) == (1, 2)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.w3.org/2004/11/ttaf1",
        "http://www.w3.org/2006/04/ttaf1",
        "http://www.w3.org/2006/10/ttaf1",
        TTML,
    ],
)
def test_every_version_of_the_namespace_is_read(namespace):
    text = (
        f'<tts:tt xmlns:tts="{namespace}" xml:lang="fr"><tts:body><tts:p begin="1s" end="2s">'
        "oui</tts:p></tts:body></tts:tt>"
    )
    reading = read(text, "a.dfxp")
    assert (times(reading), reading.language) == ([(1000, 2000, "oui", "")], "fr")


@pytest.mark.parametrize(
    ("parameters", "begin", "expected_ms"),
    [
        ('ttp:tickRate="10000000"', "15000000t", 1500),
        ('ttp:frameRate="30" ttp:subFrameRate="2"', "90t", 1500),
        ("", "90t", 90_000),
        ('ttp:frameRate="25"', "50f", 2000),
        ('ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', "24f", 1001),
        ('ttp:frameRate="24" ttp:frameRateMultiplier="1000:1001"', "24f", 1001),
        ('ttp:frameRate="25"', "00:00:01:05", 1200),
        ("", "00:01:01.25", 61_250),
        ("", "1.5h", 5_400_000),
        ("", "2m", 120_000),
    ],
)
def test_times_are_read_in_every_unit(parameters, begin, expected_ms):
    text = (
        f'<tt xmlns="{TTML}" xmlns:ttp="{TTML}#parameter" {parameters}>'
        f'<body><p begin="{begin}" dur="1s">a</p></body></tt>'
    )
    assert times(read(text)) == [(expected_ms, expected_ms + 1000, "a", "")]


def test_frames_of_an_unnamed_rate_are_the_videos():
    text = '<tt><p begin="00:00:01:05" end="00:00:02:00">a</p></tt>'
    assert times(read(text, frame_rate=50.0)) == [(1100, 2000, "a", "")]


def test_times_count_from_those_of_what_lies_around_them():
    text = (
        '<tt><body begin="1h"><div begin="10s"><p begin="1s" end="3s">one</p><p begin="4s" dur="1s">two</p>'
        "</div></body></tt>"
    )
    assert times(read(text)) == [
        (3_611_000, 3_613_000, "one", ""),
        (3_614_000, 3_615_000, "two", ""),
    ]


def test_a_paragraph_without_an_end_lasts_until_the_next():
    text = (
        '<tt><p begin="1s">one</p><p begin="3s" end="4s">two</p><p begin="5s">and the last</p></tt>'
    )
    assert times(read(text)) == [
        (1000, 3000, "one", ""),
        (3000, 4000, "two", ""),
        (5000, 5000 + 2000 + 160 * 12, "and the last", ""),
    ]


def test_agents_are_speakers():
    text = (
        f'<tt xmlns="{TTML}" xmlns:ttm="{TTML}#metadata"><head><metadata>'
        '<ttm:agent xml:id="a1" type="person"><ttm:name type="full">Anna Bell</ttm:name>'
        '<ttm:name type="alias">Annie</ttm:name></ttm:agent>'
        '<ttm:agent xml:id="a2" type="person"/></metadata></head><body><div>'
        '<p begin="0s" end="1s" ttm:agent="a1">Hello.</p><p begin="1s" end="2s" ttm:agent="a2">Hi.</p>'
        '<p begin="2s" end="4s"><span ttm:agent="a1">You?</span><br/><span ttm:agent="a2">Good.</span></p>'
        "</div></body></tt>"
    )
    assert times(read(text)) == [
        (0, 1000, "Hello.", "Anna Bell"),
        (1000, 2000, "Hi.", "a2"),
        (2000, 2923, "You?", "Anna Bell"),
        (2923, 4000, "Good.", "a2"),
    ]


def test_parts_with_times_of_their_own_are_words():
    text = (
        '<tt><p begin="10s" end="12s"><span begin="0s">good</span> <span begin="0.5s">morning</span></p>'
        '<p><span begin="20s" end="21s">twenty</span> <span begin="21s" end="22s">one</span></p></tt>'
    )
    first, second = read(text).cues
    assert word_times(first) == [(10_000, 10_500, "good"), (10_500, 12_000, "morning")]
    assert word_times(second) == [(20_000, 21_000, "twenty"), (21_000, 22_000, "one")]
    assert not any(word.estimated for word in (*first.words, *second.words))


def test_what_is_not_said_is_left_out():
    text = (
        f'<tt xmlns="{TTML}" xmlns:tts="{TTML}#styling"><head><layout><region xml:id="r"/></layout></head><body>'
        '<p begin="0s" end="1s" region="r"><metadata><desc>Scene 1</desc></metadata>'
        '<span tts:ruby="container"><span tts:ruby="base">漢字</span><span tts:ruby="text">かんじ</span></span></p>'
        "<p>never shown</p></body></tt>"
    )
    assert times(read(text)) == [(0, 1000, "漢字", "")]


def test_a_deeply_nested_document_is_read():
    deep = f'<tt><p begin="1s" end="2s">{"<span>" * 9_000}a{"</span>" * 9_000}</p></tt>'
    assert read(deep).cues[0].text == "a"


SRV3 = (
    '<?xml version="1.0" encoding="utf-8" ?><timedtext format="3">\n<head><ws id="0"/></head>\n<body>\n'
    '<w t="0" id="1"/>\n<p t="160" d="2300" w="1"><s ac="0">welcome</s><s t="400" ac="0"> to</s>'
    '<s t="700"> all</s></p>\n<p t="2450" w="1" a="1">\n</p>\n<p t="3000" d="500">it&#39;s<br/>me</p>\n'
    '<p t="x" d="500">no</p>\n</body></timedtext>'
)


@pytest.mark.parametrize("name", ["a.srv3", "a.xml", "a", "a.srt"])
def test_srv3_keeps_its_word_times(name):
    reading = read(SRV3, name)
    assert times(reading) == [(160, 2460, "welcome to all", ""), (3000, 3500, "it's\nme", "")]
    assert word_times(reading.cues[0]) == [
        (160, 560, "welcome"),
        (560, 860, "to"),
        (860, 2460, "all"),
    ]
    assert (reading.dropped, reading.faults[0].line) == (1, 9)


def test_srv1_and_srv2_are_read():
    srv1 = (
        '<transcript><text start="0.16" dur="2.3">it&amp;#39;s &amp;lt;i&amp;gt;me</text>'
        '<text start="3">and</text><text start="4" dur="1">you</text></transcript>'
    )
    assert times(read(srv1, "a.srv1"))[1:] == [(3000, 4000, "and", ""), (4000, 5000, "you", "")]
    assert times(read(srv1, "a.xml"))[0] == (160, 2460, "it's <i>me", "")
    srv2 = '<timedtext><text t="160" d="2300">hello</text><text t="2460" d="10" append="1">\n</text></timedtext>'
    assert times(read(srv2, "a.srv2")) == [(160, 2460, "hello", "")]


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + ']><tt><p begin="1s" end="2s">&i;</p></tt>'
)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("<tt>\n\n<p", "bad_syntax", 3),
        ("<tt>\n<p begin='1s' end='2s'>a\0</p></tt>", "bad_syntax", 2),
        ("<tt>" + "<p>" * 20_000, "too_deep", 1),
        (BILLION_LAUGHS, "declares_entities", 1),
        (
            '<!DOCTYPE tt [\n<!ENTITY x SYSTEM "file:///etc/passwd">]><tt>&x;</tt>',
            "declares_entities",
            2,
        ),
        ("<html><body>no</body></html>", "no_cues", 1),
        ('<tt>\n<p begin="1s" end="2s">' + "a" * 30_000 + "</p></tt>", "cue_too_long", 2),
        ('<tt><p begin="999999:00:00" end="999999:00:01">a</p></tt>', "time_too_large", 1),
        ("<tt>" + '<p begin="1s" end="2s"/>' * 3, "bad_syntax", 1),
    ],
)
def test_what_is_no_captions_is_refused_with_its_line(text, reason, line):
    with pytest.raises(InputError) as caught:
        parse_captions(text.encode(), filename="a.ttml")
    assert (caught.value.params["reason"], caught.value.params["line"]) == (reason, line)
