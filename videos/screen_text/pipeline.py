"""Reads the text on screen of one video: storage -> mediakit. Only for workers."""

from collections.abc import Callable

from django.conf import settings

from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit.screen_text.hangul import language_data
from mediakit.screen_text.reading import Models, read_screen_text
from storage.source_reader import open_source
from videos import model_files
from videos.kept_ranges import media_info
from videos.models import ScreenReading
from videos.screen_text.rows import Reading
from videos.watched import watched

READER, WITH_HANGUL = "ppocr6", "ppocr6+kor"


def read(
    claim: Claim[ScreenReading],
    *,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> Reading:
    """Read the video of a claimed row; no row is written. Raises the errors of `read_screen_text` and of storage."""
    finder, reader = model_files.text_model_path(), model_files.reader_model_path()
    if finder is None or reader is None:
        return Reading((), "")
    video = claim.row.video
    info = media_info(video)
    with (
        work_folder("screen") as work_dir,
        open_source(video.source_key) as source,
        watched(
            "Reading the screen",
            duration_ms=info.duration_ms,
            on_progress=on_progress,
            should_stop=should_stop,
        ) as (note, stops),
    ):
        texts = read_screen_text(
            source,
            info,
            Models(finder, reader),
            work_dir,
            shots_ms=video.shots_ms,
            on_progress=note,
            should_stop=stops,
            timeout_s=settings.VIDEO_TIMEOUT_S,
        )
    return Reading(texts, WITH_HANGUL if language_data() else READER)
