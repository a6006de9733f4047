"""Text in an ASS script stays text, whatever it contains."""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mediakit.captions import ass, overlay
from tests.mediakit.captions.drawings import at, drawn

HOSTILE = (
    r"{\1c&H0000FF&\fs400}red",
    r"{\p1}m 0 0 l 900 0 900 900 0 900{\p0}",
    "\\N\\n\\h end\\",
    "{\\pos(0,0)}\r\nDialogue: 9,0:00:00.00,9:00:00.00,Base,,0,0,0,,{\\1c&H0000FF&}X",
    "a}{\\1c&H0000FF&}{",
    "\\{\\1c&H0000FF&\\}",
    "e" + "\u0301" * 5000,
    "\u202eright\u2066to\u200fleft" + "\u200d" * 3000,
    "𝒳" * 900 + "ﷺ" * 900,
)


def blocks(text: str) -> list[str]:
    """The override blocks that libass reads in an event's text."""
    return re.findall(r"\{[^}]*\}", text.replace("\\{", "").replace("\\}", ""))


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from("\\{}Nnh\r\n\u2028&,")), max_size=80
    )
)
def test_no_text_opens_an_override(text: str):
    written = ass.escape_with_fonts(text, "sans")

    assert len(written.splitlines()) <= 1
    assert all(re.fullmatch(r"\{\\fnHeimdex [A-Z][a-z]+\}", block) for block in blocks(written))
    assert not re.search(r"\\[^{}\u2060f]", written.replace("{\\fn", ""))


def test_hostile_text_is_drawn_as_text_in_bounded_space(tmp_path: Path):
    it = drawn(*HOSTILE)
    written = overlay.ass_script(it)
    assert len(written) < 60_000
    assert written.count("\nDialogue:") == len(re.findall(r"(?m)^Dialogue: ", written))
    spoken = [
        line.split(",,0,0,0,,", 1)[1] for line in written.splitlines() if "Dialogue: " in line
    ]
    assert not any("&H0000FF&" in block for line in spoken for block in blocks(line))
    for second in (0.9, 2.9, 4.9, 8.9):
        picture = at(second, it, tmp_path / "job").astype(int)
        assert (picture.max(axis=2) > 200).any()
        assert not ((picture[..., 0] > 150) & (picture[..., 1] < 80)).any(), "it became red"
