"""Parser of SAMI (`.smi`), in which each text lasts until the next one of its language."""

import re
from collections import defaultdict
from collections.abc import Iterator

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import RawCaptions, RawCue
from mediakit.subtitles.cues.word_times import with_open_ends

_SYNC = re.compile(
    r"<sync\b[^<>]{0,200}?\bstart\s*=\s*[\"']?\s*(-?\d{1,10})[^<>]{0,200}>", re.IGNORECASE
)
_PARAGRAPH = re.compile(r"<p\b([^<>]{0,200})>", re.IGNORECASE)
_CLASS = re.compile(r"\bclass\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_CLASS_LANGUAGE = re.compile(
    r"\.([\w-]{1,40})\s*\{[^{}]{0,400}?\blang\s*:\s*([A-Za-z-]{2,10})", re.IGNORECASE
)
_END = re.compile(r"</(?:body|sami)>.*", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.{0,2000}?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,400}>")
_BREAK = re.compile(r"<br\b[^<>]{0,20}>", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def read_sami(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse SAMI. Of several languages the one with the most texts is read, and named where the style sheet names it.

    Malformed HTML is the rule in these files: paragraphs and synchronisation points need no end.
    """
    del frame_rate
    first = _SYNC.search(text)
    head, body = (text[: first.start()], text[first.start() :]) if first else (text, "")
    languages = {name.upper(): code for name, code in _CLASS_LANGUAGE.findall(head)}
    by_class: dict[str, list[RawCue]] = defaultdict(list)
    read = RawCaptions()
    for line, start_ms, name, raw in _paragraphs(body, head.count("\n") + 1):
        if not read.drop_if_too_long(line, [raw]):
            by_class[name].append(RawCue(line, start_ms, start_ms, _plain(raw)))
    if not by_class:
        return read
    name = max(by_class, key=lambda name: sum(bool(cue.text) for cue in by_class[name]))
    cues = sorted(by_class[name], key=lambda cue: cue.start_ms)
    read.language = languages.get(name, "")
    for cue in with_open_ends(cues, set(range(len(cues)))):
        if cue.text:
            read.add(cue)
    return read


def _paragraphs(body: str, line: int) -> Iterator[tuple[int, int, str, str]]:
    """Yield the line, start in ms, class and text of each paragraph. `line` is the body's first."""
    parts = _SYNC.split(_END.sub("", body))
    line += parts[0].count("\n")
    for stamp, block in zip(parts[1::2], parts[2::2], strict=True):
        pieces = _PARAGRAPH.split(block)
        named = zip(pieces[1::2], pieces[2::2], strict=True)
        for attributes, said in [("", pieces[0]), *named] if pieces[0].strip() else named:
            found = _CLASS.search(attributes)
            yield line, int(stamp), found[1].upper() if found else "", said
        line += block.count("\n")


def _plain(raw: str) -> str:
    rows = (_SPACES.sub(" ", row) for row in _BREAK.split(_COMMENT.sub("", raw)))
    return markup.decode_references(_TAG.sub("", "\n".join(rows)))
