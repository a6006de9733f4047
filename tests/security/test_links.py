"""Download links end with what they rest on: logging out, the password, the account, the token, the export."""

from collections.abc import Callable

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, User
from accounts.services import revoke_token
from exports import services
from exports.models import Export
from storage import files
from tests.factories import PASSWORD, ExportFactory, UserFactory

pytestmark = pytest.mark.django_db

BYTES = b"frames" * 100
NEW_PASSWORD = "another long phrase 7"


@pytest.fixture
def export(owner: User) -> Export:
    made = ExportFactory.create(video__owner=owner, completed=True)
    files.save_bytes(made.file_key, BYTES, content_type="video/mp4")
    return made


@pytest.fixture
def token(owner: User) -> tuple[AccessToken, str]:
    return AccessToken.make(user=owner, name="script")


def link_for_browser(client: Client, export: Export) -> str:
    return client.get(f"/v1/exports/{export.pk}").json()["download_url"]


def link_for_script(plain: str, export: Export) -> str:
    answer = Client().get(f"/v1/exports/{export.pk}", headers={"authorization": f"Bearer {plain}"})
    return answer.json()["download_url"]


def works(link: str) -> bool:
    answer = Client().get(link)
    if answer.status_code == 200:
        assert answer.getvalue() == BYTES
        return True
    assert (answer.status_code, answer.json()["error_code"]) in {
        (404, "EXPORT_EXPIRED"),
        (404, "EXPORT_NOT_FOUND"),
    }
    return False


def log_out(client: Client, _owner: User) -> None:
    client.post("/account/logout")


def log_out_of_the_admin(client: Client, owner: User) -> None:
    client.post("/admin/logout/")


def change_the_password(client: Client, _owner: User) -> None:
    client.post(
        "/account/password",
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    )


def an_administrator_sets_a_password(_client: Client, owner: User) -> None:
    owner.set_password(NEW_PASSWORD)
    owner.save(update_fields=["password"])


def switch_the_account_off(_client: Client, owner: User) -> None:
    owner.is_active = False
    owner.save(update_fields=["is_active"])


def switch_it_off_and_on_again(client: Client, owner: User) -> None:
    switch_the_account_off(client, owner)
    owner.is_active = True
    owner.save(update_fields=["is_active"])


@pytest.mark.parametrize(
    "event",
    [
        log_out,
        log_out_of_the_admin,
        change_the_password,
        an_administrator_sets_a_password,
        switch_the_account_off,
        switch_it_off_and_on_again,
    ],
)
def test_a_browsers_link_ends(
    signed_in: Client, owner: User, export: Export, event: Callable[[Client, User], None]
):
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    link = link_for_browser(signed_in, export)
    assert works(link)

    event(signed_in, owner)

    assert not works(link)


def test_logging_out_leaves_a_new_link_working(signed_in, owner, export):
    link = link_for_browser(signed_in, export)
    log_out(signed_in, owner)
    signed_in.post("/account/login", {"username": owner.username, "password": PASSWORD})

    assert works(link_for_browser(signed_in, export))
    assert not works(link)


def test_other_peoples_logging_out_changes_nothing(signed_in, export):
    link = link_for_browser(signed_in, export)
    other = Client()
    other.force_login(UserFactory())
    other.post("/account/logout")
    Client().post("/account/logout")

    assert works(link)


def test_a_scripts_link_ends_with_its_token(owner, export, token):
    row, plain = token
    _, second = AccessToken.make(user=owner, name="another script")
    link, others = link_for_script(plain, export), link_for_script(second, export)
    assert works(link)

    revoke_token(owner, row.pk, at=timezone.now())

    assert not works(link)
    assert works(others)


def test_a_scripts_link_ends_with_a_deleted_token(export, token):
    row, plain = token
    link = link_for_script(plain, export)

    row.delete()

    assert not works(link)


def test_a_scripts_link_outlives_a_browsers_logout(signed_in, owner, export, token):
    link = link_for_script(token[1], export)

    log_out(signed_in, owner)

    assert works(link)


def test_every_link_in_a_list_has_the_grant_of_its_request(signed_in, owner, export, token):
    by_browser = signed_in.get("/v1/exports").json()["results"][0]["download_url"]
    log_out(signed_in, owner)
    by_script = Client().get("/v1/exports", headers={"authorization": f"Bearer {token[1]}"})

    assert not works(by_browser)
    assert works(by_script.json()["results"][0]["download_url"])


def test_a_link_ends_with_the_export(signed_in, export):
    link = link_for_browser(signed_in, export)

    services.delete_export(export)

    assert not works(link)


def test_a_link_is_not_disclosed(signed_in, export):
    link = link_for_browser(signed_in, export)
    alive = Client().get(link)
    log_out(signed_in, export.owner)
    dead = Client().get(link, headers={"accept": "text/html"})

    for answer in (alive, dead):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert alive.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in alive.headers["Content-Security-Policy"]
    assert alive.headers["X-Content-Type-Options"] == "nosniff"
    alive.close()


@pytest.mark.services
def test_on_s3_a_dead_link_redirects_nowhere(on_s3, signed_in, owner, export):
    link = link_for_browser(signed_in, export)
    answer = Client().get(link)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert httpx.get(answer.headers["Location"]).content == BYTES

    log_out(signed_in, owner)

    dead = Client().get(link)
    assert dead.status_code == 404
    assert "Location" not in dead.headers
