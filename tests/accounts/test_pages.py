"""Signing up, logging in and out, the password, the language."""

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user
from django.urls import reverse

from accounts.forms import SignupForm
from accounts.models import User
from accounts.services import sign_up
from core.errors import HeimdexError
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/account/login"
OUTSIDE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:///x",
]


@pytest.fixture
def user() -> User:
    return UserFactory.create(username="mina")


def filled_signup(**changes: str) -> dict[str, str]:
    return {
        "username": "newcomer",
        "email": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **changes,
    }


def test_logging_in_starts_a_session_under_a_new_key(client, user):
    client.get(LOGIN)
    session = client.session
    session["before"] = True
    session.save()
    old_key = session.session_key

    answer = client.post(LOGIN, {"username": "mina", "password": PASSWORD})

    assert answer.url == reverse("videos:library")
    assert get_user(client) == user
    assert client.session.session_key != old_key


def test_a_wrong_password_is_said_in_words(client, user):
    answer = client.post(LOGIN, {"username": "mina", "password": "wrong"})

    assert "do not belong together" in answer.content.decode()
    assert not get_user(client).is_authenticated


def test_a_switched_off_account_cannot_log_in(client):
    UserFactory(username="gone", is_active=False)

    client.post(LOGIN, {"username": "gone", "password": PASSWORD})

    assert not get_user(client).is_authenticated


def test_login_goes_on_to_the_wanted_page(client, user):
    answer = client.post(
        LOGIN, {"username": "mina", "password": PASSWORD, "next": "/account/settings"}
    )

    assert answer.url == "/account/settings"


@pytest.mark.parametrize("outside", OUTSIDE)
def test_next_never_leads_outside(client, user, outside):
    logged_in = client.post(LOGIN, {"username": "mina", "password": PASSWORD, "next": outside})
    client.logout()
    signed_up = client.post(reverse("accounts:signup"), filled_signup(next=outside))

    assert logged_in.url == signed_up.url == reverse("videos:library")


def test_login_is_throttled_per_person(client, user, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(2):
        assert client.post(LOGIN, {"username": "mina", "password": "wrong"}).status_code == 200

    locked = client.post(LOGIN, {"username": "mina", "password": "wrong"})
    right = client.post(LOGIN, {"username": "mina", "password": PASSWORD})

    assert locked.status_code == right.status_code == 429
    assert "15 minutes" in right.content.decode()
    assert right.headers["Retry-After"] == "900"
    assert not get_user(client).is_authenticated


def test_programs_that_are_throttled_get_the_error_shape(client, user, settings):
    settings.AXES_FAILURE_LIMIT = 1

    answer = client.post(
        LOGIN,
        {"username": "mina", "password": "wrong"},
        headers={"accept": "application/json"},
    )

    assert answer.status_code == 429
    assert answer.json()["error_code"] == "LOGIN_THROTTLED"


def test_another_person_is_not_locked_out(client, user, settings):
    settings.AXES_FAILURE_LIMIT = 1
    client.post(LOGIN, {"username": "mina", "password": "wrong"})
    UserFactory(username="joon")

    assert client.post(LOGIN, {"username": "joon", "password": PASSWORD}).status_code == 302


def test_logging_out_needs_a_post(client, user):
    client.force_login(user)

    assert client.get(reverse("accounts:logout")).status_code == 405
    assert client.post(reverse("accounts:logout")).url == reverse("accounts:login")
    assert not get_user(client).is_authenticated


def test_signing_up_makes_an_account_and_logs_in(client):
    answer = client.post(reverse("accounts:signup"), filled_signup(next="/account/settings"))

    assert answer.url == "/account/settings"
    assert get_user(client) == User.objects.get(username="newcomer")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "MINA"}, "username"),
        ({"username": "a b"}, "username"),
        ({"password2": "something else"}, "password2"),
        ({"password1": "1234", "password2": "1234"}, "password2"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_a_bad_sign_up_keeps_the_form_and_says_why(client, user, changes, field):
    answer = client.post(reverse("accounts:signup"), filled_signup(**changes))

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert User.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_sign_up_can_be_closed(client, settings, method):
    settings.SIGNUP_OPEN = False

    answer = getattr(client, method)(reverse("accounts:signup"), filled_signup())

    assert answer.status_code == 403
    assert "administrator" in answer.content.decode()
    assert not User.objects.exists()
    assert reverse("accounts:signup") not in client.get(LOGIN).content.decode()


def test_signed_in_people_are_sent_on_from_the_entrance(client, user):
    client.force_login(user)

    assert client.get(LOGIN).url == reverse("videos:library")
    assert client.get(reverse("accounts:signup")).url == reverse("videos:library")


@pytest.mark.parametrize("name", ["settings", "password", "tokens"])
def test_account_pages_need_a_login(client, name):
    address = reverse(f"accounts:{name}")

    assert client.get(address).url == f"{LOGIN}?next={address}"


def test_changing_the_password_keeps_this_session_and_ends_the_others(client, user):
    client.force_login(user)
    other = type(client)()
    other.force_login(user)
    new = "another long phrase 7"

    answer = client.post(
        reverse("accounts:password"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        follow=True,
    )

    assert "Your password is changed." in answer.content.decode()
    assert get_user(client) == user
    assert other.get(reverse("accounts:settings")).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_a_wrong_present_password_changes_nothing(client, user):
    client.force_login(user)

    answer = client.post(
        reverse("accounts:password"),
        {"old_password": "wrong", "new_password1": "x y z 1234", "new_password2": "x y z 1234"},
    )

    assert answer.context["form"].errors["old_password"]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_language_is_kept_with_the_person_and_in_the_cookie(client, user):
    client.force_login(user)

    client.post(reverse("accounts:settings"), {"first_name": "Mina", "email": "", "language": "ko"})

    user.refresh_from_db()
    assert (user.first_name, user.language) == ("Mina", "ko")
    assert client.cookies[project.LANGUAGE_COOKIE_NAME].value == "ko"
    assert '<html lang="ko"' in client.get(reverse("accounts:settings")).content.decode()


def test_no_language_follows_the_browser_again(client, user):
    user.language = "ko"
    user.save(update_fields=["language"])
    client.force_login(user)

    client.post(reverse("accounts:settings"), {"first_name": "", "email": "", "language": ""})

    assert client.cookies[project.LANGUAGE_COOKIE_NAME].value == ""
    page = client.get(reverse("accounts:settings"), headers={"accept-language": "en"})
    assert '<html lang="en"' in page.content.decode()


def test_bad_settings_are_refused_and_not_shown_as_saved(client, user):
    client.force_login(user)

    answer = client.post(
        reverse("accounts:settings"), {"first_name": "Mina", "email": "nonsense", "language": "xx"}
    )

    assert answer.status_code == 422
    assert set(answer.context["profile"].errors) == {"email", "language"}
    user.refresh_from_db()
    assert (user.first_name, user.email, user.language) == ("", "", "")


def test_signed_out_pages_can_change_language(client):
    client.post("/i18n/setlang/", {"language": "ko", "next": LOGIN})

    assert '<html lang="ko"' in client.get(LOGIN).content.decode()


def test_the_service_itself_refuses_when_sign_up_is_closed(settings):
    settings.SIGNUP_OPEN = False
    form = SignupForm(filled_signup())
    assert form.is_valid()

    with pytest.raises(HeimdexError, match="SIGNUP_CLOSED"):
        sign_up(form)

    assert not User.objects.exists()
