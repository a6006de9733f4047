"""Descriptions and hashtags of Shorts, from their own words."""

import pytest

from mediakit.suggestions.post_text import PostText, post_text
from mediakit.text.transcript import Cue

TERMS = ["sourdough bread", "yeast", "oven"]


def cues(*texts: str) -> list[Cue]:
    return [Cue(n * 3_000, n * 3_000 + 2_900, text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "description"),
    [
        (["Bread rises slowly.", "Yeast makes gas."], "Bread rises slowly. Yeast makes gas."),
        (["the oven.", "Bread rises slowly."], "Bread rises slowly."),  # cut at its start
        (["Bread rises slowly.", "And then the"], "Bread rises slowly."),  # cut at its end
        (["hot from the oven"], "hot from the oven"),  # there is nothing else
        (
            ["빵은 천천히 부풉니다.", "효모가 가스를 만듭니다."],
            "빵은 천천히 부풉니다. 효모가 가스를 만듭니다.",
        ),
    ],
)
def test_the_description_is_whole_sentences(texts: list[str], description: str):
    found = post_text(cues(*texts), language="en", terms=())

    assert found.description.casefold() == description.casefold()


def test_hashtags_are_terms_that_are_said():
    found = post_text(cues("Sourdough bread needs wild yeast."), language="en", terms=TERMS)

    assert found.hashtags == ("#SourdoughBread", "#yeast")


def test_where_nothing_is_said_nothing_is_written():
    assert post_text([], language="en", terms=TERMS) == PostText()
    assert post_text(cues("[music]"), language="", terms=TERMS) == PostText()
