"""What every route of the admin answers to each audience, written as in `tests/security/routes.py`."""

from tests.security.calls import ADMIN, ADMIN_302, ADMIN_403, Route, Statuses, route
from tests.security.calls import get as _get
from tests.security.calls import post as _post


def _model(
    name: str,
    key: str,
    *,
    add: Statuses = ADMIN_403,
    change: Statuses = ADMIN_403,
    delete: Statuses = ADMIN_403,
    deleted: Statuses | None = None,
) -> dict[str, Route]:
    """The routes of one model in the admin; what staff may not do there is a 403."""
    app_model = "/admin/" + name.replace("_", "/", 1)
    erase = {"post": "yes"}
    return {
        f"admin:{name}_changelist": route(f"{app_model}/", _get(ADMIN), _post(ADMIN)),
        f"admin:{name}_add": route(f"{app_model}/add/", _get(add), _post(add)),
        f"admin:{name}_change": route(f"{app_model}/{key}/change/", _get(ADMIN), _post(change)),
        f"admin:{name}_history": route(f"{app_model}/{key}/history/", _get(ADMIN)),
        f"admin:{name}_delete": route(
            f"{app_model}/{key}/delete/", _get(delete), _post(deleted or delete, erase)
        ),
        f"{app_model}/<path:object_id>/": route(f"{app_model}/{key}/", _get(ADMIN_302)),
    }


_ERASABLE = {"delete": ADMIN, "deleted": ADMIN_302}
_LOG = {**_ERASABLE, "change": ADMIN_302}  # a form without fields

ADMIN_ROUTES = {
    "admin:index": route("/admin/", _get(ADMIN)),
    "admin:login": route("/admin/login/", _get((200, 200, 200, 302)), _post((200, 200, 200, 200))),
    "admin:logout": route("/admin/logout/", _post((302, 302, 302, 302))),
    "admin:search": route("/admin/search/", _get(ADMIN)),
    "admin:app_list": route("/admin/videos/", _get(ADMIN)),
    "admin:jsi18n": route("/admin/jsi18n/", _get(ADMIN)),
    "admin:autocomplete": route("/admin/autocomplete/", _get(ADMIN_403)),
    "admin:password_change": route("/admin/password_change/", _get(ADMIN), _post(ADMIN)),
    "admin:password_change_done": route("/admin/password_change/done/", _get(ADMIN)),
    "admin:view_on_site": route("/admin/r/1/1/", _get((302, 302, 302, 404))),
    "admin:auth_user_password_change": route(
        "/admin/accounts/user/{user}/password/", _get(ADMIN), _post(ADMIN)
    ),
    "admin:videos_video_thumbnail": route("/admin/videos/video/{video}/thumbnail", _get(ADMIN)),
    "admin:exports_export_play": route("/admin/exports/export/{export}/play", _get(ADMIN)),
    "/admin/(?P<url>.*)$": route("/admin/no/such/page", _get((302, 302, 302, 404))),
    # Exports outlive what they were made from, so people who have some are switched off, not deleted.
    # A person is deleted in the background; the page goes back to the list.
    **_model("accounts_user", "{user}", add=ADMIN, change=ADMIN, delete=ADMIN, deleted=ADMIN_302),
    **_model("accounts_accesstoken", "{token}", **_ERASABLE),
    **_model("auth_group", "{group}", add=ADMIN, change=ADMIN, **_ERASABLE),
    **_model("videos_video", "{video}", **_ERASABLE),
    **_model("videos_upload", "{upload}"),
    **_model("videos_proxy", "{proxy}"),
    **_model("videos_screenreading", "{screen_reading}"),
    **_model("videos_suggestionranking", "{suggestion_ranking}"),
    **_model("videos_clip", "{clip}", **_ERASABLE),
    **_model("videos_machinemodel", "{model}", **_ERASABLE),
    **_model("exports_export", "{export}"),
    **_model("exports_captionpreset", "{preset}", **_ERASABLE),
    **_model("exports_finishfile", "{finish_file}", **_ERASABLE),
    **_model("axes_accessattempt", "{attempt}", **_LOG),
    **_model("axes_accesslog", "{log}", **_LOG),
    **_model("axes_accessfailurelog", "{failure}", **_LOG),
}
