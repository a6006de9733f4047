"""Encodings of captions: found by their letters and the expected language, or as chosen."""

import unicodedata
from difflib import SequenceMatcher

import pytest

from mediakit.subtitles.decoding.encodings import ENCODINGS, DecodedText, decode, detect
from tests.mediakit.subtitles import language_samples
from tests.mediakit.subtitles.language_samples import LINES

POLISH = "Dzień dobry, proszę państwa. Zażółć gęślą jaźń."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy."
HUNGARIAN = "Jó reggelt kívánok! Őrült űrhajó."
ROMANIAN = "Bună dimineaţa, ce mai faceţi? Să mergem acasă."
TURKISH = "Bugün hava çok güzel değil mi? Şimdi İstanbul'a gidiyoruz."
CANTONESE = ("佢哋喺度食嘢", "你去咗邊度呀", "好嘅唔該")
RUSSIAN = "Привет, как дела? Сегодня мы поговорим о погоде."
UKRAINIAN = "Добрий день, сьогодні ми поговоримо про їжу."
GREEK = "Καλημέρα σας, τι κάνετε σήμερα; Ωραία μέρα."
JAPANESE = "こんにちは、今日は良い天気ですね。東京へ行きましょう。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Ça va très bien, Zoë – “oui”", "utf-8-sig"),
        ("Ça va 안녕", "utf-16"),
        ("Ça va", "utf-16-le"),
        ("Plain English.", "utf-16-le"),
        ("Plain English.", "utf-16-be"),
        ("안녕하세요", "utf-16-be"),
        ("Ça va 안녕", "utf-32"),
        ("Plain English.", "utf-32-le"),
        ("Déjà vu, Zoë… où ça ?", "cp1252"),
        ("Größe, Übung, Äpfel und Öl für alle", "cp1252"),
        ("Não há informação, é só o começo.", "cp1252"),
        ("¿Qué tal? Mañana será otro día, señor.", "cp1252"),
        ("Smørrebrød på dansk, også æbler", "cp1252"),
        ("Déjà vu, où ça ? Très bien.", "mac_roman"),
        ("Ça va très bien, déjà vu", "cp850"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (POLISH, "cp852"),
        (CZECH, "cp1250"),
        (CZECH, "iso8859_2"),
        (HUNGARIAN, "cp1250"),
        (ROMANIAN, "cp1250"),
        (TURKISH, "cp1254"),
        (TURKISH, "iso8859_9"),
        ("Labas rytas, kaip šiandien sekasi? Gražus žodis ąžuolas.", "cp1257"),
        ("Tere hommikust, kuidas läheb? Õues on küünlad.", "cp1257"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (UKRAINIAN, "cp1251"),
        (UKRAINIAN, "koi8_u"),
        ("Здравейте, как сте днес? Времето е хубаво.", "cp1251"),
        (GREEK, "cp1253"),
        (GREEK, "iso8859_7"),
        ("שלום לכולם, מה שלומכם היום?", "cp1255"),
        ("مرحبا بكم، كيف حالكم اليوم؟ هذا يوم جميل.", "cp1256"),
        ("مرحبا بكم، كيف حالكم اليوم؟ هذا يوم جميل.", "iso8859_6"),
        ("สวัสดีครับ วันนี้อากาศดีมาก", "cp874"),
        ("안녕하세요, 오늘은 날씨가 좋습니다.", "cp949"),
        ("左に見えるのは山です。とても高いですね。", "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        ("我们一直坚信每个人都应该有机会", "gb18030"),
        ("今天天气很好", "gb18030"),
        ("我們這裡說繁體中文，今天的天氣很好。", "big5"),
    ],
)
def test_the_encoding_is_found_in_a_short_file(text, encoding):
    data = f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(encoding)
    read = decode(data)
    assert (read.text.split("\n")[2], read.bad_characters) == (text, 0)


def encode(text: str, encoding: str) -> bytes:
    """Encode a text. cp1258 has no Vietnamese letters with tone marks, only the marks."""
    if encoding != "cp1258":
        return text.encode(encoding)
    found = []
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
        found.append(
            unicodedata.normalize("NFC", parts.translate(dict.fromkeys(map(ord, tones)))) + tones
        )
    return "".join(found).encode(encoding)


def lines_of(read: DecodedText) -> tuple[str, ...]:
    """The third line of every four; letters and marks are composed, as the reader does."""
    return tuple(unicodedata.normalize("NFC", read.text).split("\n")[2::4])


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        (language, encoding)
        for language in LINES
        for encoding in language_samples.ENCODINGS[language]
    ],
)
def test_every_encoding_of_a_language_is_found_with_and_without_it(language, encoding):
    lines = LINES[language]
    data = [encode(line, encoding) for line in lines]
    cues = b"".join(
        b"%d\n00:00:0%d,000 --> 00:00:0%d,900\n%s\n\n" % (number, number, number, line)
        for number, line in enumerate(data, start=1)
    )
    for known in ("", language):
        read = decode(cues, language=known)
        assert lines_of(read) == lines
        assert read.bad_characters == 0
        # One bad byte spoils at most its own line.
        hurt = decode(cues.replace(data[-1], b"\xff" + data[-1]), language=known)
        assert lines_of(hurt)[:-1] == lines[:-1]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("It’s “fine” – ok… He said it’s £5", "cp1252"),
        ("Price: 5 €", "cp1252"),
        ("© 2024 Studio ™", "cp1252"),
        ("¡Hola a todos!", "cp1252"),
        ("—Привет! —Да.", "cp1251"),
        ("ПРИВЕТ, КАК ДЕЛА", "cp1251"),
        ("DZIEŃ DOBRY, PROSZĘ PAŃSTWA", "cp1250"),
        ("ÇA VA TRÈS BIEN", "cp1252"),
    ],
)
def test_punctuation_alone_and_capitals_are_read_too(text, encoding):
    assert (
        decode(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(encoding)).text.split("\n")[2]
        == text
    )


def test_the_expected_language_decides_between_readings_that_look_alike():
    data = "ŠŽ".encode("cp1257")
    assert decode(data, language="lt").text == "ŠŽ"
    assert decode(data, language="ru").text != "ŠŽ"


@pytest.mark.parametrize("language", ["", "zh", "yue"])
@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        (CANTONESE, "big5hkscs"),
        (("這是什麼東西？", "請把門關上", "價格是五百元左右"), "big5"),
        (("这是什么东西？", "请把门关上", "价格是五百元左右"), "gb18030"),
    ],
)
def test_one_bad_byte_in_a_short_chinese_file_spoils_no_other_line(lines, encoding, language):
    """It shifts all pairs of bytes that follow on its line. Mostly only its own character is lost."""
    first, hurt, third = (line.encode(encoding) for line in lines)
    kept = []
    for at in range(0, len(hurt), 2):
        for whole in (b"\xff" + hurt[at : at + 2], hurt[at : at + 1], hurt[at : at + 1] + b"\xff"):
            damaged = b"\n".join([first, hurt[:at] + whole + hurt[at + 2 :], third])

            read = decode(damaged, language=language).text.split("\n")

            assert (read[0], read[2]) == (lines[0], lines[2])
            same = SequenceMatcher(None, read[1], lines[1]).get_matching_blocks()
            kept.append(sum(block.size for block in same) >= len(lines[1]) - 1)
    assert sum(kept) >= len(kept) * 0.7


def test_one_bad_byte_spoils_only_its_character():
    data = f"{RUSSIAN}\nthird ".encode() + b"\xf0\x9f\x98" + b" end\n"
    read = decode(data)
    assert read.text == f"{RUSSIAN}\nthird  end\n"
    assert (read.encoding, read.bad_characters) == ("utf-8", 1)
    legacy = decode(b"\x98" + f"{RUSSIAN}\n{UKRAINIAN}".encode("cp1251"))
    assert (legacy.text, legacy.bad_characters) == (f"{RUSSIAN}\n{UKRAINIAN}", 1)


def test_a_chosen_encoding_is_taken_as_it_is():
    data = POLISH.encode("cp1250")
    assert decode(data, encoding="cp1250").text == POLISH
    assert decode(data, encoding="latin-1").text == data.decode("latin-1")
    with pytest.raises(LookupError):
        decode(data, encoding="no such thing")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_that_can_be_chosen_exists(encoding):
    assert decode(b"a", encoding=encoding).encoding


def test_what_no_reading_knows_is_left_to_the_library():
    armenian = "Բարև ձեզ, ինչպե՞ս եք այսօր, այսօր լավ եղանակ է"
    assert detect(armenian.encode("utf-8")) == "utf-8"
    assert detect(bytes(range(0x80, 0x100)))


def test_byte_order_marks_and_line_ends_are_no_text():
    joined = "\ufeffone\r\ntwo\r\r\n\ufeffthree\rfour".encode()
    assert decode(joined).text == "one\ntwo\nthree\nfour"
