"""The export dialog: with htmx, and as a plain page."""

import html
import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from exports import services
from exports.captions.styles import ShortStyle
from exports.framing.options import FramingOptions
from exports.models import Export
from exports.services import ExportRequest
from exports.web.presenters import make_card
from mediakit.captions.caption_style import PRESETS, Overlays
from mediakit.framing.crop_plan import Override
from mediakit.framing.rect import Rect
from tests.exports.web.test_views import HTMX, url, words
from tests.factories import CueFactory, ExportFactory, SceneFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(me, clip_info):
    video = VideoFactory.create(
        owner=me, title="A talk", duration_ms=240_000, probe=clip_info.to_json()
    )
    return SceneFactory.create(video=video, index=2, start_ms=60_000, end_ms=105_740)


def filled(**changes: str) -> dict[str, str]:
    return {
        "start": "1:00",
        "end": "1:45.740",
        "strategy": "blur",
        "quality": "medium",
        "idempotency_key": uuid.uuid4().hex,
        **changes,
    }


def test_it_opens_with_the_scenes_range_stills_sizes_and_what_is_left(client, scene):
    page = client.get(url("dialog", scene))
    part = client.get(url("dialog", scene), headers=HTMX)

    shown = part.content.decode()
    assert 'value="1:00.000"' in shown
    assert 'value="1:45.740"' in shown
    assert "45.74 s" in words(part)
    for strategy in ("center_crop", "letterbox", "blur"):
        assert reverse("exports:still", args=[scene.video.pk, strategy, 82_800]) in shown
    assert len(re.findall(r"about [\d.]+ MB", words(part))) == 2
    assert "10 of 10 exports left today" in words(part)
    assert "Scene 3 of A talk" in words(part)
    assert b"<!DOCTYPE" not in part.content
    assert b"<!DOCTYPE" in page.content


def test_every_opened_dialog_has_its_own_key(client, scene):
    keys = {
        client.get(url("dialog", scene)).context["form"]["idempotency_key"].value() for _ in "ab"
    }

    assert len(keys) == 2


def test_nothing_in_it_needs_inline_script_or_style(client, scene):
    shown = client.get(url("dialog", scene)).content.decode()

    assert not re.search(r'\sstyle="|\son\w+="|<script>|javascript:|hx-on', shown)


def test_a_plain_form_makes_the_export_and_goes_to_its_page(
    client, scene, sent_messages, on_commit
):
    with on_commit():
        answer = client.post(url("dialog", scene), filled())

    export = Export.objects.get()
    assert answer.url == url("detail", export)
    assert (export.scene_id, export.scene_number) == (scene.pk, 3)
    assert (export.start_ms, export.end_ms) == (60_000, 105_740)
    assert (export.aspect_ratio_strategy, export.output_quality) == ("blur", "medium")
    assert sent_messages == [str(export.pk)]


def test_with_htmx_the_same_dialog_goes_on_as_progress(client, scene):
    answer = client.post(url("dialog", scene), filled(), headers=HTMX)

    assert 'id="export-panel"' in answer.content.decode()
    assert "Waiting for its turn" in words(answer)
    assert "nothing is lost" in words(answer)
    assert answer.headers["HX-Trigger"] == "exports-changed"


def tracks_of(page: str) -> list[tuple[str, str, str]]:
    """The sound tracks to choose from: value, "checked" or nothing, and label."""
    row = r'name="audio_track"\s+value="(\d+)"\s*(checked)?>\s*<span dir="auto">([^<]*)</span>'
    return re.findall(row, html.unescape(page))


def test_a_sound_track_can_be_chosen_where_there_are_several_and_noise_be_reduced(client, scene):
    one = client.get(url("dialog", scene)).content.decode()
    tracks = [
        {"index": 1, "channels": 2, "language": "en", "title": "", "is_default": False},
        {"index": 3, "channels": 6, "language": "ko", "title": "Dub", "is_default": True},
    ]
    known = {"codec": "aac", "sample_rate": 48_000}
    scene.video.probe |= {"audio": [{**known, **track} for track in tracks], "main_audio": None}
    scene.video.save()

    page = client.get(url("dialog", scene))
    for number in (1, 3):  # each can be heard, where the range begins
        assert f'href="/videos/{scene.video_id}/listen/{number}/60000.m4a"' in page.content.decode()
    assert "Nothing in the file tells" in words(page)
    scene.video.language_wanted = "ko"
    scene.video.save()
    assert "Nothing in the file tells" not in words(client.get(url("dialog", scene)))
    client.post(url("dialog", scene), filled(audio_track="1", reduce_noise="on"))
    wrong = client.post(url("dialog", scene), filled(audio_track="2"))

    assert 'name="audio_track"' not in one
    assert 'name="reduce_noise"' in one
    assert tracks_of(page.content.decode()) == [
        ("1", "", "1: English, stereo"),
        ("3", "checked", "2: Dub, Korean, 6 channels"),
    ]
    export = Export.objects.get()
    assert (export.audio_track, export.reduce_noise) == (1, True)
    again = client.get(make_card(export, at=export.created_at).repeat_url).content.decode()
    assert tracks_of(again)[0] == ("1", "checked", "1: English, stereo")
    assert wrong.status_code == 422


def test_the_sound_that_is_meant_is_chosen_and_each_says_what_it_is(client, scene):
    common = {"codec": "aac", "sample_rate": 48_000, "channels": 2, "language": "en", "title": ""}
    scene.video.probe["audio"] = [
        {**common, "index": 1, "is_default": True, "role": "description", "is_readable": True},
        {**common, "index": 2, "is_default": False, "role": "", "is_readable": True},
        {**common, "index": 3, "is_default": False, "role": "", "is_readable": False},
    ]
    scene.video.probe["main_audio"] = 2
    scene.video.save()

    page = client.get(url("dialog", scene)).content.decode()

    assert tracks_of(page) == [
        ("1", "", "1: audio description, English, stereo"),
        ("2", "checked", "2: English, stereo"),
        ("3", "", "3: English, stereo, cannot be read"),
    ]
    assert "/listen/2/" in page
    assert "/listen/3/" not in page


def test_a_double_click_makes_one_export(client, scene):
    twice = filled()
    for _ in range(2):
        client.post(url("dialog", scene), twice, headers=HTMX)

    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": "soon"}, "Write a time like"),
        ({"start": ""}, "This field is required."),
        ({"start": "1:45.740"}, "The end must be after the start."),
        ({"start": "3:59", "end": "4:00.001"}, "The range must lie inside the video"),
        ({"start": "5:00", "end": "5:10"}, "The range must lie inside the video"),
        ({"start": "0:10", "end": "3:10.001"}, "this range is 180.001 seconds"),
        ({"start": "0:10", "end": "0:10.499"}, "at least 0.5 seconds"),
        ({"strategy": "zoom"}, "zoom is not one of the available choices"),
        ({"quality": "best"}, "best is not one of the available choices"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refusal_keeps_the_form_and_says_why(client, scene, changes, said, headers):
    answer = client.post(url("dialog", scene), filled(**changes), headers=headers)

    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{changes.get("end", "1:45.740")}"' in answer.content.decode()
    assert not Export.objects.exists()


def test_180_seconds_exactly_are_allowed(client, scene):
    client.post(url("dialog", scene), filled(start="0:10", end="3:10"))

    assert Export.objects.get().span_ms == 180_000


def test_past_a_minute_it_warns(client, scene):
    warned = client.post(url("dialog", scene), filled(start="0", end="1:00.001", quality="x"))
    fine = client.get(url("dialog", scene))

    assert re.search(r"data-range-warning\s*>", warned.content.decode())
    assert re.search(r"data-range-warning\s+hidden\s*>", fine.content.decode())


def test_without_a_place_left_it_says_when_the_next_one_is_free(client, me, scene):
    User.objects.filter(pk=me.pk).update(export_limit=1)
    ExportFactory.create(
        video=scene.video, completed=True, place_taken_at=timezone.now() - timedelta(hours=20)
    )

    opened = client.get(url("dialog", scene))
    sent = client.post(url("dialog", scene), filled(), headers=HTMX)

    assert "All 1 exports of the last 24 hours are used." in words(opened)
    assert "The next place is free in 4 h 0 min." in words(opened) or "3 h 59 min" in words(opened)
    assert re.search(r"data-submit\s[^>]*\bdisabled>", opened.content.decode())
    assert sent.status_code == 429
    assert "The next place is free in 4 hours" in words(sent)
    assert int(sent.headers["Retry-After"]) in range(4 * 3600 - 60, 4 * 3600 + 1)
    assert 'value="1:45.740"' in sent.content.decode()


def test_an_account_without_exports_is_told(client, me, scene):
    User.objects.filter(pk=me.pk).update(export_limit=0)

    assert "Your account may not start exports." in words(client.get(url("dialog", scene)))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_video_that_is_not_ready_says_so(client, me, headers):
    scene = SceneFactory.create(video=VideoFactory.create(owner=me, processing=True))

    for answer in (
        client.get(url("dialog", scene), headers=headers),
        client.post(url("dialog", scene), filled(), headers=headers),
    ):
        assert answer.status_code == 409
        assert "This video is not ready yet." in words(answer)


def test_any_range_of_a_video(client, scene):
    address = url("dialog_for_range", scene.video, start_ms=5_000, end_ms=9_250)

    opened = client.get(address)
    client.post(address, filled(start="0:05", end="0:09.250"))

    assert 'value="0:09.250"' in opened.content.decode()
    export = Export.objects.get()
    assert (export.start_ms, export.end_ms, export.scene_id) == (5_000, 9_250, None)


def as_sent(page) -> dict[str, object]:
    """What a browser sends when nothing is changed."""
    shown = {**page.context["form"].fields, **page.context["style_form"].fields}
    forms = {
        name: "form" if name in page.context["form"].fields else "style_form" for name in shown
    }
    values = {name: page.context[form][name].value() for name, form in forms.items()}
    return {name: value for name, value in values.items() if not (value is None or value is False)}


def requested(scene, **options) -> Export:
    wanted = ExportRequest(
        video=scene.video, scene=scene, start_ms=61_000, end_ms=70_500, **options
    )
    export = services.request_export(scene.video.owner, wanted)
    export.refresh_from_db()
    return export


EVERYTHING = {
    "strategy": "smart_crop",
    "quality": "medium",
    "audio_track": 1,
    "reduce_noise": True,
    "style": ShortStyle(
        replace(PRESETS["big"], size=90, accent="#00ff00", upper_case=False, words=2, emoji=True),
        Overlays(hook="Wait for it", hook_ms=5_000, progress=True, progress_color="#ff0000"),
    ),
    "framing": FramingOptions(
        "stack",
        (
            Override(62_020, "crop", (0.25, 0.5)),
            Override(65_020, "fit"),
            Override(68_020, None, None, Rect(0.1, 0.2, 0.3, 0.4)),
        ),
    ),
}


@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "blur", "quality": "high", "audio_track": 1, "framing": FramingOptions()},
        EVERYTHING,
        *({**EVERYTHING, "style": ShortStyle(style)} for style in PRESETS.values()),
        {
            **EVERYTHING,
            "style": ShortStyle(
                replace(PRESETS["box"], position="custom", height=0, words=0), Overlays()
            ),
        },
    ],
)
def test_asking_again_asks_for_the_same_in_everything(client, scene, options):
    first = requested(scene, **options)
    address = make_card(first, at=first.created_at).repeat_url

    page = client.get(address)
    assert client.post(address, as_sent(page)).status_code == 302

    assert "Scene 3 of A talk" in words(page)
    second = Export.objects.exclude(pk=first.pk).get()
    same = (
        *("scene_id", "start_ms", "end_ms", "aspect_ratio_strategy", "output_quality", "look"),
        *("captions", "framing", "audio_track", "reduce_noise"),
    )
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]


def test_asking_again_works_without_the_logo_that_is_gone_and_not_without_the_video(client, scene):
    first = requested(scene, strategy="blur", quality="high")
    first.look = ShortStyle(None, Overlays(logo="ab" * 32)).to_json()
    first.save()
    address = make_card(first, at=first.created_at).repeat_url

    page = client.get(address)
    assert client.post(address, as_sent(page)).status_code == 302
    Export.objects.update(video=None)

    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query", [{}, {"start_ms": "-1", "end_ms": "x"}, {"start_ms": "9" * 30}, {"end_ms": "²"}]
)
def test_a_range_that_makes_no_sense_opens_at_the_beginning(client, scene, query):
    page = client.get(reverse("exports:dialog_for_range", args=[scene.video.pk]), query)

    form = page.context["form"]
    assert (form["start"].value(), form["end"].value()) == ("0:00.000", "0:30.000")


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_users_scene_and_video_are_like_missing_ones(client, me, method):
    theirs = SceneFactory.create()

    asked_by_them = ExportFactory.create(owner=theirs.video.owner, video=theirs.video)
    of_theirs = (
        ("dialog", theirs),
        ("dialog_for_range", theirs.video),
        ("dialog_again", asked_by_them),
    )
    for name, row in of_theirs:
        answers = [
            getattr(client, method)(reverse(f"exports:{name}", args=[pk]), filled())
            for pk in (row.pk, uuid.uuid4())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert words(answers[0]) == words(answers[1])
    assert Export.objects.get() == asked_by_them


def test_opening_it_costs_few_queries(client, scene, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        client.get(url("dialog", scene), headers=HTMX)


def test_letters_that_captions_or_title_will_lack_are_named_before_the_work(client, scene):
    before = words(client.get(url("dialog", scene)))
    CueFactory.create(video=scene.video, start_ms=61_000, end_ms=64_000, text="One 𐎀 two")
    assert "captions will lack them" not in before
    assert "captions will lack them: Ugaritic: 𐎀" in words(client.get(url("dialog", scene)))

    def said(**fields: str) -> str:
        address = reverse("exports:missing_letters", args=[scene.video.pk])
        return words(client.get(address, {"start": "1:00", "end": "1:10", **fields}))

    assert "captions will lack them: Ugaritic: 𐎀" in said(captions="box")
    assert "title will lack them: Ugaritic: 𐎁" in said(captions="off", hook="A 𐎁")
    for fields in (
        {"captions": "off"},
        {"captions": "box", "start": "1:"},
        {"captions": "box", "start": "1:05"},
    ):
        assert "lack" not in said(**fields)
    refused = client.post(url("dialog", scene), filled(hook="𐎀𐎁𐎂"))
    assert refused.status_code == 422
    assert "most letters of this title (Ugaritic: 𐎀𐎁𐎂)" in words(refused)
