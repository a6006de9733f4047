"""Error codes of exports."""

from django.utils.translation import gettext_lazy as _

from core.errors import ErrorCode
from exports.receipts.rule_labels import rule_word, value_word
from exports.receipts.script_labels import letters_with_scripts


class ExportCode(ErrorCode):
    """Errors of exports, their requests, their captions and their finished files."""

    EXPORT_NOT_FOUND = 404, _("This export does not exist, or it is not yours.")
    EXPORT_EXPIRED = 404, _("This export has expired and its file was removed. Export it again.")
    EXPORT_NOT_COMPLETED = 409, _("This export is not finished yet.")
    EXPORT_NOT_CANCELLABLE = 409, _("This export has ended already.")
    EXPORT_NOT_RETRYABLE = 409, _("Only a failed or cancelled export can be retried.")
    EXPORT_LIMIT_EXCEEDED = (
        429,
        _(
            "You have used all %(limit)s exports of the last 24 hours. The next place is free in %(wait)s."
        ),
    )
    EXPORT_REQUESTS_EXCEEDED = (
        429,
        _(
            "You have asked for exports %(limit)s times in the last 24 hours, with the failed and cancelled ones. "
            "Try again later."
        ),
    )
    # Batches.
    BATCH_NOT_FOUND = 404, _("This batch does not exist, or it is not yours.")
    BATCH_SIZE = 422, _("A batch has 1 to %(limit)s Shorts; this one has %(count)s.")
    FILE_NAMES_INVALID = 422, _("File names are made of text and these fields: %(fields)s.")
    RECEIPT_NOT_FOUND = 404, _("This export has no receipt: no file of it was checked.")
    # The requested range of the video.
    SPAN_REVERSED = 422, _("The end must be after the start.")
    SPAN_OUTSIDE_VIDEO = (
        422,
        _("The range must lie inside the video, which is %(duration_s)s seconds long."),
    )
    SPAN_TOO_SHORT = 422, _("A Short is at least %(least_s)s seconds long.")
    SCENE_TOO_LONG = (
        422,
        _(
            "A Short is at most %(max_duration_s)s seconds long; this range is %(scene_duration_s)s seconds."
        ),
    )
    NO_SUCH_TRACK = 422, _("The video has no such sound track.")
    SOUND_UNREADABLE = (
        422,
        _(
            "The sound of this range cannot be read, so the Short would be silent. Choose another sound track or range."
        ),
    )
    # Captions and their presets.
    NO_CAPTIONS = 404, _("Nothing is said in this range, so there are no captions.")
    CAPTIONS_NOT_DRAWABLE = (
        422,
        _(
            "No font here can draw most letters of these captions (%(letters)s). Export without captions; "
            "the caption files have every letter."
        ),
        {"letters": letters_with_scripts},
    )
    TITLE_NOT_DRAWABLE = (
        422,
        _("No font here can draw most letters of this title (%(letters)s). Choose other words."),
        {"letters": letters_with_scripts},
    )
    LOGO_NOT_FOUND = 404, _("This logo does not exist, or it is not yours.")
    LOGO_IN_USE = 409, _("An export with this logo waits or runs. Try again when it has ended.")
    PRESET_NOT_FOUND = 404, _("This preset does not exist, or it is not yours.")
    PRESET_NAME_TAKEN = 409, _("You have a preset of that name already.")
    PRESET_LIMIT = 409, _("You can keep %(limit)s presets. Delete one first.")
    LOGO_INVALID = 422, _("That picture cannot be used. Take a PNG, JPEG or WebP file.")
    LOGO_TOO_LARGE = 422, _("That picture is larger than 4 MB.")
    # Cards and music.
    FINISH_FILE_NOT_FOUND = 404, _("This file does not exist, or it is not yours.")
    FINISH_FILE_IN_USE = (
        409,
        _("An export with this file waits or runs. Try again when it has ended."),
    )
    FINISH_FILE_LIMIT = 409, _("You can keep %(limit)s files. Delete one first.")
    FINISH_FILE_INVALID = (
        422,
        _("That file cannot be used. Take a picture, a clip of 0.5 to 10 seconds, or music."),
    )
    FINISH_FILE_TOO_LARGE = 422, _("That file is too large: at most %(max_mb)s MB.")
    FINISH_FILE_TOO_LONG = 422, _("That file is too long: at most %(max_s)s seconds.")
    FINISH_FILE_GONE = (
        409,
        _("The intro, outro or music of this export was deleted. Export it again with another."),
    )
    SHORT_TOO_LONG = (
        422,
        _(
            "With its intro and outro this Short is %(scene_duration_s)s seconds long; at most %(max_duration_s)s are "
            "allowed."
        ),
    )
    # The finished file.
    VERIFICATION_FAILED = (
        500,
        _(
            "The finished file did not pass its check. “%(rule)s”: wanted %(expected)s, found %(measured)s."
        ),
        {"rule": rule_word, "expected": value_word, "measured": value_word},
    )
