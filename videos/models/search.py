"""The search index of scenes, titles and words."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from videos.models.scene import Scene
from videos.models.screen_text import ScreenText
from videos.models.video import Video

TITLE = Q(scene=None, screen_text=None)


class SearchEntry(models.Model):
    """The indexed words of one scene, of one text on screen, or (TITLE) of a video's title and file name.

    `videos.search.entries` writes these rows. The database does the rest, by triggers and a generated column (see the
    migration `search`): the full-text index follows `body`, and `SearchWord` follows `words`. So nothing of a deleted
    row can be found, however it was deleted. A migration that rebuilds this table on SQLite must create its triggers
    again.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    video = models.ForeignKey(Video, models.CASCADE, related_name="search_entries")
    scene = models.OneToOneField(Scene, models.CASCADE, related_name="+", null=True)
    screen_text = models.ForeignKey(
        ScreenText, models.CASCADE, related_name="+", null=True, db_index=False
    )
    # Tokens divided by spaces: `mediakit.search_text.tokenizer.index_text`, labels before it.
    body = models.TextField()
    # Word: occurrences, of the whole video. Only on the row of the title.
    words = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["owner", "id"], name="search_entry_owner")]
        constraints = [
            models.UniqueConstraint(
                name="search_entry_video_once",
                fields=["video"],
                condition=TITLE,
            ),
            models.UniqueConstraint(
                name="search_entry_screen_once",
                fields=["screen_text"],
                condition=Q(screen_text__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} {self.scene_id or self.screen_text_id or 'title'}"


class SearchVector(models.Model):
    """The vector of a scene's text, for `videos.search.meaning`; it goes with the entry of the same text.

    `vector` are half-precision numbers at length 1, made by `model`; empty for a text that the server refused.
    """

    entry = models.OneToOneField(SearchEntry, models.CASCADE, primary_key=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    model = models.CharField(max_length=200)
    vector = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["owner", "entry"], name="search_vector_owner")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.model}"


class SearchWord(models.Model):
    """How often a word occurs in the videos of one user, as it is said. Written by triggers only.

    For the words that a query may become while it is typed, and for corrections. Other users' words are not in it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=40)
    count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="search_word_once", fields=["owner", "word"])]

    def __str__(self) -> str:
        return self.word
