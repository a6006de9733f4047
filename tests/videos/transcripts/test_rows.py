"""What a scene gets from a transcript."""

from videos.transcripts.rows import scene_tags

FRENCH = (
    "C'est la force du smartphone, mais il faut dire que les applications sont dans une interface"
)
ENGLISH = "What do you think of my drawing, and of the car that is on the drawing?"


def test_tags_of_a_scene_are_in_the_language_that_it_is_said_in():
    """The words that French has no use for are the most frequent ones of English."""
    tags = scene_tags([FRENCH, ENGLISH], 1, language="fr")

    assert "drawing" in tags
    assert not {"the", "you", "that", "and", "of"} & set(tags)
    assert "smartphone" in scene_tags([FRENCH, ENGLISH], 0, language="fr")
