"""The OpenAPI schema: the server, summaries, JSON bodies, and HEAD where it is more than GET without a body."""

import json
from collections.abc import Callable
from typing import Any

from drf_spectacular import generators
from drf_spectacular.generators import EndpointEnumerator
from rest_framework.request import Request

_JSON = "application/json"


def add_summaries(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every operation without a summary the first sentence of its description."""
    for operations in result["paths"].values():
        for operation in operations.values():
            first = operation.get("description", "").partition("\n")[0].partition(". ")[0]
            operation.setdefault("summary", first.rstrip("."))
    return result


def prefer_json(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe a body that may be JSON or a form as JSON only: the fields are the same.

    Generators make a union of equal types of it, and openapi-python-client 0.29 modules that cannot be imported.
    """
    for operations in result["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            if _JSON in content:
                operation["requestBody"]["content"] = {_JSON: content[_JSON]}
    return result


def say_defaults(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say in words what a field is by default, instead of as the field's `default`.

    Generators for TypeScript take a field with a `default` for one that is always there, and require it in requests.
    """
    for component in result["components"]["schemas"].values():
        for field in component.get("properties", {}).values():
            default = field.pop("default", None)
            if default not in (None, "", []):
                value = default if isinstance(default, str) else json.dumps(default)
                words = f"{field.get('description', '')}\n\nBy default `{value}`."
                field["description"] = words.strip()
    return result


class _Endpoints(EndpointEnumerator):
    """The endpoints with their methods."""

    def get_allowed_methods(self, callback: Callable[..., Any]) -> list[str]:
        """The methods that are described: HEAD too, where a view answers it itself and not by its GET."""
        methods: list[str] = super().get_allowed_methods(callback)  # type: ignore[no-untyped-call]
        view = getattr(callback, "cls", None)
        has_own_head = hasattr(view, "head") and not hasattr(view, "get")
        return [*methods, "HEAD"] if has_own_head else methods


class SchemaGenerator(generators.SchemaGenerator):
    """Makes the schema of one request: its server is the one that was asked."""

    endpoint_inspector_cls = _Endpoints

    def get_schema(self, request: Request | None = None, public: bool = False) -> Any:  # noqa: FBT001, FBT002 - its signature
        """The schema; without a request its server is the one that it was fetched from."""
        schema = super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]
        url = request.build_absolute_uri("/").rstrip("/") if request else "/"
        return {**schema, "servers": [{"url": url}]}
