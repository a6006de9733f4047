"""The glossary of a person: reading and replacing it. What is heard afterwards is written by it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from mediakit.text.glossary import MAX_TERM_CHARS, MAX_TERM_WORDS, MAX_TERMS, clean_terms
from videos.models import Glossary
from videos.policy import storable


def terms_of(owner_id: int) -> list[str]:
    """Return the terms of a person's glossary, the most important first."""
    return next(iter(Glossary.objects.filter(owner=owner_id).values_list("terms", flat=True)), [])


def replace_terms(owner: User, lines: Iterable[str]) -> list[str]:
    """Replace a person's terms and return them: trimmed, each once. INVALID_INPUT past a limit."""
    terms = clean_terms(storable(line) for line in lines)
    if problem := _problem(terms):
        raise HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": {"terms": [problem]}}, message=problem
        )
    Glossary.objects.update_or_create(owner=owner, defaults={"terms": terms})
    return terms


def _problem(terms: list[str]) -> str:
    """Return a sentence that says which limit the terms exceed; empty if none."""
    if len(terms) > MAX_TERMS:
        return _("At most %(limit)s terms.") % {"limit": MAX_TERMS}
    for term in terms:
        if len(term) > MAX_TERM_CHARS or len(term.split()) > MAX_TERM_WORDS:
            return _(
                "“%(term)s” is too long: at most %(chars)s characters and %(words)s words."
            ) % {
                "term": f"{term[:MAX_TERM_CHARS]}…",
                "chars": MAX_TERM_CHARS,
                "words": MAX_TERM_WORDS,
            }
    return ""
