"""Template tags for the pages' scripts."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from heimdex.web.script_texts import script_texts

register = template.Library()


@register.simple_tag
def script_texts_url() -> SafeString:
    """The address of the scripts' texts in the reader's language; it changes with them."""
    language = get_language() or ""
    address = reverse("javascript-catalog")
    return format_html("{}?language={}&v={}", address, language, script_texts(language).version)
