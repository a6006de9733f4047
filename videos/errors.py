"""Error codes of videos and of imports from links."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import CoreCode, ErrorCode
from netfetch.errors import FetchErrorCode
from storage.errors import StorageCode

# Texts for the `reason` of mediakit's CAPTIONS_INVALID error.
CAPTIONS_REASONS: dict[str, str | Promise] = {
    "bad_timing": _("the time cannot be read"),
    "end_before_start": _("the line ends before it starts"),
    "before_start": _("the line begins before the video"),
    "cue_too_long": _("the text is too long"),
    "time_too_large": _("the time is too far away"),
    "too_many_cues": _("there are too many lines of text"),
    "too_large": _("the file is too large"),
    "no_cues": _("there is no text with a time in it"),
    "unknown_format": _("it has none of the formats that can be read"),
    "bad_fields": _("a part of it is missing or is no time"),
    "bad_syntax": _("it is not written as its format demands"),
    "too_deep": _("its parts lie too deep inside one another"),
    "declares_entities": _("it declares entities of its own"),
    "no_times": _("its text has no times"),
    "before_first_time": _("the text stands before the first time"),
}


def _captions_reason(reason: str) -> str | Promise:
    return CAPTIONS_REASONS.get(reason, reason)


class VideoCode(ErrorCode):
    """Errors of videos, their files, their captions and their links."""

    VIDEO_NOT_FOUND = 404, _("This video does not exist, or it is not yours.")
    SCENE_NOT_FOUND = 404, _("This scene does not exist, or it is not yours.")
    VIDEO_NOT_READY = 409, _("This video is not ready yet.")
    VIDEO_BUSY = 409, _("This video is being processed already.")
    NOT_HEARING = 409, _("Speech recognition is not going on in this video.")
    # Kept ranges.
    RANGES_TOO_MANY = 422, _("A clip has 1 to %(limit)s ranges; this one has %(count)s.")
    RANGE_REVERSED = 422, _("Range %(number)s: the end must be after the start.")
    RANGES_OVERLAP = (
        422,
        _("Range %(number)s begins before the one before it has ended. Give the ranges in order."),
    )
    RANGE_OUTSIDE_VIDEO = (
        422,
        _("Range %(number)s lies outside the video, which is %(duration_s)s seconds long."),
    )
    RANGE_TOO_SHORT = 422, _("Range %(number)s is shorter than %(least_s)s seconds.")
    RANGES_SCATTERED = (
        422,
        _(
            "The ranges lie in too many places: more than %(max_minutes)s minutes of the video would have to be read."
        ),
    )
    # Clips.
    CLIP_NOT_FOUND = 404, _("This clip does not exist, or it is not yours.")
    CLIP_VERSION_NOT_FOUND = 404, _("This version of the clip is no longer kept.")
    CLIP_CHANGED = 409, _("This clip was changed elsewhere meanwhile. Look at it again.")
    CLIP_LIMIT = 409, _("A video can have %(limit)s clips. Delete one first.")
    CLIP_TOO_LONG = (
        422,
        _(
            "A clip is at most %(max_duration_s)s seconds long; this one keeps %(duration_s)s seconds."
        ),
    )
    CLIP_TOO_SHORT = 422, _("A clip is at least %(least_s)s seconds long.")
    CUT_LIST_UNKNOWN = 404, _("There is no such kind of cut list. There are: %(kinds)s.")
    CUT_LIST_EMPTY = 404, _("There is nothing to list.")
    SUGGESTION_NOT_FOUND = 404, _("This suggestion is no longer there, or it is not yours.")
    # Corrections of words.
    LINE_NOT_FOUND = 404, _("This line is no longer there: the transcript was made anew meanwhile.")
    LINE_CHANGED = 409, _("These words were changed elsewhere meanwhile. Look at them again.")
    CORRECTION_NOT_FOUND = 404, _("This correction is no longer there, or it is not yours.")
    CORRECTION_INCLUDED = (
        409,
        _("A later correction includes this one. Undo that one first."),
    )
    SPEAKER_NOT_FOUND = 404, _("Nobody of this name speaks in this video.")
    CORRECTION_LIMIT = 409, _("A video can have %(limit)s corrections. Undo some of them first.")
    # The words to search for.
    SEARCH_EMPTY = 422, _("Type at least one word to find.")
    SEARCH_TOO_LONG = 422, _("Search for at most %(limit)s characters.")
    SEARCH_TOO_MANY_WORDS = 422, _("Search for at most %(limit)s words.")
    # The file.
    FILE_NAME_INVALID = 422, _("The file name must have 1 to 255 bytes.")
    EMPTY_FILE = 422, _("The file is empty.")
    FILE_TOO_LARGE = 413, _("The file is larger than the allowed %(limit)s.")
    NOT_A_VIDEO = 422, _("This file is not a video that can be played.")
    NO_VIDEO_STREAM = 422, _("This file has sound but no picture.")
    TRUNCATED_FILE = 422, _("The file is damaged or incomplete; no picture could be read from it.")
    TOO_MANY_TRACKS = 422, _("The file has too many tracks.")
    RAW_STREAM = 422, _("This file holds pictures without times. Put it into an MP4 file first.")
    SOURCE_NOT_PLAIN = 422, _("What is stored for this video is not a plain file.")
    UNSUPPORTED_CODEC = (
        422,
        _("The picture is encoded as %(codec)s, which this server cannot play."),
    )
    VIDEO_TOO_LONG = 422, _("The video is longer than the allowed %(limit)s.")
    VIDEO_TOO_SHORT = (
        422,
        _("The video is shorter than %(least_s)s seconds; no Short can be made from it."),
    )
    VIDEO_TOO_LARGE = (
        422,
        _("The picture has %(width)s x %(height)s pixels; more than %(limit)s is not accepted."),
    )
    STORAGE_QUOTA_EXCEEDED = (
        403,
        _(
            "Your videos take %(used)s of your %(limit)s; this one does not fit. Delete others first."
        ),
    )
    # Uploads in parts.
    TOO_MANY_UPLOADS = (
        429,
        _("You have %(limit)s unfinished uploads. Finish or cancel some of them first."),
    )
    UPLOAD_VERSION_UNKNOWN = 412, _("Uploads here speak version 1.0.0 of tus.")
    UPLOAD_BUSY = 423, _("Another request is writing to this upload.")
    # Captions, transcripts and descriptions.
    CAPTIONS_INVALID = (
        422,
        _("The captions file cannot be read: line %(line)s: %(reason)s"),
        {"reason": _captions_reason},
    )
    CAPTIONS_TOO_LARGE = 413, _("The captions file is larger than the allowed %(limit)s.")
    CAPTIONS_UNSUPPORTED = (
        422,
        _(
            "Captions must be an .srt, .vtt, .ass, .ssa, .sbv, .ttml, .dfxp, .xml, .srv3, .json, .json3, .smi, .sub, "
            ".lrc, .csv, .tsv or .txt file."
        ),
    )
    CAPTIONS_UNREADABLE = 422, _("The captions file could not be read any more. Upload it again.")
    TEXT_NEEDS_SPEECH = (
        422,
        _(
            "The text has no times. Speech recognition would find when each line is said, but none is set up here: "
            "add captions with times."
        ),
    )
    TEXT_NOT_SPOKEN = (
        422,
        _("The text is not what is said in the video, so its lines have no times."),
    )
    NO_CAPTIONS_FILE = 422, _("No captions file was uploaded for this video.")
    NO_SUBTITLE_TRACK = 422, _("The video file holds no subtitle track with text.")
    SUBTITLES_OTHER_LANGUAGE = (
        422,
        _("The subtitles inside the file are in another language than the one that is spoken."),
    )
    SPOKEN_LANGUAGE_UNKNOWN = (
        422,
        _(
            "The words are those of the subtitles inside the file. Nothing tells which language is spoken: "
            "if it is another one, choose it under “Process again”."
        ),
    )
    NO_SOUND = 422, _("The video has no sound.")
    SOUND_NOT_MEASURED = (
        409,
        _("The sound of this video is still being measured. Try again in a minute."),
    )
    NO_SPEECH = 422, _("No speech was found in the video.")
    TRANSCRIPT_NOT_FOUND = 404, _("This transcript does not exist, or it is not yours.")
    TRANSCRIPT_EXISTS = 409, _("This file is here already, as “%(label)s”.")
    TRANSCRIPT_IN_USE = 409, _("This transcript is in use. Use another one before you delete it.")
    TRANSCRIPT_LIMIT_EXCEEDED = (
        409,
        _("This video has %(limit)s transcripts already. Delete one that is not used."),
    )
    NO_TRANSCRIPT = 404, _("This video has no transcript.")
    SPEECH_MODEL_MISSING = 503, _("No speech model is installed.")
    SPEECH_SERVICE_MISSING = 503, _("No speech service is set up.")
    SPEECH_SERVICE_FAILED = 502, _("The speech service did not give a usable answer.")
    VISION_SERVICE_FAILED = 502, _("The description service did not give a usable answer.")
    RANKING_OFF = 409, _("No service that ranks suggestions is set up.")
    RANKING_EMPTY = 409, _("Fewer than two suggestions of this video have words to rank.")
    RANKING_SERVICE_FAILED = 502, _("The ranking service did not give a usable answer.")
    # Imports from links. An address inside the network and one that does not exist have the same sentence.
    IMPORT_OFF = 403, _("Importing from links is switched off on this server.")
    IMPORT_LIMIT_EXCEEDED = (
        429,
        _("You have %(limit)s links waiting already. Wait until one of them is done."),
    )
    IMPORT_LINK_INVALID = (
        422,
        _(
            "That is not a link that can be fetched. It begins with http:// or https:// and has neither a user name "
            "nor an unusual port."
        ),
    )
    IMPORT_ADDRESS_REFUSED = 422, _("The link does not lead to a server on the public internet.")
    IMPORT_NOT_REACHABLE = 502, _("The link's server does not answer.")
    IMPORT_NOT_TRUSTED = (
        422,
        _("The link's server could not prove who it is: its certificate is not valid."),
    )
    IMPORT_TOO_MANY_REDIRECTS = (
        422,
        _("The link leads from one address to the next, more than three times."),
    )
    IMPORT_REDIRECT_INSECURE = (
        422,
        _("The link leads from an encrypted address to one that is not."),
    )
    IMPORT_HTTP_STATUS = 502, _("The link's server did not give out the file (status %(status)s).")
    IMPORT_ANSWER_INVALID = 422, _("The link's server gave an answer that cannot be understood.")
    IMPORT_NOT_A_VIDEO = (
        422,
        _("The link leads to a page or another kind of file, not directly to a video file."),
    )
    IMPORT_TOO_LARGE = 413, _("The file behind the link is larger than the allowed %(limit)s.")
    IMPORT_TOO_SLOW = 422, _("The link's server sends too slowly; the file did not arrive in time.")
    IMPORT_INTERRUPTED = (
        502,
        _("The connection to the link's server broke before the whole file was here."),
    )


# The public code for each netfetch code except FETCH_STOPPED: the caller stopped that fetch, so no user sees the error.
IMPORT_CODES: Mapping[FetchErrorCode, VideoCode] = {
    FetchErrorCode.FETCH_LINK_INVALID: VideoCode.IMPORT_LINK_INVALID,
    FetchErrorCode.FETCH_ADDRESS_REFUSED: VideoCode.IMPORT_ADDRESS_REFUSED,
    FetchErrorCode.FETCH_NOT_REACHABLE: VideoCode.IMPORT_NOT_REACHABLE,
    FetchErrorCode.FETCH_NOT_TRUSTED: VideoCode.IMPORT_NOT_TRUSTED,
    FetchErrorCode.FETCH_TOO_MANY_REDIRECTS: VideoCode.IMPORT_TOO_MANY_REDIRECTS,
    FetchErrorCode.FETCH_REDIRECT_INSECURE: VideoCode.IMPORT_REDIRECT_INSECURE,
    FetchErrorCode.FETCH_HTTP_STATUS: VideoCode.IMPORT_HTTP_STATUS,
    FetchErrorCode.FETCH_ANSWER_INVALID: VideoCode.IMPORT_ANSWER_INVALID,
    FetchErrorCode.FETCH_TOO_LARGE: VideoCode.IMPORT_TOO_LARGE,
    FetchErrorCode.FETCH_TOO_SLOW: VideoCode.IMPORT_TOO_SLOW,
    FetchErrorCode.FETCH_INTERRUPTED: VideoCode.IMPORT_INTERRUPTED,
}
# A job that failed with one of these codes is not retried: another attempt would fail in the same way.
FINAL_CODES: frozenset[ErrorCode] = frozenset(
    {
        CoreCode.TOOL_LIMIT_MEMORY,
        CoreCode.TOOL_LIMIT_CPU,
        CoreCode.TOOL_LIMIT_SIZE,
        StorageCode.SOURCE_MISSING,
        VideoCode.RANKING_SERVICE_FAILED,  # each attempt may cost money
    }
)
