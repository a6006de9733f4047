"""What a second attempt at an export does again, and what the first one left for it."""

import pytest
from django.core.files.storage import default_storage

from exports.choices import ExportStatus
from exports.models import Export
from mediakit.errors import ToolLimitError
from mediakit.sandbox import process
from mediakit.scenes.first_pass import run_first_pass
from tests.clips import info_of
from tests.exports.render_runs import breaking, real_commits, run
from videos.models import ShotAnalysis, SoundLevels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]


@pytest.fixture
def tools(monkeypatch) -> list[str]:
    """The command line of every tool that is started."""
    found: list[str] = []
    child = process._child

    def noted(command):
        found.append(" ".join(map(str, command.argv)))
        return child(command)

    monkeypatch.setattr(process, "_child", noted)
    return found


@real_commits
def test_a_retry_analyses_and_measures_nothing_again(export, clip, tools, tmp_path):
    """The shot analysis, the crop plan and the loudness are rows: only the encode and the check run again."""
    assert export.video is not None
    index = run_first_pass(str(clip), info_of(clip), tmp_path).loudness_index
    assert index.track is not None
    SoundLevels.objects.create(video=export.video, track=index.track, blocks=index.blocks)
    Export.objects.update(
        aspect_ratio_strategy="smart_crop", output_quality="medium", start_ms=0, end_ms=3_000
    )
    source = default_storage.path(export.video.source_key)
    tools.clear()
    with pytest.MonkeyPatch.context() as broken:
        killed = ToolLimitError("no", limit="killed", tool="ffmpeg", returncode=-9)
        breaking(killed, broken)
        assert run(export).status == ExportStatus.PENDING
    # What the check compares is read during each encode, by the timestamps in the file ("-copyts").
    first = [line for line in tools if source in line and "-copyts" not in line]
    assert first  # it was analysed
    plan = Export.objects.get().plan
    assert plan
    tools.clear()

    row = run(export)

    assert (row.status, row.attempts, row.plan) == (ExportStatus.COMPLETED, 2, plan)
    assert ShotAnalysis.objects.count() == 1
    again = [line for line in tools if source in line]
    assert not set(first) & set(again)
    assert not [line for line in again if line.startswith("ffprobe") or "ebur128" in line]
    assert len([line for line in again if "libx264" in line]) == 1
    # Besides the encode: pictures and sound of the moment that the check compares.
    assert len(again) <= 1 + 2
