"""Factories of rows for tests. Traits set the state of a row."""

import uuid
from copy import deepcopy
from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from exports.choices import ExportStatus
from exports.models import CaptionPreset, Export
from jobs.clock import database_now
from mediakit.text.stored_cues import cues_digest, cues_to_json
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import estimate_words
from videos.choices import TranscriptSource, VideoStatus
from videos.models import BorderEdit, Correction, Cue, Scene, Suggestion, Transcript, Upload, Video

PASSWORD = "a long pass phrase 42"
RECEIPT = {
    "size_bytes": 5_000_000,
    "duration_ms": 30_000,
    "width": 1080,
    "height": 1920,
    "frame_rate": "30000/1001",
    "video_bit_rate": 4_000_000,
    "loudness_lufs": -14.1,
    "true_peak_db": -1.8,
    "frames": 899,
    "picture_ms": 29_997,
    "sound_ms": 30_016,
    "offset_ms": 0,
    "black_ms": [],
    "frozen_ms": [[2_000, 5_400]],
    "silent_ms": [],
    "clipped_ms": [],
    "rules": [
        {
            "name": "keyframes",
            "ok": True,
            "expected": "≤ 0.534 s",
            "measured": "0.501 s",
            "hard": True,
        },
        {
            "name": "no_freeze",
            "ok": False,
            "expected": "none",
            "measured": "2–5.4 s",
            "hard": False,
        },
    ],
}


class UserFactory(DjangoModelFactory[User]):
    """A person who can log in with `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password(PASSWORD)


class VideoFactory(DjangoModelFactory[Video]):
    """A ready 16:9 video of two minutes, without a file in storage."""

    class Meta:
        model = Video

    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Talk {n}")
    filename = "talk.mp4"
    source_key = factory.LazyAttribute(lambda v: f"sources/{v.owner.pk}/{uuid.uuid4()}.mp4")
    size_bytes = 1_000_000
    status = VideoStatus.READY
    duration_ms = 120_000
    width = 1280
    height = 720
    frame_rate = 30.0
    transcript_source = TranscriptSource.CAPTIONS
    transcript_language = "en"

    class Params:
        pending = factory.Trait(
            status=VideoStatus.PENDING, queued_at=factory.LazyFunction(database_now)
        )
        processing = factory.Trait(
            status=VideoStatus.PROCESSING,
            claim_token=factory.LazyFunction(uuid.uuid4),
            heartbeat_at=factory.LazyFunction(database_now),
            attempts=1,
            stage="transcript",
            progress=40,
        )
        failed = factory.Trait(status=VideoStatus.FAILED, error_code="TRUNCATED_FILE")


class SceneFactory(DjangoModelFactory[Scene]):
    """One scene of 30 s; the n-th of its video follows the one before."""

    class Meta:
        model = Scene

    video = factory.SubFactory(VideoFactory)
    index = factory.LazyAttribute(lambda s: s.video.scenes.count())
    start_ms = factory.LazyAttribute(lambda s: s.index * 30_000)
    end_ms = factory.LazyAttribute(lambda s: s.start_ms + 30_000)
    text = factory.LazyAttribute(lambda s: f"These are the words of scene {s.index + 1}.")
    tags: Any = factory.LazyFunction(lambda: ["words", "scene"])


class CueFactory(DjangoModelFactory[Cue]):
    """One cue of 3 s with three words."""

    class Meta:
        model = Cue

    video = factory.SubFactory(VideoFactory)
    index = factory.LazyAttribute(lambda c: c.video.cues.count())
    start_ms = factory.LazyAttribute(lambda c: c.index * 3_000)
    end_ms = factory.LazyAttribute(lambda c: c.start_ms + 3_000)
    text = "Three small words."
    words = factory.LazyAttribute(
        lambda c: [
            [c.start_ms + i * 1000, c.start_ms + (i + 1) * 1000, word]
            for i, word in enumerate(c.text.split()[:3])
        ]
    )


class SuggestionFactory(DjangoModelFactory[Suggestion]):
    """A suggestion of the first 20 s, made from words."""

    class Meta:
        model = Suggestion

    video = factory.SubFactory(VideoFactory)
    rank = factory.LazyAttribute(lambda s: s.video.suggestions.count())
    start_ms = 0
    end_ms = 20_000
    score = 0.5
    basis = "words"
    reasons: Any = factory.LazyFunction(lambda: ["question", "numbers"])
    title = "Why does bread rise?"
    sentence = "Bread rises because yeast makes gas."
    description = "Why does bread rise? Bread rises because yeast makes gas."
    hashtags: Any = factory.LazyFunction(lambda: ["#bread"])


class BorderEditFactory(DjangoModelFactory[BorderEdit]):
    """A line of a video that was split before its second word."""

    class Meta:
        model = BorderEdit

    video = factory.SubFactory(VideoFactory)
    made_by = factory.SelfAttribute("video.owner")
    kind = "split_line"
    at_ms = 1_000
    before = "Three"
    after = "small"


class CorrectionFactory(DjangoModelFactory[Correction]):
    """A correction of a video's first word."""

    class Meta:
        model = Correction

    video = factory.SubFactory(VideoFactory)
    made_by = factory.SelfAttribute("video.owner")
    start_ms = 0
    end_ms = 1_000
    heard = "Three"
    was = "Three"
    text = "Four"


class TranscriptFactory(DjangoModelFactory[Transcript]):
    """A transcript of one cue that was heard, not in use."""

    class Meta:
        model = Transcript

    class Params:
        said = "Other words."

    video = factory.SubFactory(VideoFactory)
    source = TranscriptSource.SPEECH
    language = "en"
    cue_count = 1
    cues = factory.LazyAttribute(lambda t: cues_to_json([estimate_words(TimedCue(0, 900, t.said))]))
    digest = factory.LazyAttribute(lambda t: cues_digest(t.cues))


class UploadFactory(DjangoModelFactory[Upload]):
    """An upload of 1,000 bytes of which none has arrived."""

    class Meta:
        model = Upload

    owner = factory.SubFactory(UserFactory)
    filename = "talk.mp4"
    size_bytes = 1_000
    storage_key = factory.LazyAttribute(lambda u: f"sources/{u.owner.pk}/{uuid.uuid4()}.mp4")


class ExportFactory(DjangoModelFactory[Export]):
    """A pending export of the first 30 s of a video."""

    class Meta:
        model = Export

    video = factory.SubFactory(VideoFactory)
    owner = factory.SelfAttribute("video.owner")
    title = factory.SelfAttribute("video.title")
    start_ms = 0
    end_ms = 30_000
    queued_at = factory.LazyFunction(database_now)
    expires_at = factory.LazyFunction(lambda: database_now() + timedelta(hours=24))

    class Params:
        processing = factory.Trait(
            status=ExportStatus.PROCESSING,
            claim_token=factory.LazyFunction(uuid.uuid4),
            heartbeat_at=factory.LazyFunction(database_now),
            attempts=1,
            stage="encode",
            progress=40,
        )
        completed = factory.Trait(
            status=ExportStatus.COMPLETED,
            progress=100,
            completed_at=factory.LazyFunction(database_now),
            file_key=factory.LazyAttribute(lambda e: f"exports/{e.owner.pk}/{uuid.uuid4()}.mp4"),
            file_size_bytes=5_000_000,
            duration_ms=30_000,
            width=1080,
            height=1920,
            receipt=factory.LazyFunction(lambda: deepcopy(RECEIPT)),
        )
        failed = factory.Trait(status=ExportStatus.FAILED, error_code="TOOL_FAILED", attempts=3)
        cancelled = factory.Trait(status=ExportStatus.CANCELLED)
        expired = factory.Trait(
            status=ExportStatus.COMPLETED,
            progress=100,
            completed_at=factory.LazyFunction(lambda: database_now() - timedelta(hours=25)),
            expires_at=factory.LazyFunction(lambda: database_now() - timedelta(hours=1)),
            file_size_bytes=5_000_000,
            duration_ms=30_000,
        )


class CaptionPresetFactory(DjangoModelFactory[CaptionPreset]):
    """A saved preset: yellow outlines."""

    class Meta:
        model = CaptionPreset

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Preset {n}")
    style: Any = factory.LazyFunction(lambda: {"preset": "outline", "color": "#ffee00"})
