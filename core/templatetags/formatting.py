"""The functions of `core.formatting` as template filters.

They are built into every template, including the admin theme's, so none may have the name of a filter of Django's own.
"""

from django import template

from core import formatting

register = template.Library()
for function in (
    formatting.clock,
    formatting.exact_clock,
    formatting.duration,
    formatting.size,
    formatting.seconds,
):
    register.filter(function)
