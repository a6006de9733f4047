"""Makes one Short: source in storage -> work folder -> mediakit -> storage -> verification of the stored file."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import DatabaseError

from core.errors import HeimdexError
from exports.captions.styles import (
    ShortStyle,
    burn_in_for_export,
    face_regions_for,
    face_regions_in_cut,
    removed_texts,
)
from exports.choices import ExportStage
from exports.finish.preparing import prepare
from exports.lifecycle import StoredShort
from exports.models import Export
from exports.rendering import cover_choice, crop_planning
from exports.rendering.attempt import (
    Attempt,
    cpu_limit_s,
    render,
    verification_claims,
    verify,
    with_best_encoder,
)
from exports.storage_keys import attempt_key
from jobs.killpoints import reach
from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions.caption_style import TimedRegion
from mediakit.conformance.moment_check import MomentReference
from mediakit.conformance.verification import Claims, Receipt, Stills
from mediakit.cutting.cut_time import CutTime
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.output_format import OutputFormat
from mediakit.framing.shot_report import shot_reports
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.probe import probe
from mediakit.render.encoders import Encoder
from mediakit.render.short import ShortSpec, spec_cut_time
from mediakit.sandbox import config as sandbox_config
from storage import files
from storage.errors import StorageCode
from storage.files import Fingerprint
from storage.source_reader import open_source
from videos.kept_ranges import ranges_from_json
from videos.models import SoundLevels, Video

logger = logging.getLogger(__name__)

CONTENT_TYPE = "video/mp4"


def make_short(
    claim: Claim[Export], *, attempt: Attempt, confirm_lease: Callable[[], None]
) -> StoredShort:
    """Render, store and verify one export with the best available encoder. All returned values were measured."""
    attempt.progress(ExportStage.PREPARE, 1)
    work = partial(_render_and_store, claim, attempt=attempt, confirm_lease=confirm_lease)
    with sandbox_config.cpu_limit(cpu_limit_s(claim.row.read_ms)):
        return with_best_encoder(work, attempt=attempt)


def _render_and_store(
    claim: Claim[Export], encoder: Encoder, *, attempt: Attempt, confirm_lease: Callable[[], None]
) -> StoredShort:
    """Render, store and verify with one encoder.

    1. Render from the source in storage into a file in a work folder.
    2. Call `confirm_lease()`, which raises when the lease is lost; then send the file to storage.
    3. Read the stored file back: it must equal the sent file and pass verification.

    Raises the errors of storage and mediakit. When it fails, the caller removes the stored file (`discard`).
    """
    export = claim.row
    if export.video is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    spec = ShortSpec(
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        strategy=export.aspect_ratio_strategy,
        quality=export.output_quality,
        audio_index=export.audio_track,
        reduce_noise=export.reduce_noise,
        ranges=ranges_from_json(export.ranges),
        aspect_ratio=export.aspect_ratio,
    )
    key = attempt_key(export, claim.token)
    with work_folder("export") as folder:
        out = folder / "short.mp4"
        with open_source(export.video.source_key) as source:
            info = source_info(export.video.probe, source)
            reach("probe_after")
            plan = crop_planning.crop_plan_for(claim, source, info, folder=folder, attempt=attempt)
            cut = spec_cut_time(info, spec) if export.ranges else None
            output = spec.format_of(info)
            burn_in = burn_in_for_export(
                export,
                duration_ms=None if cut is None else cut.duration_ms,
                folder=folder,
                faces=_face_regions(export, plan, cut, output),
                canvas=output.canvas,
            )
            finish = prepare(export.owner_id, ShortStyle.from_json(export.look).finish, folder)
            spec = replace(spec, plan=plan, burn_in=burn_in, finish=finish)
            index = loudness_index_of(export.video)
            reference = render(
                source, info, spec, out, attempt=attempt, encoder=encoder, loudness_index=index
            )
            claims = verification_claims(
                burn_in, crop_planning.visible_face_share(export, info, plan)
            )
            if export.ranges:
                removed = removed_texts(export.video, export.kept_ranges)
                claims = replace(claims, removed_texts=removed)
        attempt.progress(ExportStage.STORE, 0)
        sent = files.fingerprint_of(out)
        confirm_lease()
        reach("upload_before")
        files.save_file(
            key, out, content_type=CONTENT_TYPE, on_bytes=lambda _count: reach("in_upload")
        )
        reach("upload_after")
    attempt.check()
    with work_folder("stills") as folder:
        receipt = _verify_stored(
            key,
            info,
            spec,
            sent=sent,
            attempt=attempt,
            original=export.video.source_key,
            reference=reference,
            claims=claims,
            stills=cover_choice.stills_of(export, info, spec, folder),
        )
        cover_ms = cover_choice.choose(folder)
    return StoredShort(
        key=key,
        sha256=sent.sha256,
        size_bytes=sent.size_bytes,
        duration_ms=receipt.duration_ms,
        width=receipt.width,
        height=receipt.height,
        receipt={
            **receipt.to_json(),
            "encoder": encoder.name,
            "cover_ms": cover_ms,
            "shots": shot_reports(plan, info.video, output.size) if plan is not None else None,
        },
    )


def _face_regions(
    export: Export, plan: CropPlan | None, cut: CutTime | None, output: OutputFormat
) -> tuple[TimedRegion, ...]:
    """Regions of the canvas that captions and the title avoid; none for an export without either."""
    has_text = export.captions or ShortStyle.from_json(export.look).overlays.hook
    if not has_text or export.video is None:
        return ()
    if cut is not None:
        return face_regions_in_cut(
            export.video, export.aspect_ratio_strategy, cut, plan=plan, output=output
        )
    return face_regions_for(
        export.video,
        export.aspect_ratio_strategy,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        plan=plan,
        output=output,
    )


def source_info(known: dict[str, Any], source: Source) -> MediaInfo:
    """The stored probe result of the source; the source is probed again when that cannot be read."""
    try:
        return MediaInfo.from_json(known)
    except (KeyError, TypeError, ValueError):
        return probe(source)


def loudness_index_of(video: Video) -> LoudnessIndex | None:
    """The loudness index that processing stored for a video; None when there is none."""
    levels = SoundLevels.objects.filter(video=video).first()
    return LoudnessIndex(bytes(levels.blocks), levels.track) if levels else None


def discard(claim: Claim[Export]) -> None:
    """Remove the stored file of a failed attempt.

    The file stays if the row names it: then the commit succeeded and only the database's response was lost. If
    storage does not respond, the removal of orphaned files removes it later.
    """
    key = attempt_key(claim.row, claim.token)
    try:
        if not Export.objects.filter(file_key=key).exists():
            files.delete(key)
    except (HeimdexError, DatabaseError):
        logger.warning("a file of an unfinished export could not be removed yet", exc_info=True)


def _verify_stored(
    key: str,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    sent: Fingerprint,
    attempt: Attempt,
    original: str,
    reference: MomentReference,
    claims: Claims,
    stills: Stills,
) -> Receipt:
    """Verify the stored file; STORAGE_CORRUPT when it differs from the sent one, in which case a retry may help.

    `original` is the source video's storage key. A video that was deleted meanwhile is not compared.
    """
    if files.fingerprint(key) != sent:
        raise HeimdexError(StorageCode.STORAGE_CORRUPT)
    with open_source(key) as stored, contextlib.ExitStack() as stack:
        try:
            video = stack.enter_context(open_source(original))
        except HeimdexError:
            video = None
        return verify(
            stored,
            info,
            spec,
            attempt=attempt,
            original=video,
            reference=reference,
            claims=claims,
            stills=stills,
        )
