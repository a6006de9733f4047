"""The index follows every change, and nothing that is deleted can still be found."""

import threading
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from mediakit.search_text.tokenizer import surface_words
from tests.factories import UserFactory, VideoFactory
from tests.videos.search.libraries import find, make_video, texts
from videos import services, tasks
from videos.library import deletion
from videos.models import Scene, SearchEntry, SearchWord, Video
from videos.search import entries
from videos.search.entries import index_video, stale_videos

pytestmark = pytest.mark.django_db(transaction=True)


def words_of(owner) -> Counter[str]:
    return Counter(dict(SearchWord.objects.filter(owner=owner).values_list("word", "count")))


def test_words_are_counted_over_all_videos_of_a_user() -> None:
    owner = UserFactory.create()
    first = make_video(owner, "word word other", title="One", filename="a1.mp4")
    make_video(owner, "word", title="Two", filename="a1.mp4")

    assert words_of(owner) == surface_words("word word other word One Two")

    first.delete()

    assert words_of(owner) == {"word": 1, "two": 1}


@pytest.mark.parametrize("way", ["service", "row", "rows", "scenes", "user"])
def test_nothing_of_what_is_deleted_can_be_found(way: str) -> None:
    owner = UserFactory.create()
    video = make_video(owner, "a secret word", "a secret word", title="Plain")
    kept = make_video(UserFactory.create(), "a secret word")
    pk = owner.pk
    {
        "service": lambda: deletion.delete_video(video),
        "row": video.delete,
        "rows": lambda: Video.objects.filter(owner=owner).delete(),
        "scenes": lambda: Scene.objects.filter(video=video).delete(),
        "user": owner.delete,
    }[way]()
    owner.pk = pk

    assert find(owner, "secret").ranked == ()
    assert texts(kept.owner, "secret") == ["a secret word"]
    if way != "scenes":
        assert not SearchEntry.objects.filter(owner_id=pk).exists()
        assert not SearchWord.objects.filter(owner_id=pk).exists()
    check_index(kept)


def check_index(video: Video) -> None:
    """The full-text index itself holds the rows of the table and no others."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Raises if the index and the table differ.
            cursor.execute(
                "INSERT INTO videos_searchindex(videos_searchindex, rank) VALUES ('integrity-check', 1)"
            )
    index_video(video.pk)


def test_a_renamed_video_is_found_by_its_new_title_only() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "words", title="Before")

    services.rename_video(video, title="After all")

    assert texts(owner, "before") == []
    assert texts(owner, "after") == ["After all"]


def test_a_correction_writes_only_the_entries_that_differ() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "the recieved words", "and more", "and more still")
    before = set(SearchEntry.objects.values_list("pk", "scene__text"))

    Scene.objects.filter(text="the recieved words").update(text="the received words")
    index_video(video.pk)

    after = set(SearchEntry.objects.values_list("pk", "scene__text"))
    assert {text for _, text in after - before} == {"the received words", None}
    assert texts(owner, "received") == ["the received words"]
    assert "recieved" not in words_of(owner)
    check_index(video)


def test_a_change_that_is_undone_changes_nothing() -> None:
    owner = UserFactory.create()
    video = make_video(owner, "first words")
    with transaction.atomic():
        Scene.objects.filter(video=video).update(text="second words")
        index_video(video.pk)
        transaction.set_rollback(True)

    assert texts(owner, "second") == []
    assert texts(owner, "first") == ["first words"]
    check_index(video)


def test_a_new_video_is_found_by_its_title_at_once() -> None:
    owner = UserFactory.create()
    services.import_video(owner=owner, url="https://media.example.org/talk.mp4", title="Keynote")

    assert texts(owner, "keynote") == ["Keynote"]


def test_what_is_there_already_is_indexed_by_the_schedule() -> None:
    owner = UserFactory.create()
    VideoFactory.create(owner=owner, title="Old one")
    VideoFactory.create(owner=owner, title="Old two")
    assert stale_videos().count() == 2

    tasks.index_for_search()

    assert stale_videos().count() == 0
    assert set(texts(owner, "old")) == {"Old one", "Old two"}


def test_reindex_is_live_and_goes_on_after_an_interruption(monkeypatch, capsys) -> None:
    owner = UserFactory.create()
    for number in range(3):
        make_video(owner, "the same words", title=f"T{number}")
    real = entries.index_video
    done: list[object] = []

    def interrupted(video_id) -> None:
        if len(done) == 1:
            raise KeyboardInterrupt
        real(video_id)
        done.append(video_id)

    monkeypatch.setattr(entries, "index_video", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("reindex")
    assert len(texts(owner, "words")) == 3
    assert stale_videos().count() == 2

    monkeypatch.setattr(entries, "index_video", real)
    call_command("reindex", "--missing")

    assert capsys.readouterr().out.endswith("Indexed videos: 2\n")
    assert len(texts(owner, "words")) == 3


def test_edits_and_searches_at_the_same_time_agree() -> None:
    owner = UserFactory.create()
    videos = [make_video(owner, "alpha one", "beta two") for _ in range(3)]
    answers: list[object] = []

    def edit(number: int) -> None:
        try:
            for turn in range(6):
                video = videos[(number + turn) % 3]
                text = f"alpha turn{turn} by{number}"
                Scene.objects.filter(video=video, index=0).update(text=text)
                index_video(video.pk)
                answers.append(len(find(owner, "beta").ranked))
        except Exception as error:  # noqa: BLE001 - the test wants to see it
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [3] * 18
    for video in videos:
        index_video(video.pk)
    assert words_of(owner) == sum(map(_said, videos), Counter())
    check_index(videos[0])


def _said(video: Video) -> Counter[str]:
    texts_of = video.scenes.values_list("text", flat=True)
    return surface_words("\n".join([video.title, video.filename, *texts_of]))
