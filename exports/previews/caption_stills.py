"""Previews of a style: the framing's still with captions, title, bar and logo, made by the Short's own renderer."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from core.throttles import Throttle
from exports.captions import styles
from exports.captions.styles import ShortStyle
from exports.framing.options import FramingOptions, output_format_of
from exports.previews import framing_stills
from jobs.work_folders import work_folder
from mediakit.captions.caption_style import BurnIn, TimedRegion
from mediakit.captions.overlay import caption_pages
from mediakit.cutting.cut_time import Span, kept_ms
from mediakit.framing.output_format import SHORT, OutputFormat
from mediakit.render.stills import overlay_still
from mediakit.text.transcript import Cue, estimate_words
from storage import files
from videos.models import Video

# Each preview that is not stored yet is a run of ffmpeg.
PER_USER = Throttle("caption-previews", limit=90)
SAMPLE_CUE_MS = 3_000


def caption_preview(
    video: Video,
    *,
    strategy: str,
    ranges: Sequence[Span],
    style: ShortStyle,
    overrides: FramingOptions = framing_stills.NO_OVERRIDES,
    aspect_ratio: str = SHORT.ratio,
) -> str:
    """Return the storage key of the preview of a style on kept ranges, which is made first if it is not stored yet.

    The preview shows the words nearest to the middle of what is kept, or a sample text if there is no speech.
    `overrides` are the user's for "smart_crop". Raises what `framing_stills.framing_preview` raises, and THROTTLED
    for a user who requests too many previews.
    """
    middle_ms = framing_stills.middle_frame_ms(*ranges)
    still_key = framing_stills.framing_preview(
        video,
        strategy=strategy,
        time_ms=middle_ms,
        overrides=overrides,
        aspect_ratio=aspect_ratio,
    )
    output = output_format_of(video, aspect_ratio)
    burn_in = replace(
        _burn_in(video, ranges, style),
        faces=_faces(video, strategy, ranges, overrides, output=output),
        canvas=output.canvas,
    )
    time_ms = _preview_time_ms(burn_in)
    key = f"stills/{video.owner_id}/{video.pk}/style-{_digest(still_key, style, burn_in, time_ms)}.jpg"
    if files.size(key) is None:
        PER_USER.check(video.owner_id)
        with framing_stills.queue_slot(video.owner_id), framing_stills.render_slot():
            _make(video, still_key, burn_in, style, output=output, time_ms=time_ms, key=key)
    return key


def _digest(still_key: str, style: ShortStyle, burn_in: BurnIn, time_ms: int) -> str:
    """Return a digest of everything the preview's picture depends on."""
    cues = styles.cues_to_json(burn_in.cues)
    faces = [[face.x, face.y, face.width, face.height] for face in burn_in.faces]
    inputs = [still_key, style.to_json(), cues, burn_in.duration_ms, time_ms, faces]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:32]


def _faces(
    video: Video,
    strategy: str,
    ranges: Sequence[Span],
    overrides: FramingOptions,
    *,
    output: OutputFormat,
) -> tuple[TimedRegion, ...]:
    """Return the faces in the still, as if they were in the picture during all that is kept."""
    middle_ms = framing_stills.middle_frame_ms(*ranges)
    start_ms, end_ms = ranges[0][0], ranges[-1][1]
    faces = styles.face_regions_for(
        video, strategy, start_ms=start_ms, end_ms=end_ms, overrides=overrides, output=output
    )
    return tuple(
        replace(face, start_ms=0, end_ms=end_ms - start_ms)
        for face in faces
        if face.start_ms <= middle_ms - start_ms < face.end_ms
    )


def _burn_in(video: Video, ranges: Sequence[Span], style: ShortStyle) -> BurnIn:
    cues = styles.cues_for_ranges(video, ranges)
    duration_ms = kept_ms(ranges)
    if not cues and style.captions is not None:
        sample = _("This is how your captions will look.")
        cues = (estimate_words(Cue(0, min(SAMPLE_CUE_MS, duration_ms), sample)),)
    return styles.build_burn_in(
        style,
        cues,
        duration_ms=duration_ms,
        language=video.transcript_language,
        owner_id=video.owner_id,
    )


def _preview_time_ms(burn_in: BurnIn) -> int:
    """Return the time of the preview in ms of the Short.

    It lies in the caption page nearest to the middle, after its middle word has begun. With a title it lies early
    enough to show the title.
    """
    middle_ms = burn_in.duration_ms // 2
    if burn_in.overlays.hook.strip():
        middle_ms = min(middle_ms, burn_in.overlays.hook_ms // 2)
    pages = caption_pages(burn_in)
    if not pages:
        return middle_ms
    page = min(pages, key=lambda p: max(p.start_ms - middle_ms, middle_ms - p.end_ms, 0))
    middle_word = page.words[len(page.words) // 2]
    spoken_ms = max(middle_word.start_ms + 200, page.start_ms)
    last_ms = page.end_ms - 1
    if burn_in.overlays.hook.strip():
        last_ms = max(page.start_ms, min(last_ms, burn_in.overlays.hook_ms - 300))
    return min(spoken_ms, last_ms)


def _make(
    video: Video,
    still_key: str,
    burn_in: BurnIn,
    style: ShortStyle,
    *,
    output: OutputFormat,
    time_ms: int,
    key: str,
) -> None:
    with work_folder("still") as folder:
        (folder / "framed.jpg").write_bytes(files.read_bytes(still_key, limit=4 << 20))
        if style.overlays.logo:
            logo = styles.fetch_logo(video.owner_id, style.overlays.logo, folder)
            burn_in = replace(burn_in, overlays=style.overlays, logo=logo)
        out = folder / "drawn.jpg"
        overlay_still(folder / "framed.jpg", burn_in, time_ms=time_ms, out=out, output=output)
        files.save_file(key, out, content_type=framing_stills.CONTENT_TYPE)
