"""The admin of users and tokens: for staff only; limits are changed here, tokens only revoked."""

import pytest
from django.urls import reverse

from accounts.models import AccessToken, User
from tests.factories import ExportFactory, UserFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]


@pytest.mark.parametrize("model", ["accounts_user", "accounts_accesstoken", "auth_group"])
def test_it_is_for_staff_only(client, model):
    url = reverse(f"admin:{model}_changelist")
    client.force_login(UserFactory())

    response = client.get(url)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_a_limit_is_changed_on_the_users_page(staff_client):
    user = UserFactory()
    url = reverse("admin:accounts_user_change", args=[user.pk])
    shown = staff_client.get(url).context["adminform"].form.initial
    fields = {name: value for name, value in shown.items() if isinstance(value, str | bool | int)}
    joined = user.date_joined

    response = staff_client.post(
        url,
        {
            **{name: value for name, value in fields.items() if value is not False},
            "export_limit": "3",
            "storage_limit_gib": "7",
            "date_joined_0": joined.date().isoformat(),
            "date_joined_1": joined.time().isoformat(),
        },
    )

    assert response.status_code == 302, response.context["errors"]
    user.refresh_from_db()
    assert (user.export_limit, user.storage_limit_gib) == (3, 7)


def test_the_users_page_shows_used_quota(staff_client):
    user = UserFactory(export_limit=7)
    ExportFactory.create_batch(2, video=VideoFactory(owner=user))

    page = staff_client.get(reverse("admin:accounts_user_change", args=[user.pk]))
    listed = staff_client.get(reverse("admin:accounts_user_changelist"))

    assert "2 of 7" in page.content.decode()
    assert "2 of 7" in listed.content.decode()


def test_a_token_is_revoked_and_nothing_else_can_be_done_to_it(staff_client):
    token, plain = AccessToken.make(user=UserFactory(), name="nightly <script>")
    url = reverse("admin:accounts_accesstoken_changelist")
    listed = staff_client.get(url).content.decode()
    page = staff_client.get(reverse("admin:accounts_accesstoken_change", args=[token.pk]))
    action = {"action": "revoke", "_selected_action": [token.pk], "index": "0"}

    first = staff_client.post(url, action, follow=True).content.decode()
    again = staff_client.post(url, action, follow=True).content.decode()

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "1 row: revoked." in first
    assert "That is not possible in its present state." in again
    assert "nightly &lt;script&gt;" in listed
    assert plain not in listed + page.content.decode()
    assert token.hash not in listed + page.content.decode()
    assert staff_client.get(reverse("admin:accounts_accesstoken_add")).status_code == 403


@pytest.mark.parametrize("model", ["accounts_user", "accounts_accesstoken"])
def test_a_list_takes_no_more_queries_for_more_rows(staff_client, model, count_queries):
    url = reverse(f"admin:{model}_changelist")
    AccessToken.make(user=UserFactory(), name="one")
    one = count_queries(lambda: staff_client.get(url))
    for _ in range(5):
        AccessToken.make(user=UserFactory(), name="more")

    assert count_queries(lambda: staff_client.get(url)) == one


def test_a_new_user_can_be_made(staff_client):
    fields = {
        "username": "new",
        "password1": "a long pass phrase 42",
        "password2": "a long pass phrase 42",
    }

    response = staff_client.post(
        reverse("admin:accounts_user_add"), {**fields, "usable_password": "true"}
    )

    assert response.status_code == 302
    assert User.objects.get(username="new").check_password("a long pass phrase 42")
