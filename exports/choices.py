"""The values that an export's columns can hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mediakit.captions import caption_style
from mediakit.framing import geometry, output_format
from mediakit.render import encoders, finish_files


class ExportStatus(models.TextChoices):
    """The state of an export: `pending` -> `processing` -> `completed` or `failed`; `cancelled` from the first two."""

    PENDING = "pending", _("Waiting")
    PROCESSING = "processing", _("Being made")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = (ExportStatus.PENDING, ExportStatus.PROCESSING)
RETRYABLE = (ExportStatus.FAILED, ExportStatus.CANCELLED)
# Exports in these states take a quota slot.
QUOTA_STATUSES = (ExportStatus.PENDING, ExportStatus.PROCESSING, ExportStatus.COMPLETED)


class AspectRatio(models.TextChoices):
    """The aspect ratio of a Short's picture."""

    VERTICAL = output_format.VERTICAL, "9:16"
    PORTRAIT = output_format.PORTRAIT, "4:5"
    SQUARE = output_format.SQUARE, "1:1"
    LANDSCAPE = output_format.LANDSCAPE, "16:9"
    AS_SOURCE = output_format.AS_SOURCE, _("As the video")


class Strategy(models.TextChoices):
    """How the picture is fitted into the Short's."""

    CENTER_CROP = geometry.CENTER_CROP, _("Center")
    LETTERBOX = geometry.LETTERBOX, _("Letterbox")
    BLUR = geometry.BLUR, _("Blur")
    SMART_CROP = geometry.SMART_CROP, _("Smart")


class Quality(models.TextChoices):
    """The encoder's quality level."""

    HIGH = encoders.HIGH, _("High")
    MEDIUM = encoders.MEDIUM, _("Medium")


class ExportStage(models.TextChoices):
    """The step that an export's worker is in."""

    PREPARE = "prepare", _("Getting ready")
    SHOT_ANALYSIS = "look", _("Finding the people")
    SOUND = "sound", _("Measuring the sound")
    ENCODE = "encode", _("Making the Short")
    VERIFY = "verify", _("Checking the file")
    STORE = "store", _("Saving the file")


class FinishKind(models.TextChoices):
    """What a file that finishes Shorts is."""

    PICTURE = finish_files.PICTURE, _("Image")
    CLIP = finish_files.CLIP, _("Clip")
    MUSIC = finish_files.MUSIC, _("Music")


class CaptionStyleName(models.TextChoices):
    """The built-in caption styles; an empty string stands for no captions."""

    PLAIN = caption_style.PLAIN, _("Plain")
    OUTLINE = caption_style.OUTLINE, _("Outline")
    BOX = caption_style.BOX, _("Box")
    POP = caption_style.POP, _("Pop")
    KARAOKE = caption_style.KARAOKE, _("Karaoke")
    KEYWORD = caption_style.KEYWORD, _("Keyword")
    LOWER_THIRD = caption_style.LOWER_THIRD, _("Lower third")
    BIG = caption_style.BIG, _("Big")
    MARKER = caption_style.MARKER, _("Marker")
    REVEAL = caption_style.REVEAL, _("Reveal")
