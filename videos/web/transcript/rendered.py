"""Transcripts as pages and players get them, built once for each version of a video's transcript.

A video's `ready_at`, `corrections_version` and `screen_read_at` are the version: scenes, cues and text on screen change
only together with them. The results of a three-hour video take hundreds of milliseconds to build, so each process keeps
the last ones, compressed.
They hold no secret and nothing of the request, so their compressed size tells nothing (BREACH).
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from videos.models import Video
from videos.web.transcript import presenters
from videos.web.transcript.presenters import TranscriptPage

KEPT = 32
# Part of every version: raise it when the same transcript is written differently.
FORMAT = 2
_LEVEL = 5


@dataclass(frozen=True, slots=True)
class RenderedTranscript:
    """A transcript page, with the HTML of its scenes compressed."""

    page: TranscriptPage
    compressed: bytes

    @property
    def html(self) -> SafeString:
        """The HTML of all scenes."""
        return mark_safe(gzip.decompress(self.compressed).decode())  # noqa: S308 - a template made it


class _Kept:
    """The KEPT results that were used last. Threads may build the same one twice; both are right."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, build: Callable[[], object]) -> object:
        """The result for a key, built when it is not kept."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = build()
        with self._lock:
            self._results[key] = result
            while len(self._results) > KEPT:
                self._results.popitem(last=False)
        return result


_kept = _Kept()


def rendered_transcript(video: Video) -> RenderedTranscript:
    """The transcript page of a video in the reader's language."""

    def build() -> RenderedTranscript:
        page = presenters.transcript_page(video)
        html = render_to_string("videos/scenes.html", {"video": video, "page": page})
        slim = presenters.without_scenes(page)
        return RenderedTranscript(slim, gzip.compress(html.encode(), _LEVEL))

    if video.ready_at is None or not video.is_ready:
        return build()
    key = ("page", *_version(video), get_language())
    result = _kept.get(key, build)
    assert isinstance(result, RenderedTranscript)  # noqa: S101 - what `build` returns
    return result


def transcript_response(
    request: HttpRequest, video: Video, kind: str, *, content_type: str, write: Callable[[], str]
) -> HttpResponse:
    """A written transcript of a kind: 304 while the client has this version, otherwise compressed if it may be."""
    etag = _etag(video) if video.ready_at else None
    response = get_conditional_response(request, etag, None, None) if etag else None
    if response is None:
        data = _written(video, kind, write)
        response = HttpResponse(content_type=f"{content_type}; charset=utf-8")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.content = data
            response["Content-Encoding"] = "gzip"
        else:
            response.content = gzip.decompress(data)
    if etag:
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _version(video: Video) -> tuple[Hashable, ...]:
    return video.pk, video.ready_at, video.corrections_version, video.screen_read_at


def _etag(video: Video) -> str:
    ready_at = video.ready_at.timestamp() if video.ready_at else 0
    return f'W/"{FORMAT}-{ready_at:.6f}-{video.corrections_version}"'


def _written(video: Video, kind: str, write: Callable[[], str]) -> bytes:
    def build() -> bytes:
        return gzip.compress(write().encode(), _LEVEL)

    if video.ready_at is None:
        return build()
    result = _kept.get((kind, *_version(video)), build)
    assert isinstance(result, bytes)  # noqa: S101 - what `build` returns
    return result
