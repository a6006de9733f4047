"""Processing real clips with the real tools, from storage to rows."""

import itertools
import shutil
from pathlib import Path

import pytest

from core.errors import CoreCode, HeimdexError
from jobs import work_folders
from mediakit.asr.heard_piece import HeardPiece
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.errors import InputError, MediaError, MediaErrorCode, StoppedError
from mediakit.media_info import MediaInfo
from mediakit.remote.image_description import Description
from mediakit.scenes.first_pass import FirstPass
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import Transcript, Word
from storage import files as storage_files
from tests.clips import info_of, make_clip
from tests.demo_maker.talk import make_talk
from tests.factories import SceneFactory, UserFactory, VideoFactory
from tests.videos.conftest import SRT
from videos import services, tasks
from videos.choices import TranscriptSource, VideoStage, VideoStatus
from videos.models import Video
from videos.processing import pipeline, scene_images
from videos.transcripts import speech

pytestmark = pytest.mark.django_db

# The source is fetched before, and a model is fetched once for all videos.
HERE = [stage for stage in VideoStage if stage not in {VideoStage.FETCH, VideoStage.MODEL}]


@pytest.fixture(scope="session")
def talk(tmp_path_factory) -> tuple[Path, Path]:
    """The demo talk, 40 seconds and small, with its captions."""
    return make_talk(tmp_path_factory.mktemp("talk"), seconds=40, size=(320, 180))


@pytest.fixture
def run(clip):
    """Processes a stored clip without touching the row; returns the outcome and what was reported."""

    def process(path: Path = clip, *, stop_at: str = "", **columns):
        video = VideoFactory(pending=True, **columns)
        storage_files.save_bytes(video.source_key, path.read_bytes(), content_type="video/mp4")
        reports: list[tuple[str, float]] = []
        progress = pipeline.Progress(lambda stage, percent: reports.append((stage, percent)))
        outcome = pipeline.process(
            video, progress=progress, should_stop=lambda: progress.stage == stop_at
        )
        return outcome, reports

    return process


def captioned(text: str = SRT) -> dict[str, str]:
    storage_files.save_bytes("captions/1/words.srt", text.encode(), content_type="text/plain")
    return {"captions_key": "captions/1/words.srt", "captions_filename": "words.srt"}


def test_a_clip_becomes_scenes_cues_and_pictures(run, stored, settings):
    outcome, reports = run(**captioned(), language_wanted="en")

    assert outcome.columns["transcript_source"] == TranscriptSource.CAPTIONS
    assert outcome.columns["transcript_language"] == "en"
    assert outcome.columns["transcript_note"] == ""
    assert (outcome.columns["width"], outcome.columns["height"]) == (160, 90)
    assert -40 < outcome.columns["loudness_lufs"] < 0
    assert len(outcome.speech_index.steps) in range(295, 310)
    assert -40 < outcome.speech_index.level_db(100) < 0
    assert [cue.text for cue in outcome.cues] == [
        "The garden begins here.",
        "Plant the garden beans.",
    ]
    assert outcome.cues[0].words_estimated
    assert outcome.cues[0].words[0][2] == "The"
    (scene,) = outcome.scenes
    assert scene.text == "The garden begins here. Plant the garden beans."
    assert "garden" in " ".join(scene.tags).lower()
    assert scene.end_ms == outcome.columns["duration_ms"]
    thumbnails = [key for key in stored() if key.startswith("thumbnails/")]
    assert thumbnails == sorted([scene.thumbnail_key, outcome.columns["thumbnail_key"]])
    assert storage_files.read_bytes(scene.thumbnail_key, limit=10**6)[:2] == b"\xff\xd8"
    assert list(Path(settings.WORK_DIR).iterdir()) == []
    percents = [percent for _, percent in reports]
    assert percents == sorted(percents)
    assert percents[-1] <= 99
    stages = list(dict.fromkeys(stage for stage, _ in reports))
    assert stages == [stage.value for stage in HERE[:-1]]


def test_a_source_is_only_read(run, clip):
    before = clip.read_bytes()
    run()
    (key,) = [file.key for file in storage_files.listing("sources/")]
    assert storage_files.read_bytes(key, limit=10**7) == before


def test_without_words_a_video_still_has_scenes_and_says_why(run):
    outcome, _ = run()
    assert len(outcome.scenes) == 1
    assert (outcome.cues, outcome.scenes[0].text, outcome.scenes[0].tags) == ((), "", [])
    assert outcome.columns["transcript_source"] == TranscriptSource.NONE
    assert outcome.columns["transcript_note"] == "SPEECH_MODEL_MISSING"


def test_scenes_of_a_talk_cover_it_and_hold_every_word_once(run, talk):
    video, captions = talk
    storage_files.save_bytes("captions/1/talk.vtt", captions.read_bytes(), content_type="text/vtt")
    outcome, _ = run(video, captions_key="captions/1/talk.vtt", captions_filename="talk.vtt")

    scenes = outcome.scenes
    assert scenes[0].start_ms == 0
    assert scenes[-1].end_ms == outcome.columns["duration_ms"]
    assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(scenes))
    assert all(scene.text[-1] in ".!?" for scene in scenes)
    assert all(scene.thumbnail_key for scene in scenes)
    assert not any(cue.words_estimated for cue in outcome.cues)
    spoken = " ".join(scene.text for scene in scenes).split()
    assert len(spoken) == sum(len(cue.words) for cue in outcome.cues)
    for cue in outcome.cues:
        assert sum(s.start_ms <= cue.start_ms and cue.end_ms <= s.end_ms for s in scenes) == 1


def test_speech_is_recognised_from_the_clips_audio(run, settings, monkeypatch):
    received: dict = {}

    def hear(audio, **options):
        received.update(options, samples=len(audio.read(0, 10**6)))
        words = (Word(0, 1_000, "Heard"), Word(1_000, 2_000, "words."))
        yield HeardPiece(0, 2_000, "en", words)

    monkeypatch.setattr(speech, "hear", hear)
    settings.SPEECH_MODEL = "/models/small"
    outcome, reports = run(language_wanted="en")

    assert received["samples"] == pytest.approx(16 * outcome.columns["duration_ms"], rel=0.05)
    assert (received["model"], received["language"]) == ("/models/small", "en")
    assert outcome.columns["transcript_source"] == TranscriptSource.SPEECH
    assert outcome.cues[0].text == "Heard words."
    halfway = [p for stage, p in reports if stage == VideoStage.TRANSCRIPT]
    assert max(halfway) > 45


def test_a_subtitle_track_is_read(run, subtitled_clip):
    outcome, _ = run(subtitled_clip)
    assert outcome.columns["transcript_source"] == TranscriptSource.TRACK
    assert outcome.columns["transcript_language"] == "ko"
    assert outcome.scenes[0].text == "안녕하세요 여러분."


def test_a_source_that_is_gone_or_broken_is_said_so(run, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all" * 99)
    with pytest.raises(InputError) as refused:
        run(broken)
    assert refused.value.code == MediaErrorCode.NOT_A_VIDEO
    progress = pipeline.Progress(lambda stage, percent: None)
    with pytest.raises(HeimdexError, match="SOURCE_MISSING"):
        pipeline.process(VideoFactory(), progress=progress, should_stop=lambda: False)


@pytest.mark.parametrize("stage", HERE)
def test_being_stopped_anywhere_leaves_nothing_behind(*, run, stored, settings, described, stage):
    with pytest.raises(StoppedError):
        run(stop_at=stage.value, **captioned())
    assert [key for key in stored() if key.startswith("thumbnails/")] == []
    assert list(Path(settings.WORK_DIR).iterdir()) == []


def test_a_killed_workers_folder_is_abandoned(clip, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(work_folders, "GRACE_S", -1)
    video = VideoFactory(pending=True)
    storage_files.save_bytes(video.source_key, clip.read_bytes(), content_type="video/mp4")
    left: list[Path] = []

    def reports(_stage: str, _percent: float) -> None:
        if not left and any(settings.WORK_DIR.iterdir()):
            assert work_folders.remove_abandoned() == []  # it is in use
            left.extend(settings.WORK_DIR.iterdir())
            shutil.copytree(left[0], tmp_path / "left")  # as a kill leaves it: without the lock

    progress = pipeline.Progress(reports)
    pipeline.process(video, progress=progress, should_stop=lambda: False)
    assert list(settings.WORK_DIR.iterdir()) == []

    (tmp_path / "left").rename(left[0])
    assert work_folders.remove_abandoned() == left


def test_a_storage_that_fills_up_leaves_no_thumbnails(run, stored, monkeypatch):
    save = storage_files.save_bytes
    saved = itertools.count(1)

    def full(key, data, *, content_type):
        if key.startswith("thumbnails/") and next(saved) == 2:
            raise HeimdexError(CoreCode.STORAGE_FULL)
        save(key, data, content_type=content_type)

    monkeypatch.setattr(storage_files, "save_bytes", full)
    with pytest.raises(HeimdexError, match="STORAGE_FULL"):
        run()
    assert [key for key in stored() if key.startswith("thumbnails/")] == []


def test_scenes_without_a_keyframe_get_a_decoded_picture(clip, tmp_path):
    info = info_of(clip)
    shots = scene_images.FramePicker(str(clip), info, (), tmp_path, lambda: False)
    scenes = [SceneFactory.build(video=None, index=0, start_ms=0, end_ms=1500)]
    assert scene_images.save_thumbnails(shots, scenes, folder="thumbnails/t/", on_progress=print)
    assert storage_files.size("thumbnails/t/0.jpg")


def test_a_picture_that_cannot_be_had_is_left_out(clip, tmp_path, monkeypatch):
    def broken(*_args, **_options):
        raise MediaError("no picture")

    monkeypatch.setattr(scene_images, "frame_still", broken)
    shots = scene_images.FramePicker(str(clip), info_of(clip), (), tmp_path, lambda: False)
    scene = SceneFactory.build(video=None, index=0, start_ms=0, end_ms=1500)
    assert (
        scene_images.save_thumbnails(shots, [scene], folder="thumbnails/t/", on_progress=print)
        == ""
    )
    assert scene.thumbnail_key == ""


@pytest.fixture
def described(settings, monkeypatch):
    """A description service that answers, or raises what the list holds."""
    settings.VISION_API_URL = "http://127.0.0.1:9/v1"
    errors: list[MediaError] = []

    def describe(images, *, text, **_options):
        assert all(path.exists() for path in images)
        if errors:
            raise errors.pop()
        return Description("Bars.", f"Moving bars; {text}", ("bars",), ("moving",))

    monkeypatch.setattr(scene_images, "describe_images", describe)
    return errors


def test_scenes_are_described_where_a_service_is_set_up(run, described):
    outcome, reports = run(**captioned())
    (scene,) = outcome.scenes
    assert (scene.visual_summary, scene.visual_entities) == ("Bars.", ["bars"])
    assert scene.visual_description.startswith("Moving bars; The garden")
    assert scene.visual_actions == ["moving"]
    assert reports[-1][0] == VideoStage.DESCRIBE


def test_a_service_that_fails_leaves_scenes_undescribed(run, described):
    described.append(MediaError("down", code=MediaErrorCode.VISION_SERVICE_FAILED))
    outcome, _ = run()
    assert outcome.scenes[0].visual_summary == ""


def test_being_stopped_while_a_service_describes_stops(run, described):
    described.append(StoppedError("stop"))
    with pytest.raises(StoppedError):
        run()


def test_a_failing_description_service_is_not_called_for_every_scene(described, clip, tmp_path):
    described.extend(MediaError("down") for _ in range(5))
    shots = scene_images.FramePicker(str(clip), info_of(clip), (), tmp_path, lambda: False)
    scenes = [
        SceneFactory.build(video=None, index=i, start_ms=i * 500, end_ms=i * 500 + 500)
        for i in range(5)
    ]
    scene_images.describe_scenes(shots, scenes, on_progress=lambda fraction: None)
    assert len(described) == 3


def test_rows_hold_no_null_characters(clip):
    info: MediaInfo = info_of(clip)
    first_pass = FirstPass((), (), None, (), None, LoudnessIndex())
    transcript = Transcript("en", (TimedCue(0, 2_000, "One\0 \ud800two.", speaker="A\0b"),))
    scenes, cues = pipeline.build_rows(VideoFactory.build(), info, first_pass, transcript)
    assert scenes[0].text == "One two."
    assert (cues[0].text, cues[0].speaker) == ("One two.", "Ab")
    assert all("\0" not in word[2] for word in cues[0].words)


@pytest.mark.django_db(transaction=True)
def test_from_upload_to_ready_and_again(tmp_path, upload, stored):
    portrait = make_clip(tmp_path / "portrait.mp4", seconds=3, size=(90, 160))
    video = services.create_video(
        owner=UserFactory(),
        file=upload(portrait),
        captions=upload(SRT.encode(), "words.srt"),
        language="en",
    )
    tasks.process_video(str(video.pk))
    video.refresh_from_db()
    assert (video.status, video.progress, video.stage) == (VideoStatus.READY, 100, "")
    assert (video.width, video.height) == (90, 160)
    first = video.scenes.get()
    assert first.text.startswith("The garden")
    assert video.cues.count() == 2
    assert len(video.speech_levels.steps) in range(295, 310)

    services.request_reprocess(video, transcript="none")
    tasks.process_video(str(video.pk))
    video.refresh_from_db()
    assert (video.status, video.transcript_source) == (VideoStatus.READY, "none")
    second = video.scenes.get()
    assert (second.text, video.cues.count()) == ("", 0)
    assert stored() == sorted(
        [video.source_key, video.captions_key, video.thumbnail_key, second.thumbnail_key]
    )


@pytest.mark.django_db(transaction=True)
def test_a_broken_source_ends_as_failed_with_a_reason():
    video = VideoFactory(pending=True)
    storage_files.save_bytes(video.source_key, b"nothing" * 99, content_type="video/mp4")
    tasks.process_video(str(video.pk))
    failed = Video.objects.get(pk=video.pk)
    assert (failed.status, failed.stage) == (VideoStatus.FAILED, "probe")
    assert (failed.error_code, failed.attempts) == ("NOT_A_VIDEO", 1)


def test_progress_of_short_stages_is_small_beside_speech():
    reports: list[float] = []
    progress = pipeline.Progress(lambda stage, percent: reports.append(percent))
    progress.report(VideoStage.PROBE)
    progress.expect_stages(speech=True, description=False)
    progress.report(VideoStage.FIRST_PASS, 1)
    progress.report(VideoStage.TRANSCRIPT, 0.5)
    progress.report(VideoStage.TRANSCRIPT, 0.2)
    progress.report(VideoStage.THUMBNAILS, 7)
    assert reports[1] < 30
    assert 50 < reports[2] < 70
    assert reports[3] == reports[2]
    assert reports[4] == 99.0


def test_a_recording_joined_of_two_is_as_long_as_both(run, tmp_path):
    piece = make_clip(tmp_path / "piece.ts", seconds=3).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(piece + piece)

    outcome, _ = run(joined)

    assert outcome.columns["duration_ms"] == pytest.approx(6_000, abs=150)
    assert MediaInfo.from_json(outcome.columns["probe"]).seek_points
    assert outcome.scenes[-1].end_ms == outcome.columns["duration_ms"]
