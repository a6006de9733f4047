"""A good video with a few bytes overturned never ends in anything but a result or a reason."""

import os

from tests.hostile import flips
from tests.hostile.media import make_video

COUNT = 2_000 if os.environ.get("HEIMDEX_LONG") else 16


def test_overturned_bytes_end_in_a_result_or_a_reason():
    found = flips.run(range(COUNT))

    assert sum(found.values()) == COUNT
    assert set(found) <= flips.EXPECTED, found
    assert found[flips.GOOD], found
    assert len(found) > 1, "nothing was damaged"


def test_damage_is_reproducible_and_failures_are_reported(capsys, monkeypatch):
    data = make_video()
    assert flips.damaged(data, 5) == flips.damaged(data, 5) != flips.damaged(data, 7)
    assert len(flips.damaged(data, 5)) == len(data)

    def broken(*_args: object, **_options: object) -> None:
        raise KeyError("streams")

    monkeypatch.setattr(flips, "probe", broken)

    assert flips.main(["--count", "2"]) == 1
    assert "KeyError: 'streams' 2; broken 2" in capsys.readouterr().out
