"""The spoken talk, made once."""

import pytest

from tests.mediakit.tightening.spoken_talk import SpokenTalk, make_spoken_talk


@pytest.fixture(scope="session")
def talk(tmp_path_factory) -> SpokenTalk:
    """A talk with 100 pauses, whose words have known times."""
    return make_spoken_talk(tmp_path_factory.mktemp("talk"))
