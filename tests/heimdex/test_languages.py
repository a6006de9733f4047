"""Every error has a sentence in every language; `make lint` and its test check all other texts."""

import pytest
from django.utils import translation

from core.errors import all_codes


@pytest.mark.parametrize("code", all_codes().values(), ids=str)
def test_every_error_speaks_korean(code):
    with translation.override("ko"):
        korean = str(code.sentence)
    with translation.override("en"):
        assert korean != str(code.sentence)
