"""Parsers of the formats of players: MicroDVD, which counts frames, MPL2, TMPlayer and SubViewer 1."""

import re
from collections.abc import Callable, Sequence

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import RawCaptions, RawCue, is_short
from mediakit.subtitles.cues.word_times import with_open_ends

_MICRODVD_LINE = re.compile(r"\s*\{(\d{1,8})\}\s?\{(\d{0,8})\}(.*)")
_MPL2_LINE = re.compile(r"\s*\[(\d{1,8})\]\s?\[(\d{0,8})\](.*)")
_TMPLAYER_LINE = re.compile(r"\s*(\d{1,2}):(\d{2}):(\d{2})(?:,\d)?[:=](?!\d\d\b)(.*)")
_SUBVIEWER1_TIME = re.compile(r"\s*\[(\d{1,2}):(\d{2}):(\d{2})\]\s*")
# Its head: a name in brackets and a value below it, up to `[BEGIN]`.
_SUBVIEWER1_HEAD = re.compile(
    r"\s*\[TITLE\](?:(?!\[INFORMATION\])[\s\S])*?^\[BEGIN\]", re.MULTILINE
)
_SUBVIEWER1_DELAY = re.compile(r"^\[DELAY\]\n\s*(-?\d{1,5})\s*$", re.MULTILINE)
_SUBVIEWER1_END = re.compile(r"\s*(?:\[END\]|\*{4,}.*)\s*")
# Styles of MicroDVD (`{y:i}`, `{C:$0000FF}`), and the slash of MPL2 that makes a row italic.
_MICRODVD_STYLE = re.compile(r"\{[A-Za-z]:[^{}]{0,100}\}")
_MPL2_ITALIC = re.compile(r"^/", re.MULTILINE)
# The first line may give the rate: `{1}{1}23.976`.
_RATE = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,3})?)\s*")
_USUAL_RATE = 25.0
_MPL2_UNIT_MS = 100

# A line's number and the groups of its form; no groups where it has another form.
_Row = tuple[int, Sequence[str]]


def detect_player_format(head: str) -> str:
    """Return the name of the format that the beginning of a file has; empty if it is none of these."""
    first = head.partition("\n")[0]
    if not is_short(first):
        return ""
    if _MICRODVD_LINE.match(first):
        return "microdvd"
    if _MPL2_LINE.match(first):
        return "mpl2"
    if _SUBVIEWER1_HEAD.match(head):
        return "subviewer1"
    return "tmplayer" if _TMPLAYER_LINE.match(first) else ""


def read_microdvd(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse MicroDVD: `{first frame}{last frame}text|second row`.

    Frames are those of the rate in the first line, else of the video's `frame_rate`, else of 25 a second.
    """
    rows = _rows(text, _MICRODVD_LINE)
    rate = _RATE.fullmatch(rows[0][1][2]) if rows and rows[0][1] else None
    named = float(rate[1].replace(",", ".")) if rate else 0.0
    if named:
        rows = rows[1:]
    frame_ms = 1000 / (named or frame_rate or _USUAL_RATE)
    return _read_rows(rows, frame_ms, lambda said: _MICRODVD_STYLE.sub("", said))


def read_mpl2(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse MPL2: `[start][end]text|second row`, in tenths of a second."""
    del frame_rate
    rows = _rows(text, _MPL2_LINE)
    return _read_rows(rows, _MPL2_UNIT_MS, lambda said: _MPL2_ITALIC.sub("", said))


def read_tmplayer(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse TMPlayer: `01:02:03:text|second row`. A text lasts until the next line, which may be empty."""
    del frame_rate
    rows = [(number, _as_seconds(groups)) for number, groups in _rows(text, _TMPLAYER_LINE)]
    return _read_rows(rows, 1000, lambda said: said)


def read_subviewer1(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse SubViewer 1: a line `[01:02:03]`, then `text|second row`, which lasts until the next time.

    A time without a text ends the text before it. `[DELAY]` in the head shifts all times, in seconds.
    """
    del frame_rate
    delay = _SUBVIEWER1_DELAY.search(text)
    delay_s = int(delay[1]) if delay else 0
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        time = _SUBVIEWER1_TIME.fullmatch(line) if is_short(line) else None
        if time:
            hours, minutes, seconds = map(int, time.groups())
            start_s = hours * 3600 + minutes * 60 + seconds + delay_s
            rows.append((number, [str(max(0, start_s)), "", ""]))
        elif rows and line.strip() and not _SUBVIEWER1_END.fullmatch(line):
            said = rows[-1][1]
            said[2] = f"{said[2]}|{line}" if said[2] else line
    return _read_rows(rows, 1000, lambda said: said)


def _as_seconds(groups: Sequence[str]) -> Sequence[str]:
    """Return start, end and text of a line of TMPlayer."""
    if not groups:
        return ()
    hours, minutes, seconds, said = groups
    return str(int(hours) * 3600 + int(minutes) * 60 + int(seconds)), "", said


def _rows(text: str, form: re.Pattern[str]) -> list[_Row]:
    """Return the lines that are not empty."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    found = ((number, form.fullmatch(line)) for number, line in lines)
    return [(number, match.groups() if match else ()) for number, match in found]


def _read_rows(rows: Sequence[_Row], unit_ms: float, plain: Callable[[str], str]) -> RawCaptions:
    """Return the cues of rows of start, end (perhaps empty) and text. `plain` removes the format's own markup."""
    read = RawCaptions()
    cues: list[RawCue] = []
    open_ends: set[int] = set()
    for number, groups in rows:
        if not groups:
            read.drop(number, "bad_timing")
        elif not read.drop_if_too_long(number, [groups[2]]):
            start = round(int(groups[0]) * unit_ms)
            end = round(int(groups[1]) * unit_ms) if groups[1] else start
            said = markup.strip_markup(plain(groups[2].replace("|", "\n")))
            if not groups[1]:
                open_ends.add(len(cues))
            cues.append(RawCue(number, start, end, said))
    order = sorted(range(len(cues)), key=lambda at: cues[at].start_ms)
    is_open = {place for place, at in enumerate(order) if at in open_ends}
    for cue in with_open_ends([cues[at] for at in order], is_open):
        read.add(cue)
    return read
