"""Requests of an export through the API, and the shape of a response."""

FIELDS = {
    *("export_id", "scene_id", "status", "progress", "output_quality"),
    *("aspect_ratio", "aspect_ratio_strategy"),
    *("download_url", "file_size_bytes", "duration_s", "resolution", "error_message"),
    *("created_at", "completed_at", "expires_at"),
    *("audio_track", "reduce_noise"),
    *(
        "batch_id",
        "video_id",
        "scene_number",
        "title",
        "video_title",
        "start_s",
        "end_s",
        "ranges",
        "stage",
        "error_code",
        "expired",
        "captions",
    ),
}


def ask(api, scene, body=None, **headers):
    return api.post(
        f"/v1/scenes/{scene.pk}/export-short", body or {}, format="json", headers=headers
    )


def refused(answer, status: int, code: str) -> dict:
    """The one error shape; returns the details."""
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"error_code", "message", "details"}
    assert body["error_code"] == code
    assert body["message"]
    assert "…" not in body["message"]
    details: dict = body["details"]
    return details
