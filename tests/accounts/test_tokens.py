"""Access tokens: made by command or page, stored hashed, used by scripts, revoked."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.api.authentication import TokenAuthentication
from accounts.choices import TokenScope
from accounts.link_grants import is_grant_valid, make_grant
from accounts.models import AccessToken, User, token_hash
from accounts.services import authenticate_token
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def filled(name: str = "ci", **changes: str) -> dict[str, str]:
    return {"name": name, "scope": "write", "days": "0", "password": PASSWORD, **changes}


def api_request(header: str = "") -> Request:
    request: HttpRequest = APIRequestFactory().get("/v1/me")
    if header:
        request.META["HTTP_AUTHORIZATION"] = header
    return Request(request)


def test_command_prints_only_the_token(user):
    out = io.StringIO()

    call_command("create_token", user.username, "--name", "ci", stdout=out)

    plain = out.getvalue().removesuffix("\n")
    row = AccessToken.objects.get()
    assert (row.user, row.name, row.hash) == (user, "ci", token_hash(plain))
    assert plain.startswith("hdx_")
    assert plain not in {row.hash, row.hint}


@pytest.mark.parametrize(
    "arguments", [["nobody"], ["off"], ["me", "--name", " "], ["me", "--name", "x" * 101]]
)
def test_command_refuses_unknown_users_and_bad_names(arguments):
    UserFactory(username="me")
    UserFactory(username="off", is_active=False)

    with pytest.raises(CommandError):
        call_command("create_token", *arguments)

    assert not AccessToken.objects.exists()


def test_a_token_names_its_owner(user):
    row, plain = AccessToken.make(user=user, name="ci")

    assert TokenAuthentication().authenticate(api_request(f"Bearer {plain}")) == (user, row)
    assert TokenAuthentication().authenticate(api_request(f"bearer  {plain} ")) == (user, row)


@pytest.mark.parametrize("header", ["", "Basic bWU6bWU="])
def test_requests_without_a_token_are_left_to_the_session(header):
    assert TokenAuthentication().authenticate(api_request(header)) is None


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer hdx_wrong", "Bearer a b", "Bearer \xe9"]
)
def test_bad_tokens_are_refused(header):
    with pytest.raises(AuthenticationFailed):
        TokenAuthentication().authenticate(api_request(header))


def test_revoked_tokens_and_inactive_owners_are_refused(user):
    revoked, plain = AccessToken.make(user=user, name="old")
    AccessToken.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    _, of_inactive = AccessToken.make(user=UserFactory.create(is_active=False), name="x")

    assert authenticate_token(plain, at=timezone.now()) is None
    assert authenticate_token(of_inactive, at=timezone.now()) is None


def test_last_use_is_written_at_most_once_a_minute(user, django_assert_num_queries):
    row, plain = AccessToken.make(user=user, name="ci")
    with time_machine.travel("2026-01-01 12:00:00Z", tick=False):
        first = timezone.now()
        with django_assert_num_queries(2):
            authenticate_token(plain, at=first)
        with django_assert_num_queries(1):
            authenticate_token(plain, at=first + timedelta(seconds=59))
        row.refresh_from_db()
        assert row.last_used_at == first
        authenticate_token(plain, at=first + timedelta(seconds=60))

    row.refresh_from_db()
    assert row.last_used_at == first + timedelta(seconds=60)


def test_the_page_shows_a_new_token_once(client, user):
    client.force_login(user)

    made = client.post(reverse("accounts:tokens"), filled("Studio PC"))

    row = AccessToken.objects.get(user=user)
    plain = made.context["plain_token"]
    assert made.status_code == 201
    assert row.hash == token_hash(plain)
    assert plain in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    later = client.get(reverse("accounts:settings")).content.decode()
    assert plain not in later
    assert "Studio PC" in later
    assert row.hint in later


def test_reloading_the_new_tokens_address_leads_to_the_settings(client, user):
    client.force_login(user)

    assert client.get(reverse("accounts:tokens")).url == reverse("accounts:settings") + "#tokens"


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_token_needs_a_name(client, user, name):
    client.force_login(user)

    answer = client.post(reverse("accounts:tokens"), filled(name))

    assert answer.status_code == 422
    assert answer.context["token_form"].errors["name"]
    assert not AccessToken.objects.exists()


def test_revoking_ends_ones_own_token(client, user):
    client.force_login(user)
    row, plain = AccessToken.make(user=user, name="Studio PC")

    answer = client.post(reverse("accounts:revoke_token", args=[row.pk]), follow=True)

    assert "Studio PC" not in answer.content.decode()
    assert authenticate_token(plain, at=timezone.now()) is None


def test_other_users_tokens_cannot_be_seen_or_revoked(client, user):
    client.force_login(user)
    row, plain = AccessToken.make(user=UserFactory.create(), name="Their secret script")

    client.post(reverse("accounts:revoke_token", args=[row.pk]))

    assert authenticate_token(plain, at=timezone.now()) == row
    assert "Their secret script" not in client.get(reverse("accounts:settings")).content.decode()


def test_revoking_needs_a_post(client, user):
    client.force_login(user)
    row, _ = AccessToken.make(user=user, name="Studio PC")

    assert client.get(reverse("accounts:revoke_token", args=[row.pk])).status_code == 405


@pytest.mark.parametrize(
    "changes",
    [{"password": "wrong"}, {"password": ""}, {"scope": "admin"}, {"days": "-1"}, {"days": "8"}],
)
def test_a_token_needs_the_password_and_a_scope_and_an_end(client, user, changes):
    client.force_login(user)

    answer = client.post(reverse("accounts:tokens"), filled(**changes))

    assert answer.status_code == 422
    assert list(answer.context["token_form"].errors) == list(changes)
    assert not AccessToken.objects.exists()


def test_guessing_the_password_for_a_token_is_slow(client, user, settings):
    settings.AXES_FAILURE_LIMIT = 2
    client.force_login(user)
    with time_machine.travel("2026-01-01 12:01:00Z"):
        answers = [
            client.post(reverse("accounts:tokens"), filled(password=password)).status_code
            for password in ("a", "b", PASSWORD)
        ]

    assert answers == [422, 422, 429]
    assert not AccessToken.objects.exists()


def test_a_user_has_so_many_tokens(client, user, settings):
    settings.TOKENS_PER_USER = 2
    client.force_login(user)
    first, _ = AccessToken.make(user=user, name="first")
    AccessToken.make(user=user, name="second")

    assert client.post(reverse("accounts:tokens"), filled()).status_code == 422
    client.post(reverse("accounts:revoke_token", args=[first.pk]))
    assert client.post(reverse("accounts:tokens"), filled()).status_code == 201


def test_a_token_ends_when_it_was_said_to(client, user):
    client.force_login(user)
    plain = client.post(reverse("accounts:tokens"), filled(days="30")).context["plain_token"]
    row = AccessToken.objects.get()
    ends = row.created_at + timedelta(days=30)

    assert row.expires_at is not None
    assert abs(row.expires_at - ends) < timedelta(minutes=1)
    assert authenticate_token(plain, at=row.expires_at - timedelta(seconds=1)) == row
    assert authenticate_token(plain, at=row.expires_at) is None


def test_a_token_that_reads_changes_nothing(client, user):
    _, plain = AccessToken.make(user=user, name="reader", scope=TokenScope.READ)
    bearer = {"Authorization": f"Bearer {plain}"}

    assert client.get("/v1/videos", headers=bearer).status_code == 200
    refused = client.post("/v1/videos/import", {"url": "https://example.org/a"}, headers=bearer)
    assert (refused.status_code, refused.json()["error_code"]) == (403, "FORBIDDEN")
    assert client.get("/-/may-send", headers=bearer).status_code == 401


def test_the_list_says_what_a_token_may_do_and_until_when(client, user):
    client.force_login(user)
    AccessToken.make(
        user=user,
        name="reader",
        scope=TokenScope.READ,
        expires_at=timezone.now() + timedelta(days=400),
    )
    AccessToken.make(user=user, name="over", expires_at=timezone.now())

    page = client.get(reverse("accounts:settings")).content.decode()

    assert "Read only</span>" in page
    assert "ends" in page
    assert "over" not in [token.name for token in AccessToken.objects.valid(at=timezone.now())]
    assert ">over<" not in page


@pytest.mark.parametrize("ends", [True, False])
def test_a_new_password_ends_tokens_if_that_is_wanted(client, user, ends):
    client.force_login(user)
    _, plain = AccessToken.make(user=user, name="ci")
    other, of_other = AccessToken.make(user=UserFactory(), name="theirs")
    form = {"old_password": PASSWORD, "new_password1": "one more phrase 42"}

    answer = client.post(
        reverse("accounts:password"),
        {**form, "new_password2": "one more phrase 42", **({"end_tokens": "on"} if ends else {})},
    )

    assert answer.status_code == 302
    assert (authenticate_token(plain, at=timezone.now()) is None) == ends
    assert authenticate_token(of_other, at=timezone.now()) == other


def test_the_command_makes_tokens_that_read_and_end(user):
    call_command("create_token", user.username, "--read-only", "--days", "2", stdout=io.StringIO())

    row = AccessToken.objects.get()
    assert row.scope == TokenScope.READ
    assert row.expires_at is not None
    assert timedelta(days=1, hours=23) < row.expires_at - timezone.now() <= timedelta(days=2)
    for days in ("0", "3651"):
        with pytest.raises(CommandError, match="--days"):
            call_command("create_token", user.username, "--days", days)


def test_a_link_made_with_a_token_ends_with_it(user):
    row, _ = AccessToken.make(user=user, name="ci", expires_at=timezone.now() + timedelta(hours=1))
    grant = make_grant(user, token=row)

    assert is_grant_valid(grant, user)
    AccessToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert not is_grant_valid(grant, user)
