"""How `tests/security/routes.py` writes a route: its methods, and what each audience is answered."""

from dataclasses import dataclass, field
from typing import Any

Statuses = tuple[int, int, int, int]

PUBLIC: Statuses = (200, 200, 200, 200)
PERSONAL: Statuses = (302, 200, 200, 200)
OWN: Statuses = (302, 404, 200, 404)
OWN_CHANGE: Statuses = (302, 404, 302, 404)
API: Statuses = (401, 200, 200, 200)
API_OWN: Statuses = (401, 404, 200, 404)
ADMIN: Statuses = (302, 302, 302, 200)
ADMIN_302: Statuses = (302, 302, 302, 302)
ADMIN_403: Statuses = (302, 302, 302, 403)

TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
EXPORT_FORM = {"strategy": "letterbox", "quality": "medium", "start": "0:00", "end": "0:01"}


@dataclass(frozen=True, slots=True)
class Call:
    """One method of a route: what is sent and what each audience is answered."""

    method: str
    expected: Statuses
    data: dict[str, Any] = field(default_factory=dict)
    kind: str = "form"  # form, json or bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """A route's address and its methods; every other method must be refused."""

    path: str
    calls: tuple[Call, ...]


def get(expected: Statuses, **headers: str) -> Call:
    return Call("GET", expected, headers=headers)


def post(expected: Statuses, data: dict[str, Any] | None = None, kind: str = "form") -> Call:
    return Call("POST", expected, data or {}, kind)


def send_json(method: str, expected: Statuses, **data: Any) -> Call:
    return Call(method, expected, data, "json")


def route(path: str, *calls: Call) -> Route:
    """A row of the table."""
    return Route(path, calls)
