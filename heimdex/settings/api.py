"""Settings of the API: who may ask, what errors look like, how its schema is made."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "core.api.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "core.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Heimdex API",
    "VERSION": "1",
    "DESCRIPTION": "Upload a long video, read its scenes, export the moment as a vertical Short.",
    "SERVE_INCLUDE_SCHEMA": False,
    "DEFAULT_GENERATOR_CLASS": "core.api.schema.SchemaGenerator",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # A link inside the button of each operation would be a second target in the first.
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},
    "SCHEMA_PATH_PREFIX": r"/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.errors.describe_errors",
        "core.api.schema.add_summaries",
        "core.api.schema.prefer_json",
        "core.api.schema.say_defaults",
    ],
    "ENUM_NAME_OVERRIDES": {
        "LayoutEnum": "mediakit.framing.crop_plan.LAYOUTS",
        "PairLayoutEnum": "mediakit.framing.crop_plan.PAIR_LAYOUTS",
        "CaptionPresetEnum": "exports.choices.CaptionStyleName",
        "TranscriptSourceEnum": "videos.choices.TranscriptSource",
        "BorderKindEnum": "videos.choices.BorderKind",
        "AspectRatioEnum": "exports.choices.AspectRatio",
        "CutKindEnum": "exports.api.clip_tightening.KINDS",
    },
}
