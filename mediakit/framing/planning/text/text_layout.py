"""Whether a shot is shown whole because a window would cut text: a small face does not win over a slide."""

from collections.abc import Sequence
from statistics import median

from mediakit.framing.analysis.finders.text_finder import letters
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.geometry import upright_size
from mediakit.framing.people.tracking import Target
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# So many letters make a slide or a screen; a title, a sign or a name under a person has less.
MIN_LETTERS = 60
# The window shows all but so many of them.
MAX_LOST = 0.1
# Beside a face of this height it takes more letters, spread over so much of the picture's height: a name or
# the news below a person has neither.
LARGE_FACE, FACE_LETTERS, FACE_SPREAD = 0.3, 100, 0.4
# In pictures of things a part is taken for a letter or two: a line with fewer letters, among fewer at the same time.
MIN_LINE, MIN_TOGETHER = 4, 8
MAX_FILLED = 0.94  # of the width; a wider part would not be larger to the eye


def is_cut(text: Rect, left: float, right: float) -> bool:
    """Whether a line is not wholly between two edges."""
    return text.left < left or text.right > right


def keeps_text(
    texts: Sequence[Rect], targets: Sequence[Target], window: CropWindow, shape: float
) -> bool:
    """Whether a window on the targets would cut text that is worth more than they are; without any it is in the middle.

    `shape` is the picture's width for its height.
    """
    if window.moves_vertically:
        return False
    written = letters(texts, shape)
    face = median([target.box.height for target in targets] or [0.0])
    is_large = face >= LARGE_FACE
    if written < (FACE_LETTERS if is_large else MIN_LETTERS):
        return False
    low, high = window.bounds
    centre = median([target.box.centre[0] for target in targets] or [window.area.centre[0]])
    middle = min(high, max(low, centre))
    left, right = middle - window.width / 2, middle + window.width / 2
    cut = [text for text in texts if is_cut(text, left, right)]
    if letters(cut, shape) <= MAX_LOST * written:
        return False
    return not is_large or union_of(cut).height >= FACE_SPREAD


def written_lines(content: ShotContent, video: VideoTrack) -> list[Rect]:
    """A shot's lines of text but for those that are too short to be any."""
    size, sar = upright_size(video)
    shape = float(size.width * sar / size.height)
    spans = content.text_ms or [(content.start_ms, content.end_ms)] * len(content.texts)
    found = []
    for line, (first, last) in zip(content.texts, spans, strict=True):
        together = content.texts_between(first, last)
        if letters([line], shape) >= MIN_LINE or letters(together, shape) >= MIN_TOGETHER:
            found.append(line)
    return found


def filled_part(content: ShotContent, area: Rect) -> tuple[Rect, ...]:
    """The part of the area that is not an empty margin, with all text, if it can be shown larger; () otherwise."""
    if content.filled is None:
        return ()
    whole = union_of([content.filled, *content.texts])
    left, top = max(area.left, whole.left), max(area.top, whole.top)
    right, bottom = min(area.right, whole.right), min(area.bottom, whole.bottom)
    if right - left > MAX_FILLED * area.width or bottom - top <= 0:
        return ()
    return (Rect(left, top, right - left, bottom - top),)
