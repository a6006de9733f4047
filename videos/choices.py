"""The values that a video's columns can hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VideoStatus(models.TextChoices):
    """The state of a video. The API shows these in capitals."""

    PENDING = "pending", _("Waiting")
    PROCESSING = "processing", _("Processing")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


ACTIVE = (VideoStatus.PENDING, VideoStatus.PROCESSING)


class ProxyStatus(models.TextChoices):
    """The state of a playback proxy."""

    PENDING = "pending", _("Waiting")
    PROCESSING = "processing", _("Processing")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class SideJobStatus(models.TextChoices):
    """The state of a small job beside a video's processing."""

    PENDING = "pending", _("Waiting")
    PROCESSING = "processing", _("Processing")
    COMPLETED = "completed", _("Done")
    FAILED = "failed", _("Failed")


ACTIVE_SIDE_JOB = (SideJobStatus.PENDING, SideJobStatus.PROCESSING)


class VideoStage(models.TextChoices):
    """The step that a video's worker is in."""

    FETCH = "fetch", _("Fetching the file")
    PROBE = "probe", _("Checking the file")
    FIRST_PASS = "listen_and_look", _("Looking for shots and pauses")
    MODEL = "model", _("Fetching the speech model")
    TRANSCRIPT = "transcript", _("Writing the transcript")
    SCENES = "scenes", _("Building scenes")
    THUMBNAILS = "thumbnails", _("Choosing thumbnails")
    DESCRIBE = "describe", _("Describing the pictures")


# Speech is heard while the first pass goes on, and after it.
HEARING_STAGES = (VideoStage.FIRST_PASS, VideoStage.TRANSCRIPT)


class ModelStatus(models.TextChoices):
    """What one machine says about a speech or face model."""

    FETCHING = "fetching", _("Being fetched")
    PRESENT = "present", _("There")
    FAILED = "failed", _("Could not be fetched")
    MISSING = "missing", _("Not there")


class TranscriptSource(models.TextChoices):
    """The source of a transcript. `AUTO` can only be requested; a transcript never has it."""

    AUTO = "auto", _("Best available")
    CAPTIONS = "captions", _("Captions file")
    TRACK = "track", _("Subtitle track in the video")
    SPEECH = "speech", _("Speech recognition")
    SERVICE = "service", _("Speech service")
    NONE = "none", _("No transcript")


# The source of a video without words: processed, and not yet.
NO_TRANSCRIPT = (TranscriptSource.NONE, "")
# Those that hear the main sound.
HEARD = (TranscriptSource.SPEECH, TranscriptSource.SERVICE)


class ClipAction(models.TextChoices):
    """What made a version of a clip."""

    CREATED = "created", _("Made")
    CHANGED = "changed", _("Changed")
    TIGHTENED = "tightened", _("Tightened")
    RESTORED = "restored", _("Brought back")


class CorrectionProblem(models.TextChoices):
    """Why a correction does not show in the present transcript."""

    WORDS_GONE = "words_gone", _("The words that it corrects are no longer there.")
    OTHER_SCENE = "other_scene", _("Another scene begins there now.")


class BorderKind(models.TextChoices):
    """What a person did to a border of lines or scenes."""

    SPLIT_LINE = "split_line", _("Line split")
    JOIN_LINES = "join_lines", _("Lines joined")
    SPLIT_SCENE = "split_scene", _("Scene split")
    JOIN_SCENES = "join_scenes", _("Scenes joined")

    @property
    def is_of_scenes(self) -> bool:
        """Whether it is about scenes; lines otherwise."""
        return self in (BorderKind.SPLIT_SCENE, BorderKind.JOIN_SCENES)

    @property
    def sets(self) -> bool:
        """Whether a border is there after it."""
        return self in (BorderKind.SPLIT_LINE, BorderKind.SPLIT_SCENE)


class SuggestionBasis(models.TextChoices):
    """What a suggestion was made from: `mediakit.suggestions.material.Basis`."""

    WORDS = "words", _("From the words")
    SOUND = "sound", _("From sound and picture only")


class SuggestionState(models.TextChoices):
    """What its owner answered to a suggestion."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Kept")
    DISMISSED = "dismissed", _("Dismissed")


class SuggestionReason(models.TextChoices):
    """Why a clip is suggested, in words: `mediakit.suggestions.material.Reason`."""

    QUESTION = "question", _("answers a question")
    OPENING = "opening", _("begins something new")
    ENDING = "ending", _("comes to an end")
    NUMBERS = "numbers", _("names numbers")
    CONTRAST = "contrast", _("compares two things")
    LIST = "list", _("counts points up")
    EXPLANATION = "explanation", _("says why")
    CLAIM = "claim", _("makes a clear claim")
    KEY_TERMS = "key_terms", _("what the video is about")
    ENERGY = "energy", _("a lively voice")
    PACE = "pace", _("a brisk pace")
    LAUGHTER = "laughter", _("people laugh")
    APPLAUSE = "applause", _("applause")
    DIALOGUE = "dialogue", _("two talk with each other")
    FACE = "face", _("a face in the picture")
    PICTURE = "picture", _("the picture changes")
