"""A name that looks like another one is refused."""

import pytest

from accounts.forms import SignupForm
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def errors(username):
    form = SignupForm({"username": username, "password1": PASSWORD, "password2": PASSWORD})
    return form.errors.get("username", [])


@pytest.mark.parametrize(
    "username", ["аdmin", "mіna", "mina\u03bf", "minа.park", "ми\u0578на", "admin한Я"]
)
def test_letters_of_several_scripts_are_refused(username):
    assert errors(username) == ["Use letters of one script only."]


@pytest.mark.parametrize("username", ["민아\u3164", "\u1160", "mina\uffa0"])
def test_letters_that_cannot_be_seen_are_refused(username):
    assert errors(username) == ["Use letters that can be seen."]


@pytest.mark.parametrize(
    "username",
    ["сор", "СОР", "cop", "CoP", "ｃｏｐ", "ᴄᴏᴘ", "ADMİN", "admın", "ɑdmin", "𝗮𝗱𝗺𝗶𝗻"],
)
def test_what_looks_like_a_name_that_is_there_is_taken(username):
    UserFactory(username="cop")
    UserFactory(username="admin")

    assert errors(username) == ["Somebody has that user name already."]


@pytest.mark.parametrize(
    "username",
    ["mina", "민아", "민아park2", "田中ユキ", "мария", "Ελένη", "andré", "x@example.org"],
)
def test_ordinary_names_are_taken(username):
    UserFactory(username="cop")

    assert not errors(username)
