"""Guessing passwords and making accounts is slow from one address, and from one session."""

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/account/login"
NEW = "another long phrase 42"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()
    with time_machine.travel("2026-01-01 12:01:00Z"):  # no window ends during a test
        yield
    cache.clear()


def test_guessing_across_names_locks_the_address(client, settings):
    settings.AXES_FAILURE_LIMIT = 2
    UserFactory(username="mina")

    for number in range(20):
        wrong = client.post(LOGIN, {"username": f"person{number}", "password": "wrong"})
        assert wrong.status_code != 429
    right = {"username": "mina", "password": PASSWORD}

    locked = client.post(LOGIN, right)
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert client.post(LOGIN, right, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_logins_that_succeed_do_not_count(client, settings):
    settings.AXES_FAILURE_LIMIT = 1
    UserFactory(username="mina")

    for _ in range(12):
        assert client.post(LOGIN, {"username": "mina", "password": PASSWORD}).status_code == 302
        client.post("/account/logout")


def test_a_found_session_is_no_way_to_guess_the_password(client, settings):
    settings.AXES_FAILURE_LIMIT = 3
    user = UserFactory(username="mina")
    client.force_login(user)
    guess = {"new_password1": NEW, "new_password2": NEW}

    for _ in range(3):
        answer = client.post("/account/password", {**guess, "old_password": "wrong"})
        assert answer.status_code == 200

    assert client.post("/account/password", {**guess, "old_password": PASSWORD}).status_code == 429
    assert User.objects.get().check_password(PASSWORD)


def test_one_address_makes_so_many_accounts(client, settings):
    settings.SIGNUP_OPEN = True
    settings.SIGNUPS_PER_HOUR = 2

    def sign_up(name, address="127.0.0.1"):
        client.logout()
        form = {"username": name, "password1": NEW, "password2": NEW}
        return client.post("/account/signup", form, REMOTE_ADDR=address).status_code

    assert [sign_up("one"), sign_up("two"), sign_up("three")] == [302, 302, 429]
    assert sign_up("four", "10.0.0.2") == 302
    assert set(User.objects.values_list("username", flat=True)) == {"one", "two", "four"}
