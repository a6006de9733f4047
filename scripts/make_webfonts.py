"""Makes the pages' typeface in static/fonts, and static/css/fonts.css, out of a published package. Needs npm.

    .venv/bin/uv run --no-project --with fonttools==4.68.0 --with brotli==1.2.1 python -m scripts.make_webfonts

Pretendard's variable font is cut into pieces by script, so that a browser fetches what a page needs: Latin first, then
Korean by frequency of syllables. The first Korean piece holds the syllables of our own Korean texts and the most usual
others. The order in which Pretendard itself publishes its pieces gives the frequency of syllables. Outlines and the
weight axis are not touched. The licence requires another name: the pieces are called "Heimdex Sans". Running it
twice gives the same bytes.
"""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from scripts.font_packages import fetched, read_member

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "static" / "fonts"
PACKAGE, VERSION = "pretendard", "1.3.9"
SOURCE = "dist/public/variable/PretendardVariable.ttf"
PIECES = "dist/web/variable/pretendardvariable-dynamic-subset.css"
LICENCE = "dist/LICENSE.txt"
FAMILY = "Heimdex Sans"
WEIGHTS = "45 920"  # as Pretendard itself publishes it

LATIN = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x192, *range(0x218, 0x21C), *range(0x2BB, 0x2DE),
    *range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x2044, 0x20A9, 0x20AC, 0x2122,
    *range(0x2190, 0x219A), 0x2212, 0x2260, 0x2264, 0x2265,
]  # fmt: skip
HANGUL = range(0xAC00, 0xD7A4)
LETTERS = [
    *range(0x180, 0x590),
    *range(0x1100, 0x1200),
    *range(0x1D00, 0x2000),
    *range(0x3000, 0x3190),
]
HAVE_FALLBACKS = ("latin", "letters", "symbols")  # every system has fonts for these
USUAL_FROM = 72  # the number of the first of Pretendard's pieces that holds usual syllables
INTERFACE_FROM = 88  # and of the first that goes along with our own texts
USUAL_EACH = 240  # syllables in a piece
RARE_EACH = 490

# Helvetica's widths, which Arial and Liberation Sans share, in 1/1000 em; and how often a letter stands in English, in
# 1/1000 (Lewand, Cryptological Mathematics, with a space after each fifth letter or so).
ARIAL = dict(zip("abcdefghijklmnopqrstuvwxyz ", [
    556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
    500, 500, 500, 278,
], strict=True))  # fmt: skip
OFTEN = dict(zip("abcdefghijklmnopqrstuvwxyz ", [
    82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1, 220,
], strict=True))  # fmt: skip
ARIAL_LIKE = ("Arial", "Helvetica", "Liberation Sans", "Arimo")


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: its name, its characters, and how style sheets name them."""

    name: str
    codes: tuple[int, ...]
    unicode_range: str


def usual_order(css: str) -> list[list[int]]:
    """The characters of Pretendard's own pieces, the rarest first."""
    return [list(_codes(ranges)) for ranges in re.findall(r"unicode-range: ([^;]+);", css)]


def _codes(ranges: str) -> Iterator[int]:
    for part in ranges.split(","):
        first, _, last = part.strip().removeprefix("U+").partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def interface_syllables() -> set[int]:
    """The Korean syllables of our own texts."""
    texts = (file.read_text("utf-8") for file in sorted(ROOT.glob("locale/ko/LC_MESSAGES/*.po")))
    return {ord(char) for text in texts for char in text if ord(char) in HANGUL}


def pieces(known: set[int], order: list[list[int]]) -> list[Piece]:
    """Return all pieces. No two share a character, because a browser may fetch every piece that names it."""
    usual = [code for group in reversed(order[USUAL_FROM:]) for code in group if code in HANGUL]
    ours = interface_syllables()
    near = {code for group in order[INTERFACE_FROM:] for code in group if code in HANGUL}
    interface = sorted(ours | near)
    others = [code for code in usual if code not in ours | near]
    rare = [code for code in HANGUL if code not in {*interface, *others}]
    letters = [code for code in LETTERS if code in known and code not in LATIN]
    symbols = sorted(known - {*LATIN, *HANGUL, *letters})
    return [
        piece("symbols", symbols),
        piece("letters", letters),
        *(piece(f"korean-rare-{n}", some) for n, some in enumerate(_parts(rare, RARE_EACH), 1)),
        *(piece(f"korean-usual-{n}", some) for n, some in enumerate(_parts(others, USUAL_EACH), 1)),
        piece("korean", interface),
        piece("latin", [code for code in LATIN if code in known]),
    ]


def _parts(codes: list[int], size: int) -> Iterator[list[int]]:
    """Parts of about the same size."""
    count = -(-len(codes) // size)
    for n in range(count):
        yield codes[len(codes) * n // count : len(codes) * (n + 1) // count]


def piece(name: str, codes: Iterable[int]) -> Piece:
    """A piece whose range names exactly its characters."""
    ordered = sorted(codes)
    spans: list[list[int]] = []
    for code in ordered:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    named = (f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)
    return Piece(name, tuple(ordered), ", ".join(named))


def cut(source: bytes, one: Piece, folder: Path) -> bytes:
    """Return the piece as a WOFF2 file, with a family name as the licence requires."""
    file = folder / "source.ttf"
    file.write_bytes(source)
    font = TTFont(file, recalcTimestamp=False)
    options = subset.Options(hinting=True, notdef_outline=True, name_IDs=[0, 5, 13, 14])
    options.layout_features += ["tnum"]  # what the pages use besides the usual ones
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=one.codes)
    cutter.subset(font)
    if set(font.getBestCmap()) != set(one.codes):
        raise ValueError(f"{one.name} lacks characters that its range names")
    for name_id, text in ((1, FAMILY), (2, "Regular"), (4, FAMILY), (6, FAMILY.replace(" ", ""))):
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["name"].names = [record for record in font["name"].names if record.platformID == 3]
    for record in font["name"].names:
        record.string = str(record).replace("PretendardVariable", FAMILY.replace(" ", ""))
    font.flavor = "woff2"
    made = folder / "piece.woff2"
    font.save(made)
    return made.read_bytes()


def fallback(font: TTFont) -> str:
    """Return the rule for a local fallback face, scaled so that it takes the same room."""
    em = font["head"].unitsPerEm
    names, widths = font.getBestCmap(), font["hmtx"]
    own = sum(OFTEN[char] * widths[names[ord(char)]][0] / em for char in OFTEN)
    arial = sum(OFTEN[char] * ARIAL[char] / 1000 for char in OFTEN)
    ratio = own / arial
    lines = font["hhea"]
    above, below = lines.ascent / em / ratio, -lines.descent / em / ratio
    sources = ", ".join(f'local("{name}")' for name in ARIAL_LIKE)
    return f"""@font-face {{
  font-family: "{FAMILY} fallback";
  src: {sources};
  size-adjust: {ratio:.2%};
  ascent-override: {above:.2%};
  descent-override: {below:.2%};
  line-gap-override: 0%;
}}
"""


def rule(one: Piece, *, family: str, display: str) -> str:
    """Return the @font-face rule of a piece."""
    return f"""@font-face {{
  font-family: "{family}";
  src: url("../fonts/{one.name}.woff2") format("woff2");
  font-weight: {WEIGHTS};
  font-display: {display};
  unicode-range: {one.unicode_range};
}}
"""


HEAD = """\
/* The typeface, made by scripts/make_webfonts.py. A browser fetches a piece when a page has one of its characters. A
   piece that comes late waits for the next page (optional): words that are being read never move. Where a system has
   no Korean letters, the same pieces are shown as soon as they come ("late"). */
"""


def main() -> None:
    """Write the pieces, the style sheet and the licence; say how large they are."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        fetched(PACKAGE, VERSION, Path(scratch)) as archive,
    ):
        source = read_member(archive, SOURCE)
        order = usual_order(read_member(archive, PIECES).decode())
        licence = read_member(archive, LICENCE)
        file = Path(scratch) / "whole.ttf"
        file.write_bytes(source)
        font = TTFont(file)
        made = pieces(set(font.getBestCmap()), order)
        for old in FONTS.glob("*.woff2"):
            old.unlink()
        total = 0
        for one in made:
            data = cut(source, one, Path(scratch))
            (FONTS / f"{one.name}.woff2").write_bytes(data)
            total += len(data)
            sys.stdout.write(f"{one.name:18}{len(one.codes):>6} characters{len(data):>9,} bytes\n")
    sys.stdout.write(f"{'together':35}{total:>9,} bytes\n")
    (FONTS / "Pretendard.LICENSE").write_bytes(licence.replace(b"\r\n", b"\n"))
    rules = [fallback(font), *(rule(one, family=FAMILY, display="optional") for one in made)]
    late = (one for one in made if one.name not in HAVE_FALLBACKS)
    rules += [rule(one, family=f"{FAMILY} late", display="swap") for one in late]
    (ROOT / "static/css/fonts.css").write_text(HEAD + "\n".join(rules), "utf-8")


if __name__ == "__main__":
    main()
