"""The pages' typeface in pieces: Latin is small and first, every Korean syllable is in one piece."""

import re
from collections import Counter

from django.conf import settings

STATIC = settings.BASE_DIR / "static"
HANGUL = range(0xAC00, 0xD7A4)
RULE = re.compile(
    r'font-family: "(?P<family>[^"]+)";\n  src: url\("\.\./fonts/(?P<file>[\w-]+)\.woff2"\) format\("woff2"\);\n'
    r"  font-weight: (?P<weights>[\d ]+);\n  font-display: (?P<display>\w+);\n  unicode-range: (?P<ranges>[^;]+);"
)


def _codes(ranges: str) -> set[int]:
    spans = (span.removeprefix("U+").partition("-") for span in ranges.split(", "))
    return {
        code for a, _, b in spans for code in range(int(a, 16), int(b or a, 16) + 1)
    }  # fmt: skip


def _pieces(family: str) -> dict[str, set[int]]:
    """The characters of each file of a family."""
    rules = RULE.finditer((STATIC / "css/fonts.css").read_text())
    return {rule["file"]: _codes(rule["ranges"]) for rule in rules if rule["family"] == family}


def test_the_pieces_are_the_files():
    files = {file.stem for file in (STATIC / "fonts").glob("*.woff2")}

    assert set(_pieces("Heimdex Sans")) == files
    assert (STATIC / "fonts/Pretendard.LICENSE").is_file()


def test_latin_is_small_and_has_what_english_pages_need():
    assert (STATIC / "fonts/latin.woff2").stat().st_size < 100_000
    assert _pieces("Heimdex Sans")["latin"] >= {*range(0x20, 0x7F), *map(ord, "·–—’“”…→×é©")}


def test_our_own_korean_texts_need_one_piece():
    texts = [file.read_text() for file in settings.BASE_DIR.glob("locale/ko/LC_MESSAGES/*.po")]
    syllables = {ord(char) for text in texts for char in text if ord(char) in HANGUL}

    # 180 bytes a syllable; in 2026-11 the texts had 561.
    assert (STATIC / "fonts/korean.woff2").stat().st_size < 110_000
    few = syllables - _pieces("Heimdex Sans")["korean"]
    assert len(few) < 20, "run scripts/make_webfonts.py"


def test_every_syllable_is_in_one_piece_also_where_a_system_has_none():
    for family in ("Heimdex Sans", "Heimdex Sans late"):
        counted = Counter(code for codes in _pieces(family).values() for code in codes)

        assert set(HANGUL) <= set(counted)
        assert set(counted.values()) == {1}


def test_what_is_being_read_never_moves_and_boxes_do_not_stay():
    css = (STATIC / "css/fonts.css").read_text()
    displays = {(rule["family"], rule["display"], rule["weights"]) for rule in RULE.finditer(css)}

    assert displays == {
        ("Heimdex Sans", "optional", "45 920"),
        ("Heimdex Sans late", "swap", "45 920"),
    }
    assert len(RULE.findall(css)) == css.count("unicode-range") == css.count("@font-face") - 1
