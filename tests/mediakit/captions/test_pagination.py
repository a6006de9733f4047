"""Caption pages: where lines and pages break, whatever the text."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediakit.captions import fonts, overlay, pagination
from mediakit.captions.caption_style import PRESET_NAMES, PRESETS, BurnIn
from mediakit.captions.pagination import PageLayout
from mediakit.framing.output_format import SHORT
from mediakit.text.transcript import Cue, estimate_words, join_words
from tests.mediakit.captions.drawings import TALK, drawn


def test_lines_break_at_phrases():
    layout = PageLayout("black", SHORT.canvas.centered_width / 66)
    found = pagination.paginate(TALK, layout, duration_ms=9000)
    lines = [" ".join(word.text for word in line) for page in found for line in page.lines]

    assert "and thank you for coming." in lines
    assert "because they changed" in lines
    assert any(line.endswith("여러분,") for line in lines)
    assert not any(line.endswith((" and", " we", " for")) for line in lines), lines
    assert " ".join(lines) == " ".join(
        word.text for cue in TALK for word in estimate_words(cue).words
    )


def test_an_emoji_stays_with_the_words_it_is_about():
    said = (
        "What would you do with $1,000,000 and freedom? 🚀",
        "And that is why nobody believed it.",
    )
    for preset in (name for name in PRESET_NAMES if PRESETS[name].emoji):
        found = overlay.caption_pages(drawn(*said, preset=preset))
        lines = [[word.text for word in line] for page in found for line in page.lines]
        assert not any(line[0] == "🚀" for line in lines), preset
        assert any(line[-1] == "🚀" for line in lines), preset


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_no_line_joins_the_ends_of_two_sentences(preset: str):
    for said in (
        ("Nobody believed it could ever work.", "But then, in nineteen eighty-four, it did."),
        ("Yes, he is, in a bad humour", "But the crown jewels are stolen"),  # only cues tell
    ):
        found = overlay.caption_pages(drawn(*said, preset=preset))
        lines = [[word.text.lower() for word in line] for page in found for line in page.lines]
        assert not any("but" in line[1:] for line in lines), lines


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=25), st.sampled_from(PRESET_NAMES))
def test_any_text_fits_and_keeps_its_order(texts: list[str], preset: str):
    cues = tuple(Cue(i * 300, i * 300 + 280, text) for i, text in enumerate(texts))
    style = PRESETS[preset]
    it = BurnIn(len(texts) * 300 + 1, cues, style)
    found = overlay.caption_pages(it)
    for one, two in itertools.pairwise(found):
        assert one.start_ms < one.end_ms <= two.start_ms
    canvas = SHORT.canvas
    room = canvas.centered_width + 1 if preset != "lower_third" else canvas.text_width
    for page in found:
        assert 1 <= len(page.lines) <= 2
        for line in page.lines:
            shown = join_words([word.text for word in line])
            wide = fonts.width_em(shown, style.font) * style.size
            assert wide <= room or len(page.lines[0]) == 1 or len(page.lines[-1]) == 1


def test_two_who_speak_at_once_are_both_shown_one_page_at_a_time():
    said = Cue(1000, 7000, "I would like to say this without a break", (), "Ann")
    cues = [said, Cue(3000, 4000, "Wait", (), "Bob"), Cue(3100, 4200, "Please", (), "Cid")]
    layout = PageLayout("sans", 10.0)
    pages = pagination.paginate([estimate_words(cue) for cue in cues], layout, duration_ms=9000)
    edges = [edge for page in pages for edge in (page.start_ms, page.end_ms)]
    assert edges == sorted(edges)
    shown = {word.text for page in pages for word in page.words}
    assert shown == {*said.text.split(), "Wait", "Please"}
