"""Previews of a look: the framing's still with captions, title, bar and logo, drawn by what draws the file itself."""

import hashlib
import json
from dataclasses import replace

from django.utils.translation import gettext as _

from core.throttles import Throttle
from exports.captions import styles
from exports.captions.styles import Look
from exports.framing_options import FramingOptions
from exports.previews import framing_stills
from jobs.work_folders import work_folder
from mediakit.captions.caption_style import BurnIn, TimedRegion
from mediakit.captions.overlay import caption_pages
from mediakit.render.stills import overlay_still
from mediakit.text.transcript import Cue, estimate_words
from storage import files
from videos.models import Video

# Each one that is not there yet is a run of ffmpeg.
PER_PERSON = Throttle("look-previews", limit=90)
SAMPLE_MS = 3_000


def drawn(
    video: Video,
    *,
    strategy: str,
    start_ms: int,
    end_ms: int,
    look: Look,
    wish: FramingOptions = framing_stills.NO_WISHES,
) -> str:
    """The storage key of the preview of a look on a range; made now when it is not there yet.

    It shows the words nearest the middle, or a sample where nothing is said. `wish` is what a person wants of
    "smart_crop". Raises what `stills.framing` raises, and THROTTLED for a person who asks for too many.
    """
    middle = framing_stills.still_time(start_ms, end_ms)
    framed = framing_stills.framing(video, strategy=strategy, time_ms=middle, wish=wish)
    drawing = _drawing(video, start_ms, end_ms, look)
    drawing = replace(drawing, faces=_faces(video, strategy, start_ms, end_ms, wish))
    time_ms = _time(drawing)
    asked = [framed, look.to_json(), styles.to_rows(drawing.cues), drawing.duration_ms, time_ms]
    asked.append([[face.x, face.y, face.width, face.height] for face in drawing.faces])
    digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]
    key = f"stills/{video.owner_id}/{video.pk}/look-{digest}.jpg"
    if files.size(key) is None:
        PER_PERSON.check(video.owner_id)
        with framing_stills.turn():
            _make(video, framed, drawing, look, time_ms=time_ms, key=key)
    return key


def _faces(
    video: Video, strategy: str, start_ms: int, end_ms: int, wish: FramingOptions
) -> tuple[TimedRegion, ...]:
    """The faces of the still that is shown, as if they were there all the time."""
    middle = framing_stills.still_time(start_ms, end_ms)
    seen = styles.faces_of(video, strategy, start_ms=start_ms, end_ms=end_ms, wish=wish)
    return tuple(
        replace(face, start_ms=0, end_ms=end_ms - start_ms)
        for face in seen
        if face.start_ms <= middle - start_ms < face.end_ms
    )


def _drawing(video: Video, start_ms: int, end_ms: int, look: Look) -> BurnIn:
    cues = styles.cues_of(video, start_ms, end_ms)
    length = end_ms - start_ms
    if not cues and look.style is not None:
        sample = _("This is how your captions will look.")
        cues = (estimate_words(Cue(0, min(SAMPLE_MS, length), sample)),)
    return styles.drawing_of(
        look,
        cues,
        duration_ms=length,
        language=video.transcript_language,
        owner_id=video.owner_id,
    )


def _time(drawing: BurnIn) -> int:
    """When the preview is taken: late in the page nearest the middle; early, while a title is shown, with one."""
    middle = drawing.duration_ms // 2
    if drawing.overlays.hook.strip():
        middle = min(middle, drawing.overlays.hook_ms // 2)
    found = caption_pages(drawing)
    if not found:
        return middle
    page = min(found, key=lambda one: max(one.start_ms - middle, middle - one.end_ms, 0))
    words = page.words
    spoken = max(words[len(words) // 2].start_ms + 200, page.start_ms)
    last = page.end_ms - 1
    if drawing.overlays.hook.strip():
        last = max(page.start_ms, min(last, drawing.overlays.hook_ms - 300))
    return min(spoken, last)


def _make(
    video: Video, framed: str, drawing: BurnIn, look: Look, *, time_ms: int, key: str
) -> None:
    with work_folder("still") as folder:
        (folder / "framed.jpg").write_bytes(files.read_bytes(framed, limit=4 << 20))
        overlays = look.overlays
        if overlays.logo:
            logo = folder / "logo-source.png"
            stored = styles.logo_key(video.owner_id, overlays.logo)
            logo.write_bytes(files.read_bytes(stored, limit=8 << 20))
            drawing = replace(drawing, overlays=overlays, logo=logo)
        out = folder / "drawn.jpg"
        overlay_still(folder / "framed.jpg", drawing, time_ms=time_ms, out=out)
        files.save_file(key, out, content_type=framing_stills.CONTENT_TYPE)
