"""User names that look like other names: letters of several scripts in one, that look Latin, or cannot be seen."""

import unicodedata

MAX_LENGTH = 150
# Scripts whose letters stand together in one name. All others stand alone.
_EAST_ASIAN = frozenset({"LATIN", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"})
# Letters that look like the basic Latin ones, and those: Cyrillic, Greek, other Latin ones, small capitals.
_LOOKS_LIKE = str.maketrans(
    "аеорсухіјѕѵԁԛԝһӏвкмнтαορνιυκτχγεɑɡıɩĸᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aeopcyxijsvdqwhlbkmhtaopviuktxyeagiikabcdefghijklmnoprstuvwyz",
)
# Greek capitals that look like another letter than their small ones do.
_CAPITALS = str.maketrans("ΒΖΗΜΝΥ", "bzhmny")
# Letters by their category that are drawn as nothing: the fillers of Hangul.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")


def is_mixed(username: str) -> bool:
    """Whether the letters belong to scripts that do not stand together in one name."""
    scripts = {_script(c) for c in username if c.isalpha()}
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN


def is_invisible(username: str) -> bool:
    """Whether a letter of the name cannot be seen."""
    return not _INVISIBLE.isdisjoint(username)


def skeleton(username: str) -> str:
    """What a name looks like: two names with the same one are hard to tell apart. At most MAX_LENGTH characters.

    In lower case, with letters that look Latin replaced by the Latin ones.
    """
    small = unicodedata.normalize("NFKC", username).translate(_CAPITALS).casefold()
    plain = small.replace("i\u0307", "i")  # İ in lower case has its dot apart
    return plain.translate(_LOOKS_LIKE)[:MAX_LENGTH]


def _script(letter: str) -> str:
    """The first word of the letter's Unicode name, which is its script's."""
    return unicodedata.name(letter, "?").partition(" ")[0].partition("-")[0]
