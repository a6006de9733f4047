"""`manage.py make_short VIDEO --start 12.5 --end 42 -o out.mp4`: make a Short without a server or a database."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.formatting import exact_clock, size
from exports.choices import ExportStage
from exports.framing.options import FramingOptions
from exports.rendering import attempt as attempts
from heimdex.standalone import finish_options, framing_option
from heimdex.standalone.times import REFUSED, ranges_ms, shift_ms, time_ms
from mediakit.captions.caption_style import PRESET_NAMES, PRESETS, BurnIn
from mediakit.captions.face_regions import faces_on_canvas, visible_face_share
from mediakit.conformance.verification import Claims, Receipt
from mediakit.cutting.cues import cues_in_cut
from mediakit.cutting.cut_time import Span, join_touching
from mediakit.errors import InputError, MediaError, ToolError, VerificationError
from mediakit.framing.geometry import SMART_CROP, STRATEGIES
from mediakit.framing.output_format import ASPECT_RATIOS, VERTICAL
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import MAX_SHORT_MS, MIN_SHORT_MS
from mediakit.probing.probe import probe
from mediakit.probing.timeline import with_timeline
from mediakit.probing.track_roles import with_main_audio
from mediakit.render.encoders import HIGH, QUALITIES, Encoder
from mediakit.render.short import ShortSpec, cut_place, spec_cut_time
from mediakit.subtitles.cues.clock_offset import clock_offset_ms, shift_earlier
from mediakit.subtitles.decoding.encodings import ENCODINGS
from mediakit.subtitles.formats import read_captions
from mediakit.subtitles.writers import write_srt
from mediakit.text.transcript import Cue, cues_in_range

FAILED = 1


class Command(BaseCommand):
    """Renders with the server's pipeline, and writes the output only if it passed the same verification."""

    help = (
        "Cut a range out of a video as a vertical Short, without a server. "
        "Exit code 1: it went wrong on our side; 2: the video or the request cannot be used."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The video, the range, the framing, the captions and the output."""
        parser.add_argument("video", type=Path, help="any file ffmpeg can read")
        parser.add_argument("--start", type=time_ms, help="where it begins: 12.5 or 1:02.5")
        parser.add_argument(
            "--ranges",
            type=ranges_ms,
            metavar="LIST",
            help="or the ranges to keep, in order: 1.0-2.5,4-9; what lies between is left out",
        )
        parser.add_argument(
            "--end",
            type=time_ms,
            help=f"where it ends, at most {MAX_SHORT_MS // 1000} s later",
        )
        parser.add_argument("--strategy", choices=STRATEGIES, default=SMART_CROP)
        framing_option.add_argument(parser)
        parser.add_argument(
            "--ratio",
            choices=ASPECT_RATIOS,
            default=VERTICAL,
            help="the aspect ratio of its picture; source: the video's own",
        )
        parser.add_argument("--quality", choices=QUALITIES, default=HIGH)
        parser.add_argument(
            "--audio-track",
            type=int,
            help="the index of the sound track, as ffprobe counts streams",
        )
        parser.add_argument(
            "--reduce-noise", action="store_true", help="lower what is heard between words"
        )
        parser.add_argument(
            "--transcript",
            type=Path,
            metavar="FILE",
            help="what is said in the whole video (.srt, .vtt, .ass): the words of the range are written "
            "beside the output as an .srt file",
        )
        parser.add_argument(
            "--transcript-encoding",
            choices=ENCODINGS,
            default="",
            metavar="NAME",
            help="the transcript's encoding, such as utf-8 or cp1250, where it is not detected rightly",
        )
        parser.add_argument(
            "--transcript-shift",
            type=shift_ms,
            metavar="TIME",
            help="move all captions later by this, or earlier: --transcript-shift=-1:00:00. Without it, whole hours "
            "are taken off where only without them the captions are inside the video",
        )
        parser.add_argument(
            "--captions",
            choices=PRESET_NAMES,
            help="draw the transcript's words into the picture in this style",
        )
        parser.add_argument(
            "--language",
            default="",
            help="the code of the language that is spoken, such as en or ko: it decides between sound tracks and "
            "between encodings, and its rules hold for captions",
        )
        finish_options.add_arguments(parser)
        parser.add_argument("-o", "--output", type=Path, required=True, help="the .mp4 to write")
        parser.add_argument(
            "--force", action="store_true", help="overwrite the output where it exists"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the Short, and print its path and measurements."""
        try:
            self._make(**options)
        except InputError as exc:
            raise CommandError(str(exc), returncode=REFUSED) from exc
        except MediaError as exc:
            tail = f"\n{exc.tail}" if isinstance(exc, ToolError) and exc.tail else ""
            raise CommandError(f"{exc}{tail}", returncode=FAILED) from exc
        except OSError as exc:
            where = f": {exc.filename}" if exc.filename else ""
            raise CommandError(f"{exc.strerror or exc}{where}", returncode=FAILED) from exc

    def _make(
        self, *, video: Path, output: Path, transcript: Path | None, force: bool, **options: Any
    ) -> None:
        subtitles = output.with_suffix(".srt") if transcript else None
        _check_output(output, subtitles, video=video, transcript=transcript, force=force)
        if options["captions"] and transcript is None:
            sentence = "Captions need the words that are said: add --transcript FILE."
            raise CommandError(sentence, returncode=REFUSED)
        if not video.is_file():
            raise CommandError(f"There is no file {video}.", returncode=REFUSED)
        path = str(video.resolve())
        info = with_timeline(path, probe(path, proves_later=False))
        info = with_main_audio(info, options["language"])
        ranges = _chosen_ranges(options)
        spec = ShortSpec(
            start_ms=ranges[0][0],
            end_ms=ranges[-1][1],
            ranges=ranges if len(ranges) > 1 else (),
            strategy=options["strategy"],
            quality=options["quality"],
            audio_index=options["audio_track"],
            reduce_noise=options["reduce_noise"],
            aspect_ratio=options["ratio"],
        )
        _check_range(info, spec)
        transcript_cues = self._read_transcript(transcript, info, **options) if transcript else []
        cut = spec_cut_time(info, spec)
        cues = cues_in_range(transcript_cues, spec.start_ms, spec.end_ms)
        if spec.ranges:
            cues = cues_in_cut(transcript_cues, cut)
        style = PRESETS[options["captions"]] if options["captions"] else None
        duration_ms = cut.duration_ms if spec.ranges else spec.duration_ms
        canvas = spec.format_of(info).canvas
        burn_in = BurnIn(duration_ms, cues, style, language=options["language"], canvas=canvas)
        # Links and ".." are resolved, as the check of the file takes neither.
        parent = output.parent.resolve()
        with (
            tempfile.TemporaryDirectory(prefix=".short-", dir=parent) as folder,
            _explained(path),
        ):
            made = Path(folder) / "short.mp4"
            spec = replace(spec, burn_in=burn_in, finish=finish_options.read(options, Path(folder)))
            _check_length(spec)
            spec, claims = _with_crop_plan(
                *(video, info, spec),
                cues=transcript_cues,
                options=options["framing"],
                folder=Path(folder),
            )
            receipt = _render(
                video, info, spec, made, claims=claims, quiet=options["verbosity"] == 0
            )
            shutil.move(made, output)
        self.stdout.write(_summary(output, receipt))
        if subtitles is not None:
            shown = shift_earlier(cues, -cut_place(info, spec).lead_ms)
            subtitles.write_text(write_srt(shown), encoding="utf-8")
            self.stdout.write(f"{subtitles}: {len(cues)} captions")

    def _read_transcript(self, transcript: Path, info: MediaInfo, **options: Any) -> list[Cue]:
        """The cues of the whole video. What was left out or moved is said on standard error."""
        try:
            data = transcript.read_bytes()
        except FileNotFoundError:
            raise CommandError(f"There is no file {transcript}.", returncode=REFUSED) from None
        reading = read_captions(
            data,
            filename=transcript.name,
            language=options["language"],
            encoding=options["transcript_encoding"],
            frame_rate=float(info.video.frame_rate),
        )
        earlier_ms = clock_offset_ms(reading.cues, info.duration_ms, hour_ms=reading.hour_ms)
        if options["transcript_shift"] is not None:
            earlier_ms = -options["transcript_shift"]
        found = (
            (reading.encoding != "utf-8", f"read as {reading.encoding}"),
            (reading.bad_characters, f"{reading.bad_characters} characters could not be read"),
            (reading.dropped, f"{reading.dropped} captions left out"),
            (earlier_ms, f"all captions moved by {-earlier_ms / 1000:g} s"),
        )
        if said := "; ".join(words for is_so, words in found if is_so):
            self.stderr.write(f"{transcript}: {said}")
        return shift_earlier(reading.cues, earlier_ms)


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """Say what is wrong with the file when a tool fails: only its first pictures were decoded before."""
    try:
        yield
    except (InputError, ToolError, VerificationError):
        probe(path)  # raises the specific error for a file that cannot be decoded
        raise


def _check_output(
    output: Path, subtitles: Path | None, *, video: Path, transcript: Path | None, force: bool
) -> None:
    """CommandError unless the output ends in .mp4, its folder exists, and no file would be lost."""
    if output.suffix.lower() != ".mp4":
        raise CommandError("The output's name must end in .mp4.", returncode=REFUSED)
    if not output.parent.is_dir():
        raise CommandError(f"There is no folder {output.parent}.", returncode=REFUSED)
    sources = {path.resolve() for path in (video, transcript) if path is not None}
    for path in (output, subtitles):
        if path is None:
            continue
        if path.resolve() in sources:
            raise CommandError(f"{path} would overwrite its own source.", returncode=REFUSED)
        if path.exists() and not (force and path.is_file()):
            raise CommandError(f"{path} exists; --force overwrites it.", returncode=REFUSED)


def _chosen_ranges(options: dict[str, Any]) -> tuple[Span, ...]:
    """The ranges of --ranges, or the one of --start and --end; CommandError without either."""
    if options["ranges"]:
        if options["start"] is not None or options["end"] is not None:
            raise CommandError("Give --ranges, or --start and --end.", returncode=REFUSED)
        return join_touching(options["ranges"])
    if options["start"] is None or options["end"] is None:
        raise CommandError("Give --start and --end, or --ranges.", returncode=REFUSED)
    return ((options["start"], options["end"]),)


def _check_range(info: MediaInfo, spec: ShortSpec) -> None:
    """Check the server's rules for a range; CommandError in this command's words."""
    duration = exact_clock(info.duration_ms)
    if spec.duration_ms <= 0:
        raise CommandError("The end must be after the start.", returncode=REFUSED)
    if spec.start_ms >= info.duration_ms:
        raise CommandError(f"The start is beyond the video's end ({duration}).", returncode=REFUSED)
    if spec.end_ms > info.duration_ms:
        raise CommandError(f"The end is beyond the video's end ({duration}).", returncode=REFUSED)
    _check_length(spec)
    if spec.duration_ms < MIN_SHORT_MS:
        raise CommandError(
            f"A Short is at least {MIN_SHORT_MS / 1000:g} seconds long.", returncode=REFUSED
        )


def _check_length(spec: ShortSpec) -> None:
    """CommandError for a Short that is too long with its cards."""
    if spec.whole_ms > MAX_SHORT_MS:
        cards_ms = spec.finish.length_ms
        cards = f" and its cards {cards_ms / 1000:g}" if cards_ms else ""
        sentence = (
            f"A Short is at most {MAX_SHORT_MS // 1000} seconds long; "
            f"this range is {spec.duration_ms / 1000:g}{cards}."
        )
        raise CommandError(sentence, returncode=REFUSED)


def _with_crop_plan(
    video: Path,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    cues: Sequence[Cue],
    options: FramingOptions,
    folder: Path,
) -> tuple[ShortSpec, Claims]:
    """The spec with a crop plan and captions that avoid faces, and the claims to verify."""
    burn_in = spec.burn_in
    if spec.strategy != SMART_CROP or burn_in is None:
        return spec, attempts.verification_claims(burn_in)
    from heimdex.standalone.short_framing import plan_short  # noqa: PLC0415 - numpy and models, which a mistake needs not

    canvas = spec.format_of(info).size
    analysis, plan, (start_ms, end_ms) = plan_short(
        *(str(video.resolve()), info, spec), cues=cues, options=options, folder=folder
    )
    faces = faces_on_canvas(
        analysis,
        info.video,
        strategy=spec.strategy,
        plan=plan,
        start_ms=start_ms,
        end_ms=end_ms,
        canvas=canvas,
    )
    burn_in = replace(burn_in, faces=faces)
    share = visible_face_share(
        analysis, info.video, plan, start_ms=start_ms, end_ms=end_ms, canvas=canvas
    )
    claims = attempts.verification_claims(burn_in, share)
    return replace(spec, plan=plan, burn_in=burn_in), claims


def _render(
    video: Path, info: MediaInfo, spec: ShortSpec, out: Path, *, claims: Claims, quiet: bool
) -> Receipt:
    """Render and check, with a progress bar on standard error."""
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        job = bar.add_task(str(ExportStage.PREPARE.label), total=100)

        def report(stage: str, percent: float) -> None:
            bar.update(job, description=str(ExportStage(stage).label), completed=percent)

        attempt = attempts.Attempt(report=report, should_stop=lambda: False)
        source = str(video.resolve())

        def work(encoder: Encoder) -> Receipt:
            reference = attempts.render(source, info, spec, out, attempt=attempt, encoder=encoder)
            return attempts.verify(
                str(out),
                info,
                spec,
                attempt=attempt,
                original=source,
                reference=reference,
                claims=claims,
            )

        receipt = attempts.with_best_encoder(work, attempt=attempt)
        bar.update(job, completed=100)
    return receipt


def _summary(output: Path, receipt: Receipt) -> str:
    found = [
        f"{receipt.width}x{receipt.height}",
        f"{receipt.duration_ms / 1000:g} s",
        f"{float(receipt.frame_rate):g} fps",
        size(receipt.size_bytes),
    ]
    if receipt.loudness_lufs is not None:
        found.append(f"{receipt.loudness_lufs:.1f} LUFS")
    return f"{output}: {', '.join(found)}"
