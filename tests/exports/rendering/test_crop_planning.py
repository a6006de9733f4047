"""`smart_crop` from the dialog to the finished Short: one analysis, stored, reused, and overridden by options."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from core.errors import CoreCode, HeimdexError
from exports import tasks
from exports.choices import ExportStatus
from exports.framing import options as framing_options
from exports.models import Export
from exports.previews import framing_stills
from exports.rendering import crop_planning
from exports.web import prefetch
from jobs.lease import Claim
from mediakit.errors import StoppedError, ToolError
from mediakit.framing.crop_plan import CropPlan, Override, PathPoint, Shot
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.media_info import MediaInfo
from storage import files
from storage.source_reader import open_source
from tests.factories import ExportFactory
from tests.mediakit.conftest import ffmpeg
from videos.analyses import shot_analyses
from videos.models import ShotAnalysis

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(source, person):
    """A real video in storage without an analysis or an export."""
    return source(person)


class Quiet:
    """An attempt that records its stages."""

    left_s = 60.0
    stages: list[str]

    def __init__(self) -> None:
        self.stages = []

    def progress(self, stage: str, fraction: float) -> None:
        self.stages.append(stage)

    def should_stop(self) -> bool:
        return False

    def check(self) -> None:
        pass


def plan(export: Export, tmp_path) -> tuple[CropPlan | None, Quiet]:
    """The plan an export gets in an attempt."""
    attempt = Quiet()
    assert export.claim_token
    assert export.video
    claim = Claim(export, export.claim_token)
    with open_source(export.video.source_key) as source:
        info = MediaInfo.from_json(export.video.probe)
        made = crop_planning.crop_plan_for(claim, source, info, folder=tmp_path, attempt=attempt)
    return made, attempt


def smart(video, **more) -> Export:
    """An export of one second of it that a worker has claimed."""
    return ExportFactory(
        video=video,
        owner=video.owner,
        processing=True,
        start_ms=1_000,
        end_ms=2_000,
        aspect_ratio_strategy="smart_crop",
        **more,
    )


def test_one_analysis_serves_the_dialog_the_still_and_every_export(
    video, tmp_path, sent_messages, client
):
    client.force_login(video.owner)
    address = reverse("exports:framing", args=[video.pk]) + "?start_ms=900&end_ms=2100"
    assert client.get(address).json() == {"ready": False}
    assert client.get(address).json() == {"ready": False}
    assert sent_messages == [f"{video.pk}/900/2100"]  # requested once

    tasks.look_ahead(f"{video.pk}/900/2100")
    tasks.look_ahead(f"{video.pk}/1000/2000")
    row = ShotAnalysis.objects.get()
    assert (row.start_ms, row.detector) == (0, "haar")
    shown = client.get(address).json()
    assert shown["ready"]
    assert {shot["layout"] for shot in shown["shots"]} <= {"crop", "fit"}
    assert set(shown["others"]) == {"all_crop"}  # no two people are far apart
    key = framing_stills.framing_preview(video, strategy="smart_crop", time_ms=1_500)
    assert framing_stills.is_final(key, "smart_crop")
    assert files.size(key)

    export = smart(video)
    made, attempt = plan(export, tmp_path)
    assert made is not None
    assert attempt.stages == []  # no analysis was needed
    export.refresh_from_db()
    assert crop_planning.stored_plan(export) == made
    assert ShotAnalysis.objects.count() == 1


def test_two_exports_of_a_range_look_at_it_once(video, tmp_path, monkeypatch):
    """The second one waits for the first one's analysis, until it is told to stop."""
    made, held, over = analysis_of(video), threading.Event(), threading.Event()

    def first() -> None:
        with shot_analyses._range_lock(video, 1_000, 2_000, should_stop=None):
            held.set()
            over.wait(60)

    def second(should_stop):
        info = MediaInfo.from_json(video.probe)
        return shot_analyses.ensure_analysis(
            video,
            "unread",
            info,
            start_ms=1_000,
            end_ms=2_000,
            work_dir=tmp_path,
            should_stop=should_stop,
        )

    def finish_first() -> bool:
        span = {"start_ms": 0, "end_ms": 3_000, "version": shot_analyses.VERSION}
        if not over.is_set():
            ShotAnalysis.objects.create(
                video=video, **span, detector="yunet", data=made.to_json(), plan={}
            )
        over.set()
        return False

    monkeypatch.setattr(shot_analyses, "LOCK_POLL_S", 0.01)
    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(60)
    with pytest.raises(StoppedError):
        second(lambda: True)
    assert second(finish_first) == made
    thread.join()


def analysis_of(video) -> RangeAnalysis:
    return RangeAnalysis(0, video.duration_ms, "yunet", WHOLE_PICTURE, (), (FaceSample(0),))


def test_the_page_can_show_two_people_apart_in_each_way(video, client, monkeypatch):
    client.force_login(video.owner)
    left, right = Face(Rect(0.05, 0.3, 0.1, 0.2), 0.9), Face(Rect(0.85, 0.3, 0.1, 0.2), 0.9)
    samples = tuple(FaceSample(at, (left, right)) for at in range(0, 3_000, 200))
    apart = RangeAnalysis(0, 3_000, "haar", WHOLE_PICTURE, (), samples)
    monkeypatch.setattr(
        "mediakit.framing.analysis.shot_analysis.analyze_shots", lambda *_args, **_more: apart
    )
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)

    address = reverse("exports:framing", args=[video.pk]) + "?start_ms=900&end_ms=2100"
    shown = client.get(address).json()

    (planned,) = shown["shots"]
    assert (planned["layout"], planned["apart"], planned["why"]) == (
        "stack",
        True,
        "2 people, far apart",
    )
    (whole,), (stacked,), (followed,) = (shown["others"][how] for how in ("fit", "stack", "crop"))
    assert [shot["layout"] for shot in (whole, stacked, followed)] == ["fit", "stack", "crop"]
    upper, lower = stacked["parts"]
    assert upper[0] + upper[2] / 2 < 0.5 < lower[0] + lower[2] / 2
    assert followed["keys"]


def test_previews_show_a_shot_with_its_override(video, client, tmp_path):
    client.force_login(video.owner)
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)
    still = reverse("exports:still", args=[video.pk, "smart_crop", 1_500])
    drawn = reverse("exports:style_preview", args=[video.pk, "smart_crop"])
    bar = {"start_ms": 1_000, "end_ms": 2_000, "progress": "yes"}
    options = {"framing": json.dumps({"shots": [{"at_s": 1.02, "focus": [0.1, 0.5]}]})}

    def picture(address: str, **query: object) -> Path:
        answer = client.get(address, query)
        assert answer.status_code == 200, answer.content
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.jpg"
        out.write_bytes(b"".join(answer.streaming_content))
        return out

    whole = picture(reverse("exports:still", args=[video.pk, framing_stills.WHOLE_PICTURE, 1_500]))
    left = grey(whole, "crop=102:180:0:0")  # the window stops at the picture's edge
    for address, query in ((still, {}), (drawn, bar)):
        plain, overridden = (grey(picture(address, **query, **more)) for more in ({}, options))
        assert apart(overridden, left) < 4 < apart(plain, left)
        assert client.get(address, {**query, "framing": "{"}).status_code == 422
    other = reverse("exports:still", args=[video.pk, "blur", 1_500])
    assert grey(picture(other, **options)) == grey(picture(other))


def grey(picture: Path, chain: str = "null") -> bytes:
    """The upper three quarters of a picture as 27 x 36 grey values."""
    chain += ",crop=iw:ih*3/4:0:0,scale=27:36:flags=area,format=gray"
    return ffmpeg("-i", picture, "-vf", chain, "-f", "rawvideo", "-")


def apart(one: bytes, other: bytes) -> float:
    """How far two such pictures are from each other, on the mean."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_an_export_makes_its_own_analysis_and_overrides_win(video, tmp_path):
    options = framing_options.FramingOptions(overrides=(Override(1_500, focus=(0.1, 0.5)),))
    export = smart(video, framing=options.to_json())
    made, attempt = plan(export, tmp_path)
    assert made is not None
    assert "look" in attempt.stages
    shot = made.shot_at(500)
    assert (shot.layout, shot.chosen) == ("crop", True)
    assert shot.path[0].x == pytest.approx(0.158, abs=0.01)
    video.delete()
    assert not ShotAnalysis.objects.exists()


def test_other_strategies_make_no_analysis_and_a_failed_one_shows_the_centre(
    video, tmp_path, monkeypatch
):
    other = smart(video)
    other.aspect_ratio_strategy = "blur"
    assert plan(other, tmp_path)[0] is None
    monkeypatch.setattr(shot_analyses, "ensure_analysis", _fails)
    assert plan(smart(video), tmp_path)[0] is None
    crop_planning.prefetch_analysis(video, 0, 1_000, should_stop=lambda: False)


def test_a_prefetched_analysis_stops_for_a_pending_export(video, monkeypatch):
    waiting = ExportFactory(video=video)
    monkeypatch.setattr(tasks, "QUEUE_POLL_S", 0.0)

    tasks.look_ahead(f"{video.pk}/900/2100")
    assert not ShotAnalysis.objects.exists()

    waits = iter([False, False])
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: next(waits, True))
    assert not ShotAnalysis.objects.exists()

    Export.objects.filter(pk=waiting.pk).update(status=ExportStatus.CANCELLED)
    tasks.look_ahead(f"{video.pk}/900/2100")
    assert ShotAnalysis.objects.exists()


def test_the_receipt_says_how_often_the_subject_is_shown(video):
    face = Face(Rect(0.1, 0.2, 0.1, 0.2), 0.9)
    analysis = RangeAnalysis(
        0,
        3_000,
        "haar",
        WHOLE_PICTURE,
        (),
        (FaceSample(1_200, (face,)), FaceSample(1_600, (face,))),
    )
    span = {"start_ms": 0, "end_ms": 3_000, "version": shot_analyses.VERSION, "detector": "haar"}
    export, info = smart(video), MediaInfo.from_json(video.probe)
    fitted = CropPlan(WHOLE_PICTURE, (Shot(0, 1_000, "fit"),))
    assert crop_planning.visible_face_share(export, info, fitted) is None  # there is no analysis

    ShotAnalysis.objects.create(video=video, data=analysis.to_json(), plan={}, **span)

    away = CropPlan(WHOLE_PICTURE, (Shot(0, 1_000, "crop", (PathPoint(0, 0.8, 0.5),)),))
    plans = (fitted, away, None)
    assert [crop_planning.visible_face_share(export, info, plan) for plan in plans] == [1, 0, None]


def _fails(*_args, **_more):
    raise ToolError("nothing decodes", tool="ffmpeg")


@time_machine.travel("2026-11-28 12:00", tick=False)
def test_prefetched_analyses_are_throttled_per_user(video, sent_messages):
    for start in range(3 * prefetch.USER_THROTTLE.limit):
        prefetch.find_or_request(video.owner, video, start, start + 500)
    assert len(sent_messages) == prefetch.USER_THROTTLE.limit
    assert prefetch.find_or_request(video.owner, video, 0, 10**7) is None


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[1]",
        '{"shots": {}}',
        '{"two_people": "zoom"}',
        '{"shots": [{"at_s": NaN}]}',
        '{"shots": [{"at_s": true}]}',
        '{"shots": [{"at_s": 1' + 400 * "0" + ', "layout": "fit"}]}',
        '{"shots": [{"at_s": 1, "layuot": "fit"}]}',
        '{"shots": [{"at_s": 1, "focus": [0.5]}]}',
        '{"shots": [{"at_s": 1, "focus": [0.5, 1.5]}]}',
        '{"shots": [{"at_s": 1, "box": [0.1, 0.1, 0, 0.2]}]}',
        '{"shots": [{"at_s": 1, "layout": "x"}]}',
        '{"shots": [7]}',
    ],
)
def test_invalid_framing_options_are_refused(given):
    with pytest.raises(HeimdexError) as refused:
        framing_options.parse_options(given)
    assert refused.value.code == CoreCode.INVALID_INPUT


def test_framing_options_reach_the_row_through_page_and_api(video, client, api, sent_messages):
    options = {
        "two_people": "stack",
        "shots": [{"at_s": 1.5, "layout": "fit"}],
        "punch_ins": ["joins"],
    }
    shots = [Override(1_500, layout="fit").to_json()]
    kept = {"pair": "stack", "shots": shots, "punch_ins": ["joins"]}
    client.force_login(video.owner)
    page = reverse("exports:dialog_for_range", args=[video.pk])
    form = {"start": "0", "end": "2", "strategy": "smart_crop", "quality": "high"}
    client.post(page, form | {"framing": json.dumps(options)})
    body = {"start_s": 0, "end_s": 2, "framing": options}
    answer = api.post(f"/v1/videos/{video.pk}/export-short", body, format="json")
    assert answer.status_code == 202
    assert [export.framing for export in Export.objects.all()] == [kept, kept]
    bad = body | {"framing": {"shots": [{"at_s": 1, "focus": [2, 0]}]}}
    refused = api.post(f"/v1/videos/{video.pk}/export-short", bad, format="json")
    assert refused.json()["error_code"] == "INVALID_INPUT"


def test_what_pages_import_brings_neither_numpy_nor_opencv():
    code = (
        "import django, sys; django.setup(); import heimdex.urls, exports.tasks, videos.tasks;"
        "print([n for n in ('numpy', 'cv2', 'faster_whisper', 'av') if n in sys.modules])"
    )
    env = {"DJANGO_SETTINGS_MODULE": "heimdex.settings.test", "PATH": "/usr/bin:/bin"}
    out = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
    )
    assert out.stdout.strip().endswith("[]")
