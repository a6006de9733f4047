"""From one process on SQLite and a folder to PostgreSQL and a bucket, by the lines of docs/operations.md."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.clips import make_clip
from tests.e2e.server import DATABASE, ROOT, Installation
from tests.services import Bucket

pytestmark = pytest.mark.services

FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_COPIED = {
    *("django_content_type", "auth_permission", "django_migrations"),
    *("videos_searchentry", "videos_searchword"),  # made anew: their ids may be others
}
SEED = """
from pathlib import Path
from django.contrib.auth.models import Group, Permission
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import AccessToken, User
from tests.factories import UserFactory
from tests.security.environment import make_seed_data
from videos.search.entries import index_stale_videos
UserFactory().delete()  # so that ids have a gap
seed = make_seed_data(Path({clip!r}))
seed.video.attempt_history.create(pk=seed.video.pk, number=1, worker="videos@here")
group = Group.objects.create(name="helpers")
group.permissions.add(Permission.objects.get(codename="view_export"))
seed.staff.groups.add(group)
seed.staff.user_permissions.add(Permission.objects.get(codename="change_user"))
LogEntry.objects.log_actions(seed.staff.pk, User.objects.filter(username="owner"), ADDITION)
session = SessionStore(); session["a"] = 1; session.create()
many = [AccessToken(user=seed.owner, name=str(n), hash=str(n)) for n in range(600)]
AccessToken.objects.bulk_create(many)  # more than one batch
while index_stale_videos(limit=100): pass
"""


@pytest.fixture
def postgres_address():
    with services.postgres() as url:
        yield url


@pytest.fixture
def bucket(s3_server: Bucket):
    yield s3_server
    s3_server.empty()


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """One process' installation with rows in every table and files in its folder."""
    data = tmp_path / "data"
    data.mkdir()
    installation = Installation(data)
    installation.manage("migrate")
    clip = make_clip(tmp_path / "clip.mp4", seconds=1)
    installation.manage("shell", "--no-imports", "--command", SEED.format(clip=str(clip)))
    return installation


def documented(about: str) -> str:
    """The one fenced block of the operations page that holds the words."""
    blocks = FENCED.findall((ROOT / "docs/operations.md").read_text())
    (block,) = (block for block in blocks if about in block)
    return str(block)


def run_lines(lines: str, home: Installation, folder: Path) -> subprocess.CompletedProcess[str]:
    """Paste lines into a shell in a checkout whose data folder is the installation's."""
    folder.mkdir()
    for name in ("manage.py", "data", ".venv"):
        target = {"data": home.data_dir, ".venv": Path(sys.prefix)}.get(name, ROOT / name)
        (folder / name).symlink_to(target)
    return subprocess.run(
        ["/bin/bash", "-euc", lines],
        cwd=folder,
        env=home.environ(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def rows_of(home: Installation, **environ: str) -> list[str]:
    """All rows that are copied, as Django writes them, in no order of the database's."""
    excluded = ("contenttypes", "auth.permission", "videos.searchentry", "videos.searchword")
    options = [option for name in excluded for option in ("--exclude", name)]
    found = json.loads(home.manage("dumpdata", "--natural-foreign", *options, **environ))
    for row in found:
        for value in row["fields"].values():
            if isinstance(value, list):
                value.sort(key=str)
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def test_the_documented_lines_bring_everything_over(
    home: Installation, postgres_address: str, bucket: Bucket, tmp_path: Path
):
    lines = documented("copy_database")
    lines = re.sub(r"DATABASE_URL=\S+", f"DATABASE_URL={postgres_address}", lines)
    exports = " ".join(f"{name}={value}" for name, value in bucket.environ().items())
    lines = re.sub(r"^export S3_.*$", f"export {exports}", lines, flags=re.MULTILINE)
    media = home.data_dir / "media"
    before = {p.relative_to(media).as_posix() for p in media.rglob("*") if p.is_file()}
    rows = rows_of(home)
    other = f"sqlite:///{home.data_dir}/other.sqlite3"
    assert "Set DATABASE_URL" in home_refuses(home, other)
    assert "run `manage.py migrate`" in home_refuses(home, postgres_address)

    done = run_lines(lines, home, tmp_path / "checkout")

    assert done.returncode == 0, done.stdout + done.stderr
    with (
        closing(sqlite3.connect(home.data_dir / DATABASE)) as old,
        psycopg.connect(postgres_address) as new,
    ):
        assert _counts(old, new) > 25
        for sql in (
            "SELECT video_id, body FROM videos_searchentry",
            "SELECT owner_id, word, count FROM videos_searchword",
        ):
            found = {tuple(str(v).replace("-", "") for v in row) for row in new.execute(sql)}
            assert found == {tuple(str(v) for v in row) for row in old.execute(sql)}
            assert found
        assert new.execute("SELECT min(id) FROM accounts_user").fetchone() == (2,)
    assert rows_of(home, DATABASE_URL=postgres_address) == rows
    assert before
    assert before == set(bucket.keys())
    # A new row gets a new id: the sequences go on where the old ids ended.
    home.manage("shell", "--no-imports", "--command", NEW_ROWS, DATABASE_URL=postgres_address)

    assert "PostgreSQL has rows already (" in home_refuses(home, postgres_address)


NEW_ROWS = """
from accounts.models import AccessToken, User
user = User.objects.create(username="new")
AccessToken.make(user=user, name="new")
"""


def home_refuses(home: Installation, address: str) -> str:
    """What `copy_database` says on standard error when it is refused."""
    done = subprocess.run(
        [sys.executable, "manage.py", "copy_database"],
        cwd=ROOT,
        env={**home.environ(), "DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def _counts(old: sqlite3.Connection, new: psycopg.Connection) -> int:
    """Compare the number of rows of every table; returns how many tables have rows."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    tables = {name for (name,) in old.execute(listed) if "searchindex" not in name} - NOT_COPIED
    filled = 0
    for table in sorted(tables):
        sql = f"SELECT count(*) FROM {table}"  # noqa: S608 - names of tables that are ours
        counts = [database.execute(sql).fetchone() for database in (old, new)]
        assert counts[0] == counts[1], table
        filled += counts[0] != (0,)
    return filled
