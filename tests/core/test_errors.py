"""Error codes have sentences, in the reader's language."""

from django.utils import translation

from core.errors import CoreCode, HeimdexError, text_for


def test_parameters_are_filled_in_and_a_missing_one_does_not_fail():
    assert "182.5" in text_for("SCENE_TOO_LONG", {"scene_duration_s": 182.5, "max_duration_s": 180})
    assert "…" in text_for("SCENE_TOO_LONG", {})


def test_an_unknown_code_gets_the_general_sentence():
    assert text_for("NEVER_HEARD_OF") == text_for("INTERNAL_ERROR")


def test_the_sentence_follows_the_readers_language():
    error = HeimdexError(CoreCode.NOT_FOUND)
    with translation.override("en"):
        assert error.message == "There is nothing here."
