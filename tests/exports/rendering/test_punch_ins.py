"""Punch-ins from the options to the Short: the stage in the browser and the worker agree, and the receipt says them."""

import json

import pytest
from django.urls import reverse

from core.errors import HeimdexError
from exports.framing.options import FramingOptions, parse_options
from exports.framing.texts import shot_line
from exports.framing.voices import sentences_in
from exports.models import Export
from exports.rendering import crop_planning
from jobs.lease import Claim
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.shot_report import shot_reports
from mediakit.media_info import MediaInfo
from storage.source_reader import open_source
from tests.exports.rendering.test_crop_planning import Quiet
from tests.factories import CueFactory, ExportFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS as SOURCES
from videos.analyses import shot_analyses
from videos.models import ShotAnalysis, SpeechLevels, Video

pytestmark = pytest.mark.django_db
RANGES = [[0, 2_200], [2_400, 3_000]]


def with_analysis(video: Video) -> Video:
    """The video with the shot analysis of one person who is in sight all the time."""
    length_ms = video.duration_ms or 0
    face = Face(Rect(0.45, 0.3, 0.08, 0.16), 0.9)
    samples = tuple(FaceSample(ms, (face,)) for ms in range(0, length_ms, 200))
    whole = Rect(0, 0, 1, 1)
    analysis = RangeAnalysis(0, length_ms, "haar", whole, (), samples)
    plan = make_crop_plan(analysis, MediaInfo.from_json(video.probe), start_ms=0, end_ms=length_ms)
    ShotAnalysis.objects.create(
        video=video,
        start_ms=0,
        end_ms=length_ms,
        version=shot_analyses.VERSION,
        detector="haar",
        data=analysis.to_json(),
        plan=plan.to_json(),
    )
    return video


@pytest.fixture
def talk(source, person) -> Video:
    return with_analysis(source(person))


def made_by_worker(video: Video, options: FramingOptions, tmp_path, **more):
    export: Export = ExportFactory(
        video=video,
        owner=video.owner,
        processing=True,
        aspect_ratio_strategy="smart_crop",
        framing=options.to_json(),
        **more,
    )
    assert export.claim_token
    with open_source(video.source_key) as source:
        info = MediaInfo.from_json(video.probe)
        claim = Claim(export, export.claim_token)
        found = crop_planning.crop_plan_for(claim, source, info, folder=tmp_path, attempt=Quiet())
    assert found is not None
    return found


def test_the_stage_and_the_worker_cover_the_same_joins(talk, client, tmp_path):
    framing = {"punch_ins": ["joins"]}
    made = made_by_worker(
        *(talk, parse_options(framing), tmp_path), start_ms=0, end_ms=3_000, ranges=RANGES
    )
    assert [shot.punch_in for shot in made.shots] == ["", "joins"]
    stage = shown(client, talk, framing, ranges=json.dumps(RANGES))
    assert [shot["zoom"] for shot in stage["shots"]] == [1, made.shots[1].zoom]
    video = MediaInfo.from_json(talk.probe).video
    (_, row) = shot_reports(made, video, SHORT.size)
    assert shot_line(row).reason == "1 person, 1.1× closer, to cover a cut"


def shown(client, video: Video, framing: dict[str, list[str]], **more: str):
    """The stage of the first 3 s of a video, or of other ranges."""
    client.force_login(video.owner)
    query = {"start_ms": 0, "end_ms": 3_000, "framing": json.dumps(framing), "captions": "off"}
    address = reverse("exports:stage", args=[video.pk, "smart_crop"])
    return client.get(address, {**query, **more}).json()


def test_a_louder_sentence_is_closer_where_that_was_chosen(person, client):
    probe = SOURCES["25"].to_json()
    video = with_analysis(VideoFactory(owner=person, probe=probe, duration_ms=20_000))
    steps = bytearray(2_000)
    for second, level in ((0, 90), (3, 90), (6, 98), (9, 90), (12, 90)):
        steps[100 * second : 100 * second + 200] = bytes([0x80 | level]) * 200
    SpeechLevels.objects.create(video=video, steps=bytes(steps))
    ranges = json.dumps([[0, 15_000]])
    found = shown(client, video, {"punch_ins": ["emphasis"]}, ranges=ranges, end_ms="15000")
    closer = [shot for shot in found["shots"] if shot["zoom"] > 1]
    assert [(shot["start_ms"], shot["end_ms"]) for shot in closer] == [(5_980, 7_980)]
    assert {shot["zoom"] for shot in shown(client, video, {})["shots"]} == {1}


def test_sentences_begin_after_full_stops(talk):
    words = [[0, 300, "One."], [400, 700, "Two"], [800, 900, "more?"], [1_000, 1_300, "Three"]]
    CueFactory(video=talk, start_ms=0, end_ms=1_500, words=words)
    CueFactory(video=talk, start_ms=1_500, end_ms=2_500, text="goes on.", words=[])
    CueFactory(video=talk, start_ms=2_500, end_ms=3_000, text="Four", words=[])
    assert sentences_in(talk, 0, 3_000) == [0, 400, 1_000, 2_500]


def test_options_are_read_written_and_refused():
    options = parse_options({"punch_ins": ["emphasis", "joins", "joins"]})
    assert options.punch_ins == ("emphasis", "joins")
    assert FramingOptions.from_json(options.to_json()) == options
    assert parse_options(options.to_request_json()) == options
    assert FramingOptions.from_json({"pair": "auto", "shots": []}).punch_ins is None
    for wrong in ("joins", ["zoom"], [1]):
        with pytest.raises(HeimdexError):
            parse_options({"punch_ins": wrong})
