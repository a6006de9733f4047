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
from accounts.models import AccessToken, User, token_hash
from accounts.services import authenticate_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


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

    made = client.post(reverse("accounts:tokens"), {"name": "Studio PC"})

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

    answer = client.post(reverse("accounts:tokens"), {"name": name})

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
