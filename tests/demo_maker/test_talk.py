"""The maker of the demo talk: what it draws, speaks and writes."""

import subprocess
from itertools import pairwise

import pytest

from mediakit.errors import ToolError
from mediakit.probing.probe import probe
from mediakit.sandbox.process import run as real_run
from mediakit.subtitles.formats import parse_captions
from tests.demo_maker import talk as talk_maker
from tests.demo_maker.drawing import Glide, Sheet, ellipse, render, shape
from tests.demo_maker.scenery import SHOTS
from tests.demo_maker.talk import make_talk


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return make_talk(tmp_path_factory.mktemp("talk"), seconds=14, size=(320, 180))


def test_the_talk_has_the_length_and_size_asked_for(talk):
    info = probe(str(talk[0]))
    assert abs(info.duration_ms - 14_000) < 100
    assert (info.video.width, info.video.height, info.video.codec) == (320, 180, "h264")
    assert (info.video.sar, info.video.frame_rate, info.audio[0].channels) == (1, 25, 2)


def test_its_captions_have_measured_words_inside_the_talk(talk):
    cues = parse_captions(talk[1].read_bytes(), filename="talk.vtt")
    assert 2 <= len(cues) < 20
    assert cues[0].text == "Hello, and welcome to a very short talk about very long videos."
    assert not any(word.estimated for cue in cues for word in cue.words)
    assert cues[-1].end_ms <= 14_000


def test_its_voice_is_heard_during_a_cue_and_not_before(talk):
    first = parse_captions(talk[1].read_bytes(), filename="talk.vtt")[0]

    def loudness(start_s: float, end_s: float) -> int:
        argv = ["ffmpeg", "-v", "error", "-ss", str(start_s), "-to", str(end_s), "-i", str(talk[0])]
        raw = subprocess.run([*argv, "-ac", "1", "-f", "u8", "-"], capture_output=True, check=True)
        return max(raw.stdout) - min(raw.stdout)

    middle = (first.start_ms + first.end_ms) / 2000
    assert loudness(middle, middle + 1) > 20
    assert loudness(0, first.start_ms / 1000 - 0.1) < 10


def test_a_long_talk_ends_with_the_last_sentence_and_uses_every_shot():
    lines = [
        talk_maker._Line(shot, text, bytes(2 * talk_maker.RATE))
        for shot, sentences in talk_maker.TALK
        for text in sentences
    ]
    timed = talk_maker._timed(lines, 60_000)
    assert len(timed) == len(lines) == 20
    assert [line.start_ms for line in timed] == sorted(line.start_ms for line in timed)
    assert timed[-1].start_ms + timed[-1].length_ms <= 60_000
    spans = talk_maker._shot_spans(timed, 60_000)
    assert [name for name, _, _ in spans] == list(SHOTS)
    assert (spans[0][1], spans[-1][2]) == (0, 60_000)
    assert all(before[2] == after[1] for before, after in pairwise(spans))


def test_every_shot_can_be_drawn():
    words = talk_maker._cue(
        talk_maker._Line("", "Hello there. You too. And me.", bytes(4 * talk_maker.RATE))
    ).words
    for shot in SHOTS.values():
        sheet = Sheet((0, 8_000))
        shot.paint(sheet, (0, 8_000), words)
        assert len(sheet.events) > 5
        assert sheet.still
        assert "\\p1" in render(sheet.events)


def test_where_there_is_no_voice_it_hums(tmp_path, monkeypatch):
    def without_flite(argv, **options):
        if any("flite" in part for part in argv):
            raise ToolError("no such filter", tool="ffmpeg")
        return real_run(argv, **options)

    monkeypatch.setattr("mediakit.sandbox.process.run", without_flite)
    talk_maker.say("A sentence of some length.", tmp_path / "a.wav")
    assert (tmp_path / "a.wav").stat().st_size > talk_maker.RATE


def test_where_ffmpeg_fails_altogether_that_is_said(tmp_path):
    with pytest.raises(ToolError):
        talk_maker.say("Hi", tmp_path / "missing" / "a.wav")


def test_shapes_start_at_their_upper_left_corner():
    assert (ellipse(10, 20, 4, 5).left, ellipse(10, 20, 4, 5).top) == (6, 15)
    path = shape((-5, 3), (5, 3), (5, 9, 0, 12, -5, 9))
    assert (path.left, path.top) == (-5, 3)
    assert path.commands.startswith("m 0.0 0.0 l 10.0 0.0 b 10.0 6.0")


def test_a_glide_is_even_and_nothing_is_drawn_in_no_time():
    assert Glide(1000, 3000, (0, 0), (10, 20)).at(2000) == (5, 10)
    sheet = Sheet((0, 500))
    sheet.draw(ellipse(0, 0, 1, 1), "#ffffff", (500, 500))
    assert sheet.events == []
