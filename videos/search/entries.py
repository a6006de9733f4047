"""Writing the search index: the entries of a video follow its title, scenes and cues."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from mediakit.search_text.folding import encode_label, fold
from mediakit.search_text.tokenizer import index_text, surface_words
from videos.models import Cue, Scene, ScreenText, SearchEntry, Video
from videos.models.search import TITLE

# Counts up when the same text gives other tokens: then `index_stale_videos` indexes everything again.
INDEX_VERSION = 1
OWNER, TAG, SPEAKER, KIND = "o", "t", "s", "k"
_BATCH = 200


class _SceneText(NamedTuple):
    id: UUID
    start_ms: int
    end_ms: int
    text: str
    tags: list[str]


def owner_label(owner_id: int) -> str:
    """Return the token that every entry of this user has."""
    return encode_label(OWNER, str(owner_id))


def tag_label(tag: str) -> str:
    """Return the token of the entries of scenes with this tag."""
    return encode_label(TAG, fold(tag))


def speaker_label(speaker: str) -> str:
    """Return the token of the entries of scenes in which this speaker is named."""
    return encode_label(SPEAKER, fold(speaker))


def screen_label() -> str:
    """Return the token of the entries of texts on screen."""
    return encode_label(KIND, "screen")


def index_video(video_id: UUID) -> None:
    """Bring the entries of a video up to date, in the transaction of the change that calls for it.

    Only entries that differ are written, so that a corrected word costs one. A video that is gone has none.
    """
    with transaction.atomic():
        videos = Video.objects.select_for_update(no_key=True).order_by()
        video = videos.only("owner_id", "title", "filename").filter(pk=video_id).first()
        if video is not None:
            _write(video, list(_entries(video)))


def index_corrected(video_id: UUID, texts_before: Mapping[UUID, str]) -> None:
    """Bring the entries of scenes whose words were corrected up to date; `texts_before` are those that are indexed.

    In the transaction of the correction. Others are not read, so that a word in a three-hour video costs little.
    """
    video = Video.objects.only("owner_id", "title", "filename").get(pk=video_id)
    title = SearchEntry.objects.filter(TITLE, video=video, version=INDEX_VERSION).first()
    if title is None:
        index_video(video_id)
        return
    counts = Counter(title.words)
    for text in texts_before.values():
        counts.subtract(surface_words(text))
    scenes = _scenes(video)
    corrected = [scene for scene in scenes if scene.id in texts_before]
    for scene in corrected:
        counts.update(surface_words(scene.text))
    expected = [
        *_scene_entries(video, scenes, corrected),
        _title_entry(video, +counts, _tags(video)),
    ]
    _write(video, expected, among=Q(scene__in=list(texts_before)) | TITLE)


def index_tags(names_before: Mapping[UUID, Iterable[str]]) -> None:
    """Bring the entries of videos whose tags were changed up to date; the names are those that are indexed.

    In the transaction of the change. Scenes are not read. A video that is not indexed yet is left to
    `index_stale_videos`.
    """
    present = SearchEntry.objects.filter(TITLE, video__in=list(names_before), version=INDEX_VERSION)
    new: list[SearchEntry] = []
    for entry in present.select_related("video").prefetch_related("video__tags"):
        counts = Counter(entry.words)
        counts.subtract(surface_words("\n".join(names_before[entry.video_id])))
        names = [tag.name for tag in entry.video.tags.all()]
        counts.update(surface_words("\n".join(names)))
        new.append(_title_entry(entry.video, +counts, names))
    present.delete()
    SearchEntry.objects.bulk_create(new, batch_size=_BATCH)


def index_stale_videos(*, limit: int) -> int:
    """Index up to `limit` videos that never were, or by an earlier version; returns how many there were."""
    ids = list(stale_videos().values_list("pk", flat=True)[:limit])
    for video_id in ids:
        index_video(video_id)
    return len(ids)


def stale_videos() -> QuerySet[Video]:
    """Videos without entries of this version, the newest first."""
    current = SearchEntry.objects.filter(TITLE, video=OuterRef("pk"), version=INDEX_VERSION)
    return Video.objects.exclude(Exists(current)).order_by("-created_at")


def mark_stale(video_ids: QuerySet[Any, Any]) -> None:
    """Have these videos indexed again by `index_stale_videos`; until then their entries stay as they are."""
    SearchEntry.objects.filter(TITLE, video__in=video_ids).update(version=0)


def mark_all_stale() -> None:
    """Have every video indexed again by `index_stale_videos`; until then its entries stay as they are."""
    SearchEntry.objects.filter(TITLE).update(version=0)


def _write(video: Video, expected: Sequence[SearchEntry], *, among: Q | None = None) -> None:
    """Replace the entries that differ, of all of the video's or `among` these."""
    present = SearchEntry.objects.filter(among or Q(), video=video)
    same = {_content(entry): entry.pk for entry in present}
    new = [entry for entry in expected if _content(entry) not in same]
    kept = [same[key] for entry in expected if (key := _content(entry)) in same]
    present.exclude(pk__in=kept).delete()
    SearchEntry.objects.bulk_create(new, batch_size=_BATCH)


def _content(entry: SearchEntry) -> tuple[Any, ...]:
    words = tuple(sorted(entry.words.items()))
    return entry.scene_id, entry.screen_text_id, entry.version, entry.body, words


def _entries(video: Video) -> Iterator[SearchEntry]:
    scenes = _scenes(video)
    tags = _tags(video)
    counts = surface_words("\n".join([video.title, video.filename, *tags]))
    for scene in scenes:
        counts += surface_words(scene.text)
    shown = ScreenText.objects.filter(video=video).values_list("pk", "text")
    for pk, text in shown.order_by("index"):
        counts += surface_words(text)
        yield _screen_entry(video, pk, text)
    yield from _scene_entries(video, scenes, scenes)
    yield _title_entry(video, counts, tags)


def _scenes(video: Video) -> list[_SceneText]:
    rows = Scene.objects.filter(video=video).order_by("index")
    columns = ("pk", "start_ms", "end_ms", "text", "tags")
    return [_SceneText(*row) for row in rows.values_list(*columns)]


def _scene_entries(
    video: Video, scenes: Sequence[_SceneText], wanted: Iterable[_SceneText]
) -> Iterator[SearchEntry]:
    """Yield the entries of the wanted ones of all scenes of a video."""
    owner = owner_label(video.owner_id)
    speakers = _speakers(video, scenes)
    for scene in wanted:
        labels = [*map(tag_label, scene.tags), *map(speaker_label, sorted(speakers[scene.id]))]
        body = " ".join([owner, *labels, index_text([scene.text, *scene.tags])])
        yield _entry(video, body, scene_id=scene.id)


def _screen_entry(video: Video, screen_text_id: int, text: str) -> SearchEntry:
    body = " ".join([owner_label(video.owner_id), screen_label(), index_text([text])])
    return _entry(video, body, screen_text_id=screen_text_id)


def _tags(video: Video) -> list[str]:
    return [tag.name for tag in video.tags.all()]


def _title_entry(video: Video, counts: Counter[str], tags: Sequence[str]) -> SearchEntry:
    text = index_text([video.title, video.filename, *tags])
    body = f"{owner_label(video.owner_id)} {text}"
    return _entry(video, body, words=counts)


def _entry(
    video: Video,
    body: str,
    *,
    scene_id: UUID | None = None,
    screen_text_id: int | None = None,
    words: Counter[str] | None = None,
) -> SearchEntry:
    return SearchEntry(
        owner_id=video.owner_id,
        video=video,
        scene_id=scene_id,
        screen_text_id=screen_text_id,
        body=body,
        words=dict(words or {}),
        version=INDEX_VERSION,
    )


def _speakers(video: Video, scenes: Sequence[_SceneText]) -> dict[UUID, set[str]]:
    """Return the speakers named in each scene."""
    found: dict[UUID, set[str]] = defaultdict(set)
    at = 0
    cues = Cue.objects.filter(video=video).exclude(speaker="").order_by("start_ms")
    for start_ms, speaker in cues.values_list("start_ms", "speaker"):
        while at < len(scenes) - 1 and start_ms >= scenes[at].end_ms:
            at += 1
        if scenes:
            found[scenes[at].id].add(speaker)
    return found
