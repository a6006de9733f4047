"""The product's URLs."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.views import choose_language, may_send
from core.http import api_not_found
from heimdex.web.error_pages import refused
from heimdex.web.script_texts import script_catalog

api: list[URLPattern | URLResolver] = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    path("", include("videos.api.urls")),
    path("", include("exports.api.urls")),
    re_path(r"^(.*)$", api_not_found),
]

urlpatterns = [
    path("v1/", include((api, "api"))),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("i18n/catalog.js", script_catalog, name="javascript-catalog"),
    path("", include("heimdex.observability.urls")),
    # Asked by the web server and nginx about a request whose body they have not read.
    path("-/may-send", may_send, name="may_send"),
    path("-/refused/<str:code>", refused, name="refused"),
    path("account/", include("accounts.urls")),
    path("", include("videos.api.upload_urls")),
    path("", include("exports.web.urls")),
    path("", include("videos.web.urls")),
]

handler400 = "heimdex.web.error_pages.bad_request"
handler500 = "heimdex.web.error_pages.server_error"
