"""The receipt knows which moment a Short shows, without the seek by which it was made."""

from dataclasses import replace
from typing import Any

import pytest

from mediakit.audio.loudness import audio_graph, plan_loudness
from mediakit.conformance import source_clock
from mediakit.conformance.moment_check import MomentMatch
from mediakit.conformance.verification import read_source_moment, verify_short
from mediakit.errors import VerificationError
from mediakit.ffmpeg import source_args
from mediakit.render import short
from mediakit.render.short import ShortSpec, render_short
from mediakit.sandbox import process
from tests.clips import info_of
from tests.mediakit.conftest import Clips

NOISE = "aevalsrc='random(0)*(0.2+0.8*lt(mod(t*t,1.3),0.5))':s=48000"
PICTURE = "testsrc2=s=320x180:r=25"


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A maker of 16 s of moving pictures and of sound that never repeats itself."""
    clips = Clips(tmp_path_factory.mktemp("recording"))

    def make(name: str, *options: object, sound: str = NOISE):
        inputs = ("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", sound)
        common = ("-t", 16, "-g", 50, "-pix_fmt", "yuv420p", "-preset", "ultrafast")
        return clips.make(name, *inputs, *common, *options)

    return make


REQUESTED_MS = 13_000


def spec_at(start_ms, strategy="center_crop", length_ms=2_000):
    return ShortSpec(
        start_ms=start_ms, end_ms=start_ms + length_ms, strategy=strategy, quality="medium"
    )


def render(source, out, spec):
    render_short(str(source), info_of(source), spec, out, timeout_s=120)
    return out


def rule_of(short, source, strategy="center_crop"):
    """Verify a Short as if it had been requested at REQUESTED_MS; its receipt's rule."""
    info = info_of(source)
    receipt = verify_short(str(short), info, spec_at(REQUESTED_MS, strategy), original=str(source))
    return next((rule for rule in receipt.rules if rule.name == "right_moment"), None)


@pytest.fixture(scope="module")
def short_at(recording, tmp_path_factory):
    """A maker of Shorts that show the recording from a time on; every container holds the same recording."""
    folder = tmp_path_factory.mktemp("short_at")

    def make(shown_ms, strategy="center_crop"):
        out = folder / f"{shown_ms}-{strategy}.mp4"
        if not out.exists():
            render(recording("plain.mp4"), out, spec_at(shown_ms, strategy))
        return out

    return make


@pytest.mark.parametrize(("name", "frames"), [("plain.mp4", "1 of 1"), ("plain.ts", "3 of 3")])
@pytest.mark.parametrize("strategy", ["center_crop", "blur"])
def test_the_right_moment_is_known(*, recording, short_at, name, frames, strategy):
    rule = rule_of(short_at(REQUESTED_MS, strategy), recording(name), strategy)

    assert rule.ok
    assert rule.measured.startswith(f"{frames} frames, sound +0.0")


@pytest.mark.parametrize("shown_ms", [12_600, 13_500, 3_100])
@pytest.mark.parametrize("name", ["plain.mp4", "plain.ts"])
def test_another_moment_breaks_a_hard_rule(recording, short_at, name, shown_ms):
    with pytest.raises(VerificationError) as caught:
        rule_of(short_at(shown_ms), recording(name))

    assert caught.value.params["rule"] == "right_moment"


def test_the_fault_that_it_was_made_for(recording, tmp_path, monkeypatch):
    """The threshold of 0.1: what is read before the moment was taken for a jump of the clock."""
    source = recording("plain.ts")
    with monkeypatch.context() as patch:
        patch.setattr(source_args, "NO_JUMP_S", 10)
        short = render(source, tmp_path / "out.mp4", spec_at(REQUESTED_MS))

    with pytest.raises(VerificationError) as caught:
        rule_of(short, source)

    assert caught.value.params["rule"] == "right_moment"


def test_a_moment_is_found_without_reading_again(recording, short_at, monkeypatch):
    """In a file without an index, by bytes: each place is read once, and none where the next one is near."""
    read = []
    before = source_clock.SourceClock._read_after

    def counted(clock, position):
        read.append(position)
        return before(clock, position)

    monkeypatch.setattr(source_clock.SourceClock, "_read_after", counted)

    assert rule_of(short_at(REQUESTED_MS), recording("plain.ts")).ok

    assert len(read) == len(set(read)) <= 10


@pytest.mark.parametrize("shown_ms", [REQUESTED_MS, 12_600])
def test_what_the_source_holds_is_read_before_its_short_is_there(
    *, recording, short_at, monkeypatch, shown_ms
):
    """With it the check of the finished file needs the source no more, and finds the same."""
    info, spec = info_of(recording("plain.mp4")), spec_at(REQUESTED_MS)
    source = str(recording("plain.mp4"))
    reference = read_source_moment(source, info, spec)
    short = str(short_at(shown_ms))
    started: list[str] = []
    child = process._child

    def noted(command):
        started.extend(map(str, command.argv))
        return child(command)

    monkeypatch.setattr(process, "_child", noted)

    if shown_ms == REQUESTED_MS:
        verify_short(short, info, spec, original=source, reference=reference)
        assert not [text for text in started if source in text]
    else:
        with pytest.raises(VerificationError) as caught:
            verify_short(short, info, spec, original=source, reference=reference)
        assert caught.value.params["rule"] == "right_moment"


def test_frames_that_each_differ_from_their_neighbours_are_found(clips, tmp_path):
    """As under a burnt-in clock: a frame beside the right one is as unlike it as any other."""
    blocks = "geq=lum='255*mod(floor(N*(1+floor(X/20)+8*floor(Y/23))*0.37),2)':cb=128:cr=128"
    inputs = ("-f", "lavfi", "-i", f"color=s=160x90:r=30,format=yuv420p,{blocks}")
    source = clips.make("blocks.mp4", *inputs, "-f", "lavfi", "-i", "sine=f=440", "-t", 6)
    info = info_of(source)
    spec = ShortSpec(start_ms=2_017, end_ms=4_050, quality="medium")
    out = tmp_path / "out.mp4"
    render_short(str(source), info, spec, out, timeout_s=120)

    receipt = verify_short(str(out), info, spec, original=str(source))

    rule = next(rule for rule in receipt.rules if rule.name == "right_moment")
    assert rule.measured == "1 of 1 frames"


def test_a_still_picture_and_a_steady_tone_tell_nothing(clips, tmp_path):
    options = (
        "-f",
        "lavfi",
        "-i",
        "color=c=gray:s=320x180:r=25",
        "-f",
        "lavfi",
        "-i",
        "sine=f=440",
    )
    source = clips.make("nothing.mp4", *options, "-t", 8, "-pix_fmt", "yuv420p")
    info = info_of(source)
    spec = ShortSpec(start_ms=3_000, end_ms=4_500, quality="medium")
    out = tmp_path / "out.mp4"
    render_short(str(source), info, spec, out, timeout_s=120)

    receipt = verify_short(str(out), info, spec, original=str(source))

    assert "right_moment" not in {rule.name for rule in receipt.rules}


@pytest.mark.parametrize(
    ("match", "is_wrong"),
    [
        (MomentMatch(), False),
        (MomentMatch(right=3), False),
        (MomentMatch(right=1, wrong=2), True),
        (MomentMatch(right=3, sound_ms=300), False),  # a source whose sound is late by itself
        (MomentMatch(wrong=3, sound_ms=0), False),
        (MomentMatch(sound_ms=-300), True),
        (MomentMatch(wrong=2, sound_ms=500), True),
        (MomentMatch(right=3, sound_ms=0, lost_ms=700), True),
    ],
)
def test_picture_and_sound_decide_together(match, is_wrong):
    assert match.is_wrong is is_wrong


UNEVEN = ("-vf", "select='lt(mod(n,10),4)+eq(mod(n,10),7)'", "-fps_mode", "passthrough")


@pytest.mark.parametrize("start_ms", [5_200, 11_730, 13_400])
def test_a_variable_frame_rate_is_no_other_moment(recording, tmp_path, start_ms):
    """The frames of the source are up to 160 ms apart, none lies where the Short has one; the sound tells nothing."""
    source = recording("uneven.mp4", *UNEVEN, sound="sine=f=440")
    info, spec = info_of(source), spec_at(start_ms, length_ms=1_000)

    receipt = verify_short(
        str(render(source, tmp_path / "out.mp4", spec)), info, spec, original=str(source)
    )

    rule = next(rule for rule in receipt.rules if rule.name == "right_moment")
    assert rule.measured.startswith("1 of 1 frames")


@pytest.mark.parametrize("shown_ms", [12_600, 3_100])
def test_the_pictures_alone_disprove_another_moment(recording, tmp_path, shown_ms):
    source = recording("tone.mp4", sound="sine=f=440")
    short = render(source, tmp_path / "out.mp4", spec_at(shown_ms))

    with pytest.raises(VerificationError) as caught:
        rule_of(short, source)

    assert caught.value.params["rule"] == "right_moment"


@pytest.fixture
def losing(monkeypatch):
    """Make renders lose sound: what it is sent through before the encoder, without a trial that is copied."""

    def lose(filters):
        def plan(*args, **options):
            return replace(plan_loudness(*args, **options), encoded=None)

        def graph(*args, **options):
            return f"{audio_graph(*args, **options)},{filters}"

        monkeypatch.setattr(short, "plan_loudness", plan)
        monkeypatch.setattr(short, "audio_graph", graph)

    return lose


def broken_moment(out, source, spec):
    """What the receipt says of the moment of a Short that is refused."""
    with pytest.raises(VerificationError) as caught:
        verify_short(str(out), info_of(source), spec, original=str(source))
    rules: Any = caught.value.receipt["rules"]
    rule = next(rule for rule in rules if rule["name"] == "right_moment")
    assert not rule["ok"]
    return rule["measured"]


@pytest.mark.parametrize(
    ("name", "filters", "lost"),
    [
        ("plain.mp4", "volume=0", "1.9 s of sound lost"),
        ("plain.ts", "volume=0:enable='between(t,0.6,1.9)'", "1.2 s of sound lost"),
        ("plain.ts", "volume=-40dB:enable='gt(t,0.4)'", "1.4 s of sound lost"),
    ],
)
def test_a_lost_sound_breaks_a_hard_rule(*, recording, losing, tmp_path, name, filters, lost):
    """All of it, or a part; digital silence, or nearly: the pictures are right in each."""
    source, spec = recording(name), spec_at(REQUESTED_MS)
    losing(filters)

    out = render(source, tmp_path / "out.mp4", spec)

    assert broken_moment(out, source, spec).endswith(lost)


@pytest.mark.parametrize(
    "heard",
    ["0", "0.001*random(0)", "random(0)*(0.002+0.3*lt(mod(t,4),1))", "0.3*sin(2*PI*50*t)"],
)
def test_what_is_silent_in_the_source_is_not_lost(recording, tmp_path, heard):
    """Nothing, what is too quiet to be made louder, long pauses, a hum."""
    source = recording(f"silent-{len(heard)}.mp4", sound=f"aevalsrc='{heard}':s=48000")

    rule = rule_of(render(source, tmp_path / "out.mp4", spec_at(REQUESTED_MS)), source)

    assert rule.ok
    assert "lost" not in rule.measured


def test_a_kept_range_that_lost_its_sound_is_found_among_others(recording, losing, tmp_path):
    source = recording("plain.mp4")
    out = tmp_path / "out.mp4"
    ranges = ((2_000, 3_000), (5_000, 6_000), (12_000, 13_000))
    spec = ShortSpec(2_000, 13_000, strategy="center_crop", quality="medium", ranges=ranges)
    losing("volume=0:enable='between(t,1,2)'")

    render(source, out, spec)

    assert "of sound lost" in broken_moment(out, source, spec)
