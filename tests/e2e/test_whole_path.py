"""From a file to a downloaded Short over HTTP, through real Celery workers: in one process, and spread out."""

from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from mediakit.probing.probe import probe
from tests.e2e.server import Installation, Script, SpreadOut


def test_embedded(own: Installation, talk, tmp_path: Path):
    token = own.person("script")

    with own.serving() as server, Script(server.url, token) as script:
        walk(script, talk, tmp_path)
        assert server.stop() == 0


@pytest.mark.services
def test_on_postgresql_redis_and_s3(spread_out: SpreadOut, talk, tmp_path: Path):
    installation = spread_out.installation
    token = installation.person("script")

    with (
        installation.celery("worker", "-Q", "exports,videos", "-c", "2", "-l", "INFO"),
        installation.celery("beat", "--schedule", str(installation.data_dir / "beat")),
        installation.serving("--web-only") as server,
        Script(server.url, token) as script,
    ):
        export_id = walk(script, talk, tmp_path)

    stored = spread_out.bucket.keys()
    assert [key for key in stored if f"/{export_id}." in key]
    assert not list((installation.data_dir / "media").rglob("*.mp4"))


@pytest.mark.services
def test_a_worker_that_is_stopped_hands_its_export_to_another(
    spread_out: SpreadOut, talk, tmp_path: Path
):
    installation = spread_out.installation
    token = installation.person("patient")
    worker = ("worker", "-Q", "exports,videos", "-c", "1")

    with installation.serving("--web-only") as server, Script(server.url, token) as script:
        with installation.celery(*worker) as first:
            video = script.video(script.upload(*talk))
            export_id = ask(script, video["id"], start_s=0, end_s=3)["export_id"]
            script.export(export_id, status="processing")
            assert first.stop() == 0

        with psycopg.connect(spread_out.database_url) as connection:
            sql = "SELECT status, attempts, claim_token FROM exports_export WHERE id = %s"
            assert connection.execute(sql, [export_id]).fetchone() == ("pending", 0, None)

        with installation.celery(*worker):
            script.export(export_id)


def walk(script: Script, talk: tuple[Path, Path], tmp_path: Path) -> str:
    """Upload, process, read, export, download, probe; returns the export's id."""
    video = script.video(script.upload(*talk))
    details = script.get(f"/v1/videos/{video['id']}/details")
    assert details["total_scenes"] == len(details["scenes"]) > 0
    assert "very short talk" in details["full_transcript"]
    assert (video["width"], video["height"], video["transcript_language"]) == (640, 360, "en")

    accepted = ask(script, video["id"], start_s=1.5, end_s=4.5, aspect_ratio_strategy="blur")
    assert (accepted["status"], accepted["progress"]) == ("pending", 0)
    export = script.export(accepted["export_id"])
    assert (export["resolution"], export["progress"]) == ("1080x1920", 100)

    file = tmp_path / "short.mp4"
    response = script.download(export["download_url"], file)
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Content-Disposition"].startswith("attachment")
    check_short(file, export)
    assert script.get("/v1/me")["used"] >= 1
    return str(export["export_id"])


def ask(script: Script, video_id: str, **options: object) -> dict:
    """Ask for an export of the video's first scene."""
    scene = script.get(f"/v1/videos/{video_id}/details")["scenes"][0]
    options = {"output_quality": "medium", **options}
    return script.post(f"/v1/scenes/{scene['id']}/export-short", expected=202, json=options)


def check_short(file: Path, export: dict) -> None:
    """The downloaded bytes are the promised Short."""
    info = probe(str(file))
    assert file.stat().st_size == export["file_size_bytes"]
    assert abs(info.duration_ms - 3_000) <= 100
    assert abs(export["duration_s"] - 3) <= 0.1
    video, audio = info.video, info.audio[0]
    assert (video.codec, video.width, video.height, video.sar) == ("h264", 1080, 1920, Fraction(1))
    assert (audio.codec, audio.channels, audio.sample_rate) == ("aac", 2, 48_000)
