"""The tables between error codes, where the codes of all apps are known; `settings.ERROR_CODES` names this module."""

from collections.abc import Mapping

from accounts.errors import AccountCode
from core.errors import CoreCode, ErrorCode
from exports.errors import ExportCode
from jobs.errors import JobCode
from mediakit.errors import MediaErrorCode
from storage.errors import StorageCode
from videos.errors import VideoCode

# Importing this module makes every code known.
ENUMS: tuple[type[ErrorCode], ...] = (
    CoreCode,
    JobCode,
    StorageCode,
    AccountCode,
    VideoCode,
    ExportCode,
)

# The public code for each of mediakit's. INTERNAL_ERROR where only our own mistake can be the cause.
MEDIA_CODES: Mapping[MediaErrorCode, ErrorCode] = {
    MediaErrorCode.MEDIA_ERROR: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.INVALID_MEDIA: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.STOPPED: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.EMPTY_FILE: VideoCode.EMPTY_FILE,
    MediaErrorCode.NOT_A_VIDEO: VideoCode.NOT_A_VIDEO,
    MediaErrorCode.NO_VIDEO_STREAM: VideoCode.NO_VIDEO_STREAM,
    MediaErrorCode.TRUNCATED_FILE: VideoCode.TRUNCATED_FILE,
    MediaErrorCode.TOO_MANY_TRACKS: VideoCode.TOO_MANY_TRACKS,
    MediaErrorCode.RAW_STREAM: VideoCode.RAW_STREAM,
    MediaErrorCode.SOURCE_NOT_PLAIN: VideoCode.SOURCE_NOT_PLAIN,
    MediaErrorCode.UNSUPPORTED_CODEC: VideoCode.UNSUPPORTED_CODEC,
    MediaErrorCode.VIDEO_TOO_LARGE: VideoCode.VIDEO_TOO_LARGE,
    MediaErrorCode.CAPTIONS_INVALID: VideoCode.CAPTIONS_INVALID,
    MediaErrorCode.LOGO_INVALID: ExportCode.LOGO_INVALID,
    MediaErrorCode.LOGO_TOO_LARGE: ExportCode.LOGO_TOO_LARGE,
    MediaErrorCode.FINISH_FILE_INVALID: ExportCode.FINISH_FILE_INVALID,
    MediaErrorCode.FINISH_FILE_TOO_LARGE: ExportCode.FINISH_FILE_TOO_LARGE,
    MediaErrorCode.FINISH_FILE_TOO_LONG: ExportCode.FINISH_FILE_TOO_LONG,
    MediaErrorCode.SPAN_INVALID: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.SPAN_TOO_LONG: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.RANGES_INVALID: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.RANGES_SCATTERED: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.SPAN_OUTSIDE_VIDEO: ExportCode.SPAN_OUTSIDE_VIDEO,
    MediaErrorCode.UNKNOWN_STRATEGY: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.UNKNOWN_QUALITY: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.UNKNOWN_ASPECT_RATIO: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.NO_SUCH_TRACK: ExportCode.NO_SUCH_TRACK,
    MediaErrorCode.SOUND_UNREADABLE: ExportCode.SOUND_UNREADABLE,
    MediaErrorCode.TOOL_FAILED: CoreCode.TOOL_FAILED,
    MediaErrorCode.TOOL_MISSING: CoreCode.TOOL_MISSING,
    MediaErrorCode.TOOL_TIMEOUT: CoreCode.TOOL_TIMEOUT,
    MediaErrorCode.TOOL_LIMIT_MEMORY: CoreCode.TOOL_LIMIT_MEMORY,
    MediaErrorCode.TOOL_LIMIT_CPU: CoreCode.TOOL_LIMIT_CPU,
    MediaErrorCode.TOOL_LIMIT_SIZE: CoreCode.TOOL_LIMIT_SIZE,
    MediaErrorCode.TOOL_KILLED: CoreCode.TOOL_KILLED,
    MediaErrorCode.SANDBOX_FAILED: CoreCode.SANDBOX_FAILED,
    MediaErrorCode.SERVICE_FAILED: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.MODEL_FETCH_FAILED: CoreCode.INTERNAL_ERROR,
    MediaErrorCode.SPEECH_MODEL_MISSING: VideoCode.SPEECH_MODEL_MISSING,
    MediaErrorCode.SPEECH_SERVICE_FAILED: VideoCode.SPEECH_SERVICE_FAILED,
    MediaErrorCode.VISION_SERVICE_FAILED: VideoCode.VISION_SERVICE_FAILED,
    MediaErrorCode.RANKING_SERVICE_FAILED: VideoCode.RANKING_SERVICE_FAILED,
    MediaErrorCode.VERIFICATION_FAILED: ExportCode.VERIFICATION_FAILED,
}

# The API's clients know these codes under another one; the finer code is then in `details.reason`.
API_CODES: Mapping[ErrorCode, ErrorCode] = {
    ExportCode.SPAN_REVERSED: CoreCode.INVALID_INPUT,
    ExportCode.SPAN_OUTSIDE_VIDEO: CoreCode.INVALID_INPUT,
    ExportCode.SPAN_TOO_SHORT: CoreCode.INVALID_INPUT,
    ExportCode.NO_SUCH_TRACK: CoreCode.INVALID_INPUT,
    ExportCode.EXPORT_NOT_CANCELLABLE: CoreCode.CONFLICT,
    ExportCode.EXPORT_NOT_RETRYABLE: CoreCode.CONFLICT,
    ExportCode.EXPORT_NOT_COMPLETED: CoreCode.CONFLICT,
    ExportCode.LOGO_IN_USE: CoreCode.CONFLICT,
    StorageCode.SOURCE_MISSING: CoreCode.CONFLICT,
    VideoCode.RANGES_TOO_MANY: CoreCode.INVALID_INPUT,
    VideoCode.RANGE_REVERSED: CoreCode.INVALID_INPUT,
    VideoCode.RANGES_OVERLAP: CoreCode.INVALID_INPUT,
    VideoCode.RANGE_OUTSIDE_VIDEO: CoreCode.INVALID_INPUT,
    VideoCode.RANGE_TOO_SHORT: CoreCode.INVALID_INPUT,
    VideoCode.RANGES_SCATTERED: CoreCode.INVALID_INPUT,
    VideoCode.CLIP_TOO_LONG: CoreCode.INVALID_INPUT,
    VideoCode.CLIP_TOO_SHORT: CoreCode.INVALID_INPUT,
    VideoCode.SEARCH_EMPTY: CoreCode.INVALID_INPUT,
    VideoCode.SEARCH_TOO_LONG: CoreCode.INVALID_INPUT,
    VideoCode.SEARCH_TOO_MANY_WORDS: CoreCode.INVALID_INPUT,
    VideoCode.VIDEO_BUSY: CoreCode.CONFLICT,
    VideoCode.VIDEO_NOT_READY: CoreCode.CONFLICT,
}
