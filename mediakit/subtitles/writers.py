"""Writing cues as SubRip, WebVTT and plain text."""

from collections.abc import Iterable

from mediakit.subtitles.cues.markup import normalize_text
from mediakit.text.transcript import Cue, join_words


def write_srt(cues: Iterable[Cue]) -> str:
    """Return the cues as a SubRip file, without those that have no text."""
    texts = ((cue, _without_blank_lines(cue.text).replace("-->", "--\u200b>")) for cue in cues)
    blocks = (
        f"{number}\n{_timestamp(cue.start_ms, ',')} --> {_timestamp(_end_ms(cue), ',')}\n{text}\n"
        for number, (cue, text) in enumerate((pair for pair in texts if pair[1]), start=1)
    )
    return "\n".join(blocks)


def write_vtt(cues: Iterable[Cue], *, word_times: bool = False) -> str:
    """Return the cues as a WebVTT file, speakers as voice tags, without cues that have no text.

    With `word_times`, words with measured times have timestamps.
    """
    blocks = ["WEBVTT\n"]
    for cue in cues:
        voice = _escape_vtt(_single_line(cue.speaker))
        text = _vtt_words(cue) if word_times else _escape_vtt(_without_blank_lines(cue.text))
        if not text:
            continue
        blocks.append(
            f"{_timestamp(cue.start_ms, '.')} --> {_timestamp(_end_ms(cue), '.')}\n"
            f"{f'<v {voice}>' if voice else ''}{text}\n"
        )
    return "\n".join(blocks)


def write_txt(cues: Iterable[Cue]) -> str:
    """Return the text with a line for each cue. The speaker's name stands before it where the speaker changes."""
    lines, speaking = [], ""
    for cue in cues:
        named = cue.speaker and cue.speaker != speaking
        speaking = cue.speaker
        text, speaker = _single_line(cue.text), _single_line(cue.speaker)
        lines.append(f"{speaker}: {text}" if named else text)
    return "".join(f"{line}\n" for line in lines)


def _vtt_words(cue: Cue) -> str:
    """Return cue text with a timestamp before each measured word.

    WebVTT demands increasing timestamps inside the cue, so a word that starts with the one before has none.
    """
    if not cue.words or any(word.estimated for word in cue.words):
        return _escape_vtt(_without_blank_lines(cue.text))
    text, last, at = "", "", cue.start_ms
    for word in cue.words:
        said = _single_line(word.text)
        if not said:
            continue
        text += join_words([last, said])[len(last) : -len(said)] if last else ""
        if at < word.start_ms < _end_ms(cue):
            at = word.start_ms
            text += f"<{_timestamp(at, '.')}>" if last else ""
        text, last = text + _escape_vtt(said), said
    return text


def _end_ms(cue: Cue) -> int:
    """Return the cue's end for a file: after its start, as the formats demand."""
    return max(cue.end_ms, cue.start_ms + 1)


def _timestamp(time_ms: int, point: str) -> str:
    seconds, ms = divmod(max(0, time_ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{ms:03d}"


def _without_blank_lines(text: str) -> str:
    """Return the text without blank lines, which would end its cue, and without control characters."""
    return normalize_text("\n".join(text.splitlines()))


def _single_line(text: str) -> str:
    """Return the text in one line, without control characters."""
    return normalize_text(" ".join(text.splitlines()))


def _escape_vtt(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
