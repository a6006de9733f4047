"""A name that looks like another one is refused."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from accounts.forms import SignupForm
from accounts.models import User
from accounts.services import sign_up
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def form_of(username):
    return SignupForm({"username": username, "password1": PASSWORD, "password2": PASSWORD})


def errors(username):
    return form_of(username).errors.get("username", [])


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


@pytest.mark.parametrize(
    ("there", "username"),
    [
        *[("сор", name) for name in ("cop", "COP", "ᴄop")],
        *[("КОТ", name) for name in ("KOT", "kot", "ΚΟΤ")],
        *[("ΝΙΚΗ", name) for name in ("NIKH", "nikh", "νικη")],
        *[("νικ", name) for name in ("vik", "ΝΙΚ", "Νικ")],
        ("Мария", "МАРИЯ"),
    ],
)
def test_a_name_that_looks_like_one_in_other_letters_is_taken(there, username):
    """The letters of the name that is there may be the Cyrillic or Greek ones, too."""
    UserFactory(username=there)

    assert errors(username) == ["Somebody has that user name already."]


def test_of_two_sign_ups_at_once_the_later_one_is_refused():
    first, second = form_of("сор"), form_of("cop")
    assert first.is_valid()
    assert second.is_valid()

    assert sign_up(first)
    assert sign_up(second) is None

    assert second.errors["username"] == ["Somebody has that user name already."]
    assert [user.username for user in User.objects.all()] == ["сор"]


def test_a_new_name_has_a_new_look():
    user = UserFactory(username="сор")

    user.username = "tea"
    user.save(update_fields=["username"])

    assert not errors("cop")
    assert errors("TEA")


def test_the_migration_fills_names_in_batches(monkeypatch):
    migration = import_module("accounts.migrations.0010_fill_skeletons")
    monkeypatch.setattr(migration, "BATCH_ROWS", 2)
    for name in ("сор", "tea", "mina", "Ελένη", "민아"):
        UserFactory(username=name)
    User.objects.update(skeleton="")

    migration.fill(apps, connection.schema_editor())

    assert list(User.objects.order_by("pk").values_list("skeleton", flat=True)) == [
        *("cop", "tea", "mina", "eλέvη", "민아")
    ]
