"""The routes of the API: which calls each knows, and what strangers, other people, its owner and staff get."""

from tests.security.calls import (
    API,
    API_OWN,
    PUBLIC,
    TUS,
    Call,
    route,
)
from tests.security.calls import get as _get
from tests.security.calls import post as _post
from tests.security.calls import send_json as _json

API_ROUTES = {
    "api:schema": route("/v1/schema", _get(PUBLIC)),
    "api:docs": route("/v1/docs", _get(PUBLIC)),
    "api:me": route("/v1/me", _get(API)),
    "api:videos": route("/v1/videos", _get(API), _post((401, 422, 422, 422), {"title": "x"})),
    "api:tags": route("/v1/tags", _get(API)),
    "api:tag-rename": route("/v1/tags/rename", _json("POST", (401, 422, 422, 422))),
    "api:video-tags": route("/v1/videos/tags", _json("POST", (401, 422, 422, 422))),
    "api:videos-delete": route("/v1/videos/delete", _json("POST", (401, 422, 422, 422))),
    "api:videos-restore": route("/v1/videos/restore", _json("POST", (401, 422, 422, 422))),
    "api:videos-reprocess": route("/v1/videos/reprocess", _json("POST", (401, 422, 422, 422))),
    "api:video-import": route("/v1/videos/import", _json("POST", (401, 422, 422, 422))),
    "api:video": route(
        "/v1/videos/{video}",
        _get(API_OWN),
        _json("PATCH", API_OWN, title="New"),
        Call("DELETE", (401, 404, 204, 404)),
    ),
    "api:video-cues": route("/v1/videos/{video}/cues", _get(API_OWN)),
    "api:video-screen-text": route("/v1/videos/{video}/screen-text", _get(API_OWN)),
    "api:video-corrections": route(
        "/v1/videos/{video}/corrections", _get(API_OWN), _json("POST", (401, 404, 422, 404))
    ),
    "api:correction-places": route("/v1/videos/{video}/corrections/places?find=x", _get(API_OWN)),
    "api:correction-replace": route(
        "/v1/videos/{video}/corrections/replace", _json("POST", (401, 404, 422, 404))
    ),
    "api:video-correction": route(
        "/v1/videos/{video}/corrections/{correction}", Call("DELETE", (401, 404, 204, 404))
    ),
    "api:video-heard-lines": route("/v1/videos/{video}/heard-lines", _get(API_OWN)),
    "api:video-borders": route(
        "/v1/videos/{video}/borders", _get(API_OWN), _json("POST", (401, 404, 422, 404))
    ),
    "api:video-border": route(
        "/v1/videos/{video}/borders/{border}", Call("DELETE", (401, 404, 204, 404))
    ),
    "api:video-details": route("/v1/videos/{video}/details", _get(API_OWN)),
    "api:video-stop-hearing": route(
        "/v1/videos/{video}/stop-hearing", _json("POST", (401, 404, 409, 404))
    ),
    "api:video-hear": route(
        "/v1/videos/{video}/hear", _json("POST", (401, 404, 422, 404), start_s=0, end_s=0)
    ),
    "api:video-reprocess": route(
        "/v1/videos/{video}/reprocess", _json("POST", (401, 404, 202, 404))
    ),
    "api:video-captions": route("/v1/videos/{video}/captions", _post((401, 404, 422, 404))),
    "api:video-transcripts": route(
        "/v1/videos/{video}/transcripts", _get(API_OWN), _post((401, 404, 422, 404))
    ),
    "api:video-transcript": route(
        "/v1/videos/{video}/transcripts/{transcript}",
        _get(API_OWN),
        Call("DELETE", (401, 404, 204, 404)),
    ),
    "api:video-transcript-use": route(
        "/v1/videos/{video}/transcripts/{transcript}/use", _post((401, 404, 202, 404))
    ),
    "api:video-transcript-file": route(
        "/v1/videos/{video}/transcripts/{transcript}/srt", _get(API_OWN)
    ),
    "api:video-cut-list": route("/v1/videos/{video}/cut-list/edl", _get(API_OWN)),
    "api:video-speakers": route(
        "/v1/videos/{video}/speakers", _get(API_OWN), _json("POST", (401, 404, 422, 404))
    ),
    "api:speaker-rename": route(
        "/v1/videos/{video}/speakers/{rename}", Call("DELETE", (401, 404, 204, 404))
    ),
    "api:video-suggestions": route("/v1/videos/{video}/suggestions", _get(API_OWN)),
    "api:suggestion-ranking": route(
        "/v1/videos/{video}/suggestions/ranking",
        _post((401, 404, 409, 404)),
        Call("DELETE", (401, 404, 204, 404)),
    ),
    "api:suggestion-accept": route(
        "/v1/videos/{video}/suggestions/{suggestion}/accept", _post((401, 404, 201, 404))
    ),
    "api:suggestion-dismiss": route(
        "/v1/videos/{video}/suggestions/{suggestion}/dismiss", _post((401, 404, 200, 404))
    ),
    "api:suggestion-restore": route(
        "/v1/videos/{video}/suggestions/{suggestion}/restore", _post((401, 404, 200, 404))
    ),
    "api:video-thumbnail": route("/v1/videos/{video}/thumbnail", _get(API_OWN)),
    "api:video-export-short": route(
        "/v1/videos/{video}/export-short",
        _json("POST", (401, 404, 202, 404), start_s=0, end_s=1),
    ),
    "api:glossary": route("/v1/glossary", _get(API), _json("PUT", API, terms=["Heimdex"])),
    "api:search": route("/v1/search?q=words", _get(API)),
    "api:scene": route("/v1/scenes/{scene}", _get(API_OWN)),
    "api:scene-thumbnail": route("/v1/scenes/{scene}/thumbnail", _get(API_OWN)),
    "api:scene-export-short": route(
        "/v1/scenes/{scene}/export-short", _json("POST", (401, 404, 202, 404))
    ),
    "api:batch-list": route("/v1/batches", _get(API), _json("POST", (401, 422, 422, 422))),
    "api:batch": route("/v1/batches/{batch}", _get(API_OWN)),
    "api:batch-cancel": route("/v1/batches/{batch}/cancel", _json("POST", (401, 404, 409, 404))),
    "api:batch-retry": route("/v1/batches/{batch}/retry", _json("POST", (401, 404, 409, 404))),
    "api:batch-zip": route("/v1/batches/{batch}/zip", _get(API_OWN)),
    "api:batch-cut-list": route("/v1/batches/{batch}/cut-list/edl", _get(API_OWN)),
    "api:clip-list": route("/v1/clips", _get(API), _json("POST", (401, 422, 422, 422))),
    "api:clip": route(
        "/v1/clips/{clip}",
        _get(API_OWN),
        _json("PATCH", API_OWN, title="New", version=1),
        Call("DELETE", (401, 404, 204, 404)),
    ),
    "api:clip-export": route("/v1/clips/{clip}/export", _json("POST", (401, 404, 202, 404))),
    "api:clip-duplicate": route("/v1/clips/{clip}/duplicate", _json("POST", (401, 404, 201, 404))),
    "api:clip-cut-list": route("/v1/clips/{clip}/cut-list/edl", _get(API_OWN)),
    "api:clip-history": route("/v1/clips/{clip}/history", _get(API_OWN)),
    "api:clip-tighten": route(
        "/v1/clips/{clip}/tighten",
        _get((401, 404, 409, 404)),
        _json("POST", (401, 404, 409, 404), version=1),
    ),
    "api:clip-restore": route(
        "/v1/clips/{clip}/restore", _json("POST", (401, 404, 200, 404), to=1, version=1)
    ),
    "api:export-list": route("/v1/exports", _get(API)),
    "api:export": route(
        "/v1/exports/{export}",
        _get(API_OWN),
        _json("PATCH", (401, 404, 422, 404)),
        Call("DELETE", (401, 404, 204, 404)),
    ),
    "api:cover": route("/v1/exports/{export}/cover", _get((401, 404, 422, 404))),
    "api:post-text": route("/v1/exports/{export}/post-text", _get(API_OWN)),
    "api:export-cancel": route("/v1/exports/{export}/cancel", _json("POST", (401, 404, 409, 404))),
    "api:export-retry": route("/v1/exports/{export}/retry", _json("POST", (401, 404, 409, 404))),
    "api:export-receipt": route("/v1/exports/{export}/receipt", _get(API_OWN)),
    "api:export-captions": route("/v1/exports/{export}/captions.vtt", _get(API_OWN)),
    "api:caption-preset-list": route(
        "/v1/caption-presets",
        _get(API),
        _json("POST", (401, 422, 422, 422)),
    ),
    "api:caption-preset": route(
        "/v1/caption-presets/{preset}",
        _get(API_OWN),
        _json("PATCH", API_OWN),
        _json("DELETE", (401, 404, 204, 404)),
    ),
    "api:logo": route("/v1/logos/" + "0" * 64, Call("DELETE", (401, 404, 404, 404))),
    "api:logos": route("/v1/logos", _post((401, 422, 422, 422))),
    "api:finish-file-list": route("/v1/finish-files", _get(API), _post((401, 422, 422, 422))),
    "api:finish-file": route(
        "/v1/finish-files/{finish_file}", _get(API_OWN), Call("DELETE", (401, 404, 204, 404))
    ),
    "api:?": route("/v1/nothing/here", _get((404,) * 4), _post((404,) * 4)),
    "uploads:list": route(
        "/uploads",
        Call("OPTIONS", (204,) * 4),
        Call(
            "POST",
            (401, 201, 201, 201),
            headers={
                **TUS,
                "HTTP_UPLOAD_LENGTH": "10",
                "HTTP_UPLOAD_METADATA": "filename dC5tcDQ=",
            },
            kind="bytes",
        ),
    ),
    "uploads:item": route(
        "/uploads/{upload}",
        Call("OPTIONS", (204,) * 4),
        Call("HEAD", (401, 404, 200, 404), headers=TUS),
        Call(
            "PATCH",
            (401, 404, 204, 404),
            headers={**TUS, "HTTP_UPLOAD_OFFSET": "0"},
            kind="bytes",
        ),
        Call("DELETE", (401, 404, 204, 404), headers=TUS),
    ),
    "uploads:captions": route("/uploads/{upload}/captions", _post((401, 404, 422, 404))),
}
