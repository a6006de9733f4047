"""The filters of a sound track: where it begins and ends, its downmix, its noise, and that it stays in sync."""

import math
from array import array
from itertools import pairwise

import pytest

from mediakit.audio.kept_sound import KeptSound, kept_sound_graph
from mediakit.audio.loudness import LoudnessPlan, audio_graph, plan_loudness
from mediakit.media_info import AudioTrack
from mediakit.render.short import ShortSpec, render_short
from tests.clips import info_of
from tests.mediakit.av_sync import make_source, offsets_ms
from tests.mediakit.conftest import ffmpeg

TRACK = AudioTrack(index=1, codec="aac", channels=2, sample_rate=48000)


def audio_filters(plan: LoudnessPlan, duration_ms: int) -> str:
    """The filters of the encode for one range."""
    return audio_graph(plan, KeptSound.of_range(0, duration_ms), ["x"]).removeprefix("[x]")


def trimmed_stereo_filters(
    track: AudioTrack, duration_ms: int, noise_db: float | None = None
) -> str:
    """The filters that give the sound of one range."""
    kept = KeptSound.of_range(0, duration_ms)
    return kept_sound_graph(track, kept, ["x"], noise_db).removeprefix("[x]")


def test_the_encoders_priming_is_cut_from_the_start():
    filters = audio_filters(LoudnessPlan(track=TRACK), 1000)

    assert filters.startswith("atrim=start=0,aresample=48000")
    assert "atrim=end_sample=48000,afade=t=in:start_sample=1024:" in filters
    assert filters.endswith("anull,atrim=start_sample=1024:end_sample=47104,asetpts=N/SR/TB")
    assert "afade=t=out:start_sample=42304:nb_samples=4800:" in filters
    assert audio_filters(LoudnessPlan(), 1000) == "atrim=end_sample=46080"


def test_an_unknown_layout_is_reduced_to_its_first_two_channels():
    many = AudioTrack(index=1, codec="pcm_s16le", channels=16, sample_rate=48000)

    assert "pan=stereo|c0=c0|c1=c1" in trimmed_stereo_filters(many, 1000)
    assert "pan" not in trimmed_stereo_filters(TRACK, 1000)


@pytest.mark.parametrize(
    ("times", "begins_s"),
    [
        ("PTS+trunc((random(0)-0.5)*SR*0.003)", 0.0),  # recorders that look at a clock
        ("PTS*1.0002", 0.0),  # or whose clock is not the one of the sound
        ("PTS*0.998", 0.0),
        ("PTS", 1.5),
    ],
)
def test_audio_follows_uneven_timestamps(clips, times, begins_s):
    beeps = "aevalsrc='0.4*sin(2*PI*1000*t)*lt(mod(t,2),0.2)':s=48000:d=11"
    given = ("-af", f"asetnsamples=960,asetpts={times}", "-c:a", "pcm_s16le")
    name = f"uneven-{begins_s}-{len(times)}.mkv"
    path = clips.make(name, "-itsoffset", begins_s, "-f", "lavfi", "-i", beeps, *given, "-copyts")

    raw = ffmpeg(
        "-copyts",
        "-i",
        path,
        "-af",
        trimmed_stereo_filters(TRACK, 11_000),
        "-f",
        "s16le",
        "-ac",
        1,
        "-",
    )

    samples = array("h", raw)
    loud = [at / 48 for at, value in enumerate(samples) if abs(value) > 3_000]
    begun = [later for sooner, later in pairwise([-math.inf, *loud]) if later - sooner > 1_000]
    stretch = {"PTS*1.0002": 1.0002, "PTS*0.998": 0.998}.get(times, 1.0)
    assert begun == pytest.approx(
        [(begins_s * 1000 + at) * stretch for at in range(0, 11_000, 2_000)][: len(begun)], abs=10
    )
    assert len(begun) >= 5


def levels_of(path, *filters) -> list[float]:
    """The RMS level of each tenth of a second."""
    meter = "asetnsamples=n=4800:p=0,astats=metadata=1:reset=1:measure_perchannel=none"
    chain = ",".join([*filters, meter, "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-"])
    words = ffmpeg("-i", path, "-vn", "-af", chain, "-f", "null", "-").decode()
    return [float(line.partition("=")[2]) for line in words.splitlines() if "RMS_level" in line]


def test_noise_is_reduced_between_words_without_delay(spoken, tmp_path):
    info = info_of(spoken)
    plan = plan_loudness(
        *(str(spoken), info, info.audio_track()),
        KeptSound.of_range(0, 6_000),
        work_dir=tmp_path,
        timeout_s=60,
        reduce_noise=True,
    )
    assert plan.noise_db == pytest.approx(-41, abs=3)

    before, after = (
        levels_of(spoken, trimmed_stereo_filters(TRACK, 6_000, db)) for db in (None, plan.noise_db)
    )

    assert after[25] < before[25] - 8  # a pause
    assert after[10] == pytest.approx(before[10], abs=1)  # a word
    # A word's end moves by less than a tenth: 25 ms of delay would show as 1 dB and more.
    assert after[20] == pytest.approx(after[50], abs=3)
    assert len(before) == len(after) == 60


def test_the_downmix_keeps_the_centre_and_drops_the_low_frequency_channel(clips):
    tones = "aevalsrc='0|0|{c}*sin(2*PI*440*t)|{l}*sin(2*PI*50*t)|0|0':c=5.1:s=48000"
    six = AudioTrack(index=1, codec="flac", channels=6, sample_rate=48000)

    def mixed(name: str, **loud: float) -> list[float]:
        expr = tones.format(**{"c": 0, "l": 0, **loud})
        path = clips.make(name, "-f", "lavfi", "-i", expr, "-t", 1)
        return levels_of(path, trimmed_stereo_filters(six, 1_000))

    centre = mixed("centre.flac", c=0.5)
    assert centre[5] == pytest.approx(20 * math.log10(0.5 / math.sqrt(2)) - 3.01, abs=0.3)
    assert max(mixed("low.flac", l=0.5)) < -80


def test_the_ends_fade_and_the_middle_does_not(clips):
    tone = clips.plain("tone.mp4", seconds=2, sound=("-f", "lavfi", "-i", "sine=r=48000"))
    plan = LoudnessPlan(track=TRACK)

    faded = levels_of(tone, audio_filters(plan, 2_000))

    assert faded[0] == pytest.approx(faded[10], abs=1)  # 20 ms of a tenth of a second
    assert faded[17] == pytest.approx(faded[10], abs=0.2)
    assert faded[19] < faded[10] - 3
    assert len(faded) == 20


@pytest.mark.parametrize("reduce_noise", [False, True])
def test_flashes_and_beeps_stay_in_sync(clips, tmp_path, reduce_noise):
    source = clips.folder / "flashes.mkv"
    if not source.exists():
        make_source(source, seconds=4, every_s=1.6)
    out = tmp_path / "short.mp4"
    spec = ShortSpec(310, 4_000, "center_crop", "medium", reduce_noise=reduce_noise)
    render_short(str(source), info_of(source), spec, out)

    offsets = offsets_ms(out)

    assert len(offsets) == 3
    assert all(abs(offset) <= 20 for offset in offsets), offsets
