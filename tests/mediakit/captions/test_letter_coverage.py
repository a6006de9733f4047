"""Letters that no font has are counted and named."""

import pytest

from mediakit.captions import fonts
from mediakit.captions.letter_coverage import (
    LetterCoverage,
    letter_coverage,
    script_names,
)
from mediakit.text.transcript import Cue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, 안녕 👩‍👩‍👧 é e\u0301", LetterCoverage(13, 0, "")),
        ("我們這裡說繁體中文", LetterCoverage(9, 0, "")),
        ("𐎀𐎁 𐎀b", LetterCoverage(4, 3, "𐎀𐎁")),  # Ugaritic
        (" \n\t", LetterCoverage(0, 0, "")),
        ("Ơ ư ờ ə Ə Ẓ ḥ ọ́ ɓ ŋ ɔ̃ ᾶ ⇒ ∀x∈ℝ", LetterCoverage(17, 0, "")),
        # Rare Hanja and Kanji, Chinese phonetic letters, numbers in circles, Georgian capitals, notes, single signs.
        ("媤 乭 畓 欌 贔屓 陶喆 ㄅㄆ ① ㈜ ㎏ ᲥᲐ ♫ 𝑥² ﬁ", LetterCoverage(19, 0, "")),
        ("𝔸 བོད ᠮ ᏣᎳ", LetterCoverage(6, 5, "བོདᠮᏣᎳ")),
        ("Z\u0361 q\u1dc4", LetterCoverage(2, 1, "q\u1dc4")),
    ],
)
def test_letters_without_a_font_are_counted(text, expected):
    assert letter_coverage([Cue(0, 1, text)]) == expected


@pytest.mark.parametrize(
    ("letters", "scripts"),
    [
        ("བོད་ཡིག", ("Tibetan",)),
        ("ᠮᠣᠩ", ("Mongolian",)),
        ("ܣܘܪ", ("Syriac",)),
        ("ߒߞߏ", ("N'Ko",)),
        ("ᏣᎳᎩ ᐃ", ("Cherokee", "Canadian")),
        ("ⵜⵉⴼ", ("Tifinagh",)),
        ("ދިވެހި", ("Thaana",)),
        ("ꦗꦮ", ("Javanese",)),
        ("ꆈꌠ", ("Yi",)),
        ("𠀀", ("Han",)),
        ("𐰀", ("Old Turkic",)),
        ("𝔸 ⇒ ☃ 1", ()),
    ],
)
def test_scripts_are_named(letters, scripts):
    assert script_names(letters) == scripts


def test_the_share_counts_every_letter_and_the_title():
    found = letter_coverage([Cue(0, 1, "abc")], "𐎀")
    assert (found.share, found.missing_letters) == (0.75, "𐎀")
    assert letter_coverage([]).share == 1


@pytest.fixture
def _without_a_glyph(monkeypatch):
    """No font has the letter Ẕ, though it has its parts."""
    has_glyphs = fonts.has_glyphs

    def lacking(font: str, text: str) -> bool:
        return "Ẕ" not in text and has_glyphs(font, text)

    def forget() -> None:
        fonts._font_for.cache_clear()
        fonts.drawable_form.cache_clear()

    forget()
    monkeypatch.setattr(fonts, "has_glyphs", lacking)
    yield
    forget()


@pytest.mark.usefixtures("_without_a_glyph")
def test_a_letter_without_a_glyph_is_drawn_in_its_parts():
    assert fonts.drawable_text("aẔ") == "aZ\u0331"
    assert letter_coverage([Cue(0, 1, "aẔ")]) == LetterCoverage(2, 0, "")


def test_a_mark_without_a_glyph_leaves_its_letter():
    assert fonts.drawable_text("q\u1dc4 𐎀a") == "q a"


@pytest.mark.parametrize(
    ("text", "drawn"), [("ᲥᲐ", "ქა"), ("♫", "♪"), ("①㈜", "①㈜"), ("a½", "a½")]
)
def test_a_letter_without_a_glyph_is_drawn_as_one_that_says_the_same(text, drawn):
    assert fonts.drawable_text(text) == drawn
