"""People who sign up in the same moment, on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.forms import SignupForm
from accounts.models import User
from accounts.services import sign_up
from tests.factories import PASSWORD


@pytest.mark.services
@pytest.mark.usefixtures("on_postgres")
def test_two_sign_ups_in_the_same_moment_make_one_account():
    names = ("сор", "cop", "СОР", "Cop")
    ready = Barrier(len(names))

    def one(name):
        try:
            form = SignupForm({"username": name, "password1": PASSWORD, "password2": PASSWORD})
            assert form.is_valid()
            ready.wait(timeout=30)
            return sign_up(form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(names)) as pool:
        made = [user for user in pool.map(one, names) if user]

    assert [user.username for user in User.objects.all()] == [user.username for user in made]
    assert len(made) == 1
