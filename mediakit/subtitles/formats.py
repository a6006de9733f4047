"""Reading captions files of every format, and the text tracks of a video."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from mediakit.errors import InputError
from mediakit.ffmpeg import source_args
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox import process
from mediakit.subtitles.cues.raw_cues import CueFault, RawCaptions, RawCue, captions_invalid
from mediakit.subtitles.cues.timecode import HOUR_MS
from mediakit.subtitles.decoding import encodings
from mediakit.subtitles.detection import detect_format
from mediakit.subtitles.readers import (
    json_formats,
    plain_text,
    player_formats,
    sami,
    sbv,
    subrip_webvtt,
    substation,
    tables,
    ttml,
    youtube_xml,
)
from mediakit.text.languages import normalize_language_code
from mediakit.text.transcript import Cue, estimate_words

MAX_BYTES = 20 * 1024 * 1024
# Of a text without times, which is compared with all that is said: five times what is said in three hours.
MAX_UNTIMED_CHARS = 1_000_000
# Cues that start within this time of one another are simultaneous, and are merged.
_SIMULTANEOUS_MS = 200
# The duration of a cue that ends where it starts, if the next cue does not begin before.
_DEFAULT_CUE_MS = 500
_EXTRACT_FORMATS = {"ass": "ass", "ssa": "ass", "webvtt": "webvtt"}
# A longer overlap is not a rounding error: two people speak at once. At most this many cues are compared.
_SPOKEN_OVER_MS = 1_000
_MAX_AT_ONCE = 16


class _Reader(Protocol):
    def __call__(self, text: str, *, frame_rate: float = 0.0) -> RawCaptions: ...


_READERS: dict[str, _Reader] = {
    "srt": subrip_webvtt.read_srt,
    "vtt": subrip_webvtt.read_vtt,
    "ass": substation.read_ass,
    "sbv": sbv.read_sbv,
    "json": json_formats.read_json,
    "ttml": ttml.read_ttml,
    "youtube_xml": youtube_xml.read_youtube_xml,
    "timed_text": plain_text.read_timed_text,
    "microdvd": player_formats.read_microdvd,
    "mpl2": player_formats.read_mpl2,
    "tmplayer": player_formats.read_tmplayer,
    "subviewer1": player_formats.read_subviewer1,
    "sami": sami.read_sami,
    "table": tables.read_table,
}


@dataclass(frozen=True, slots=True)
class CaptionsReading:
    """The cues of a captions file, and a report of how it was read.

    `bad_characters` could not be decoded and are missing; of the cues with a fault `dropped` are
    missing and `clamped` were moved inside the video. `faults` names the first hundred. `language` is the code that
    the file names, if it names one, `hour_ms` the length of an hour of its clock. A text without times has `lines`
    and no cues.
    """

    cues: tuple[Cue, ...]
    encoding: str
    bad_characters: int = 0
    dropped: int = 0
    clamped: int = 0
    faults: tuple[CueFault, ...] = ()
    language: str = ""
    hour_ms: int = HOUR_MS
    lines: tuple[plain_text.TextLine, ...] = ()


def read_captions(
    data: bytes,
    *,
    filename: str,
    language: str = "",
    encoding: str = "",
    frame_rate: float = 0.0,
    untimed: bool = False,
) -> CaptionsReading:
    """Return the cues of a captions file in order, with words.

    Their text is plain text. Words have the file's times if it has any, else estimated ones. Cues overlap only where
    two people speak at once. Invalid cues are dropped and counted. `filename` decides the format only if the content
    does not. `language` (a code) helps to detect the encoding, unless `encoding` is given. `frame_rate` is the video's,
    for timestamps that count frames. All three may be empty. With `untimed` a text without times is read as lines.
    Raises InputError CAPTIONS_INVALID with `line` and `reason` if no cue is left.
    """
    if len(data) > MAX_BYTES:
        raise captions_invalid("too_large", line=1)
    decoded = encodings.decode(data, language=language, encoding=encoding)
    try:
        kind = detect_format(decoded.text, filename)
    except InputError as error:
        if not untimed or error.params.get("reason") != "no_times":
            raise
        if len(decoded.text) > MAX_UNTIMED_CHARS:
            raise captions_invalid("too_large", line=1) from error
        lines = tuple(plain_text.read_lines(decoded.text))
        return CaptionsReading((), decoded.encoding, decoded.bad_characters, lines=lines)
    read = _READERS[kind](decoded.text, frame_rate=frame_rate)
    cues = _normalize_cues(read.cues)
    if not cues:
        fault = next(iter(read.faults), CueFault(1, "no_cues"))
        raise captions_invalid(fault.reason, line=fault.line)
    return CaptionsReading(
        tuple(cues),
        decoded.encoding,
        decoded.bad_characters,
        read.dropped,
        read.clamped,
        tuple(read.faults),
        normalize_language_code(read.language),
        read.hour_ms,
    )


def parse_captions(data: bytes, *, filename: str) -> list[Cue]:
    """Return only the cues of `read_captions`."""
    return list(read_captions(data, filename=filename).cues)


def _normalize_cues(raw: Sequence[RawCue]) -> list[Cue]:
    """Return the cues in order of time, with words. Simultaneous cues of one speaker are merged."""
    ordered = sorted((cue for cue in raw if cue.text), key=lambda cue: (cue.start_ms, cue.line))
    moments: list[RawCue] = []
    for cue in _undo_roll_up(ordered):
        same = moments and cue.start_ms - moments[-1].start_ms < _SIMULTANEOUS_MS
        if same and not _are_two_speakers(moments[-1], cue):
            moments[-1] = _merge_cues(moments[-1], cue)
        else:
            moments.append(cue)
    rolling = sum(_overlap_ms(*pair) > 0 for pair in pairwise(moments)) * 4 > len(moments)
    return [
        _with_words(cue, _end_of(cue, moments[at + 1 : at + 1 + _MAX_AT_ONCE], rolling=rolling))
        for at, cue in enumerate(moments)
    ]


def _undo_roll_up(cues: list[RawCue]) -> list[RawCue]:
    """Return roll-up captions, in which each cue repeats the line before it, with every line once."""
    repeats = [_repeats_last_line(before, cue) for before, cue in pairwise(cues)]
    if sum(repeats) * 3 < len(cues):
        return cues
    kept = cues[:1]
    for repeated, cue in zip(repeats, cues[1:], strict=True):
        if not repeated:
            kept.append(cue)
            continue
        lines = cue.text.split("\n")[1:]
        kept[-1] = replace(kept[-1], end_ms=max(kept[-1].end_ms, cue.start_ms))
        if lines:
            words = cue.words[len(cue.text.split("\n")[0].split()) :]
            kept.append(replace(cue, text="\n".join(lines), words=words))
    return kept


def _repeats_last_line(before: RawCue, cue: RawCue) -> bool:
    """Whether the cue repeats the last line of the cue before it."""
    lines = cue.text.split("\n")
    adjoins = cue.start_ms - before.end_ms <= 100
    rolls = len(lines) > 1 or cue.end_ms - cue.start_ms <= 100
    return adjoins and rolls and before.text.split("\n")[-1] == lines[0]


def _merge_cues(first: RawCue, second: RawCue) -> RawCue:
    """Merge two simultaneous cues; equal text is kept once."""
    end = max(first.end_ms, second.end_ms)
    if second.text in first.text.split("\n") or second.text == first.text:
        return replace(first, end_ms=end)
    speaker = first.speaker if first.speaker == second.speaker else ""
    text = f"{first.text}\n{second.text}"
    return replace(first, end_ms=end, text=text, words=(), speaker=speaker)


def _are_two_speakers(first: RawCue, second: RawCue) -> bool:
    return bool(first.speaker and second.speaker) and first.speaker != second.speaker


def _overlap_ms(first: RawCue, second: RawCue) -> int:
    return min(first.end_ms, second.end_ms) - second.start_ms


def _end_of(cue: RawCue, following: Sequence[RawCue], *, rolling: bool) -> int:
    """Return the cue's own end, or the start of the next cue unless two speakers talk at once.

    Without speaker names, a long overlap means two speakers if overlaps are rare in the file. If they are common
    (`rolling`), lines stay on screen after they were said.
    """
    end = cue.end_ms if cue.end_ms > cue.start_ms else cue.start_ms + _DEFAULT_CUE_MS
    for number, other in enumerate(following, start=1):
        if other.start_ms >= end:
            break
        seldom = not rolling and not (cue.speaker and other.speaker)
        at_once = _are_two_speakers(cue, other) or (
            seldom and _overlap_ms(cue, other) >= _SPOKEN_OVER_MS
        )
        if not at_once or number == _MAX_AT_ONCE:
            return max(other.start_ms, cue.start_ms + 1)
    return end


def _with_words(cue: RawCue, end: int) -> Cue:
    """Return the cue with that end, and its words inside it."""
    words = tuple(
        replace(
            word,
            start_ms=min(max(word.start_ms, cue.start_ms), end),
            end_ms=min(max(word.end_ms, cue.start_ms), end),
        )
        for word in cue.words
    )
    return estimate_words(Cue(cue.start_ms, end, cue.text, words, cue.speaker))


def extract_track(
    source: Source,
    info: MediaInfo,
    track_index: int,
    work_dir: Path,
    *,
    language: str = "",
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> list[Cue]:
    """Return the cues of a text subtitle track of the video; empty if it has none.

    `track_index` is the stream's index, `language` the track's code, which helps to detect an old encoding. Raises
    ValueError if that is no text subtitle track.
    """
    track = next((t for t in info.subtitles if t.index == track_index and t.is_text), None)
    if track is None:
        raise ValueError(f"stream {track_index} is not a text subtitle track")
    kind = _EXTRACT_FORMATS.get(track.codec, "srt")
    out = work_dir / f"track{track_index}.{kind}"
    argv = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y"),
        # ffmpeg would drop lines that are not UTF-8; they are decoded below.
        *("-sub_charenc_mode", "ignore", *source_args.input_args_at(source, info)),
        *("-map", f"0:{track_index}", "-c:s", "copy" if track.codec == kind else kind),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-f", kind, f"file:{out.name}"),
    ]
    process.run(argv, timeout_s=timeout_s, reads=[source], cwd=work_dir, should_stop=should_stop)
    text = encodings.decode(out.read_bytes()[:MAX_BYTES], language=language).text
    if kind == "ass":
        # ffmpeg writes the standard field order, whatever the track's own header says.
        text = re.sub(r"^\[Events\]\s*Format:.*$", "[Events]", text, flags=re.MULTILINE)
    return _normalize_cues(_READERS["vtt" if kind == "webvtt" else kind](text).cues)
