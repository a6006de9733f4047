"""A forgotten password: a link by mail, by a command or from the admin, which is good once."""

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import password_reset
from accounts.models import AccessToken, User
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]
NEW = "another long pass phrase 43"


@pytest.fixture(autouse=True)
def mail_server(settings, monkeypatch):
    """A mail server, and mail that is sent before the answer, so that a test can read it."""
    settings.EMAIL_HOST = "mail.example.org"
    cache.clear()
    form = password_reset.ForgottenForm
    monkeypatch.setattr(form, "send_mail", form._send)


@pytest.fixture
def user() -> User:
    made = UserFactory(username="mina", email="mina@example.org")
    made.set_password("the old pass phrase 41")
    made.save()
    return made


def ask(email: str):
    return Client().post("/account/forgotten", {"email": email}, follow=True)


def path_in(text: str) -> str:
    """The path of the one link in a mail or page."""
    (path,) = set(re.findall(r"http://testserver(/account/reset/[\w-]+/[\w-]+)", text))
    return str(path)


def mailed_path() -> str:
    (sent,) = mail.outbox
    return path_in(str(sent.body))


def can_log_in() -> bool:
    entered = Client().post("/account/login", {"username": "mina", "password": NEW})
    return entered.status_code == 302


def set_password(path: str, **fields: str):
    """Open the link in a new browser and set the password."""
    client = Client()
    page = client.get(path, follow=True)
    assert page.status_code == 200
    address = page.redirect_chain[-1][0] if page.redirect_chain else path
    return client.post(address, {"new_password1": NEW, "new_password2": NEW, **fields})


def test_from_the_login_page_to_the_new_password(user: User):
    assert 'href="/account/forgotten"' in Client().get("/account/login").content.decode()

    told = ask("MINA@example.org")
    answer = set_password(mailed_path())

    assert "a link is on its way" in told.content.decode()
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (
        ["mina@example.org"],
        "Heimdex: set a new password",
    )
    assert "mina" in mail.outbox[0].body
    assert (answer.status_code, answer["Location"]) == (302, "/account/login")
    assert can_log_in()


def test_the_answer_does_not_say_who_has_an_account(user: User):
    known, unknown = ask(user.email), ask("nobody@example.org")

    remove = re.compile(rb'value="[^"]{20,}"|nonce="[^"]+"')
    assert remove.sub(b"", known.content) == remove.sub(b"", unknown.content)
    assert len(mail.outbox) == 1


def test_a_link_is_good_once(user: User):
    ask(user.email)
    path = mailed_path()
    set_password(path)

    again = Client().get(path, follow=True)

    assert "no longer valid" in again.content.decode()
    assert "new_password1" not in again.content.decode()


def test_a_link_ends_after_a_day(user: User, settings):
    path = password_reset.reset_path(user)
    assert settings.PASSWORD_RESET_TIMEOUT == 86_400
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "no longer valid" in Client().get(path, follow=True).content.decode()


def test_all_sessions_end_and_tokens_if_that_is_asked_for(user: User):
    browser = Client()
    browser.force_login(user)
    token, _ = AccessToken.make(user=user, name="script")

    set_password(password_reset.reset_path(user))
    token.refresh_from_db()
    kept = token.revoked_at
    user.refresh_from_db()
    set_password(password_reset.reset_path(user), end_tokens="on")
    token.refresh_from_db()

    assert browser.get("/")["Location"].startswith("/account/login")
    assert kept is None
    assert token.revoked_at is not None


def test_a_bad_password_is_refused_with_the_reason(user: User):
    answer = set_password(
        password_reset.reset_path(user), new_password1="12345678", new_password2="12345678"
    )

    assert "too common" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password("the old pass phrase 41")


def test_a_name_that_was_locked_can_log_in_again(user: User, settings):
    settings.AXES_FAILURE_LIMIT = 2
    browser = Client()
    for _ in range(3):
        locked = browser.post("/account/login", {"username": "mina", "password": "wrong"})
    assert locked.status_code == 429

    set_password(password_reset.reset_path(user))

    entered = browser.post("/account/login", {"username": "mina", "password": NEW})
    assert entered.status_code == 302


def test_one_address_cannot_send_mail_without_end(user: User):
    answers = [ask(user.email).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]
    assert len(mail.outbox) == 10


def test_a_switched_off_account_gets_no_mail():
    UserFactory(email="off@example.org", is_active=False)

    ask("off@example.org")

    assert mail.outbox == []


def test_without_a_mail_server_the_page_names_the_administrator(user: User, settings):
    settings.EMAIL_HOST = ""

    page = Client().get("/account/forgotten")
    posted = ask(user.email)

    assert "Ask an administrator" in page.content.decode()
    assert "<form" not in page.content.decode().partition("<h1>")[2].partition("</section>")[0]
    assert (posted.status_code, mail.outbox) == (404, [])


def test_the_command_prints_a_link_that_works(user: User):
    said = StringIO()

    call_command("reset_link", "mina", "--site", "https://heimdex.example.org/", stdout=said)
    site, _, path = said.getvalue().strip().partition("/account/")
    set_password(f"/account/{path}")

    assert site == "https://heimdex.example.org"
    assert can_log_in()


@pytest.mark.parametrize(
    ("hosts", "https", "site"),
    [
        (["localhost", "127.0.0.1"], False, "http://localhost:8000/account/"),
        (["heimdex.example.org"], True, "https://heimdex.example.org/account/"),
        ([".example.org"], True, "https://example.org/account/"),
    ],
)
def test_the_link_names_the_site(user: User, settings, hosts, https, site):
    settings.ALLOWED_HOSTS, settings.HTTPS = hosts, https
    said = StringIO()

    call_command("reset_link", "mina", stdout=said)

    assert said.getvalue().startswith(site)


def test_the_command_knows_only_active_people():
    UserFactory(username="off", is_active=False)

    for name in ("off", "nobody"):
        with pytest.raises(CommandError, match=f"no active user named '{name}'"):
            call_command("reset_link", name)


def test_the_admin_has_a_button_for_it(staff_client: Client, user: User):
    page = staff_client.get(reverse("admin:accounts_user_change", args=[user.pk]))
    assert 'value="make_reset_link"' in page.content.decode()

    shown = staff_client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "make_reset_link", "_selected_action": [user.pk], "index": "0"},
        follow=True,
    ).content.decode()
    set_password(path_in(shown))

    assert can_log_in()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused_whatever_the_link(method):
    assert getattr(Client(), method)("/account/reset/MQ/nothing-abc").status_code == 405
