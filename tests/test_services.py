"""The suite's own services: each one starts, works, and is really what it claims to be."""

import httpx
import psycopg
import pytest
from django.db import connection
from redis import Redis

from accounts.models import User
from tests.factories import UserFactory
from tests.services import Bucket

pytestmark = pytest.mark.services


def test_postgresql_is_migrated(postgres_url: str):
    with psycopg.connect(postgres_url) as link:
        row = link.execute("SELECT count(*) FROM django_migrations").fetchone()

    assert row is not None
    assert row[0] > 0


def test_redis_answers(redis_url: str):
    with Redis.from_url(redis_url) as client:
        assert client.ping()


def test_s3_checks_signatures(s3_server: Bucket):
    client = s3_server.client()
    client.put_object(Bucket=s3_server.name, Key="check/a", Body=b"words")
    link = client.generate_presigned_url(
        "get_object", Params={"Bucket": s3_server.name, "Key": "check/a"}
    )

    assert httpx.get(link).content == b"words"
    assert httpx.get(link[:-4] + "0000").status_code == 403
    assert httpx.get(link.partition("?")[0]).status_code >= 400
    s3_server.empty()
    assert s3_server.keys() == []


def test_the_orm_works_on_postgresql(on_postgres: None):
    UserFactory()

    assert connection.vendor == "postgresql"
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_the_orm_is_back_on_its_own_database_afterwards():
    assert connection.vendor == "sqlite"
    assert User.objects.count() == 0
