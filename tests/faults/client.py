"""Realistic clients: they give up waiting, retry with the same key at the other server, and record the answers."""

import contextlib
import hashlib
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx

FINAL = ("completed", "failed", "cancelled")
PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class AcceptedExport:
    """An export that a 202 response accepted, with the request's idempotency key."""

    export_id: str
    owner_id: int
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it was sent. At the end the same bytes must be stored."""

    video_id: str
    size: int
    sha256: str


@dataclass(slots=True)
class Ledger:
    """The exports and sources that servers accepted. `withdrawn` are ids that a client cancelled or deleted."""

    accepted: list[AcceptedExport] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, export_id: str, owner_id: int, key: str) -> None:
        """Record a 202 answer."""
        with self.lock:
            self.accepted.append(AcceptedExport(export_id, owner_id, key, time.time()))

    def take_back(self, *export_ids: str) -> None:
        """Record that exports were deleted, alone or with their account."""
        with self.lock:
            self.withdrawn.update(export_ids)


@dataclass(frozen=True, slots=True)
class Answer:
    """One attempt at a request: `status` 0 when nothing came back."""

    at: float
    took_s: float
    status: int


class GaveUpError(Exception):
    """A client got no usable answer within its time limit."""


class Client:
    """A script of one user. It retries connection errors, timeouts and 5xx answers with the same key."""

    def __init__(
        self, urls: Sequence[str], person: dict[str, Any], ledger: Ledger, *, timeout_s: float = 6
    ) -> None:
        self.person_id = int(person["id"])
        self.answers: list[Answer] = []
        self._urls = itertools.cycle(urls)
        self._url = next(self._urls)
        self._ledger = ledger
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {person['token']}"}, timeout=timeout_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def once(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Send a request once. Returns None when no answer came."""
        began = time.monotonic()
        response = None
        with contextlib.suppress(httpx.TransportError):
            response = self._http.request(method, self._url + path, **options)
        status = response.status_code if response is not None else 0
        self.answers.append(Answer(time.time(), time.monotonic() - began, status))
        return response

    def request(
        self, method: str, path: str, *, within_s: float = 90, **options: Any
    ) -> httpx.Response:
        """Send a request until an answer below 500 comes. Raises `GaveUpError` after `within_s` seconds."""
        deadline = time.monotonic() + within_s
        while True:
            response = self.once(method, path, **options)
            if response is not None and response.status_code < 500:
                return response
            if time.monotonic() > deadline:
                words = response.text[:300] if response is not None else "no answer"
                raise GaveUpError(f"{method} {path}: {words}")
            self._url = next(self._urls)
            time.sleep(PAUSE_S)

    def get(self, path: str, **options: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        response = self.request("GET", path, **options)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response.json()

    def upload(self, file: Path) -> str:
        """Upload a video in one request and wait until it is processed. Returns its id."""
        data = file.read_bytes()
        files = {"file": (file.name, data, "video/mp4")}
        response = self.request("POST", "/v1/videos", files=files)
        assert response.status_code == 201, response.text
        video_id = str(response.json()["id"])
        digest = hashlib.sha256(data).hexdigest()
        self._ledger.sources[video_id] = Source(video_id, len(data), digest)
        self.wait_for(f"/v1/videos/{video_id}", ("READY", "FAILED"))
        return video_id

    def export(
        self,
        video_id: str,
        *,
        start_s: float = 0,
        end_s: float = 0.5,
        key: str = "",
        within_s: float = 90,
        **more: Any,
    ) -> str:
        """Request a Short of a range until the server accepts it. Returns its id."""
        key = key or uuid.uuid4().hex
        body = {"start_s": start_s, "end_s": end_s, "output_quality": "medium", **more}
        response = self.request(
            "POST",
            f"/v1/videos/{video_id}/export-short",
            json=body,
            headers={"Idempotency-Key": key},
            within_s=within_s,
        )
        assert response.status_code == 202, f"{response.status_code} {response.text[:300]}"
        export_id = str(response.json()["export_id"])
        self._ledger.accept(export_id, self.person_id, key)
        return export_id

    def wait_for(self, path: str, statuses: Sequence[str], *, within_s: float = 120) -> Any:
        """Poll until the status is one of these."""
        return wait_until(
            lambda: (found := self.get(path))["status"] in statuses and found,
            within_s=within_s,
            what=f"{path} to be {' or '.join(statuses)}",
            pause_s=0.25,
        )

    def wait(self, export_id: str, *, within_s: float = 120) -> Any:
        """The export once it has ended."""
        return self.wait_for(f"/v1/exports/{export_id}", FINAL, within_s=within_s)

    def delete(self, export_id: str) -> None:
        """Delete an export. A repeated request gets 404, which counts as success."""
        response = self.request("DELETE", f"/v1/exports/{export_id}")
        assert response.status_code in {204, 404}, response.text
        self._ledger.take_back(export_id)


def wait_until(
    condition: Callable[[], Any], *, within_s: float, what: str, pause_s: float = 0.05
) -> Any:
    """Call `condition` until its result is true, and return the result. Raises TimeoutError, which names `what`."""
    deadline = time.monotonic() + within_s
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within_s:g} s for {what}")
        time.sleep(pause_s)


@dataclass(frozen=True, slots=True)
class RowState:
    """An export row's values from `at` on (seconds since 1970)."""

    at: float
    status: str
    token: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A worker that stopped sending heartbeats: its last one, and when another worker claimed the row."""

    token: str
    beat: float
    taken: float


def _seconds(value: Any) -> float:
    """Convert a time from the database to seconds since 1970."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value).replace(tzinfo=UTC)
    return float(value.timestamp())


class Watcher:
    """Reads the exports' rows 20 times a second and records every change of status or claim token."""

    SQL = "SELECT id, status, claim_token, attempts, heartbeat_at FROM exports_export"

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]]) -> None:
        self._rows = rows
        self.states: dict[str, list[RowState]] = {}
        self.beats: dict[str, float] = {}
        self._active: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.05):
            with contextlib.suppress(Exception):  # the scenario may stop the database
                self._record()

    def _record(self) -> None:
        found = self._rows(f"{self.SQL} WHERE status IN ('pending', 'processing')")
        active = {str(row[0]) for row in found}
        if ended := self._active - active:
            names = ", ".join(f"'{one}'" for one in ended)
            found += self._rows(f"{self.SQL} WHERE id IN ({names})")
        self._active = active
        now = time.time()
        for pk, status, token, attempts, beat in found:
            line = self.states.setdefault(str(pk), [])
            state = RowState(now, status, str(token or ""), attempts)
            if token and beat:
                self.beats[state.token] = _seconds(beat)
            if not line or (line[-1].status, line[-1].token) != (state.status, state.token):
                line.append(state)

    def first(self, export_id: str, *, after: float, token_not: str = "") -> RowState | None:
        """Return the first state after a moment in which the row has ended, or has a claim with another token."""
        for state in tuple(self.states.get(export_id, ())):
            if state.at > after and (
                (state.status == "processing" and state.token != token_not)
                or state.status in {"completed", "failed"}
            ):
                return state
        return None

    def losses(self, lease_s: float) -> list["Loss"]:
        """Return, in order, each time that a worker stopped renewing a row that was then claimed again or ended."""
        found = []
        for line in tuple(self.states.values()):
            for number, held in enumerate(line[:-1]):
                beat = self.beats.get(held.token, held.at)
                silent_s = line[number + 1].at - beat
                if held.status != "processing" or silent_s < 0.8 * lease_s:
                    continue
                later = (state for state in line[number + 1 :] if state.status != "pending")
                taken = next(later, None)
                if taken is not None:
                    found.append(Loss(held.token, beat, taken.at))
        return sorted(found, key=lambda loss: loss.beat)

    def at(self, export_id: str, moment: float) -> RowState | None:
        """Return the row's values at a moment."""
        before = [state for state in tuple(self.states.get(export_id, ())) if state.at <= moment]
        return before[-1] if before else None
