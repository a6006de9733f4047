"""The words that a user's videos hold, to complete and to correct a word of a query."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.functions import Length

from mediakit.search_text.typos import TWO_FROM, allowed_edits, corrections
from videos.models import SearchWord

# The most words that a beginning stands for, and that a mistyped word is compared with.
MAX_COMPLETIONS, MAX_KNOWN = 20, 200_000
_AFTER_ALL = "\U0010ffff"


def completions(beginning: str, *, owner_id: int) -> Sequence[str]:
    """Return the user's most frequent words that begin like this."""
    words = _beginning_with(beginning, owner_id).order_by("-count", "word")
    return list(words.values_list("word", flat=True)[:MAX_COMPLETIONS])


def corrected_words(word: str, *, owner_id: int) -> list[str]:
    """Return the user's words nearest to a mistyped one, the most frequent first; [] when none is near."""
    edits = allowed_edits(word)
    if not edits:
        return []
    # A wrong first letter counts as two edits, which only a long word may have.
    first = word[:1] if len(word) < TWO_FROM else ""
    near = _beginning_with(first, owner_id).annotate(length=Length("word"))
    near = near.filter(length__gte=len(word) - edits, length__lte=len(word) + edits)
    known = dict(near.order_by().values_list("word", "count")[:MAX_KNOWN])
    return corrections(word, known)


def _beginning_with(beginning: str, owner_id: int) -> QuerySet[SearchWord]:
    words = SearchWord.objects.filter(owner_id=owner_id)
    if not beginning:
        return words
    return words.filter(word__gte=beginning, word__lt=beginning + _AFTER_ALL)
