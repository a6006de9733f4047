"""Capitals by language."""

import pytest

from mediakit.text.capitals import upper_case
from mediakit.text.languages import guess_language


@pytest.mark.parametrize(
    ("text", "language", "capitals"),
    [
        ("istanbul'da iyi bir gün", "tr", "İSTANBUL'DA İYİ BİR GÜN"),
        ("ığdır ılık şiir içinde", "tr-TR", "IĞDIR ILIK ŞİİR İÇİNDE"),
        ("bir iki", "az", "BİR İKİ"),
        ("it is fine", "en", "IT IS FINE"),
        ("it is fine", "", "IT IS FINE"),
        ("καλημέρα, τι κάνετε; προϊόν", "el", "ΚΑΛΗΜΕΡΑ, ΤΙ ΚΑΝΕΤΕ; ΠΡΟΪΟΝ"),
        ("straße", "de", "STRASSE"),
        ("გამარჯობა", "ka", "გამარჯობა"),
    ],
)
def test_capitals_are_those_of_the_language(text, language, capitals):
    assert upper_case(text, language) == capitals


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("istanbul'da iyi bir gün ığdır ılık şiir içinde", "tr"),
        ("President Erdoğan spoke to reporters of the paper on Friday", "en"),
        ("Erdoğan", ""),
    ],
)
def test_turkish_is_told_by_its_letters(text, language):
    assert guess_language(text) == language
