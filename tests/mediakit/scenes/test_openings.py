"""What clips open on: black, frozen or moving pictures, in a film whose keyframes do not tell."""

from mediakit.scenes.first_pass import run_first_pass
from mediakit.scenes.openings import Opening, look_at_openings
from tests.clips import info_of
from tests.mediakit.conftest import ffmpeg


def test_black_and_frozen_openings_are_found(tmp_path):
    """Black from 2 to 4 s, the same picture from 5 to 8 s."""
    path = tmp_path / "film.mp4"
    graph = (
        "testsrc2=s=160x90:r=10:d=10,select='not(between(t,5,7.99))',fps=10,"
        "drawbox=c=black:t=fill:enable='between(t,2,3.99)'"
    )
    ffmpeg("-f", "lavfi", "-i", graph, "-pix_fmt", "yuv420p", path)
    info = info_of(path)

    found = look_at_openings(str(path), info, [0, 1_500, 2_500, 5_300, 7_400, 8_500])

    assert [opening.is_black for opening in found] == [True, True, True, False, False, False]
    assert [opening.is_frozen for opening in found] == [False, True, True, True, False, False]
    assert look_at_openings(str(tmp_path / "none.mp4"), info, [0]) == [Opening()]
    work = tmp_path / "work"
    work.mkdir()
    scan = run_first_pass(str(path), info, work)
    assert {time_ms // 1000 for time_ms in scan.dark_ms} == {2, 3}
    assert any(start > 4_500 and end < 8_500 for start, end in scan.still_ms)
