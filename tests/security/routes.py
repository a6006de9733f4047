"""What every route answers to each audience: anonymous, another person, the owner, staff.

A route that is not in it fails the test, so a new route needs an entry with who may use it.
`{video}` and the like are filled with the ids of the owner's things.
"""

from tests.security.admin_routes import ADMIN_ROUTES
from tests.security.api_routes import API_ROUTES
from tests.security.calls import (
    EXPORT_FORM,
    OWN,
    OWN_CHANGE,
    PERSONAL,
    PUBLIC,
    route,
)
from tests.security.calls import get as _get
from tests.security.calls import post as _post

PAGE_ROUTES = {
    "set_language": route("/i18n/setlang/", _post((302,) * 4, {"language": "ko"})),
    "javascript-catalog": route("/i18n/catalog.js", _get(PUBLIC)),
    "health:alive": route("/health", _get(PUBLIC)),
    "health:ready": route("/health/ready", _get(PUBLIC)),
    "may_send": route("/-/may-send", _get((401, 204, 204, 204))),
    "refused": route("/-/refused/THROTTLED", _get((429, 429, 429, 429))),
    "health:metrics": route("/metrics", _get((404, 404, 404, 200))),
    "accounts:login": route(
        "/account/login", _get((200, 302, 302, 302)), _post((200, 302, 302, 302))
    ),
    "accounts:logout": route("/account/logout", _post((302,) * 4)),
    "accounts:signup": route(
        "/account/signup", _get((200, 302, 302, 302)), _post((422, 302, 302, 302), {"username": ""})
    ),
    "accounts:settings": route(
        "/account/settings", _get(PERSONAL), _post((302, 302, 302, 302), {"language": "en"})
    ),
    "accounts:password": route("/account/password", _get(PERSONAL), _post(PERSONAL)),
    "accounts:forgotten": route("/account/forgotten", _get(PUBLIC), _post((404,) * 4)),
    "accounts:reset": route("/account/reset/MQ/nothing-abc", _get(PUBLIC), _post(PUBLIC)),
    "accounts:tokens": route(
        "/account/tokens",
        _get((302,) * 4),
        _post(
            (302, 201, 201, 201),
            {"name": "mine", "scope": "read", "days": "7", "password": "a long pass phrase 42"},
        ),
    ),
    # Another user's token counts as missing: nothing changes, and the list is shown again.
    "accounts:revoke_token": route("/account/tokens/{token}/revoke", _post((302,) * 4)),
    "exports:list": route("/exports", _get(PERSONAL)),
    "exports:detail": route("/exports/{export}", _get(OWN)),
    "exports:cover": route("/exports/{export}/cover.jpg", _get((302, 404, 422, 404))),
    "exports:batch": route("/batches/{batch}", _get(OWN)),
    "exports:batch_zip": route("/batches/{batch}/zip", _get(OWN)),
    "exports:batch_cut_list": route("/batches/{batch}/cut-list", _get((302, 404, 302, 404))),
    "exports:batch_cut_list_file": route("/batches/{batch}/cut-list/file?kind=edl", _get(OWN)),
    "exports:cancel_batch": route("/batches/{batch}/cancel", _post(OWN_CHANGE)),
    "exports:retry_batch": route("/batches/{batch}/retry", _post(OWN_CHANGE)),
    "exports:batch_dialog": route(
        "/videos/{video}/batch", _get(OWN), _post((302, 404, 422, 404), {"strategy": "x"})
    ),
    "exports:matching": route("/exports/matching", _get(PERSONAL)),
    "exports:delete_many": route("/exports/delete", _post((302, 302, 302, 302))),
    "exports:undo_delete": route("/exports/undo-delete", _post((302, 302, 302, 302))),
    "exports:rename": route("/exports/{export}/rename", _post(OWN_CHANGE)),
    "exports:cancel": route("/exports/{export}/cancel", _post(OWN_CHANGE)),
    "exports:retry": route("/exports/{export}/retry", _post(OWN_CHANGE)),
    "exports:delete": route("/exports/{export}/delete", _post(OWN_CHANGE)),
    "exports:dialog_again": route(
        "/exports/{export}/again", _get(OWN), _post(OWN_CHANGE, EXPORT_FORM)
    ),
    "exports:dialog": route(
        "/scenes/{scene}/export",
        _get(OWN),
        _post(
            OWN_CHANGE,
            EXPORT_FORM,
        ),
    ),
    "exports:dialog_for_clip": route(
        "/clips/{clip}/export",
        _get(OWN),
        _post(OWN_CHANGE, EXPORT_FORM),
    ),
    "exports:dialog_for_range": route(
        "/videos/{video}/export",
        _get(OWN),
        _post(
            OWN_CHANGE,
            EXPORT_FORM,
        ),
    ),
    "exports:for_video": route("/videos/{video}/exports", _get(OWN)),
    "exports:play": route("/exports/{export}/play", _get(OWN)),
    "exports:download": route("/exports/{export}/download", _get(OWN)),
    "exports:file": route("/d/{link}", _get(PUBLIC)),
    "exports:page_stage": route(
        "/videos/{video}/page-stage.json?start_ms=0&end_ms=1000", _get(OWN)
    ),
    "exports:style_preview": route(
        "/videos/{video}/look/letterbox.jpg?start_ms=0&end_ms=600&captions=box", _get(OWN)
    ),
    "exports:missing_letters": route(
        "/videos/{video}/missing-letters?start=0&end=5&captions=box&hook=a", _get(OWN)
    ),
    "exports:save_preset": route("/presets", _post((302, 302, 302, 302), {"captions": "box"})),
    "exports:delete_preset": route("/presets/{preset}/delete", _post(OWN_CHANGE)),
    "exports:delete_logo": route("/logos/" + "0" * 64 + "/delete", _post((302, 404, 404, 404))),
    "exports:add_finish_file": route("/finish-files", _post((302, 302, 302, 302))),
    "exports:delete_finish_file": route("/finish-files/{finish_file}/delete", _post(OWN_CHANGE)),
    "exports:captions": route("/exports/{export}/captions.srt", _get(OWN)),
    "exports:framing": route("/videos/{video}/framing?start_ms=0&end_ms=900", _get(OWN)),
    # The video of these tests has no sound.
    "exports:listen": route("/videos/{video}/listen/1/0.m4a", _get((302, 404, 422, 404))),
    "exports:still": route("/videos/{video}/still/letterbox/100.jpg", _get(OWN)),
    "videos:glossary": route(
        "/glossary",
        _get(PERSONAL),
        _post((302, 302, 302, 302), {"terms": "Heimdex"}),
    ),
    "videos:search": route("/search?q=words", _get(PERSONAL)),
    "videos:library": route("/", _get(PERSONAL)),
    "videos:matching": route("/library/matching", _get(PERSONAL)),
    "videos:tag_names": route("/library/tag-names", _get(PERSONAL), _post(PERSONAL)),
    "videos:many_tags": route("/library/tags", _get(PERSONAL), _post((302, 302, 302, 302))),
    "videos:many_again": route("/library/again", _get(PERSONAL), _post(PERSONAL)),
    "videos:many_delete": route("/library/delete", _post((302, 302, 302, 302))),
    "videos:library_undo": route("/library/undo", _post((302, 302, 302, 302))),
    "exports:batch_of_exports": route(
        "/exports/batch", _get(PERSONAL), _post((302, 422, 422, 422))
    ),
    "exports:batch_of_videos": route("/videos/batch", _get(PERSONAL), _post((302, 422, 422, 422))),
    "videos:upload": route("/upload", _get(PERSONAL), _post(PERSONAL)),
    "videos:import": route("/upload/link", _get((302,) * 4), _post((302, 422, 422, 422))),
    "videos:page": route("/videos/{video}", _get(OWN)),
    "videos:progress": route("/videos/{video}/progress", _get(OWN_CHANGE)),
    "videos:proxy": route("/videos/{video}/proxy", _get((302, 404, 404, 404))),
    "videos:proxy_line": route("/videos/{video}/proxy/line", _get(OWN_CHANGE)),
    "videos:ask_for_proxy": route("/videos/{video}/proxy/ask", _post(OWN_CHANGE)),
    "videos:heard": route("/videos/{video}/heard", _get(OWN_CHANGE)),
    "videos:hear_again": route(
        "/videos/{video}/hear", _post(OWN_CHANGE, {"start": "0:00", "end": "0:01"})
    ),
    "videos:stop_hearing": route("/videos/{video}/stop-hearing", _post(OWN_CHANGE)),
    "videos:card": route("/videos/{video}/card", _get(OWN)),
    "videos:cut_list": route("/videos/{video}/cut-list", _get((302, 404, 302, 404))),
    "videos:cut_list_file": route(
        "/videos/{video}/cut-list/file?of=clips&kind=fcpxml", _get((302, 404, 200, 404))
    ),
    "videos:waveform": route("/videos/{video}/waveform", _get((302, 404, 204, 404))),
    "videos:word_edges": route("/videos/{video}/word-edges", _get(OWN)),
    "videos:lines": route("/videos/{video}/lines?at=0", _get(OWN)),
    "exports:caption_font": route("/caption-fonts/sans.otf", _get(PERSONAL)),
    "exports:stage": route(
        "/videos/{video}/stage/center_crop.json?start_ms=0&end_ms=1000", _get(OWN)
    ),
    "videos:scenes": route("/videos/{video}/scenes?from=0&until=9000", _get(OWN)),
    "videos:undo_border": route(
        "/videos/{video}/borders/{border}/undo", _post((302, 404, 200, 404))
    ),
    "videos:corrections": route("/videos/{video}/corrections", _get((302, 404, 302, 404))),
    "videos:speakers": route(
        "/videos/{video}/speakers", _get((302, 404, 302, 404)), _post((302, 404, 200, 404))
    ),
    "videos:word_times": route("/videos/{video}/word-times?lines=0", _get(OWN)),
    "videos:speaker_lines": route("/videos/{video}/speakers/lines", _get(OWN)),
    "videos:undo_rename": route(
        "/videos/{video}/speakers/{rename}/undo", _post((302, 404, 200, 404))
    ),
    "videos:replace": route(
        "/videos/{video}/replace", _get((302, 404, 302, 404)), _post((302, 404, 422, 404))
    ),
    "videos:undo_correction": route(
        "/videos/{video}/corrections/{correction}/undo", _post((302, 404, 200, 404))
    ),
    "videos:clips": route("/videos/{video}/clips", _get((302, 404, 302, 404))),
    "videos:clip_history": route("/clips/{clip}/history", _get((302, 404, 302, 404))),
    "videos:restore_clip": route("/clips/{clip}/restore", _post((302, 404, 200, 404))),
    "videos:rename_clip": route(
        "/clips/{clip}/rename", _post(OWN_CHANGE, {"title": "New", "version": 1})
    ),
    "videos:duplicate_clip": route("/clips/{clip}/duplicate", _post(OWN_CHANGE)),
    "videos:move_clip": route("/clips/{clip}/move", _post(OWN_CHANGE, {"by": "1"})),
    "videos:delete_clip": route("/clips/{clip}/delete", _post(OWN_CHANGE)),
    "videos:undelete_clip": route("/clips/{clip}/undelete", _post(OWN_CHANGE)),
    "videos:suggestions": route("/videos/{video}/suggestions", _get((302, 404, 302, 404))),
    "videos:rank_suggestions": route("/videos/{video}/suggestions/rank", _post(OWN_CHANGE)),
    "videos:learn_suggestions": route(
        "/videos/{video}/suggestions/learn", _post(OWN_CHANGE, {"learns": "1"})
    ),
    "videos:keep_suggestion": route(
        "/videos/{video}/suggestions/{suggestion}/keep", _post(OWN_CHANGE)
    ),
    "videos:dismiss_suggestion": route(
        "/videos/{video}/suggestions/{suggestion}/dismiss", _post(OWN_CHANGE)
    ),
    "videos:restore_suggestion": route(
        "/videos/{video}/suggestions/{suggestion}/restore", _post(OWN_CHANGE)
    ),
    "videos:rename": route("/videos/{video}/rename", _post(OWN_CHANGE, {"title": "New"})),
    "videos:add_captions": route("/videos/{video}/captions", _post(OWN_CHANGE)),
    "videos:reprocess": route("/videos/{video}/reprocess", _post(OWN_CHANGE)),
    "videos:delete": route("/videos/{video}/delete", _post(OWN_CHANGE)),
    "videos:source": route("/videos/{video}/source", _get(OWN)),
    "videos:thumbnail": route("/videos/{video}/thumbnail", _get(OWN)),
    "videos:scene_thumbnail": route("/scenes/{scene}/thumbnail", _get(OWN)),
    "videos:captions": route("/videos/{video}/captions.vtt", _get(OWN)),
    "videos:captions_check": route("/captions/check", _post(PERSONAL)),
    "videos:captions_preview": route("/videos/{video}/captions/preview", _get(OWN)),
    "videos:transcript": route("/videos/{video}/transcript.srt", _get(OWN)),
    "videos:other_transcript": route("/videos/{video}/transcripts/{transcript}.srt", _get(OWN)),
    "videos:use_transcript": route(
        "/videos/{video}/transcripts/{transcript}/use", _post(OWN_CHANGE)
    ),
    "videos:delete_transcript": route(
        "/videos/{video}/transcripts/{transcript}/delete", _post(OWN_CHANGE)
    ),
}

ROUTES = {**API_ROUTES, **PAGE_ROUTES, **ADMIN_ROUTES}
